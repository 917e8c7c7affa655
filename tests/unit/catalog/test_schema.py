# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON Schema of catalog files: it is that of the tables, and it agrees with the reader as far as a schema can express."""

from __future__ import annotations

import importlib.util
import json
import pathlib
import re

import hypothesis.strategies as st
import jsonschema
import pytest
import yaml
from ansible_collections.zstack.aios.plugins.module_utils._catalog.export import SCHEMA_URL
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import read_catalog
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS, ItemSpec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import INT32, INT64, Number
from hypothesis import HealthCheck, given, settings

ROOT = pathlib.Path(__file__).resolve().parents[3]
FILE = ROOT / "schemas" / "catalog.json"
SCHEMA = json.loads(FILE.read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SPECS = {kind: ItemSpec(table) for kind, table in KINDS.items()}


def tool():
    spec = importlib.util.spec_from_file_location("write_schema", ROOT / "tests" / "tools" / "write_schema.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fields(kind):
    return {field.option: field for field in KINDS[kind].fields}


def test_the_file_is_that_of_the_tables():
    assert FILE.read_text(encoding="utf-8") == tool().text(), "schemas/catalog.json is not up to date. Run `make schema`, and commit the file."


def test_it_is_a_schema_of_the_draft_and_names_its_own_address():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema" and SCHEMA["$id"] == SCHEMA_URL
    assert SCHEMA_URL.endswith("/main/" + str(FILE.relative_to(ROOT)))


@pytest.mark.parametrize("kind", KINDS)
def test_an_editor_gets_every_option_with_its_description_limits_and_choices(kind):
    properties = SCHEMA["$defs"][kind]["properties"]
    assert list(properties) == list(SPECS[kind].options)
    for name, argument in SPECS[kind].options.items():
        found, field = properties[name], fields(kind).get(name)
        assert found["description"].endswith(".") and not re.search(r"\b(?:RV|[OVCMEP])\(", found["description"]), name
        assert found.get("default") == argument.get("default"), name
        if argument.get("choices"):
            assert (found["items"]["enum"] if argument["type"] == "list" else found["enum"][:-1]) == argument["choices"], name
        elif field and field.limit is not None and argument["type"] in ("str", "raw"):
            assert found["maxLength"] == field.limit, name
    assert {"host", "account_password", "version_check"}.isdisjoint(properties)


def test_a_type_without_a_schema_is_an_error():
    with pytest.raises(TypeError, match="no JSON Schema for object"):
        tool().of_type(object())


# The limits of a schema: the errors of the reader for documents that the schema takes. docs/catalog.md lists them.
BEYOND = re.compile(
    r"this is the same .* as"  # two items for one object
    r"|given twice|is given twice"  # one architecture in two records
    r"|the text has \d+ characters"  # the length of numbers written with commas, and of a structure as JSON
    r"|\*{8}"  # the mask of Ansible
    r"|is not a uuid"  # the characters of a uuid, which may also be a number or an entry of a list with commas
    r"|gives the key .* twice",  # a text that holds JSON or YAML
)


def beyond(refusal, document):
    """Return whether only the reader can find this."""
    kind, index = re.match(r"(\w+)\[(\d+)\]", refusal.item).groups()
    item = document[kind][int(index)]
    option = re.split(r"[.\[]", refusal.option)[0]
    value = item.get(option) if option in SPECS[kind].options else None
    if BEYOND.search(refusal.message) or not isinstance(item, dict):
        return isinstance(item, dict)
    if isinstance(value, str) and SPECS[kind].options[option]["type"] in ("list", "dict", "int", "float"):
        return True  # a list, a mapping or a number as text
    if isinstance(value, list) and any(isinstance(entry, str) for entry in value) and SPECS[kind].options[option].get("elements") in ("dict", "int"):
        return True  # the same for an entry
    try:
        KINDS[kind].rules({**SPECS[kind].validate(item)[0]})
    except (OptionError, KeyError) as error:
        return refusal.message in str(error)  # a rule over several options
    return False


def refused(path, document):
    """Return the errors of the reader for a document."""
    path.write_text(json.dumps(document), encoding="utf-8")
    shared = {"version_check": True, "server_side_check": False}
    return read_catalog({"path": str(path), **dict.fromkeys(KINDS), **shared}).errors


def errors(document):
    """Return the errors of the schema."""
    return ["%s: %s" % (error.json_path, error.message[-200:]) for error in VALIDATOR.iter_errors(document)]


WORDS = st.one_of(st.text("ab -", max_size=4), st.sampled_from(["", " ", "yes", "Off", "7", "0", "a,b", "x86_64"]))
NUMBERS = st.one_of(st.integers(-1, 3), st.sampled_from([INT32, INT32 + 1, INT64, INT64 + 1]))
SCALARS = st.one_of(WORDS, NUMBERS, st.booleans(), st.just(1.5), st.none())
JUNK = st.one_of(
    SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(st.sampled_from(["a", "b c", " "]), st.one_of(SCALARS, st.lists(SCALARS, max_size=2)), max_size=2))


def fitting(kind, name):
    """Values of an option on both sides of its limits."""
    argument, field = SPECS[kind].options[name], fields(kind).get(name)
    if argument.get("choices"):
        choices = st.sampled_from([*argument["choices"], argument["choices"][0].upper(), "other"])
        return st.lists(choices, max_size=2) if argument["type"] == "list" else choices
    if argument["type"] == "list" and argument["elements"] == "dict":
        member = st.one_of(st.text("ab", min_size=1, max_size=2), SCALARS)
        return st.lists(st.dictionaries(st.sampled_from([*argument["options"], "unknown"]), member, max_size=3), max_size=2)
    if argument["type"] == "list":
        return st.lists(st.integers(0, 9) if argument["elements"] == "int" else st.text("ab", min_size=1), max_size=3)
    if argument["type"] == "dict":
        return st.dictionaries(st.sampled_from(["A", "B", " "]), st.one_of(st.lists(WORDS, max_size=2), SCALARS), max_size=2)
    number = getattr(field.type, "inner", field.type) if field else None
    if isinstance(number, Number):
        return st.sampled_from([number.least - 1, number.least, number.largest, number.largest + 1])
    if argument["type"] in ("int", "float", "bool"):
        return {"int": NUMBERS, "float": st.one_of(NUMBERS, st.just(0.5)), "bool": st.one_of(st.booleans(), WORDS, NUMBERS)}[argument["type"]]
    if field and field.limit is not None:
        return st.integers(field.limit - 1, field.limit + 1).map(lambda length: "x" * length)
    return st.text("ab", min_size=1, max_size=3)


@st.composite
def items(draw, kind):
    names = draw(st.lists(st.sampled_from([*SPECS[kind].options, "unknown"]), max_size=4, unique=True))
    # Mostly values that fit, so that some items have no error at all.
    found = {name: draw(JUNK if name == "unknown" or not draw(st.integers(0, 3)) else fitting(kind, name)) for name in names}
    if draw(st.integers(0, 9)):
        found.setdefault("name", draw(st.text("ab", min_size=1, max_size=3)))
        source = KINDS[kind].source
        if source and source.option not in found:
            found.setdefault(source.ref.option, "s")
    return found


DOCUMENTS = st.one_of(
    st.dictionaries(st.sampled_from(list(KINDS)), st.just([]), max_size=1).flatmap(lambda found: st.fixed_dictionaries({
        kind: st.lists(st.one_of(items(kind)), min_size=1, max_size=2) for kind in found})),
    st.fixed_dictionaries({}, optional={**{kind: st.one_of(st.none(), JUNK) for kind in KINDS}, "unknown": JUNK}),
    JUNK)


@pytest.mark.parametrize("kind", KINDS)
def test_schema_and_reader_agree_on_items(kind, tmp_path):
    seen = set()

    @settings(suppress_health_check=list(HealthCheck), max_examples=100, deadline=None)
    @given(st.lists(items(kind), min_size=1, max_size=2))
    def agree(entries):
        document = {kind: entries}
        refusals, found = refused(tmp_path / "c.yml", document), errors(document)
        seen.add((bool(refusals), bool(found)))
        if refusals and not found:
            assert all(beyond(refusal, document) for refusal in refusals), list(map(str, refusals))
        assert refusals or not found, found

    agree()
    assert {(False, False), (True, True)} <= seen


MODEL = {"name": "m", "model_center": "c"}
CLONE = {"name": "x", "source_service": "s"}
IMAGE = {"cpu_architecture": "x86_64", "docker_image": "i"}


@pytest.mark.parametrize("kind,items,reader_takes_it", [
    # The list in docs/catalog.md
    ("models", [{**MODEL, "name": " %s\n" % ("x" * 255)}], True),
    ("models", [{**MODEL, "name": "\U0001f600" * 128}], False),
    ("models", [{**MODEL, "parameters": {"a": "x" * 255}}], False),
    ("models", [{**MODEL, "recommended_gpu_num": list(range(1000, 1100))}], False),
    ("models", [{**MODEL, "size": "1_000"}], True),
    ("models", [{**MODEL, "size": "9" * 20}], False),
    ("models", [{**MODEL, "recommended_gpu_num": "[1, two]"}], False),
    ("models", [{**MODEL, "user_tags": "a,,b"}], False),
    ("models", [{**MODEL, "clear_default_model_service": True, "default_model_service": "s"}], False),
    ("models", [{**MODEL, "vendor": "********"}], False),
    ("models", [MODEL, MODEL], False),
    ("model_service_clones", [{**CLONE, "name": "s"}], False),
    ("model_service_clones", [{**CLONE, "architecture_images": [IMAGE, IMAGE]}], False),
])
def test_only_the_reader_knows_this(kind, items, reader_takes_it, tmp_path):
    """Each entry is one that the schema and the reader judge differently."""
    assert not refused(tmp_path / "c.yml", {kind: items}) == reader_takes_it
    assert bool(errors({kind: items})) == reader_takes_it


@pytest.mark.parametrize("kind,item,expected", [
    ("models", {**MODEL, "vender": "x"}, "vender"),
    ("models", {**MODEL, "vendor": "x" * 256}, "is too long"),
    ("models", {**MODEL, "vendor": ["x"]}, "is not of type"),
    ("models", {**MODEL, "share_mode": "Private"}, "is not one of"),
    ("models", {**MODEL, "size": -1}, "less than the minimum"),
    ("models", {"vendor": "x"}, "is not valid under any of the given schemas"),
    ("models", {**MODEL, "model_center_uuid": "u"}, "should not be valid under"),
    ("model_service_clones", {"name": "x"}, "is not valid under any of the given schemas"),
    ("model_service_clones", {**CLONE, "architecture_images": [{"cpu_architecture": "x"}]}, "is not valid under any of the given schemas"),
    ("model_service_clones", {**CLONE, "vendor_to_spec_uuids_map": {}}, "should be non-empty"),
])
def test_an_editor_shows_what_is_wrong(kind, item, expected):
    assert any(expected in error for error in errors({kind: [item]})), errors({kind: [item]})


def test_what_people_write_is_valid():
    for path in sorted((ROOT / "examples").rglob("catalog/**/*.yml")):
        assert errors(yaml.safe_load(path.read_text(encoding="utf-8"))) == []
    assert errors({"models": [{**MODEL, "version": 3.10, "vendor": None, "user_tags": '["a"]', "parameters": {"a": [None]}, "state": "absent"}]}) == []
    assert errors({"model_service_clones": [{"name": "x", "state": "absent"}], "models": None}) == [] == errors(None)


def test_schema_and_reader_agree_on_whole_files(tmp_path):
    @settings(suppress_health_check=list(HealthCheck), deadline=None)
    @given(DOCUMENTS)
    def agree(document):
        refusals, found = refused(tmp_path / "c.yml", document), errors(document)
        if not refusals or not all(refusal.item and beyond(refusal, document) for refusal in refusals):
            assert bool(refusals) == bool(found), (list(map(str, refusals)), found)

    agree()
