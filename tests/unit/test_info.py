# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Info modules: the options that they accept, their requests, and their results."""

from __future__ import annotations

import ast
import pathlib
import signal
import time

import pytest
import yaml
from simulator.testing import patience

from ansible_collections.zstack.aios.plugins.module_utils._pipeline import patterns
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.hiding import without_secrets, without_variables
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.info import info_module
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import AmbiguousError, MissingError, OptionError, ProtocolError, ServerError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import MASK
from ansible_collections.zstack.aios.plugins.module_utils._resources.casing import snake_key
from ansible_collections.zstack.aios.plugins.module_utils._resources.remembered import PREFIX, variables_in, variables_of
from ansible_collections.zstack.aios.plugins.module_utils._resources.view import RECORD, RECORDS, View
from ansible_collections.zstack.aios.plugins.module_utils._resources.views import VIEWS
from ansible_collections.zstack.aios.tests.unit.support.fake_client import FakeClient
from ansible_collections.zstack.aios.tests.unit.support.reference import api
from ansible_collections.zstack.aios.tests.unit.support.scripted import on, talking

MODULES = pathlib.Path(__file__).resolve().parents[2] / "plugins" / "modules"
CENTERS, MODELS, SERVICES, GROUPS = "/v1/ai/model-centers", "/v1/ai/models", "/v1/ai/model-services", "/v1/ai/model-services/instances/groups/"
CENTER, OTHER = "c" * 32, "d" * 32
SECTIONS = {"model_service_group": "model_service_instance_group"}
TYPES = {"String": "text", "Long": "int", "Integer": "int", "Boolean": "bool", "Float": "float", "Double": "float", "Timestamp": "date", "Map": "map"}
LISTS = {"String": "texts", "Integer": "ints"}


def uuid(number):
    """Return a uuid."""
    return "%032x" % number


def task(client, kind="model", **options):
    """Run one task."""
    spec = info_module(VIEWS[kind])
    given = {**{name: option.get("default") for name, option in spec.options.items()}, **options}
    given["filters"] = [{"operator": "=", "value": None, **entry} for entry in given.get("filters") or []] or None
    spec.check(given)
    return spec.run(given, client, False)


def models(*rows):
    """Return a server with models, numbered from 1."""
    return FakeClient({MODELS: [{"uuid": uuid(number), **row} for number, row in enumerate(rows, 1)], CENTERS: [
        {"uuid": CENTER, "name": "center-1"}, {"uuid": OTHER, "name": "twin"}, {"uuid": "e" * 32, "name": "twin"}]})


# -- the views


@pytest.mark.parametrize("kind", VIEWS)
def test_columns_are_those_of_the_page(kind):
    view = VIEWS[kind]
    page = {field["name"]: field for field in api()["resources"][SECTIONS.get(kind, kind)]["inventory"] if field["name"] != "SAMPLE_SIZE"}
    assert {column.api for column in view.columns} == set(page)
    structs = api()["structs"]
    for column in view.columns:
        field = page[column.api]
        if column.type in (RECORD, RECORDS):
            struct = structs.get(field.get("items") or field["type"]) or {"fields": api()["resources"]["zdfs"]["inventory"]}
            expected = {item["name"]: TYPES[item["type"]] for item in struct["fields"] if item["type"] in TYPES and not item.get("newer_than_documented")}
            assert {member.api: member.type for member in column.members} == expected, column.api
        else:
            assert column.type == (LISTS[field["items"]] if field["type"] == "List" else TYPES[field["type"]]), column.api


@pytest.mark.parametrize("kind", VIEWS)
def test_query_paths_are_those_of_the_page(kind):
    actions = api()["resources"][SECTIONS.get(kind, kind)]["actions"]
    assert VIEWS[kind].path in [action["path"] for name, action in actions.items() if name.startswith("Query")]


@pytest.mark.parametrize("kind", VIEWS)
def test_every_column_is_documented_as_a_result(kind):
    tree = ast.parse((MODULES / ("zstack_ai_%s_info.py" % kind)).read_text(encoding="utf-8"))
    texts = {node.targets[0].id: node.value.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)}
    returned = yaml.safe_load(texts["RETURN"])
    view: View = VIEWS[kind]
    assert set(returned) == {view.plural, "total", "error"}
    contains = returned[view.plural]["contains"]
    assert set(contains) == {column.name for column in view.columns} | {"user_tags", "system_tags"}
    kinds = {"text": "str", "date": "str", "texts": "list", "ints": "list", "map": "dict", "record": "dict", "records": "list"}
    for column in view.columns:
        assert contains[column.name]["type"] == kinds.get(column.type, column.type), column.name
        assert set(contains[column.name].get("contains", {})) == {member.name for member in column.members}


