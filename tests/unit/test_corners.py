# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Edge cases in which the core was wrong once."""

from __future__ import annotations

import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from simulator.testing import patience

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.apply import Work
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.creating import Superseded
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import validate
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import derived_uuids, make_plan
from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import (
    AnswerLostError, OptionError, ProtocolError, ServerError, ZStackError, describe,
)
from ansible_collections.zstack.aios.plugins.module_utils._protocol.http import Reply, refusal
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import Write
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.structured import YAML_TEXT
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed
from ansible_collections.zstack.aios.tests.unit.support.fake_client import FakeClient
from ansible_collections.zstack.aios.tests.unit.support.local_server import hang_up, serving
from ansible_collections.zstack.aios.tests.unit.support.query_server import names, server_finds
from ansible_collections.zstack.aios.tests.unit.support.samples import KINDS, ONE, UUID, wanting
from ansible_collections.zstack.aios.tests.unit.support.scripted import LOGIN_PATH, connection, expired, login, lost, on, talking
from ansible_collections.zstack.aios.tests.unit.test_client_secrets import texts_of

pytestmark = pytest.mark.usefixtures("clock", "bare_environment")
MODELS = "/v1/ai/models"
GIVEN = {"session_uuid": "7d1c0f3a52e84a6f9b0c1d2e3f405162"}
UPDATE = Write("UpdateModel", "PUT", MODELS + "/u1", {"updateModel": {"name": "n"}})
PAGE = "<html><head><title>301 Moved Permanently</title></head></html>"


@given(names)
def test_every_name_is_found_with_all_its_blanks(name):
    """The server trims as Java does: an ideographic or a no-break space at the ends belongs to the name."""
    assert server_finds(_query.equals("name", name), "name", name)
    assert _query.matches({"name": name}, "name", name)


@pytest.mark.parametrize("character", "\u3000\u00a0\u2003\u0085")
def test_a_blank_that_the_server_keeps_is_part_of_the_name(character):
    name = character + "x" + character
    assert server_finds(_query.equals("name", name), "name", name)
    assert not _query.matches({"name": "x"}, "name", name)


@pytest.mark.parametrize("host", ["10.0.0.5:8080", "1.2.3.4:80", "cafe:8080", "[::1", "::1]", ":::"])
def test_hexadecimal_digits_and_colons_alone_make_no_address(host):
    params = {"host": host, "timeout": 60, "wait_timeout": 1800, "retries": 4, **GIVEN}
    with pytest.raises(OptionError, match="^host: .* is not a host name or address.*port and context_path are separate options"):
        Connection.from_params(params, {})


def test_a_text_of_the_rest_layer_is_reported_whole():
    """What stands between "<" and ">" is part of the text where the text is no page."""
    message = (
        "Invalid query parameter. The 'foobar' in the parameter[q] doesn't contain any query operator. "
        "Valid query operators are [[!=, >=, <=, !?=, !~=, ~=, ?=, =, >, <, is null, not null]]")
    error = refusal("GET /v1/ai/models", Reply(400, None, message))
    assert isinstance(error, ServerError)
    assert error.message == "GET /v1/ai/models was refused by the server with HTTP 400: %s." % message
    assert error.error["details"] == message


@pytest.mark.parametrize("text", ["", PAGE])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_reported_at_once_by_a_read(text, status):
    """A proxy's redirect has a page of its own, or none: it is still a redirect, and asking again changes nothing."""
    answer = {"status": status, "body": text, "headers": {"Location": "https://mn.example/"}}
    with talking(on("GET", MODELS + "/u1", **answer), **GIVEN) as (client, _unused):
        with pytest.raises(ProtocolError, match="was redirected to https://mn.example/"):
            client.get(MODELS, "u1")


@pytest.mark.parametrize("text", ["", PAGE])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_reported_at_once_by_a_write(text, status):
    answer = {"status": status, "body": text, "headers": {"Location": "https://mn.example/"}}
    with talking(on("PUT", UPDATE.path, **answer), **GIVEN) as (client, _unused):
        with pytest.raises(ProtocolError, match="was redirected to https://mn.example/"):
            client.write(UPDATE)


def test_a_lost_renewal_is_not_repeated_for_a_write():
    """A sign-in whose answer is lost is not a write whose answer is lost: nothing may sign in a second time."""
    with talking(login(), on("PUT", UPDATE.path, **expired()), on("PUT", LOGIN_PATH, raises=lost)) as (client, _unused):
        with pytest.raises(AnswerLostError, match="It is not tried again, because failed sign-ins lock the account"):
            client.write(UPDATE)


