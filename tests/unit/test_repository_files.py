# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files for the platforms around the collection: the controller that counts objects, and the forges."""

from __future__ import annotations

import ast
import pathlib
import re

import pytest
import yaml

ROOT = pathlib.Path(__file__).parents[2]
MODULES = ROOT / "plugins" / "modules"
QUERIES = yaml.safe_load((ROOT / "extensions" / "audit" / "event_query.yml").read_text(encoding="utf-8"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def returned(module: str) -> dict:
    """Return the documented results of a module."""
    tree = ast.parse((MODULES / (module + ".py")).read_text(encoding="utf-8"))
    return yaml.safe_load(next(ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "RETURN"))


def test_every_module_that_manages_objects_is_counted():
    managing = {path.stem for path in MODULES.glob("zstack_ai_*.py") if "  - zstack.aios.resource\n" in path.read_text(encoding="utf-8")}
    assert {name.rpartition(".")[2] for name in QUERIES} == managing | {"zstack_ai_catalog", "zstack_ai_inference_endpoint"}


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_a_query_reads_what_the_module_returns(name):
    query = QUERIES[name]["query"]
    key = re.match(r"\(?\.(\w+)", query).group(1)
    assert key in returned(name.rpartition(".")[2])
    assert all("%s:" % part in query for part in ("name", "canonical_facts", "facts", "device_type"))


@pytest.mark.parametrize("path", [path for path in FORMS if path.stem != "config"], ids=lambda path: path.stem)
def test_an_issue_form_is_complete(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert form["name"] and form["description"] and [part for part in form["body"] if part["type"] != "markdown"]
    assert all(part["attributes"].get("label") or part["type"] == "markdown" for part in form["body"])


def test_both_forges_have_the_same_template_for_changes():
    texts = [(ROOT / path).read_text(encoding="utf-8") for path in (".github/pull_request_template.md", ".gitlab/merge_request_templates/Default.md")]
    assert texts[0] == texts[1]