# -- what is asked


def test_without_options_all_objects_in_the_order_of_their_uuids():
    client = models({"name": "b", "modelServiceRefs": [{"isDefault": True}]}, {"name": "a", "vendorToSpecUuidsMap": {"NVIDIA": []}})
    assert task(client) == {"changed": False, "total": 2, "warnings": [], "models": [
        {"uuid": uuid(1), "name": "b", "model_service_refs": [{"is_default": True}]},
        {"uuid": uuid(2), "name": "a", "vendor_to_spec_uuids_map": {"NVIDIA": []}}]}
    assert client.reads == [MODELS]


@pytest.mark.parametrize("text", [
    "a'b", 'a"b', "a=b", "a>=b", "a!=b", "a,b", "100%", "a_b", "a\nb", "a\\b", "is null", "not null", "~=", "?=x", "\U0001f600", "=x",
])
def test_text_with_signs_of_the_query_language_matches_exactly_the_objects_with_it(text):
    client = models(*({"name": name} for name in (text, "x%sy" % text, "plain", "aXb", "100x", "a-b", "A=B", "%", "_")))
    found = {operator: [row["name"] for row in task(client, filters=[{"field": "name", "operator": operator, "value": value}])["models"]]
             for operator, value in (("=", text), ("~=", text), ("in", [text, "plain"]))}
    assert found == {"=": [text], "~=": [text, "x%sy" % text], "in": [text, "plain"]}
    assert [row["name"] for row in task(client, name=text)["models"]] == [text]
    assert task(client, filters=[{"field": "name", "operator": "~=", "value": text}], count_only=True)["total"] == 2
    limited = task(client, filters=[{"field": "name", "operator": "~=", "value": text}], sort=["-name"], limit=1)
    assert limited["total"] == 2 and limited["models"][0]["name"] == max((text, "x%sy" % text), key=lambda name: (name.casefold(), name))


def test_several_filters_go_into_one_query():
    client = models({"name": "a", "vendor": "V", "size": 5, "modelCenterUuid": CENTER}, {"name": "a", "vendor": "v", "size": 5, "modelCenterUuid": CENTER})
    result = task(
        client, name="a", model_center_uuid=CENTER.upper(), filters=[{"field": "vendor", "value": "V"}, {"field": "size", "operator": ">", "value": 4}])
    assert [row["uuid"] for row in result["models"]] == [uuid(1)]
    assert client.reads == ["%s size>4 modelCenterUuid=%s vendor=V name=a" % (MODELS, CENTER)]


def test_one_of_many_values_takes_a_query_for_each_hundred():
    client = models(*({"name": "m%d" % number} for number in range(250)))
    result = task(client, filters=[{"field": "name", "operator": "in", "value": ["m%d" % number for number in range(249, -1, -2)]}])
    assert result["total"] == 125 and len(client.reads) == 2
    assert [row["uuid"] for row in result["models"]] == sorted(row["uuid"] for row in result["models"])
    client.reads.clear()
    many = [{"field": "name", "operator": "in", "value": ["m%d" % number for number in range(2000)]}]
    assert task(client, filters=many)["total"] == 250 and client.reads == [MODELS]
    client.reads.clear()
    assert task(client, filters=[{"field": "name", "operator": "in", "value": []}])["total"] == 0 and not client.reads


def test_two_lists_and_long_texts_do_not_burst_the_request_line():
    client = models({"name": "n" * 255, "description": "d" * 2000, "vendor": "v" * 255, "parameters": "p" * 5000, "introduction": "i" * 5000})
    wanted = [{"field": field, "operator": operator, "value": value} for field, operator, value in (
        ("name", "in", ["n" * 255] + ["x%d" % number for number in range(150)]), ("vendor", "in", ["v" * 255] + ["y%d" % number for number in range(150)]),
        ("description", "=", "d" * 2000), ("parameters", "~=", "p" * 5000), ("introduction", "~=", "i" * 5000))]
    assert task(client, filters=wanted)["total"] == 1
    assert all(len(text) < 7000 for text in client.reads)


