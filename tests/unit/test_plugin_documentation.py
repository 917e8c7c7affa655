# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of the lookup and the inventory plugin, from which Ansible reads their options."""

from __future__ import annotations

import ast
import pathlib
import typing as t

import pytest
import yaml

from ansible_collections.zstack.aios.plugins.doc_fragments.connection import ModuleDocFragment
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import connection_spec
from ansible_collections.zstack.aios.plugins.module_utils._resources.views import VIEWS

PLUGINS = pathlib.Path(__file__).resolve().parents[2] / "plugins"
FILES = [path for folder in ("lookup", "inventory") for path in sorted((PLUGINS / folder).glob("*.py"))]


def documentation(path: pathlib.Path) -> dict[str, t.Any]:
    """Return the DOCUMENTATION of a plugin."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "DOCUMENTATION":
            assert isinstance(node.value, ast.Constant)
            return yaml.safe_load(str(node.value.value))
    raise AssertionError(path)


def test_plugins_have_the_connection_options_of_the_modules() -> None:
    modules, plugins = (yaml.safe_load(text)["options"] for text in (ModuleDocFragment.DOCUMENTATION, ModuleDocFragment.PLUGIN))
    assert set(plugins) == set(modules) == set(connection_spec())
    for name, option in plugins.items():
        # The environment is read in one place for modules and plugins, so that the ways to sign in are chosen by the same rule.
        assert {key: value for key, value in option.items() if key not in ("vars", "description")} == {
            key: value for key, value in modules[name].items() if key != "description"}
        assert option["vars"] == [{"name": "zstack_aios_" + name}] and option["description"][:-1] == modules[name]["description"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_plugins_are_documented(path: pathlib.Path) -> None:
    docs = documentation(path)
    assert docs["name"] == path.stem and not docs["short_description"].endswith(".")
    assert "zstack.aios.connection.plugin" in docs["extends_documentation_fragment"] and not set(docs["options"]) & set(connection_spec())
    for name, option in docs["options"].items():
        assert all(line.endswith(".") for line in option["description"]), name


def test_the_lookup_finds_every_kind_with_a_name() -> None:
    docs = documentation(PLUGINS / "lookup" / "zstack_ai.py")
    assert docs["options"]["kind"]["choices"] == [kind for kind, view in VIEWS.items() if view.named]
