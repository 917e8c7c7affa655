# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation matches the code: options, environment, limits, examples, lists of modules."""

from __future__ import annotations

import ast
import importlib
import pathlib
import re

import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import FIRST_VERSION
from ansible_collections.zstack.aios.plugins.module_utils._protocol import connection as _options
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Resource

ROOT = pathlib.Path(__file__).resolve().parents[2]
COLLECTION = "zstack.aios"
PACKAGE = "ansible_collections.zstack.aios.plugins"
# Documents an action plugin that runs on the control node alone and needs no connection to a platform.
REPORT = "zstack_ai_catalog_report"
# Needs no connection either, but is a module.
VALIDATE = "zstack_ai_catalog_validate"
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem not in ("__init__", REPORT, VALIDATE))
# What an option's documentation has in common with its argument specification
SHARED = {"type": "str", "elements": None, "choices": None, "required": False, "default": None, "aliases": []}
NOT_MODULES = {
    "name", "register", "check_mode", "diff", "when", "loop", "loop_control", "delegate_to", "vars", "no_log", "until", "retries", "delay",
    "environment", "failed_when", "changed_when", "run_once", "notify", "tags",
}


def strings(module: str) -> dict[str, object]:
    """DOCUMENTATION, EXAMPLES and RETURN of a module, as YAML."""
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    return {
        node.targets[0].id: yaml.safe_load(node.value.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant)
        and node.targets[0].id in ("DOCUMENTATION", "EXAMPLES", "RETURN")
    }


def fragment(name: str) -> dict[str, object]:
    """Return a section of a doc fragment, such as ``zstack.aios.attributes.actiongroup_zstack``."""
    prefix, dot, rest = name.partition(COLLECTION + ".")
    assert not prefix and dot, f"{name} is not a fragment of this collection"
    file, dot, section = rest.partition(".")
    loaded = importlib.import_module(f"{PACKAGE}.doc_fragments.{file}").ModuleDocFragment
    return yaml.safe_load(getattr(loaded, section.upper() or "DOCUMENTATION"))


def documented(module: str) -> dict[str, object]:
    """Return all options in a module's documentation, with those of its fragments."""
    docs = strings(module)["DOCUMENTATION"]
    options: dict[str, object] = {}
    for part in (*(fragment(name) for name in docs.get("extends_documentation_fragment", ())), docs):
        twice = set(options) & set(part.get("options", {}))
        assert not twice, f"{module}: documented twice: {twice}"
        options.update(part.get("options", {}))
    return options


class Called(Exception):
    """Raised in place of running a module."""