@pytest.mark.parametrize("options, reads", [
    ({}, ["count " + MODELS]), ({"model_center_uuid": CENTER}, ["count %s modelCenterUuid=%s" % (MODELS, CENTER)]),
    ({"filters": [{"field": "size", "operator": ">", "value": 4}]}, ["count %s size>4" % MODELS]),
    ({"name": "a"}, [MODELS + " name=a"]), ({"name_regex": "a"}, [MODELS]), ({"filters": [{"field": "size", "operator": "!=", "value": 4}]}, [MODELS]),
    ({"tags": True, "sort": ["name"], "limit": 1}, ["count " + MODELS]),
])
def test_the_server_counts_only_what_it_compares_equally(options, reads):
    rows = [{"name": name, "size": size, "modelCenterUuid": CENTER} for name, size in (("a", 5), ("A", 4), ("b", 5))]
    client = models(*rows)
    counted, client.reads = task(client, count_only=True, **options), []
    client = models(*rows)
    assert task(client, count_only=True, **options)["models"] == [] and client.reads == reads
    assert counted["total"] == task(client, **{key: value for key, value in options.items() if key not in ("tags", "limit", "sort")})["total"]


def test_the_request_of_a_count():
    given = {"session_uuid": "7d1c0f3a52e84a6f9b0c1d2e3f405162"}
    with talking(on("GET", MODELS, {"total": 7, "schema": {}}, query=[("q", "size>4"), ("count", "true")]), **given) as (client, _unused):
        assert client.count(MODELS, ["size>4"]) == 7
    with talking(on("GET", MODELS, {"inventories": []}), **given) as (client, _unused), pytest.raises(ProtocolError, match="has no total"):
        client.count(MODELS)


# -- the model center


def test_the_model_center_by_name():
    client = models({"name": "a", "modelCenterUuid": CENTER}, {"name": "b", "modelCenterUuid": OTHER})
    assert [row["name"] for row in task(client, model_center="center-1")["models"]] == ["a"]
    with pytest.raises(MissingError, match="model_center: there is no model center named 'nowhere'"):
        task(client, model_center="nowhere")
    with pytest.raises(AmbiguousError, match="2 model centers are named 'twin'.*Give model_center_uuid instead"):
        task(client, model_center="twin")


def test_the_model_center_of_what_belongs_to_it_through_another_object():
    client = FakeClient({
        SERVICES: [{"uuid": uuid(1), "modelCenterUuid": CENTER}, {"uuid": uuid(2), "modelCenterUuid": OTHER}],
        GROUPS: [{"uuid": uuid(3), "modelServiceUuid": uuid(1)}, {"uuid": uuid(4), "modelServiceUuid": uuid(2)}, {"uuid": uuid(5)}],
        "/v1/ai/model-eval-services/instances/groups/": [{"uuid": uuid(6), "modelServiceUuid": uuid(1)}],
        "/v1/model-evaluation-tasks": [{"uuid": uuid(7), "modelServiceGroupUuid": uuid(6)}, {"uuid": uuid(8), "modelServiceGroupUuid": uuid(4)}],
        MODELS: [], "/v1/ai/trained-model/records": [{"uuid": uuid(9), "modelUuid": uuid(10)}]})
    assert [row["uuid"] for row in task(client, "model_service_group", model_center_uuid=CENTER)["model_service_groups"]] == [uuid(3)]
    assert [row["uuid"] for row in task(client, "model_evaluation_task", model_center_uuid=CENTER)["model_evaluation_tasks"]] == [uuid(7)]
    client.reads.clear()
    assert task(client, "trained_model_record", model_center_uuid=CENTER)["total"] == 0
    assert client.reads == ["%s modelCenterUuid=%s" % (MODELS, CENTER)]


@pytest.mark.parametrize("kind, absent", [
    ("model_center", {"model_center", "model_center_uuid"}), ("trained_model_record", {"name", "name_regex"}), ("model", set()),
])
def test_options_that_a_kind_does_not_have(kind, absent):
    every = {"uuid", "name", "name_regex", "model_center", "model_center_uuid", "filters", "fields", "sort", "limit", "count_only", "tags"}
    assert every - set(info_module(VIEWS[kind]).options) == absent


# -- fields, order, limit, tags


@pytest.mark.parametrize("code, status, refused", [("SYS.1000", 503, True), ("", 400, True), ("SYS.1003", 503, False)])
def test_a_condition_that_the_server_does_not_take_is_left_out(code, status, refused):
    class Old(FakeClient):
        def query(self, path, conditions=()):
            if conditions:
                raise ServerError("GET " + path, {"code": code, "details": "not having field"}, status)
            return super().query(path)

    client = Old(models({"name": "a", "modelId": "x", "size": 5}, {"name": "b"}).store)
    for options, total in (({"filters": [{"field": "model_id", "value": "x"}]}, 1), ({"filters": [{"field": "size", "value": 5}], "count_only": True}, 1),
                           ({"filters": [{"field": "name", "operator": "in", "value": ["a", "b", "c,d"]}]}, 2)):
        if refused:
            assert task(client, **options)["total"] == total
        else:
            with pytest.raises(ServerError):
                task(client, **options)


