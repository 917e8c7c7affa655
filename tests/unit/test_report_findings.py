# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors of a report as SARIF and JUnit XML: valid, with the places that Git servers need, and with hostile text as text."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import xml.etree.ElementTree as ET

import hypothesis.strategies as st
import jsonschema
import pytest
from ansible_collections.zstack.aios.plugins.module_utils._catalog import files, items, order, validating
from ansible_collections.zstack.aios.plugins.plugin_utils._findings import RULES, junit, sarif
from ansible_collections.zstack.aios.plugins.plugin_utils._report import failure_of, make_report
from ansible_collections.zstack.aios.plugins.plugin_utils._review import review
from hypothesis import given

TEXT = {"type": "string", "minLength": 1}
MESSAGE = {"type": "object", "required": ["text"], "properties": {"text": TEXT}, "additionalProperties": False}


def record(required, **members):
    """Return an object with these members and no others, of which the first ones are required."""
    return {"type": "object", "required": required.split(), "properties": members, "additionalProperties": False}


# What SARIF 2.1.0 (OASIS, section 3) and GitHub's code scanning require of the part that is used.
SARIF = record(
    "$schema version runs", **{"$schema": {"type": "string", "format": "uri"}}, version={"const": "2.1.0"},
    runs={"type": "array", "minItems": 1, "maxItems": 1, "items": record(
        "tool results",
        tool=record("driver", driver=record(
            "name rules", name=TEXT, informationUri={"type": "string", "pattern": "^https://"},
            rules={"type": "array", "uniqueItems": True, "items": record(
                "id shortDescription", id=TEXT, shortDescription=MESSAGE, defaultConfiguration=record("level", level={"const": "error"}))})),
        originalUriBaseIds=record("SRCROOT", SRCROOT=record("description", description=MESSAGE)),
        columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        results={"type": "array", "items": record(
            "ruleId ruleIndex level message locations", ruleId=TEXT, ruleIndex={"type": "integer", "minimum": 0}, level={"const": "error"},
            message=MESSAGE, locations={"type": "array", "minItems": 1, "maxItems": 1, "items": record(
                "physicalLocation", physicalLocation=record(
                    "artifactLocation region",
                    artifactLocation=record(
                        "uri", uri={"type": "string", "pattern": r"^(file:///)?([A-Za-z0-9._~/-]|%[0-9A-F]{2})+$"}, uriBaseId={"const": "SRCROOT"}),
                    region=record("startLine", startLine={"type": "integer", "minimum": 1}, startColumn={"type": "integer", "minimum": 1})))})})})


def error(file="/w/catalog/a.yml", line=3, column=5, item="models[0] (a)", option="vender", msg="there is no such option", rule="unknown-option"):
    return {"file": file, "line": line, "column": column, "item": item, "option": option, "msg": msg, "rule": rule}


def entry(item="models[1] (b)", file="/w/catalog/a.yml", line=9):
    return {"kind": "models", "name": "b", "item": item, "file": file, "line": line}


def report(*errors, entries=(), path="catalog", msg=None, **about):
    failed = {"msg": msg or "The catalog has %d errors." % len(errors)} if errors or msg else {}
    result = {"entries": list(entries), "catalog_errors": list(errors), "warnings": [], **failed}
    return make_report(result, **{"action": "validate", "path": path, "root": "/w/" + path, "directory": "/w", "time": "2026-03-01T12:00:00Z", **about})


