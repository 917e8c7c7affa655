# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Queries: how conditions split, how values compare, how pages are made."""
from __future__ import annotations

import pytest
from simulator.testing import patience
from simulator.errors import RestError
from simulator.kinds import KINDS, NESTED_CLASSES
from simulator.query import parse_condition

MODELS = "/v1/ai/models"


@pytest.mark.parametrize("text, expected", [
    ("name=x", ("name", "=", "x")),
    ("name=", ("name", "=", "")),
    ("name==x", ("name", "=", "x")),
    ("name=a=b", ("name", "=", "a=b")),
    ("name!=x", ("name", "!=", "x")),
    ("name=a>=b", ("name=a", ">=", "b")),
    ("url=x!=y", ("url=x", "!=", "y")),
    ("a>=b!=c", ("a>=b", "!=", "c")),
    ("a<=b>=c", ("a<=b", ">=", "c")),
    ("a~=b!?=c", ("a~=b", "!?=", "c")),
    ("a?=b~=c", ("a?=b", "~=", "c")),
    ("a=b?=c", ("a=b", "?=", "c")),
    ("a<b>c", ("a<b", ">", "c")),
    ("name!~=a%", ("name", "!~=", "a%")),
    ("name!?=a,b", ("name", "!?=", "a,b")),
    ("name~=a", ("name", "~=", "a")),
    ("uuid?=a,b", ("uuid", "?=", "a,b")),
    ("name=what is null", ("name", "=", "what is null")),
    ("description is null", ("description", "is null", "")),
    ("description is not null", ("description is", "not null", "")),
    ("  name = x ", ("name", "=", " x ")),
])
def test_operator_scan(text, expected):
    condition = parse_condition(text)
    assert (condition.name, condition.operator, condition.value) == expected


@pytest.mark.parametrize("text", ["foobar", "=x", " >3"])
def test_no_condition(text):
    with pytest.raises(RestError) as caught:
        parse_condition(text)
    assert caught.value.status == 400


@pytest.mark.parametrize("condition, expected", [
    ("name=QWEN2.5-7B", ["qwen2.5-7b"]),
    ("name~=%DIFF%", ["stable-diffusion-xl"]),
    ("name~=_wen2.5-7b", ["qwen2.5-7b"]),
    ("name~=qwen", []),
    ("name!~=%e%", []),
    ("name?=qwen2.5-7b,stable-diffusion-xl", ["qwen2.5-7b", "stable-diffusion-xl"]),
    ("name!?=qwen2.5-7b,stable-diffusion-xl", ["deepseek-r1-7b", "system-embedding"]),
    ("name= qwen2.5-7b", []),
    ("size>6938078208", ["qwen2.5-7b"]),
    ("size>=6938078208", ["qwen2.5-7b", "stable-diffusion-xl"]),
    ("description is null", ["deepseek-r1-7b", "system-embedding"]),
    ("description not null", ["qwen2.5-7b", "stable-diffusion-xl"]),
    ("description!=x", ["qwen2.5-7b", "stable-diffusion-xl"]),
    ("vendor!=Qwen", ["deepseek-r1-7b", "stable-diffusion-xl"]),
    ("modelServiceRefs.modelServiceUuid=d76744cb53f9378abf42b907df3efb6e", ["qwen2.5-7b"]),
    ("modelCenter.name=center-2", ["deepseek-r1-7b", "system-embedding"]),
    ("__userTag__=ai::text-generation", ["qwen2.5-7b"]),
    ("__userTag__~=AI::%", ["qwen2.5-7b"]),
    ("__userTag__!=AI::Text-Generation", ["deepseek-r1-7b", "stable-diffusion-xl", "system-embedding"]),
    ("__userTag__ is null", ["deepseek-r1-7b", "stable-diffusion-xl", "system-embedding"]),
    ("__tagUuid__?=9c1e3b5d7f9a4c0e8b4d6f8a0c2e4b6d,x", ["qwen2.5-7b"]),
    ("__tagUuid__!?=9c1e3b5d7f9a4c0e8b4d6f8a0c2e4b6d,x", ["deepseek-r1-7b", "stable-diffusion-xl", "system-embedding"]),
])
def test_conditions(client, condition, expected):
    assert client.names(MODELS, condition) == expected


def test_conditions_are_anded(client):
    assert client.names(MODELS, "name~=%e%", "vendor=Qwen") == ["qwen2.5-7b"]


@pytest.mark.parametrize("condition", ["foo=bar", "name=it's", "name=a\\b", "limit=3", "na-me=x", "modelServiceRefs.foo=x", "modelServiceRefs=x"])
def test_what_the_query_language_refuses(client, condition):
    answer = client.get(MODELS, condition)
    assert (answer.status, answer.code) == (503, "SYS.1000")