def test_very_many_filters_are_still_counted_right():
    client = models({"name": "a", "size": 5}, {"name": "b", "size": 500})
    wanted = [{"field": "size", "operator": "<", "value": 1000 - number} for number in range(700)]
    assert task(client, filters=wanted, count_only=True)["total"] == 1
    assert task(client, filters=wanted)["total"] == 1 and all(len(text) < 14000 for text in client.reads)


def test_no_fields_are_all_fields():
    assert task(models({"name": "a"}), fields=[])["models"] == [{"uuid": uuid(1), "name": "a"}]


def test_fields_are_all_there_and_no_others():
    client = models({"name": "a", "vendor": "V", "size": 3}, {"name": "b"})
    assert task(client, fields=["vendor", "name", "vendor"])["models"] == [{"vendor": "V", "name": "a"}, {"vendor": None, "name": "b"}]


def test_order():
    client = models({"name": "b", "size": 2}, {"name": "B"}, {"name": "a", "size": 10}, {"name": "c", "size": 2}, {"size": 1}, {"name": "", "size": 3})

    def names(*sort):
        return [row["uuid"][-1] for row in task(client, sort=list(sort))["models"]]

    assert names("name") == list("321456") and names("-name") == list("412356") and names("size", "-name") == list("541632")
    assert names("-size", "uuid") == list("361452") and names("+size", "-uuid") == list("541632")
    assert task(client, sort=["-size"], limit=2)["total"] == 6 and len(task(client, limit=2)["models"]) == 2


def test_tags_of_few_objects_are_asked_for_by_uuid_and_of_many_by_kind():
    client = models(*({"name": "m%d" % number} for number in range(150)))
    client.store["/v1/user-tags"] = [
        {"uuid": uuid(900), "resourceUuid": uuid(2), "resourceType": "ModelVO", "tag": "b"},
        {"uuid": uuid(901), "resourceUuid": uuid(2), "resourceType": "ModelVO", "tag": "a"},
        {"uuid": uuid(902), "resourceUuid": uuid(2), "resourceType": "ModelVO", "tag": PREFIX + "environment_variables=x$y"}]
    client.store["/v1/system-tags"] = [{"uuid": uuid(903), "resourceUuid": uuid(1), "resourceType": "ModelVO", "tag": "s::x"}]
    result = task(client, tags=True, limit=2, fields=["name", "user_tags"])["models"]
    assert result == [{"name": "m0", "user_tags": [], "system_tags": ["s::x"]}, {"name": "m1", "user_tags": ["a", "b"], "system_tags": []}]
    both = "%s,%s" % (uuid(1), uuid(2))
    assert client.reads == [MODELS, "/v1/user-tags resourceUuid?=" + both, "/v1/system-tags resourceUuid?=" + both]
    client.reads.clear()
    assert task(client, tags=True)["models"][1]["user_tags"] == ["a", "b"]
    assert client.reads == [MODELS, "/v1/user-tags resourceType=ModelVO", "/v1/system-tags resourceType=ModelVO"]
    client.reads.clear()
    assert task(client, tags=True, name="nothing")["models"] == [] and len(client.reads) == 1


# -- refused before the first request


