# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX does with a credential, an inventory and the options of its modules; written from its documentation."""

from __future__ import annotations

import dataclasses
import pathlib
import types
import typing as t

import jinja2
import jinja2.sandbox
import yaml

ROOT = pathlib.Path(__file__).parents[3]
EXAMPLES = ROOT / "examples" / "awx"

# The keys that AWX allows; anything else is refused when the type is saved.
FIELD_KEYS = {"id", "label", "type", "format", "choices", "help_text", "multiline", "secret", "ask_at_runtime", "default"}
STRING_ONLY = {"choices", "multiline", "format", "secret"}
# Environment variables that a credential must not set, besides ANSIBLE_*.
RESERVED = {"VIRTUAL_ENV", "PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID", "MAX_EVENT_RES", "AWX_HOST", "PROJECT_REVISION"}


def load(name: str) -> t.Any:
    """Return a file of examples/awx."""
    return yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8"))


@dataclasses.dataclass
class Injected:
    """What a credential brings into a job.

    :param environment: variables.
    :param files: label to path.
    """

    environment: dict[str, str]
    files: dict[str, pathlib.Path]


def inject(kind: t.Mapping[str, t.Any], inputs: t.Mapping[str, t.Any], directory: pathlib.Path, strict: bool = False) -> Injected:
    """Render the injectors of a credential type for a credential, with the files below a directory.

    :param strict: complain about fields that are not defined; AWX does so when the type is saved.
    """
    namespace: dict[str, t.Any] = {name: value for name, value in inputs.items() if isinstance(value, bool) or len(value)}
    for field in kind["inputs"]["fields"]:
        if field["type"] == "boolean":
            namespace.setdefault(field["id"], False)
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined if strict else jinja2.Undefined)
    files: dict[str, pathlib.Path] = {}
    for number, (title, text) in enumerate(kind["injectors"].get("file", {}).items()):
        path = directory / ("credential-%d" % number)
        path.write_text(environment.from_string(text).render(**namespace), encoding="utf-8")
        path.chmod(0o600)
        files[title.partition(".")[2]] = path
    names = str(files[""]) if "" in files else types.SimpleNamespace(**{label: str(path) for label, path in files.items()})
    namespace["tower"] = types.SimpleNamespace(filename=names)
    values = {name: environment.from_string(text).render(**namespace) for name, text in kind["injectors"].get("env", {}).items()}
    return Injected(values, files)


def sliced(hosts: t.Mapping[str, t.Any], number: int, count: int) -> dict[str, t.Any]:
    """Return the hosts that one of several jobs gets: in the order of their names, each count-th of them."""
    return {name: hosts[name] for name in sorted(hosts)[number - 1::count]}


def option_problems(facts: t.Mapping[str, t.Any], given: t.Mapping[str, t.Any], where: str) -> list[str]:
    """Return what the options of a task, or of a part of one, would be refused for. Templates are taken as fitting."""
    types_of = {name: kind for kind in ("bool", "dict", "float", "int", "list", "raw", "str") for name in facts.get(kind, ())}
    problems = ["%s lacks %s" % (where, name) for name in facts.get("required", ()) if name not in given]
    for name, value in given.items():
        place = "%s.%s" % (where, name)
        if name not in types_of:
            problems.append("%s is no option" % place)
        elif not (isinstance(value, str) and "{{" in value):
            problems.extend(_value_problems(facts, types_of[name], name, value, place))
    return problems


def _value_problems(facts: t.Mapping[str, t.Any], kind: str, name: str, value: t.Any, place: str) -> list[str]:
    fitting = {"bool": bool, "dict": dict, "float": (int, float), "int": int, "list": list, "str": str, "raw": object}[kind]
    if not isinstance(value, fitting):
        return ["%s is no %s" % (place, kind)]
    choices = facts.get("choices", {}).get(name)
    if choices and value not in choices:
        return ["%s is none of %s" % (place, choices)]
    inner = facts.get("options", {}).get(name)
    if not inner:
        return []
    parts = value if kind == "list" else [value]
    return [problem for number, part in enumerate(parts) for problem in option_problems(inner, part, "%s[%d]" % (place, number))]