@pytest.mark.parametrize("params", [{"sort": "+foo"}, {"fields": "uuid,foo"}])
def test_unknown_names_elsewhere(client, params):
    assert client.get(MODELS, **params).code == "SYS.1000"


def test_condition_without_operator(client):
    answer = client.get(MODELS, "foobar")
    assert answer.status == 400
    assert answer.text.startswith("Invalid query parameter. The 'foobar' in the parameter[q] doesn't contain any query operator")


def test_unknown_parameters_are_ignored(client):
    assert len(client.names(MODELS, condition="name=qwen2.5-7b", sortBy="name")) == 4


def test_default_limit_and_paging(client, sim, ids):
    sim.seed({"generate": {"models": 1200, "model_center": ids.center}})
    assert len(client.get(MODELS).json["inventories"]) == 1000
    assert client.get(MODELS, count="true").json == {"total": 1204, "schema": {}}
    seen = []
    for start in range(0, 1300, 500):
        body = client.get(MODELS, limit="500", start=str(start), sort="+uuid", replyWithCount="true").json
        assert body["total"] == 1204
        seen += [item["uuid"] for item in body["inventories"]]
    assert seen == sorted(item["uuid"] for item in sim.state()["models"])
    assert client.get(MODELS, limit="x").status == 400
    # a repeated parameter: only the first one counts
    assert len(client.send("GET", MODELS, params=[("limit", "2"), ("limit", "3")]).json["inventories"]) == 2


def test_no_stable_order_without_sort(client):
    orders = {tuple(item["uuid"] for item in client.get(MODELS).json["inventories"]) for turn in range(6)}
    assert len(orders) > 1


def test_sort(client):
    def ordered(sort):
        return [item["name"] for item in client.get(MODELS, sort=sort).json["inventories"]]

    assert ordered("name") == ordered("+name") == sorted(ordered("-uuid"))
    assert ordered("-name") == sorted(ordered("name"), reverse=True)
    assert client.raw("GET", MODELS + "?sort=+name", headers={"Authorization": f"OAuth {client.session}"}).status == 200


def test_fields(client, ids):
    assert client.get(MODELS, f"uuid={ids.model}", fields="uuid,name,logo").json["inventories"] == [{"uuid": ids.model, "name": "qwen2.5-7b"}]
    body = client.send("GET", MODELS, params=[("fields", "uuid"), ("fields", "name"), ("q", f"uuid={ids.model}")]).json
    assert body["inventories"] == [{"uuid": ids.model}]
    assert body["schema"] == {"inventories[0]": "org.zstack.ai.entity.ModelInventory"}


def test_the_schema_lists_every_object_and_parents_first(client, ids):
    body = client.get(MODELS, f"uuid={ids.model}").json
    references = body["inventories"][0]["modelServiceRefs"]
    assert references and list(body["schema"].items()) == [
        ("inventories[0]", "org.zstack.ai.entity.ModelInventory"),
        *((f"inventories[0].modelServiceRefs[{number}]", "org.zstack.ai.entity.ModelServiceRefInventory") for number in range(len(references)))]
    schema = client.get("/v1/ai/model-services").json["schema"]
    assert schema["inventories[0].modelServiceImages[0]"] == "org.zstack.ai.entity.ModelServiceTemplateInventory"
    assert all(path.rpartition(".")[0] in list(schema)[:number] for number, path in enumerate(schema) if "." in path)


def test_every_object_inside_an_inventory_has_a_class():
    inner = {item.name for kind in KINDS.values() for item in kind.fields if item.type == "Rows"}
    assert inner and inner <= NESTED_CLASSES.keys()


def test_one_object(client, ids):
    assert [item["name"] for item in client.get(f"{MODELS}/{ids.model}", "name=other", limit="0").json["inventories"]] == ["qwen2.5-7b"]
    assert client.get(f"{MODELS}/{'0' * 32}").json["inventories"] == []


def test_fields_newer_than_the_server(client, sim, ids):
    sim.configure(server_version="5.4.0")
    assert "modelId" not in client.get(f"{MODELS}/{ids.model}").json["inventories"][0]
    assert client.get(MODELS, "modelId=x").code == "SYS.1000"


def test_other_accounts_see_nothing_of_the_administrators(sim, make_client):
    guest = make_client(sim)
    guest.login("guest", "guest-password")
    assert guest.names(MODELS) == []


def test_raw_characters_are_refused_by_the_container(client, sim):
    import http.client  # pylint: disable=import-outside-toplevel

    connection = http.client.HTTPConnection(sim.host, sim.port, timeout=patience(10))
    connection.request("GET", "/zstack/v1/ai/models?q=size>3", headers={"Authorization": f"OAuth {client.session}"})
    answer = connection.getresponse()
    assert (answer.status, b"<html>" in answer.read()) == (400, True)
    connection.close()
