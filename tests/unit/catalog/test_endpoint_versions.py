# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The versions of an endpoint, and its parts."""

from __future__ import annotations

import re
import typing as t

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint import ENDPOINT
from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint_parts import CLONE, GROUP, MODEL_PART, PARTS, SERVICE, Managed, linked, read_parts
from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint_versions import (
    Group, current_of, groups_of, is_evaluation_of, is_of_version, version_of,
)
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import derived_uuids
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import MissingError, OptionError
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import GROUPS, MODELS, SERVICES
from ansible_collections.zstack.aios.tests.unit.support.fake_client import FakeClient

SECRET = "hub-token-7"
GIVEN: dict[str, t.Any] = {
    "name": "chat", "model_service_uuid": "s1", "model_uuid": "m1", "type": "Container", "docker_image": "vllm:1", "zone_uuid": "z1", "cpu_num": 4}
DEFAULTS = {name: option.get("default") for name, option in ENDPOINT.options.items()}


def parts(**given: t.Any) -> dict[str, dict[str, t.Any]]:
    """Return the parts of a task."""
    return read_parts({**DEFAULTS, "strategy": "side_by_side", GROUP: GIVEN, **given})


def version(**given: t.Any) -> str:
    """Return the version that the parts describe."""
    return version_of("chat", parts(**given))


def group(**options: t.Any) -> dict[str, t.Any]:
    """Return the part of the group with options beside the usual ones."""
    return {GROUP: {**GIVEN, **options}}


def row(name: str, uuid: str = "", service: str | None = "s1", **more: t.Any) -> dict[str, t.Any]:
    """Return a group on the platform; by default with the uuid that this collection gives it."""
    derived = derived_uuids(PARTS[GROUP], {"model_service_uuid": service, "name": name}, 1)[0]
    return {"uuid": uuid or derived, "name": name, "modelServiceUuid": service, "createDate": "Nov 25, 2026 10:00:00 AM", **more}


def test_a_version_is_the_same_text_everywhere_and_part_of_a_name() -> None:
    assert version() == version() and re.fullmatch("v[0-9a-f]{10}", version())
    # Of every machine and every Python: another text would release every endpoint anew.
    assert version() == "v842c8c6b27"


@pytest.mark.parametrize("changed", [
    group(docker_image="vllm:2"), group(model_uuid="m2"), group(model_service_uuid="s2"), group(cpu_num=8), group(zone_uuid="z2"),
    group(l3_network_uuids=["n1"]), group(dataset_uuids=["d1"]), group(root_disk_size=1), {MODEL_PART: {"name": "m", "install_path": "/m/2"}},
    {CLONE: {"name": "c", "source_service": "v", "start_command": "run"}},
    {SERVICE: {"name": "c", "architecture_images": [{"cpu_architecture": "X86_64", "docker_image": "i"}]}},
], ids=str)
def test_what_only_a_deployment_changes_is_a_new_version(changed: dict[str, t.Any]) -> None:
    assert version(**changed) != version()


@pytest.mark.parametrize("same", [
    group(description="new"), group(environment_variables={"A": SECRET}), group(startup_parameters={"A": "1"}), group(service_readyz="/r"),
    group(service_bootup_time=9), group(user_tags=["a"]), group(restart="always"), group(wait=True), group(delete_mode="Enforcing"),
    group(type=" Container".strip()), group(cpu_num="4"),
], ids=str)
def test_what_an_update_changes_is_no_new_version(same: dict[str, t.Any]) -> None:
    assert version(**same) == version()


def test_values_count_as_the_api_means_them() -> None:
    assert version(**group(l3_network_uuids=["a", "b"])) == version(**group(l3_network_uuids=["b", "a", "a"]))
    model = {"name": "m", "install_path": "/m", "parameters": {"a": 1, "b": 2}}
    assert version(model=model) == version(model={**model, "parameters": '{"b": 2,  "a": 1}', "description": "d", "token": SECRET, "vendor": "v"})
    service = {"name": "s", "yaml": "a: 1\nb: 2"}
    assert version(model_service=service) == version(model_service={**service, "yaml": "{b: 2, a: 1}", "description": "d"})
    assert version(model_service=service) != version(model_service={**service, "yaml": "{b: 3, a: 1}"})


def test_every_option_of_a_group_is_either_updated_or_of_the_version() -> None:
    table = PARTS[GROUP]
    others = {field.option for field in table.fields if not is_of_version(field)}
    assert all(table.field(option).update or table.field(option).attach or table.field(option).remembered for option in others)
    assert not any(field.secret for field in table.fields if is_of_version(field))


