# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of options, variables of roles and result keys follow the decisions in docs/architecture.md."""

from __future__ import annotations

import ast
import pathlib
import re
import typing as t

import pytest
import yaml

ROOT = pathlib.Path(__file__).parents[2]
SNAKE_CASE = re.compile(r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$|^_raw$|^_value$")
# The only variables of the role that are not the name of an option with a prefix: the file of a plan gives the digest.
OTHER_VARIABLES = {"expected_digest": "catalog_plan"}
PREFIXES = {"__catalog_variables_of_options": "catalog_", "__catalog_variables_of_validation": "catalog_", "__catalog_variables_of_export": "catalog_export_"}


def documents(path: pathlib.Path) -> dict[str, t.Any]:
    """Return the documentation of a plugin by the name of its part."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".yml":
        return yaml.safe_load(text)
    return {
        node.targets[0].id: yaml.safe_load(node.value.value) for node in ast.parse(text).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in ("DOCUMENTATION", "RETURN")
        and isinstance(node.value, ast.Constant)}


PLUGINS = {
    "%s/%s" % (path.parent.name, path.stem): documents(path)
    for folder, suffix in (("modules", "py"), ("lookup", "py"), ("inventory", "py"), ("filter", "yml"))
    for path in sorted((ROOT / "plugins" / folder).glob("*." + suffix))}


def options(name: str) -> t.AbstractSet[str]:
    return set(PLUGINS[name]["DOCUMENTATION"].get("options") or {})


def keys(returned: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    """Yield the keys of a result and of its members; the members of ``error`` belong to the server."""
    for key, value in returned.items():
        yield key
        if key != "error":
            yield from keys(value.get("contains") or {})


@pytest.mark.parametrize("plugin", [name for name, documented in PLUGINS.items() if documented.get("RETURN")])
def test_result_keys_are_in_snake_case(plugin):
    found = list(keys(PLUGINS[plugin]["RETURN"]))
    assert found and [key for key in found if not SNAKE_CASE.match(key)] == []


@pytest.mark.parametrize("plugin", PLUGINS)
def test_options_are_in_snake_case(plugin):
    assert [option for option in options(plugin) if not SNAKE_CASE.match(option) and option not in ("_input", "_terms")] == []


@pytest.mark.parametrize("variables", PREFIXES)
def test_variables_of_the_role_are_the_options_with_a_prefix(variables):
    mapping = yaml.safe_load((ROOT / "roles" / "catalog" / "vars" / "main.yml").read_text(encoding="utf-8"))[variables]
    assert mapping
    for option, variable in mapping.items():
        assert variable in (PREFIXES[variables] + option, "zstack_" + option, OTHER_VARIABLES.get(option)), option


def test_one_name_has_one_meaning():
    named = {name: {plugin for plugin in PLUGINS if name in options(plugin)} for name in ("report", "catalog", "resource_uuid", "fail_on_drift", "on_drift")}
    # The report is the one of a catalog, and a catalog is named by `name`.
    assert named["report"] == named["fail_on_drift"] == {"modules/zstack_ai_catalog_report"} and not named["catalog"]
    # An object is identified by `uuid`, except in the parameter of CloneModelService.
    assert named["resource_uuid"] == named["on_drift"] == {"modules/zstack_ai_model_service_clone"}
    assert "uuid" not in options("modules/zstack_ai_model_service_clone")


def test_drift_is_what_differs_and_is_not_changed():
    """Each drift has the same members, and a result with drift has a diff."""
    for plugin, documented in PLUGINS.items():
        returned = documented.get("RETURN") or {}
        if "drift" in returned:
            assert "diff" in returned, plugin
            members = set(returned["drift"].get("contains") or ("field", "before", "after"))
            assert {"field", "before", "after"} <= members <= {"field", "before", "after", "uuids"}, plugin
