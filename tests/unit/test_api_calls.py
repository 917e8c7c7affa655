# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of all calls is the one of the reference page, and each call's request has every parameter where the page puts it."""

from __future__ import annotations

import importlib.util
import json
import pathlib
import re
import urllib.parse

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.call_values import STRUCTURED as STRUCTURED_TEXTS
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.calling import request_of
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._resources import calls as _calls
from ansible_collections.zstack.aios.tests.unit.support.api_samples import UUID, value, wrong
from ansible_collections.zstack.aios.tests.unit.support.reference import api

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = _calls.names()
QUERY = {"limit", "start", "count", "replyWithCount", "sort", "fields", "filterName", "groupBy"}


def options(call, parameters=None, **more):
    return {"call": call, "parameters": parameters, "system_tags": None, "user_tags": None, **more}


def page_of(name):
    return next(section["actions"][name] for section in api()["resources"].values() if name in section["actions"])


def test_the_table_is_the_one_that_the_script_makes_of_the_page():
    page = api()
    spec = importlib.util.spec_from_file_location("make_api_table", ROOT / "tests" / "tools" / "make_api_table.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    table = ROOT / "plugins" / "module_utils" / "_resources" / "api_calls.py"
    assert table.read_text(encoding="utf-8") == script.text(page), "Run tests/tools/make_api_table.py PAGE %s" % table.name


def test_the_documentation_lists_every_call():
    text = (ROOT / "plugins" / "modules" / "zstack_ai_call.py").read_text(encoding="utf-8")
    reads, writes = text.partition("Calls that read are")[2].partition("Calls that change something are")[::2]
    writes = writes.partition("The parameters of a call")[0]
    for name in NAMES:
        assert ("C(%s)" % name in reads) is _calls.find(name).reads and ("C(%s)" % name in writes) is not _calls.find(name).reads, name


def test_the_table_has_every_call_of_the_page():
    assert len(NAMES) == 56
    assert set(NAMES) == {name for section in api()["resources"].values() for name in section["actions"]}


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_of_the_page_is_known_with_its_properties(name):
    page, call = page_of(name), _calls.find(name)
    assert (call.method, call.path, call.wrapper, call.since, call.reads or call.job) == (
        page["method"], page["path"], page["wrapper"], page["since"], page["method"] == "GET" or page["async"])
    assert set(call.parameters) - QUERY == {parameter["name"] for parameter in page["params"]}
    for parameter in page["params"]:
        found = call.parameters[parameter["name"]]
        assert found.place == parameter["in"]
        assert found.longest == parameter.get("max_length") and list(found.choices) == parameter.get("choices", []), found.name
        assert found.range == (tuple(parameter["range"]) if "range" in parameter else None) and found.since == parameter["since"], found.name
        assert found.secret or not parameter.get("secret"), found.name
        if found.name != "q":
            assert found.type == parameter["type"], found.name
        if not parameter.get("newer_than_documented") and parameter["in"] != "path":
            assert found.required is parameter["required"], found.name


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("Query")])
def test_a_request_has_every_parameter_where_the_page_puts_it(name):
    page = page_of(name)
    given = {parameter["name"]: value(parameter) for parameter in page["params"]}
    tags = {} if page["method"] == "GET" else {"system_tags": ["a::b"], "user_tags": ["c", "d"]}
    request = request_of(options(name, given, **tags))
    path = page["path"]
    for parameter in page["params"]:
        if parameter["in"] == "path":
            path = path.replace("{%s}" % parameter["name"], UUID)
    assert request.path == path
    query = []
    for parameter in page["params"]:
        if parameter["in"] == "query":
            entry = given[parameter["name"]]
            query += [(parameter["name"], text) for text in (entry if isinstance(entry, list) else [entry])]
    if page["method"] == "GET":
        assert list(request.query) == query
        return
    write = request.write()
    body = {parameter["name"]: given[parameter["name"]] for parameter in page["params"] if parameter["in"] == "body"}
    if page["wrapper"] is None:
        assert write.body is None
        assert list(write.query) == query + [("systemTags", "a::b"), ("userTags", "c"), ("userTags", "d")]
    else:
        assert not query and write.query == ()
        assert write.body == {page["wrapper"]: body, "systemTags": ["a::b"], "userTags": ["c", "d"]}
        json.dumps(write.body, allow_nan=False)
    assert (write.call, write.method, write.path, write.stored) == (name, page["method"], path, page["async"])


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("Query")])
def test_a_query_takes_conditions_or_one_uuid(name):
    page = page_of(name)
    given = {"q": ["name=a b", "uuid?=x,y"], "limit": 5, "start": 0, "count": False, "replyWithCount": True, "sort": "-createDate", "fields": "uuid,name"}
    request = request_of(options(name, given))
    assert request.path == page["path"]
    assert list(request.query) == [
        ("q", "name=a b"), ("q", "uuid?=x,y"), ("limit", "5"), ("start", "0"), ("count", "false"), ("replyWithCount", "true"), ("sort", "-createDate"),
        ("fields", "uuid,name")]
    assert request_of(options(name, {"uuid": UUID})).path == page["path_one"].replace("{uuid}", UUID)
    with pytest.raises(OptionError, match="ignores every other parameter. Remove q"):
        request_of(options(name, {"uuid": UUID, "q": ["name=a"]}))


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_parameter_is_refused(name):
    page = page_of(name)
    needed = [item for item in page["params"] if (item["required"] and not item.get("newer_than_documented")) or (
        item["in"] == "path" and not name.startswith("Query"))]
    given = {parameter["name"]: value(parameter) for parameter in needed}
    request_of(options(name, given))
    for parameter in needed:
        for absent in ({}, {parameter["name"]: None}):
            rest = {**{key: entry for key, entry in given.items() if key != parameter["name"]}, **absent}
            with pytest.raises(OptionError, match=r"parameters: the call %s needs %s\. Give it\." % (name, parameter["name"])):
                request_of(options(name, rest))