def read_sarif(found):
    document = json.loads(sarif(found))
    jsonschema.Draft202012Validator(SARIF).validate(document)
    (run,) = document["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return run


def read_junit(found):
    text = junit(found)
    root = ET.fromstring(text.encode("utf-8"))
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n<testsuites ') and root.tag == "testsuites"
    assert int(root.get("tests")) == sum(int(suite.get("tests")) for suite in root)
    for suite in root:
        assert suite.tag == "testsuite" and suite.get("name") and int(suite.get("tests")) == len(suite)
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure")) and suite.get("errors") == "0"
        for case in suite:
            assert case.tag == "testcase" and case.get("name") and case.get("classname") == suite.get("file") == suite.get("name")
            assert set(case.attrib) == {"name", "classname", "time"} and all(failure.tag == "failure" and set(failure.attrib) == {
                "message", "type"} for failure in case)  # as junit-10.xsd of Jenkins has it
            assert len(case) <= 1 and all(failure.get("message") and failure.get("type") for failure in case)
        assert len({case.get("name") for case in suite}) == len(suite)
    return root


def test_each_error_is_a_result_with_a_path_below_the_current_directory():
    found = report(error(), error("/w/catalog/sub/b.yml", rule="duplicate", option=None), error(None, None, None, "datasets[0] (d)", "url", "no", "value"))
    run = read_sarif(found)
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert [place["artifactLocation"] for place in places] == [
        {"uri": uri, "uriBaseId": "SRCROOT"} for uri in ("catalog/a.yml", "catalog/sub/b.yml", "catalog")]
    assert [place["region"] for place in places] == [{"startLine": 3, "startColumn": 5}] * 2 + [{"startLine": 1, "startColumn": 1}]
    assert [result["message"]["text"] for result in run["results"]] == [
        "models[0] (a): vender: there is no such option", "models[0] (a): there is no such option", "datasets[0] (d): url: no"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["unknown-option", "value", "duplicate"]


@pytest.mark.parametrize("file,root,uri", [
    ("/w/my catalog/ü%20#?:&.yml", "my catalog", "my%20catalog/%C3%BC%2520%23%3F%3A%26.yml"), ("/w/a:b.yml", "a:b.yml", "a%3Ab.yml"),
    ("/elsewhere/a b.yml", "/elsewhere", "file:///elsewhere/a%20b.yml"), ("/w/c/\udcff.yml", "c", "c/%FF.yml"), ("/wide/c/a.yml", "c", "file:///wide/c/a.yml")])
def test_a_path_is_a_uri(file, root, uri):
    (result,) = read_sarif(report(error(file), path=root))["results"]
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == uri and ("uriBaseId" in location) == (not uri.startswith("file:"))


def test_the_items_are_test_cases_and_each_has_one_failure_with_all_its_errors():
    root = read_junit(report(
        error(), error(msg="second", option="size", line=4), error(item=None, option=None, msg="key unknown", line=8),
        entries=[entry(), entry("models[0] (a)")]))
    (suite,) = root
    assert {case.get("name"): [failure.text for failure in case] for case in suite} == {
        "models[1] (b)": [],
        "models[0] (a)": ["catalog/a.yml:3:5: models[0] (a): vender: there is no such option\ncatalog/a.yml:4:5: models[0] (a): size: second"],
        "catalog/a.yml": ["catalog/a.yml:8:5: key unknown"]}
    assert root.get("failures") == "2" and suite.get("name") == "catalog/a.yml"


def test_a_valid_catalog_has_no_result_and_passed_tests():
    found = report(entries=[entry(), entry("models[0] (c)", "/w/catalog/b.yml"), entry("datasets[0] (d)", None, None)])
    run, root = read_sarif(found), read_junit(found)
    assert run["results"] == [] and [suite.get("name") for suite in root] == ["catalog/a.yml", "catalog/b.yml", "catalog"] and root.get("failures") == "0"
    assert review(found) == ["The catalog is valid (3 items in 2 files)."] and failure_of(found) == ""


def test_a_catalog_that_cannot_be_read_is_one_error_at_its_path():
    found = report(msg="path: there is no directory and no file /w/catalog on the host that runs the module.")
    (result,) = read_sarif(found)["results"]
    assert result["ruleId"] == "catalog" and "there is no directory" in result["message"]["text"]
    assert read_junit(found).get("failures") == "1" and "could not be validated" in found["headline"]
    # With items from variables only
    (result,) = read_sarif(report(error(None, None, None), path=""))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "."


def test_messages_name_files_as_the_terminal_does():
    (one,) = report(error(msg="this is the same model as /w/catalog/b.yml:1:3: models[0] (x)"))["catalog_errors"]
    assert one["msg"] == "this is the same model as b.yml:1:3: models[0] (x)" and one["path"] == "catalog/a.yml" and one["file"] == "a.yml"
    (one,) = report(error("/w/all.yml", msg="the same as /w/all.yml:1:3: x"), path="all.yml")["catalog_errors"]
    assert one["msg"] == "the same as all.yml:1:3: x" and one["path"] == "all.yml"


HOSTILE = st.text(st.one_of(st.characters(), st.sampled_from("<>&\"'\x00\x1b\u202e\ufffe\udc80]%\n\r")), max_size=20)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_hostile_text_is_text(item, msg, file):
    found = report(error("/w/catalog/%s.yml" % file.replace("/", ""), item=item, msg=msg or "x"), entries=[entry(item + "]]>")])
    text = junit(found)
    assert not any(character < " " and character != "\n" or character in "\x7f\u202e\ufffe" for character in text)
    root = read_junit(found)
    assert len(list(root.iter("testcase"))) == 2 and len(list(root.iter())) == 5 + (len(root) - 1)
    sarif(found).encode("utf-8")
    read_sarif(found)


def test_every_rule_has_a_title_and_is_documented():
    used = {"catalog", files.CatalogError.rule}
    for module in (files, items, order, validating):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("CatalogError", "self._add_error"):
                rules = [keyword.value for keyword in node.keywords if keyword.arg == "rule"] + node.args[4:]
                used.update(rule.value for rule in rules if isinstance(rule, ast.Constant))
    # One is chosen by what is wrong.
    assert used == set(RULES)
    for name in ("zstack_ai_catalog", "zstack_ai_catalog_validate"):
        text = inspect.getsource(importlib.import_module("ansible_collections.zstack.aios.plugins.modules." + name))
        assert all("V(%s)" % rule in text for rule in used - {"catalog"}), name