@pytest.mark.parametrize("options, message", [
    ({"fields": ["nmae"]}, "fields[0]: a model has no field 'nmae'. Did you mean name?"),
    ({"fields": ["name", "modelCenterUuid"]}, "fields[1]: a model has no field 'modelCenterUuid'. Did you mean model_center_uuid?"),
    ({"fields": ["zzz"]}, "fields[0]: a model has no field 'zzz'. The fields are uuid, name,"), ({"fields": [""]}, "fields[0]: a model has no field ''"),
    ({"fields": ["user_tags"]}, "fields[0]: user_tags is not read without tags. Set tags to true."),
    ({"sort": ["-nmae"]}, "sort[0]: a model has no field 'nmae'. Did you mean name?"), ({"sort": ["--name"]}, "sort[0]: a model has no field '-name'"),
    ({"sort": ["model_service_refs"]}, "sort[0]: objects cannot be sorted by model_service_refs, which is not a single value. Use one of uuid,"),
    ({"limit": 0}, "limit: 0 is too small. Give 1 or more; set count_only to true to get only the number."), ({"limit": -1}, "limit: -1 is too small"),
    ({"filters": [{"field": "vendr", "value": 1}]}, "filters[0].field: a model has no field 'vendr'. Did you mean vendor?"),
    ({"filters": [{"field": "model_service_refs.default", "value": 1}]}, "Did you mean model_service_refs.is_default?"),
    ({"filters": [{"field": "name.x", "value": 1}]}, "filters[0].field: a model has no field 'name.x'"),
    ({"filters": [{"field": "name", "operator": "?=", "value": "a"}]}, "filters[0].operator: '?=' is not one of =, !=, ~=, >, <, in, null. Did you mean in?"),
    ({"filters": [{"field": "name", "operator": "nul"}]}, "Did you mean null?"),
    ({"filters": [{"field": "size", "operator": ">=", "value": 1}]}, "Did you mean"),
    ({"filters": [{"field": "name", "operator": None, "value": "a"}]}, "filters[0].operator: null takes no value."),
    ({"filters": [{"field": "name", "operator": "", "value": "a"}]},
     "filters[0].operator: '' is not one of =, !=, ~=, >, <, in, null. Did you mean '>' in quotes?"),
    ({"fields": ["model_service_refs.is_default"]},
     "fields[0]: model_service_refs.is_default is a member of the field model_service_refs and can be used only in filters"),
    ({"sort": ["-model_service_refs.is_default"]}, "sort[0]: model_service_refs.is_default is a member of the field model_service_refs and can"),
    ({"filters": [{"field": "name", "value": "********"}]}, "filters[0].value: ******** is the mask that Ansible shows instead of a secret"),
    ({"name": " "}, "name: the text is empty"), ({"uuid": "x y"}, "uuid: 'x y' is not a uuid"),
    ({"model_center_uuid": "a/b"}, "model_center_uuid: 'a/b' is not a uuid"),
    ({"name": "********"}, "name: ******** is the mask that Ansible shows"),
    ({"name_regex": "a("}, "name_regex: not a valid Python regular expression (missing ), unterminated subpattern at character 2)."),
    ({"name_regex": "a" * 1001}, "name_regex: the expression has 1001 characters, and at most 1000 are allowed."),
    ({"name_regex": "a{99999999999999999999}"}, "name_regex: the regular expression is too large."), ({"name_regex": ""}, "name_regex: the text is empty"),
])
def test_what_cannot_be_is_refused_before_the_first_request(options, message):
    client = models({"name": "a"})
    with pytest.raises(OptionError) as caught:
        task(client, **options)
    assert message in caught.value.message and not client.reads


def test_secrets_are_not_filtered_by():
    with pytest.raises(OptionError, match="request_headers.Authorization may contain secrets"):
        task(FakeClient(), "model_evaluation_task", filters=[{"field": "request_headers.Authorization", "value": "x"}])


def test_null_without_quotes_is_the_operator():
    client = models({"name": "a"}, {"name": "b", "vendor": "V"})
    assert [row["name"] for row in task(client, filters=[{"field": "vendor", "operator": None}])["models"]] == ["a"]


# -- regular expressions


def test_names_are_searched():
    client = models({"name": "qwen2"}, {"name": "Qwen3"}, {}, {"name": "x-qwen"})
    assert [row.get("name") for row in task(client, name_regex="^q")["models"]] == ["qwen2"]
    assert [row.get("name") for row in task(client, name_regex="(?i)qwen\\d")["models"]] == ["qwen2", "Qwen3"]
    assert task(client, name_regex=".*", count_only=True)["total"] == 4


@pytest.mark.parametrize("regex, name", [("(a+)+$", "a" * 200 + "b"), ("(a|a)*b", "a" * 300), ("(.*,){30}x", ",a" * 500), ("(x+x+)+y", "x" * 100)])
def test_an_expression_that_would_never_end_is_stopped(regex, name, monkeypatch):
    monkeypatch.setattr(patterns, "SECONDS", 0.2)
    before = signal.getsignal(signal.SIGVTALRM)
    started = time.process_time()
    with pytest.raises(OptionError, match="name_regex: the regular expression takes too long"):
        task(models({"name": name}), name_regex=regex)
    assert time.process_time() - started < patience(5)
    assert signal.getsignal(signal.SIGVTALRM) is before and signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