@pytest.mark.parametrize("name", NAMES)
def test_wrong_values_are_refused_with_their_parameter(name):
    page = page_of(name)
    given = {parameter["name"]: value(parameter) for parameter in page["params"] if not name.startswith("Query") or parameter["name"] == "uuid"}
    for parameter in page["params"]:
        for bad in wrong(parameter) if parameter["name"] != "q" else ():
            with pytest.raises(OptionError, match=r"parameters\.%s\b" % parameter["name"]):
                request_of(options(name, {**given, parameter["name"]: bad}))
                raise AssertionError((parameter["name"], bad))


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_parameter_is_refused_with_the_nearest_one(name):
    parameters = _calls.find(name).parameters
    for known in parameters:
        with pytest.raises(OptionError, match=r"parameters\.%sX: the call %s has no such parameter\. Did you mean (.*, |.* or )?%s\b" % (known, name, known)):
            request_of(options(name, {known + "X": "v"}))


@pytest.mark.parametrize("name", NAMES)
def test_a_request_follows_the_table(name):
    """The same without the page, which is not part of the collection."""
    call = _calls.find(name)
    kinds = {"Boolean": True, "Float": 0.5, "Map": {}}
    parameters = [item for item in call.parameters.values() if item.items not in ("ArchitectureImageMapping", "ModelService") and item.items[0] != "{"]
    given = {}
    for item in parameters:
        if item.name == "resourceUuid" or item.place == "path":
            given[item.name] = UUID
        elif item.type == "List":
            given[item.name] = ["name=a"] if item.name == "q" else [9] if item.items == "Integer" else list(item.choices[:1]) or ["a"]
        elif item.items != "List of String":
            given[item.name] = item.choices[0] if item.choices else item.range[0] if item.range else kinds.get(item.type, "5" if item.type == "String" else 5)
    given.pop("uuid" if call.path_one else "", None)
    for item in call.parameters.values():
        if item.required and item.name not in given:
            given[item.name] = [{"name": "n"}] if item.items == "ModelService" else [{"uuid": UUID}]
    request = request_of(options(name, given))
    assert "{" not in request.path and request.path.startswith("/v1/")
    assert {key for key, _unused in request.query} == {item for item in given if call.parameters[item].place == "query"}
    assert request.body == {item: entry for item, entry in given.items() if call.parameters[item].place == "body"}
    if call.wrapper:
        assert request.write().body == {call.wrapper: request.body}


