# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The argument specification of the role inference_endpoint, its defaults, its README and the options of its module agree."""

from __future__ import annotations

import pathlib
import re

import yaml
from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint import ENDPOINT
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import connection_spec

ROLES = pathlib.Path(__file__).resolve().parents[2] / "roles"
ROLE = ROLES / "inference_endpoint"
PREFIX = "inference_endpoint_"


def options(role: pathlib.Path) -> dict[str, dict[str, object]]:
    """Return the documented variables of a role."""
    return yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]


OPTIONS = options(ROLE)
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
TASKS = yaml.safe_load((ROLE / "tasks" / "main.yml").read_text(encoding="utf-8"))


def test_defaults_are_those_of_the_specification_and_of_the_module() -> None:
    assert {name: option["default"] for name, option in OPTIONS.items() if "default" in option} == DEFAULTS
    for name, option in ENDPOINT.options.items():
        if PREFIX + name in OPTIONS:
            documented = OPTIONS[PREFIX + name]
            assert (documented["type"], documented.get("choices")) == (option["type"], option.get("choices")), name
            assert DEFAULTS.get(PREFIX + name, {}) == option.get("default", {}), name


def test_the_task_passes_every_option_on() -> None:
    given = TASKS[0]["zstack.aios.zstack_ai_inference_endpoint"]
    assert set(given) == set(ENDPOINT.options) - {"version_check"}
    assert {name for name in OPTIONS if name.startswith(PREFIX)} == {PREFIX + name for name in set(given) - set(connection_spec())}
    for name, template in given.items():
        variable = ("zstack_" if name in connection_spec() else PREFIX) + name
        assert re.fullmatch(r"\{\{ %s( \| default\(omit(, true)?\))? \}\}" % variable, template), name


def test_connection_variables_are_those_of_the_other_role() -> None:
    theirs = options(ROLES / "catalog")
    assert {name: option for name, option in OPTIONS.items() if name.startswith("zstack_")} == {
        name: option for name, option in theirs.items() if name.startswith("zstack_")}


def test_the_readme_names_every_variable() -> None:
    text = (ROLE / "README.md").read_text(encoding="utf-8")
    assert set(OPTIONS) == set(re.findall(r"`((?:inference_endpoint|zstack)_[a-z_]+)`", text)) - {"inference_endpoint_url"}