def test_groups_of_an_endpoint() -> None:
    version_1, version_2 = "chat-v0123456789", "chat-vabcdefabcd"
    rows = [
        row("chat"), row("chat", service="s2"), row(version_1, createDate="Nov 25, 2026 9:00:00 AM"), row(version_2, service="s2"),
        row("chat-v0123456780", uuid="made-by-hand"), row("chat-v0123456789a"), row("chat-vABCDEF0123"), row("chat-bot"), row("chat-0123456789"),
        row("other"), row("Chat"), row(version_2, service=None)]
    found = [(item.name, item.version, item.service_uuid) for item in groups_of(rows, "chat", "s1")]
    assert found[0] == (version_1, "v0123456789", "s1") and sorted(found[1:]) == [("chat", "", "s1"), (version_2, "vabcdefabcd", "s2")]
    assert len(groups_of(rows, "chat", None)) == 4
    assert [item.name for item in groups_of([row("a.b-v0123456789"), row("aXb-v0123456789")], "a.b", "s1")] == ["a.b-v0123456789"]


def test_a_deployment_in_place_works_on_the_group_that_is_there() -> None:
    old, new, plain = Group(row("chat-v0123456789"), "v0123456789"), Group(row("chat-vabcdefabcd"), "vabcdefabcd"), Group(row("chat"), "")
    assert current_of([old, new, plain], "s1", "vabcdefabcd") is plain
    assert current_of([old, new], "s1", "vabcdefabcd") is new and current_of([old, new], "s1", "vffffffffff") is old
    assert current_of([old], "s2", "v0123456789") is None and current_of([], "s1", "") is None


def test_evaluations_of_a_group() -> None:
    versioned, plain = Group(row("chat-v0123456789", uuid="g1"), "v0123456789"), Group(row("chat", uuid="g2"), "")
    assert is_evaluation_of({"name": "gate-v0123456789", "evaluatedServiceGroupUuid": "g1"}, versioned, None)
    assert not is_evaluation_of({"name": "gate-v0123456789", "evaluatedServiceGroupUuid": "g2"}, versioned, None)
    assert not is_evaluation_of({"name": "nightly", "evaluatedServiceGroupUuid": "g1"}, versioned, "gate")
    assert is_evaluation_of({"name": "gate", "evaluatedServiceGroupUuid": "g2"}, plain, "gate")
    assert not is_evaluation_of({"name": "gate", "evaluatedServiceGroupUuid": "g2"}, plain, None)


def test_references_to_the_endpoint_are_uuids() -> None:
    managed = [Managed(SERVICES, "vllm", "s1"), Managed(SERVICES, "clone", "s2"), Managed(MODELS, "qwen", "m1"), Managed(GROUPS, "chat", "g1")]
    client = FakeClient({SERVICES: [{"uuid": "s9", "name": "other"}, {"uuid": "s8", "name": "clone"}]})
    options = linked(client, MODEL_PART, {"model_services": ["clone", "other"], "default_model_service": "vllm"}, managed)
    assert (options["model_service_uuids"], options["model_services"], options["default_model_service_uuid"]) == (["s2", "s9"], None, "s1")
    # A name that means nothing of the endpoint is left to the part itself.
    assert linked(client, GROUP, {"model_service": "other", "model": "qwen"}, managed) == {
        "model_service": "other", "model": None, "model_uuid": "m1"}
    assert linked(client, SERVICE, {"models": ["qwen"]}, [], [Managed(MODELS, "qwen", "")]) == {"models": None, "model_uuids": None}
    with pytest.raises(MissingError, match="^model_services: there is no model service named 'missing'"):
        linked(client, MODEL_PART, {"model_services": ["clone", "missing"]}, managed)


@pytest.mark.parametrize("given, message", [
    ({GROUP: None}, "^model_service_group.name: the name identifies"), ({GROUP: {}}, "^model_service_group.name"),
    (group(state="absent"), "^model_service_group.state: the state is given once"), (group(wait=False), "^model_service_group.wait"),
    (group(uuid="u"), "^model_service_group.uuid: with strategy side_by_side"), (group(name="n" * 244), "244 characters.*at most 243"),
    (group(nme="x"), r"^model_service_group.nme: there is no such option, did you mean name\?$"),
    (group(host="x"), "^model_service_group.host: this is an option of the task"),
    (group(model_service_uuid=None), "^model_service_group.model_service: there is no"),
    ({MODEL_PART: {"name": "m", "vendor": {}}, **group(cpu_num="x")}, "^model.vendor: .* model_service_group.cpu_num: "),
    ({MODEL_PART: {"name": "a"}, **group(model_uuid=None, model="b")}, "^model_service_group.model: 'b' is not the model of the endpoint, which is 'a'"),
    ({CLONE: {"name": "c"}}, "^model_service_clone: .*source_service"), ({"ready_timeout": -1}, "^ready_timeout: -1"),
    ({"evaluation": {"uuid": "u"}}, "^evaluation.uuid: with strategy side_by_side"),
], ids=str)
def test_what_can_never_be_is_refused_with_the_part(given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        parts(**given)


def test_what_a_part_takes_from_another_one() -> None:
    found = parts(model_service={"name": "vllm"}, model_service_clone={"name": "c"}, evaluation={"model_service": "e"})
    assert found[CLONE]["source_service"] == "vllm" and found["evaluation"]["name"] == "chat-evaluation"
    assert parts(model_service={"uuid": "u"}, model_service_clone={"name": "c"})[CLONE]["source_service_uuid"] == "u"
