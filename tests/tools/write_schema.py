# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the JSON Schema of catalog files from the tables of the kinds and the documentation of their modules.

    write_schema.py FILE

The schema takes what the reader of catalogs takes, as far as JSON Schema (draft 2020-12) can express it; docs/catalog.md lists the rest.
"""

from __future__ import annotations

import ast
import functools
import importlib
import json
import pathlib
import re
import sys
import typing as t

import yaml
from ansible.module_utils.parsing.convert_bool import BOOLEANS
from ansible_collections.zstack.aios.plugins.module_utils._catalog.export import SCHEMA_URL
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS, ItemSpec
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import (
    INT32, FieldType, Flag, NameSet, NameSetMap, Number, NumberSetText, Records, Text)
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_evaluation import Decimal, IfShown, TextMap
from ansible_collections.zstack.aios.plugins.module_utils._resources.remembered import ServicePart, Variables
from ansible_collections.zstack.aios.plugins.module_utils._resources.structured import StructuredText
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Resource

Schema = dict[str, t.Any]

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = "ansible_collections.zstack.aios.plugins"
# A scalar that becomes text, as it is written.
SCALAR = ["string", "number", "boolean"]
# At least one character that the server does not trim.
NOT_BLANK = "[^\\u0000-\\u0020]"
DIGITS = "^[0-9]+$"
DECIMAL = {"type": ["number", "string", "null"], "pattern": "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$"}
# Each word that Ansible takes for a boolean, in upper and lower case
FLAG_WORDS = "^(%s)$" % "|".join(
    "".join("[%s%s]" % (letter.upper(), letter) if letter.isalpha() else letter for letter in word)
    for word in sorted(word for word in BOOLEANS if isinstance(word, str)))
_MARKUP = re.compile(r"\b(?:RV|[OVCMEIBUP])\(((?:[^()\\]|\\.|\([^()]*\))*)\)|\b[LR]\(([^,()]*),[^()]*\)")


def nullable(*types: str) -> list[str]:
    """Return JSON types with null, which is the same as an omitted option."""
    return [*types, "null"]


@functools.singledispatch
def of_type(kind: FieldType) -> Schema:
    """Return the schema of an option with values of that type.

    :raises TypeError: for a type without a schema.
    """
    raise TypeError("There is no JSON Schema for %s yet. Register one in write_schema.py." % type(kind).__name__)


@of_type.register
def _text(kind: Text) -> Schema:
    return {"type": nullable(*SCALAR)}


@of_type.register
def _structured(kind: StructuredText) -> Schema:
    return {"type": nullable(*SCALAR, "object", "array")}


@of_type.register
def _number(kind: Number) -> Schema:
    return {"type": nullable("integer", "string"), "minimum": kind.least, "maximum": kind.largest, "pattern": DIGITS}


@of_type.register
def _flag(kind: Flag) -> Schema:
    return dict(BOOLEAN)


@of_type.register
def _number_set(kind: NumberSetText) -> Schema:
    number = {"type": ["integer", "string"], "minimum": 1, "maximum": INT32, "pattern": DIGITS}
    return {"type": nullable("array", "integer", "string"), "items": number, "minimum": 1, "maximum": INT32}


@of_type.register
def _names(kind: NameSet) -> Schema:
    return {"type": nullable("array", *SCALAR), "items": {"type": SCALAR, "pattern": NOT_BLANK}}


@of_type.register
def _name_sets(kind: NameSetMap) -> Schema:
    names = {"type": "array", "minItems": 1, "items": {"type": SCALAR, "pattern": NOT_BLANK}}
    return {"type": nullable("object", "string"), "minProperties": 1, "propertyNames": {"pattern": NOT_BLANK}, "additionalProperties": names}


@of_type.register
def _records(kind: Records) -> Schema:
    members, needs = kind.argument["options"], kind.argument["required_one_of"]
    required = [name for name, member in members.items() if member.get("required")]
    properties = {
        name: {"type": SCALAR, "pattern": NOT_BLANK} if name in required else {"type": nullable(*SCALAR)} for name in members}
    filled = [{"required": [name], "properties": {name: {"not": {"enum": [None, ""]}}}} for group in needs for name in group]
    record = {
        "type": ["object", "string"], "properties": properties, "required": required, "additionalProperties": False,
        # A record as text (a=b) has no members that a schema can see.
        "anyOf": [{"type": "string"}, *filled]}
    return {"type": nullable("array", "string"), "minItems": 1, "items": record}


@of_type.register(ServicePart)
@of_type.register(IfShown)
def _inner(kind: ServicePart | IfShown) -> Schema:
    return of_type(kind.inner)


@of_type.register
def _text_map(kind: TextMap) -> Schema:
    return {"type": nullable("object", "string"), "additionalProperties": {"type": SCALAR}}


@of_type.register
def _variables(kind: Variables) -> Schema:
    return {"type": nullable("object", "string"), "propertyNames": {"pattern": NOT_BLANK}, "additionalProperties": {"type": SCALAR}}


@of_type.register
def _decimal(kind: Decimal) -> Schema:
    return dict(DECIMAL)


BOOLEAN: Schema = {"type": nullable("boolean", "integer", "string"), "minimum": 0, "maximum": 1, "pattern": FLAG_WORDS}
# Options that are no fields: the type of their argument decides.
PLAIN: dict[str, Schema] = {
    "str": {"type": nullable(*SCALAR)},
    "bool": BOOLEAN,
    "int": {"type": nullable("integer", "string"), "pattern": "^[+-]?[0-9]+$"},
    "float": DECIMAL,
    "list": {"type": nullable("array", *SCALAR), "items": {"type": SCALAR}},
}


def option_schema(table: Resource, name: str, argument: t.Mapping[str, t.Any]) -> Schema:
    """Return the schema of one option of an item."""
    field = next((field for field in table.fields if field.option == name), None)
    found = dict(of_type(field.type) if field else PLAIN[argument["type"]])
    if argument.get("choices") and argument["type"] == "list":
        found["items"] = {"enum": list(argument["choices"])}
    elif argument.get("choices"):
        found = {"enum": [*argument["choices"], None]}
    elif field and field.limit is not None and isinstance(getattr(field.type, "inner", field.type), Text):
        found["maxLength"] = field.limit
    if name in [lookup.option for lookup in table.lookups]:
        found["pattern"] = NOT_BLANK
    if argument.get("default") is not None:
        found["default"] = argument["default"]
    return found


def given(*names: str) -> Schema:
    """Return the condition that all of these options have a value."""
    return {"required": list(names), "properties": {name: {"$ref": "#/$defs/given"} for name in names}}


def item_schema(kind: str, table: Resource) -> Schema:
    """Return the schema of an item of a kind."""
    spec = ItemSpec(table)
    docs = documentation("zstack_ai_" + kind[:-1])
    properties = {
        name: {"description": prose(docs[name]["description"]), **option_schema(table, name, argument)} for name, argument in spec.options.items()}
    rules: list[Schema] = [{"not": given(*names)} for names in spec.rules.get("mutually_exclusive") or []]
    rules += [{"anyOf": [given(name) for name in names]} for names in spec.rules.get("required_one_of") or []]
    for option, value, names, *more in spec.rules.get("required_if") or []:
        # Without a value the default counts.
        others = [choice for choice in spec.options[option]["choices"] if choice != value]
        if spec.options[option].get("default") != value or more != [True]:
            raise TypeError("%s: this rule has no JSON Schema yet: %s" % (kind, option))
        rules.append({"anyOf": [{"required": [option], "properties": {option: {"enum": others}}}, *(given(name) for name in names)]})
    return {"type": "object", "properties": properties, "additionalProperties": False, "allOf": rules}


def documentation(module: str) -> dict[str, t.Any]:
    """Return the documented options of a module, with those of its fragments."""
    tree = ast.parse((ROOT / "plugins" / "modules" / (module + ".py")).read_text(encoding="utf-8"))
    text = next(
        node.value.value for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "DOCUMENTATION"
        and isinstance(node.value, ast.Constant))
    docs = yaml.safe_load(str(text))
    options = dict(docs["options"])
    for name in docs["extends_documentation_fragment"]:
        file, _dot, section = name.partition("zstack.aios.")[2].partition(".")
        fragment = importlib.import_module("%s.doc_fragments.%s" % (PACKAGE, file)).ModuleDocFragment
        options.update(yaml.safe_load(getattr(fragment, section.upper() or "DOCUMENTATION")).get("options") or {})
    return options


def prose(lines: str | list[str]) -> str:
    """Return a description as plain text, without the markup of Ansible."""
    def plain(found: re.Match[str]) -> str:
        words = re.sub(r"\\(.)", r"\1", found.group(1) or found.group(2) or "")
        return ": ".join(words.split("=", 1)) if found.group().startswith(("O(", "RV(")) else words
    return "\n".join(_MARKUP.sub(plain, " ".join(line.split())) for line in ([lines] if isinstance(lines, str) else lines))


def schema() -> Schema:
    """Return the schema of a catalog file."""
    lists = {
        kind: {
            "description": "Items of the kind %s, with the options of the module zstack.aios.zstack_ai_%s." % (table.title, kind[:-1]),
            "type": ["array", "null"], "items": {"$ref": "#/$defs/%s" % kind}}
        for kind, table in KINDS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_URL,
        "title": "Catalog of the Ansible collection zstack.aios",
        "description": "One file of a catalog: the objects that a ZStack AIOS platform has to hold.",
        "type": ["object", "null"],
        "properties": lists,
        "additionalProperties": False,
        "$defs": {"given": {"not": {"type": "null"}}, **{kind: item_schema(kind, table) for kind, table in KINDS.items()}},
    }


def text() -> str:
    """Return the content of the file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_text(text(), encoding="utf-8")