def test_an_unknown_parameter_that_resembles_none_is_refused_with_the_list():
    with pytest.raises(OptionError, match=r"parameters\.zzz: the call DeleteModel has no such parameter\. It has uuid, deleteMode\.$"):
        request_of(options("DeleteModel", {"zzz": "name=a"}))
    with pytest.raises(OptionError, match=r"It has uuid, name, .*, and [0-9]+ more\.$"):
        request_of(options("DeployModelService", {"zzz": "name=a"}))


@pytest.mark.parametrize("name, near", [
    ("AddModle", "AddModel"), ("addmodel", "AddModel"), ("APIAddModelMsg", "AddModel"), ("QueryModels", "QueryModel"),
    ("CreateUserProxy", "CreateUserProxyConfig"), ("DeployModel", "DeployModelService"),
])
def test_an_unknown_call_is_refused_with_the_nearest_ones(name, near):
    with pytest.raises(OptionError, match=r"call: '%s' is not a call of the AI API\. Did you mean .*\b%s\b" % (name, near)):
        request_of(options(name))


@pytest.mark.parametrize("name", ["QueryZone", "", "x" * 5000, "../v1", "résumé"])
def test_a_foreign_call_is_refused(name):
    with pytest.raises(OptionError, match="is not a call of the AI API"):
        request_of(options(name))


def test_a_path_stays_in_its_segment_when_it_is_sent():
    request = request_of(options("UnbindModelFromService", {"modelUuid": UUID, "modelServiceUuid": "a_-9"}))
    assert urllib.parse.unquote(request.path) == request.path == "/v1/ai/models/%s/model-services/a_-9" % UUID


@pytest.mark.parametrize("text, message", [
    ("name", "has no operator"), ("a>=b=c d", None), ("name=a>=b", "would read .* as the field 'name=a' and the operator >="),
    ("description is not null", "as the field 'description is'"), ("=x", "as the field ''"), ("na'me=x", "as the field"), ("name=x!=y", "operator !="),
])
def test_conditions_that_the_server_would_misread_are_refused(text, message):
    if message is None:
        assert request_of(options("QueryModel", {"q": text})).query == (("q", text),)
    else:
        with pytest.raises(OptionError, match=r"parameters\.q\[0\]: .*%s" % message):
            request_of(options("QueryModel", {"q": text}))


def test_a_list_that_does_not_fit_into_an_address_is_refused():
    uuids = ["%032x" % number for number in range(150)]
    assert len(request_of(options("DeleteModels", {"uuids": uuids})).query) == 150
    with pytest.raises(OptionError, match="the address of the call would have about .* Split the list"):
        request_of(options("DeleteModels", {"uuids": uuids * 3}))


def test_values_are_brought_into_the_type_of_the_api():
    given = {"name": "n", "yaml": {"a": [1]}, "modelCenterUuid": UUID, "requestCpu": "4", "requestMemory": 8.0, "installPath": "/p", "startCommand": "s",
             "system": "yes", "modelUuids": '["%s"]' % UUID, "description": 5, "framework": None}
    request = request_of(options("AddModelService", given))
    assert request.body == {"name": "n", "yaml": '{"a": [1]}', "modelCenterUuid": UUID, "requestCpu": 4, "requestMemory": 8, "installPath": "/p",
                            "startCommand": "s", "system": True, "modelUuids": [UUID], "description": "5"}
    assert [warning for warning in request.values.warnings if warning.startswith("parameters.description: the option takes text and received the number 5")]


