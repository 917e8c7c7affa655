# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each module has an action plugin of the same name, which runs the same definition of the module."""

from __future__ import annotations

import importlib
import pathlib

import pytest

PLUGINS = pathlib.Path(__file__).parents[2] / "plugins"
PREFIX = "ansible_collections.zstack.aios.plugins."
# The report only exists as an action; the module of that name holds its documentation.
MODULES = sorted(path.stem for path in (PLUGINS / "modules").glob("z*.py") if path.stem != "zstack_ai_catalog_report")


@pytest.mark.parametrize("name", MODULES)
def test_the_action_runs_the_definition_of_the_module(name, monkeypatch):
    module = importlib.import_module(PREFIX + "modules." + name)
    definitions = []
    monkeypatch.setattr(module, "run_module", definitions.append)
    module.main()
    action = importlib.import_module(PREFIX + "action." + name).ActionModule
    assert action.spec.arguments == definitions[0].arguments


def test_every_module_has_an_action():
    actions = {path.stem for path in (PLUGINS / "action").glob("z*.py")}
    assert actions == {*MODULES, "zstack_ai_catalog_report"}