def arguments(module: str) -> dict[str, object]:
    """Return what a module gives to AnsibleModule."""
    def called(self: object, argument_spec: object = None, **more: object) -> None:
        raise Called({"argument_spec": argument_spec, **more})

    code = importlib.import_module(f"{PACKAGE}.modules.{module}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(basic.AnsibleModule, "__init__", called)
        with pytest.raises(Called) as caught:
            code.main()
    return caught.value.args[0]


def tables(module: str) -> list[Resource]:
    """Return the tables that a module works with."""
    code = importlib.import_module(f"{PACKAGE}.modules.{module}")
    return [value for value in vars(code).values() if isinstance(value, Resource)]


def comparable(options: dict[str, dict[str, object]], children: str) -> dict[str, object]:
    """Options as far as documentation and argument specification have to agree."""
    result = {}
    for name, option in options.items():
        result[name] = {key: option.get(key) if option.get(key) is not None else absent for key, absent in SHARED.items()}
        result[name]["children"] = comparable(option.get(children) or {}, children)
    return result


def prose(option: dict[str, object]) -> str:
    """Return an option's description as one text."""
    description = option["description"]
    return " ".join([description] if isinstance(description, str) else description)


def tasks(entries: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return the tasks among examples, also those in plays and blocks."""
    found: list[dict[str, object]] = []
    for entry in entries:
        inner = [entry[key] for key in ("pre_tasks", "tasks", "post_tasks", "handlers", "block", "rescue", "always") if key in entry]
        found.extend(task for part in inner for task in tasks(part))
        if not inner:
            found.append(entry)
    return found


def calls(module: str) -> list[tuple[str, dict[str, object]]]:
    """Return each task of a module's examples: what it calls, with which options."""
    found = []
    for task in tasks(strings(module)["EXAMPLES"]):
        action = [key for key in task if key not in NOT_MODULES]
        assert len(action) == 1, f"{module}: the example {task.get('name')!r} calls {action}"
        found.append((action[0], task[action[0]]))
    return found


def test_there_is_something_to_compare() -> None:
    assert len([table for module in MODULES for table in tables(module)]) >= 2
    assert all(arguments(module)["argument_spec"] for module in MODULES)


@pytest.mark.parametrize("module", MODULES)
class TestModule:
    def test_options_are_those_of_the_code(self, module: str) -> None:
        code = comparable(arguments(module)["argument_spec"], "options")
        docs = comparable(documented(module), "suboptions")
        assert sorted(docs) == sorted(code)
        assert docs == code

    def test_every_option_is_described_in_sentences(self, module: str) -> None:
        pending = list(documented(module).items())
        while pending:
            name, option = pending.pop()
            assert isinstance(option["description"], list), name
            assert all(line.rstrip().endswith(".") for line in option["description"]), name
            pending.extend((f"{name}.{child}", value) for child, value in (option.get("suboptions") or {}).items())

    def test_exclusions_are_reported_on_both_sides(self, module: str) -> None:
        options = documented(module)
        for group in arguments(module).get("mutually_exclusive") or []:
            for name in group:
                for other in set(group) - {name}:
                    assert f"Mutually exclusive with O({other})" in prose(options[name]), (name, other)

    def test_lookups_are_reported(self, module: str) -> None:
        options = documented(module)
        for group in arguments(module).get("required_one_of") or []:
            sentence = f"At least one of {', '.join(f'O({name})' for name in group[:-1])} and O({group[-1]})"
            other = f"At least one of {', '.join(f'O({name})' for name in group[:0:-1])} and O({group[0]})"
            assert any(sentence in prose(option) or other in prose(option) for option in options.values()), sentence

    def test_environment_is_that_of_the_code(self, module: str) -> None:
        named = {name: re.findall(r"\bE\((\w+)\)", prose(option)) for name, option in documented(module).items()}
        assert {name: found for name, found in named.items() if found} == {name: [variable] for name, variable in _options.ENVIRONMENT.items()}

    def test_builtin_defaults_are_reported(self, module: str) -> None:
        options = documented(module)
        for name, value in _options.DEFAULTS.items():
            assert f"or else V({str(value).lower()})" in prose(options[name]), name

    def test_limits_are_reported(self, module: str) -> None:
        options = documented(module)
        for table in tables(module):
            for field in table.fields:
                # A uuid has the length of a uuid.
                limits = {param.longest for param in (field.create, field.update) if param} | {field.longest}
                for limit in limits - {None} if not field.ref else ():
                    assert re.search(rf"\b{limit}\b", prose(options[field.option])), (field.option, limit)

    def test_versions_are_reported(self, module: str) -> None:
        options = documented(module)
        notes = " ".join(strings(module)["DOCUMENTATION"].get("notes", ()))
        for table in tables(module):
            for field in table.fields:
                for param in (field.create, field.update):
                    if param and param.since not in (None, FIRST_VERSION):
                        text = prose(options[field.option]) + (notes if param.since == table.create.since else "")
                        assert re.search(rf"\b{re.escape(param.since)}\b", text), (field.option, param.since)

    def test_examples_use_full_names_and_options_that_exist(self, module: str) -> None:
        own = 0
        for action, given in calls(module):
            assert re.fullmatch(r"[a-z_]+\.[a-z_]+\.[a-z_]+", action), action
            if action.startswith(COLLECTION + "."):
                other = action.rsplit(".", 1)[1]
                own += other == module
                unknown = set(given) - set(documented(other))
                assert not unknown, f"{action}: {unknown}"
        assert own

    def test_examples_pass_the_argument_specification(self, module: str) -> None:
        for action, given in calls(module):
            if action.startswith(COLLECTION + "."):
                wanted = dict(arguments(action.rsplit(".", 1)[1]))
                wanted.pop("supports_check_mode", None)
                result = ArgumentSpecValidator(wanted.pop("argument_spec"), **wanted).validate(given)
                assert not result.error_messages, (given.get("name"), result.error_messages)

    def test_examples_hold_no_secret(self, module: str) -> None:
        spec = arguments(module)["argument_spec"]
        secrets = {name for name, option in spec.items() if option.get("no_log")}
        assert secrets
        pending: list[object] = [strings(module)["EXAMPLES"]]
        while pending:
            part = pending.pop()
            if isinstance(part, dict):
                for name in secrets & set(part):
                    values = part[name].values() if isinstance(part[name], dict) else [part[name]]
                    assert all(str(value).startswith("{{ ") for value in values), name
                pending.extend(part.values())
            elif isinstance(part, list):
                pending.extend(part)

    def test_results_are_documented(self, module: str) -> None:
        returns = strings(module)["RETURN"]
        for table in tables(module):
            assert set(returns) == {table.kind, "diff", "steps", "drift", "error"}
        assert "error" in returns
        for name, value in returns.items():
            assert {"description", "returned", "type"} <= set(value), name

    def test_attributes_are_stated(self, module: str) -> None:
        docs = strings(module)["DOCUMENTATION"]
        attributes = {}
        for part in (*(fragment(name) for name in docs["extends_documentation_fragment"]), docs):
            for name, attribute in part.get("attributes", {}).items():
                attributes.setdefault(name, {}).update(attribute)
        assert set(attributes) == {"check_mode", "diff_mode", "idempotent", "action_group"}
        support = {name: attribute.get("support") for name, attribute in attributes.items()}
        assert set(support.values()) <= ({"full"} if tables(module) else {"full", "partial", "none", "N/A"})
        assert (support["check_mode"] in ("full", "partial")) == bool(arguments(module).get("supports_check_mode"))
        assert attributes["action_group"]["membership"] == ["zstack.aios.zstack"]

    def test_module_is_in_every_list(self, module: str) -> None:
        runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
        assert module in runtime["action_groups"]["zstack"]
        assert f"`{COLLECTION}.{module}`" in (ROOT / "README.md").read_text(encoding="utf-8")

    def test_name_in_the_documentation_is_that_of_the_file(self, module: str) -> None:
        docs = strings(module)["DOCUMENTATION"]
        assert docs["module"] == module
        assert not docs["short_description"].endswith(".")


def test_the_report_is_documented() -> None:
    spec = importlib.import_module(f"{PACKAGE}.action.{REPORT}").ARGUMENTS
    docs, returns = strings(REPORT)["DOCUMENTATION"], strings(REPORT)["RETURN"]
    assert docs["module"] == REPORT and set(docs["options"]) == set(spec)
    for name, option in spec.items():
        assert {key: docs["options"][name].get(key, default) for key, default in SHARED.items()} == {**SHARED, **option}, name
    assert set(returns) == {"files", "review"}
    for task in tasks(strings(REPORT)["EXAMPLES"]):
        assert set(task.get(f"{COLLECTION}.{REPORT}", {})) <= set(spec)


def test_the_validation_is_documented() -> None:
    docs, spec = strings(VALIDATE)["DOCUMENTATION"], arguments(VALIDATE)["argument_spec"]
    assert docs["module"] == VALIDATE and comparable(docs["options"], "suboptions") == comparable(spec, "options")
    assert all(line.endswith(".") for option in docs["options"].values() for line in option["description"])
    assert not {"host", "account_name", "access_key_id"} & set(spec)
    assert set(strings(VALIDATE)["RETURN"]) == {"entries", "catalog_errors", "error"}
    assert set(strings(VALIDATE)["RETURN"]["catalog_errors"]["contains"]) == set(strings("zstack_ai_catalog")["RETURN"]["catalog_errors"]["contains"])
    for task in tasks(strings(VALIDATE)["EXAMPLES"]):
        given = task[f"{COLLECTION}.{VALIDATE}"]
        assert not ArgumentSpecValidator(spec).validate(given).error_messages
    assert VALIDATE not in (ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8")


def test_lists_name_only_modules_that_exist() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert sorted(runtime["action_groups"]["zstack"]) == MODULES
    named = re.findall(rf"^\| \[?`{re.escape(COLLECTION)}\.(zstack_\w+)`", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)
    assert sorted(named) == MODULES


def test_examples_of_the_readme_use_options_that_exist() -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    found = 0
    for block in blocks:
        for entry in yaml.safe_load(block) if block.lstrip().startswith("-") else ():
            for task in tasks([entry]):
                for action, given in task.items():
                    if str(action).startswith(COLLECTION + "."):
                        found += 1
                        unknown = set(given) - set(documented(action.rsplit(".", 1)[1]))
                        assert not unknown, f"{action}: {unknown}"
    assert found