def test_tags_of_a_read_and_masked_values_are_refused():
    with pytest.raises(OptionError, match="user_tags: QueryModel only reads"):
        request_of(options("QueryModel", {}, user_tags=["a"]))
    with pytest.raises(OptionError, match=r"parameters\.token: \*{8} is the mask that Ansible shows"):
        request_of(options("AddModel", {"name": "n", "installPath": "/p", "modelCenterUuid": UUID, "token": "*" * 8}))
    with pytest.raises(OptionError, match="system_tags: validationOnly"):
        request_of(options("AddModel", {}, system_tags=["validationOnly"]))
    with pytest.raises(OptionError, match="resourceUuid: the server creates no object with this uuid"):
        request_of(options("AddModel", {"name": "n", "installPath": "/p", "modelCenterUuid": UUID, "resourceUuid": "ff" * 16}))


def test_empty_entries_and_tags_among_the_parameters_are_refused():
    with pytest.raises(OptionError, match=r"parameters\.uuids\[1\]: the entry is empty"):
        request_of(options("DeleteModels", {"uuids": [UUID, " "]}))
    with pytest.raises(OptionError, match=r"parameters\.systemTags: .* Give the option system_tags of the task\."):
        request_of(options("UpdateModel", {"uuid": UUID, "systemTags": ["a"]}))


@pytest.mark.parametrize("call, parameters, more, path", [
    ("UpdateModel", {"uuid": UUID, "name": "a\udce9"}, {}, "parameters.name"), ("QueryModel", {"q": ["name=a\udce9"]}, {}, "parameters.q"),
    ("UpdateModelServiceInstanceGroup", {"uuid": UUID, "environmentVariables": {"A\udce9": "b"}}, {}, "parameters.environmentVariables"),
    ("DeleteModel", {"uuid": UUID}, {"user_tags": ["\ud83d"]}, "user_tags"),
])
def test_text_that_no_request_can_carry_is_refused(call, parameters, more, path):
    with pytest.raises(OptionError, match=r"%s: the text contains U\+D[0-9A-F]{3}, which is not a character" % re.escape(path)):
        request_of(options(call, parameters, **more))


STRUCTURED = [(name, text) for name in NAMES for text in STRUCTURED_TEXTS if text in _calls.find(name).parameters]


@pytest.mark.parametrize("name, parameter", STRUCTURED)
def test_a_text_that_gives_a_key_twice_is_refused_in_every_call(name, parameter):
    """As in every other module: the platform reads one of the values, and the object shows both."""
    for text, key in (('{"a": {"b": 1, "b": 2}}', "b"), *([("a: 1\nb: 2\na: 3", "a")] if parameter == "yaml" else [])):
        with pytest.raises(OptionError, match=r"^parameters\.%s: the text gives the key '%s' twice in one place, with different values" % (parameter, key)):
            request_of(options(name, {**required(name), parameter: text}))
    for accepted in ('{"a": 1, "a": 1}', "a: [1", {"a": 1}):
        request_of(options(name, {**required(name), parameter: accepted}))


def test_every_text_with_a_structure_is_one_of_some_call():
    assert {parameter for _name, parameter in STRUCTURED} == set(STRUCTURED_TEXTS)


def required(name):
    """Return a value for each required parameter of a call."""
    numbers = {"Integer": 5, "Long": 5, "Boolean": True, "List": ["a"]}
    return {item.name: [{"name": "n"}] if item.items == "ModelService" else item.choices[0] if item.choices else numbers.get(item.type, UUID)
            for item in _calls.find(name).parameters.values() if item.required or item.place == "path"}


def test_members_of_structures_are_validated():
    for given, message in (
        ([{"cpuArch": "X"}], r"architectureImages\[0\]\.cpuArch: the structure has no such parameter\. Did you mean cpuArchitecture"),
        (["X86_64"], r"architectureImages\[0\]"),
    ):
        with pytest.raises(OptionError, match=message):
            request_of(options("UpdateModelService", {"uuid": UUID, "architectureImages": given}))
    with pytest.raises(OptionError, match=r"updateDatasetStructs\[0\]: the entry needs uuid"):
        request_of(options("UpdateDatasets", {"updateDatasetStructs": [{"dataType": "Text"}]}))
    with pytest.raises(OptionError, match=r"updateDatasetStructs\[0\]\.dataType: 'Smell' is not one of"):
        request_of(options("UpdateDatasets", {"updateDatasetStructs": [{"uuid": UUID, "dataType": "Smell"}]}))
