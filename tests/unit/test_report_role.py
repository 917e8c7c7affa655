# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's argument specification, its defaults, its README and the modules' options agree."""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml
from ansible_collections.zstack.aios.plugins.filter.catalog import FilterModule
from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import CATALOG, EXPORT
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import connection_spec

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "catalog"
OPTIONS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))


def test_defaults_are_those_of_the_specification():
    assert {name: option["default"] for name, option in OPTIONS.items() if "default" in option} == DEFAULTS
    assert all("description" in option and "type" in option for option in OPTIONS.values())


def test_connection_variables_are_the_connection_options():
    variables = {name[len("zstack_"):]: option for name, option in OPTIONS.items() if name.startswith("zstack_")}
    spec = connection_spec()
    assert set(variables) == set(spec)
    for name, option in spec.items():
        assert variables[name]["type"] == {"path": "str"}.get(option["type"], option["type"]), name
        assert bool(variables[name].get("no_log")) == bool(option.get("no_log")), name


def test_the_readme_names_every_variable():
    text = (ROLE / "README.md").read_text(encoding="utf-8")
    # The others are a group of the inventory, statistics of AWX, a variable of the plugins and a key of the report.
    assert set(OPTIONS) == set(re.findall(r"`((?:catalog|zstack)_[a-z_]+)`", text)) - {
        "catalog_hosts", "zstack_catalog", "zstack_catalog_host_", "zstack_aios_execution", "catalog_errors"}


@pytest.mark.parametrize(("file", "module", "spec", "left_out"), [
    ("reconcile", "zstack_ai_catalog", CATALOG, {"list_unchanged"}),
    ("export", "zstack_ai_catalog_export", EXPORT, {"model_center_uuid", "source_service_uuid"}),
])
def test_tasks_pass_every_option_on(file, module, spec, left_out):
    tasks = yaml.safe_load((ROLE / "tasks" / ("%s.yml" % file)).read_text(encoding="utf-8"))
    given = next(task["zstack.aios." + module] for task in tasks if "zstack.aios." + module in task)
    assert set(given) == set(spec.arguments["argument_spec"]) - left_out
    for name in connection_spec():
        assert given[name].startswith("{{ zstack_%s | default(omit" % name)
    for name, option in spec.arguments["argument_spec"].items():
        if name in given and "catalog_" + name in DEFAULTS and option.get("default") is not None:
            # The playbooks are more careful than a task of one's own.
            assert DEFAULTS["catalog_" + name] == {"on_error": "stop"}.get(name, option["default"]), name


def test_every_filter_is_documented():
    files = {path.stem for path in (ROOT / "plugins" / "filter").glob("*.yml")}
    assert set(FilterModule().filters()) <= files


@pytest.mark.parametrize("action", ["plan", "apply", "drift", "export"])
def test_each_action_has_a_playbook(action):
    play, = yaml.safe_load((ROOT / "playbooks" / ("%s.yml" % action)).read_text(encoding="utf-8"))
    variables = {"catalog_action": action, **({"catalog_fail_on_drift": True} if action == "drift" else {})}
    assert play["roles"] == [{"role": "zstack.aios.catalog", "vars": variables}]
    assert (play["hosts"], play["connection"], play["gather_facts"]) == ("{{ catalog_hosts | default('localhost') }}", "local", False)