@pytest.mark.parametrize("regex", ["(" * 400 + ")" * 400, "(?:" * 300 + "a{0,60}" + "){0,60}" * 300])
def test_a_deep_expression_is_taken_or_refused(regex):
    try:
        task(models({"name": "a"}), name_regex=regex[:1000])
    except OptionError as error:
        assert error.message.startswith("name_regex: ")


# -- secrets


GROUP_YAML = "env:\n- \"HF_TOKEN:hf_very_secret\"\n- MODE:prod\nservices:\n- name: prod\n  ports: [3000]\n"


def test_variables_of_a_deployment_are_masked_where_they_stand():
    rows = [
        {"uuid": uuid(1), "name": "chat-prod", "yaml": GROUP_YAML, "instances": [
            {"name": "chat-prod-1", "k8sResourceYaml": "a: 1\n---\nspec:\n  env:\n  - name: PIN\n    value: \"123\"\n  - {name: M, value: prod}\nx: prod\n",
             "urlMaps": {"apiToken": "http://a"}}]},
        {"uuid": uuid(2), "name": "prod", "yaml": "env: [unreadable"}]
    result = task(FakeClient({GROUPS: rows}), "model_service_group")["model_service_groups"]
    assert result[0]["name"] == "chat-prod" and result[0]["instances"][0]["url_maps"] == {"apiToken": "http://a"}
    assert result[0]["yaml"] == "env:\n- \"HF_TOKEN:********\"\n- MODE:********\nservices:\n- name: prod\n  ports: [3000]\n"
    assert result[0]["instances"][0]["k8s_resource_yaml"] == (
        "a: 1\n---\nspec:\n  env:\n  - name: PIN\n    value: \"********\"\n  - {name: M, value: \"********\"}\nx: prod\n")
    assert result[1] == {"uuid": uuid(2), "name": "prod", "yaml": MASK}
    only = task(FakeClient({GROUPS: rows}), "model_service_group", fields=["yaml"])["model_service_groups"]
    assert "hf_very_secret" not in str(only) and set(only[0]) == {"yaml"}


def test_of_a_service_only_variables_with_secret_names_are_masked():
    row = {"uuid": uuid(1), "yaml": GROUP_YAML}
    assert task(FakeClient({SERVICES: [row]}), "model_service")["model_services"][0]["yaml"] == GROUP_YAML.replace("hf_very_secret", MASK)


def test_members_with_secret_names_and_headers_are_masked():
    view = VIEWS["model_evaluation_task"]
    row = {"uuid": uuid(1), "requestHeaders": {"X-Api-Key": "k", "Accept": "x", "None": None}, "maxNewTokens": 5, "apiKey": "k", "opaque": "o",
           "nested": [{"accessToken": ["a", "b"], "password": None, "author": "me"}]}
    assert without_secrets(view, row) == {
        "uuid": uuid(1), "requestHeaders": {"X-Api-Key": MASK, "Accept": MASK, "None": None}, "maxNewTokens": 5, "apiKey": MASK, "opaque": "o",
        "nested": [{"accessToken": [MASK, MASK], "password": None, "author": "me"}]}
    result = task(FakeClient({view.path: [row]}), "model_evaluation_task")["model_evaluation_tasks"][0]
    assert result["request_headers"] == {"X-Api-Key": MASK, "Accept": MASK, "None": None} and result["max_new_tokens"] == 5


@pytest.mark.parametrize("text, values", [
    ("env: {A: \"x\\ty\", N: 12}", {"x\ty", "12"}), ("env:\n- name: T\n  value: |\n    one\n    two\n", {"one\ntwo\n"}), ("env: [\"A=b=c\"]", {"b=c"}),
    ("{\"env\": [\"T:se\\\"cr\"]}", {"se\"cr"}), ("env: [{A: 1}, {name: B, valueFrom: {x: y}}]", {"1"}), ("a: {b: [{env: {C: d}}]}", {"d"}),
])
def test_variables_in_every_form_are_found_and_masked(text, values):
    assert {value for _unused, value in variables_in(text)} == values
    assert values <= variables_of({"uuid": "u", "instances": [{"k8sResourceYaml": text}, None, "x"]})
    masked = without_variables(text, lambda name, value: True)
    assert masked == MASK or {value for _unused, value in variables_in(masked)} <= {MASK}
    assert without_variables(text, lambda name, value: False) == text


def test_keys_of_maps_stay_in_results_of_all_modules():
    assert snake_key("modelCenterUuid") == "model_center_uuid" and snake_key("SAMPLE_SIZE") == "sample_size"