def test_a_read_is_sent_once_and_then_as_often_as_retries_says():
    """The retries of the connection pool and those of the client do not multiply."""
    with serving(hang_up) as seen:
        client = Client(connection(host="127.0.0.1", port=seen.port, retries=2, timeout=int(patience(5)), **GIVEN))
        with pytest.raises(AnswerLostError):
            client.get(MODELS, "u1")
        client.close()
    assert len(seen.requests) == 3


@pytest.mark.parametrize("session, refused", [
    ("7d1c0f3a52e84a6f\n", False), (" 7d1c0f3a52e84a6f", False), ("7d1c0f3a\r\n52e84a6f", True), ("7d1c模0f3a52e84a6f", True),
])
def test_a_session_that_fits_into_no_header_is_not_revealed(session, refused):
    """A file with a line break at its end is a common source of a session's uuid; whether it is trimmed or refused, it is not shown."""
    params = {"host": "mn.example", "timeout": 60, "wait_timeout": 1800, "retries": 0}
    with pytest.raises(ZStackError) as caught:
        with serving(hang_up) as seen:
            client = Client(Connection.from_params({**params, "host": "127.0.0.1", "port": seen.port, "session_uuid": session}, {}))
            client.get(MODELS, "u1")
    texts = texts_of(caught.value)
    assert session.strip() not in texts and json.dumps(session)[1:-1] not in texts and repr(session)[1:-1] not in texts
    assert not refused or caught.value.message.startswith("session_uuid: ")


@pytest.mark.parametrize("key", ["AKID\n", "AK:ID", "AKID模", ""])
def test_an_access_key_id_that_fits_into_no_header_is_refused(key):
    params = {"host": "mn.example", "timeout": 60, "wait_timeout": 1800, "retries": 0, "access_key_id": key, "access_key_secret": "s" * 40}
    with pytest.raises(OptionError, match="^access_key_id: "):
        Connection.from_params(params, {})


def test_text_that_looks_like_our_own_placeholder_is_sent_as_it_is():
    """The object's uuid is put where the planner wants it, and nowhere in what the user wrote."""
    options = wanting(KINDS["model"], {"description": "{uuid}", "model_classifications": ["{uuid}"], "user_tags": ["{uuid}"]})
    observed = Observed({"uuid": UUID, "description": "old"}, [], [])
    client = FakeClient(answers=[{"inventory": {"uuid": UUID}}])
    Work(client, MODEL, options, observed).carry_out(make_plan(MODEL, options, observed))
    assert client.writes[0].body == {"updateModel": {"description": "{uuid}", "modelClassifications": ["{uuid}"]}, "userTags": ["{uuid}"]}


@pytest.mark.parametrize("value", ["../../v1/x", "a?b=c", "a/b", "a#b", "a b", "{uuid}"])
def test_a_uuid_cannot_leave_its_place_in_the_path_of_a_write(value):
    """An option that becomes a part of a path is refused or encoded."""
    for name, option, wanted in (("model", "tag_uuids", [value]), ("clone", "source_service_uuid", value)):
        options = wanting(KINDS[name], {"name": "n", option: wanted})
        try:
            validate(KINDS[name].table, options)
            plan = make_plan(KINDS[name].table, options, Observed({"uuid": UUID, "name": "n"}, [], []) if name == "model" else None)
        except OptionError as refused:
            assert refused.message.startswith(option + ": ")
            continue
        assert plan.steps[0].path in ("/v1/tags/%s/resources" % quote(value, safe=""), "/v1/ai/model-services/" + quote(value, safe=""))


def test_a_new_object_gets_each_tag_and_architecture_once():
    """A list that the user wrote with a repetition is a set: the server refuses a tag that comes twice (SYS.1006)."""
    values = {"name": "n", "user_tags": ["a", "a "], "system_tags": ["s", "s"], "cpu_architectures": ["X86_64", "x86_64"]}
    step = make_plan(KINDS["clone"].table, wanting(KINDS["clone"], values), None).steps[0]
    assert step.root == {"userTags": ["a"], "systemTags": ["s"]}
    assert len(step.params["cpuArchitectures"]) == 1


def test_the_diff_of_a_replacement_shows_the_tags_of_the_new_object():
    """Attachments of the old clone are deleted with it."""
    options = wanting(KINDS["clone"], {"name": "n", "description": "new", "user_tags": ["mine"]}, on_drift="replace")
    plan = make_plan(KINDS["clone"].table, options, Observed({"uuid": UUID, "name": "n", "description": "old"}, [{"tag": "theirs"}], []))
    assert plan.before["user_tags"] == ["theirs"] and plan.after["user_tags"] == ["mine"]


def test_a_name_has_the_same_uuid_however_it_is_padded():
    """The server trims it, so both are the same object."""
    for name, base in (("clone", {"source_service_uuid": ONE}), ("model", {"model_center_uuid": ONE})):
        table = KINDS[name].table
        assert derived_uuids(table, {**base, "name": " chat\n"}, 2) == derived_uuids(table, {**base, "name": "chat"}, 2)


def test_a_class_is_trimmed_before_its_prefix_is_taken_off():
    field = MODEL.field("model_classifications")
    assert field.type.want([" AI::Others "]) == field.type.want(["AI:: Others"]) == field.type.want(["Others"])


def test_null_and_an_empty_text_inside_yaml_differ():
    """At the top, nothing is nothing. Inside, a variable that is empty and one that is unset are two things."""
    assert not YAML_TEXT.same(YAML_TEXT.want("env: {A: null}"), YAML_TEXT.read("env: {A: ''}"))
    assert YAML_TEXT.same(YAML_TEXT.want("null"), YAML_TEXT.read(""))


def test_yaml_that_unfolds_without_end_is_compared_in_no_time():
    """Nine lines of aliases that stand for a thousand million words."""
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        "a%d: &a%d [%s]\n" % (number, number, ", ".join(["*a%d" % (number - 1)] * 9)) for number in range(1, 6))
    begin = time.process_time()
    assert YAML_TEXT.same(YAML_TEXT.want(text), YAML_TEXT.read("# remark\n" + text))
    assert time.process_time() - begin < patience(5)


def test_the_list_of_causes_is_reported():
    """The fork puts the reasons of a compound error into ``causes`` instead of ``cause`` (REST protocol page, section 7)."""
    error = {"code": "SYS.1090", "details": "several",
             "causes": [{"code": "HOST.1", "details": "one away"}, {"code": "HOST.2", "details": "two away"}]}
    message = describe("X", error, 503)
    assert "one away" in message and "two away" in message


def test_a_row_that_a_failed_job_leaves_is_not_taken_for_success():
    """Only a refusal before anything is done may mean that another run was faster."""
    options = wanting(KINDS["clone"], {"name": "n"})
    plan = make_plan(KINDS["clone"].table, options, None)
    row = {"uuid": derived_uuids(KINDS["clone"].table, options, 1)[0], "name": "n"}
    for code, accepted in (("SYS.1006", False), ("SYS.1007", True)):
        client = FakeClient({"/v1/ai/model-services": [row]}, [ServerError("x", {"code": code, "details": "broken"}, 503)])
        work = Work(client, KINDS["clone"].table, options, None)
        if accepted:
            with pytest.raises(Superseded) as caught:
                work.carry_out(plan)
            assert caught.value.inventory == row
        else:
            with pytest.raises(ServerError, match="broken"):
                work.carry_out(plan)


def test_classes_are_no_user_tags():
    observed = Observed({"uuid": UUID}, [{"tag": "AI::Others"}, {"tag": "mine"}], [])
    plan = make_plan(MODEL, wanting(KINDS["model"], {"user_tags": ["mine"], "model_classifications": ["Text-Generation"]}), observed)
    assert plan.before["user_tags"] == plan.after["user_tags"] == ["mine"]
    with pytest.raises(OptionError, match="^user_tags: .*model_classifications"):
        validate(MODEL, wanting(KINDS["model"], {"user_tags": ["AI::Others"]}))


def test_contradicting_architectures_are_refused():
    image = {"cpu_architecture": "x86_64", "docker_image": "i"}
    with pytest.raises(OptionError, match="^cpu_architectures: "):
        validate(KINDS["clone"].table, wanting(KINDS["clone"], {"name": "n", "architecture_images": [image], "cpu_architectures": ["aarch64"]}))


def test_a_default_service_is_bound_first():
    """The server takes only a bound service as the default, so wanting the default means binding it."""
    options = MODEL.complete(wanting(KINDS["model"], {"default_model_service_uuid": ONE}))
    plan = make_plan(MODEL, options, Observed({"uuid": UUID, "modelServiceRefs": []}))
    assert [step.call.name for step in plan.steps] == ["BindModelToService", "UpdateModel"]
    assert plan.steps[0].path == "/v1/ai/models/%s/model-services/%s" % (UUID, ONE)
    bound = Observed({"uuid": UUID, "modelServiceRefs": [{"modelServiceUuid": ONE, "isDefault": False}]})
    assert [step.call.name for step in make_plan(MODEL, options, bound).steps] == ["UpdateModel"]
    created = make_plan(MODEL, {**options, "name": "n", "install_path": "p", "model_center_uuid": ONE}, None).steps
    assert [step.call.name for step in created] == ["AddModel"]
    assert created[0].params["modelServiceUuids"] == [ONE] and created[0].params["defaultModelServiceUuid"] == ONE
