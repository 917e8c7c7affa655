# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the writer writes is what the reader reads."""

from __future__ import annotations

import json
import unicodedata

import hypothesis.strategies as st
import pytest
import yaml
from ansible_collections.zstack.aios.plugins.module_utils._catalog.files import FileReader
from ansible_collections.zstack.aios.plugins.module_utils._catalog.writer import one_line, write_list
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import is_hidden
from hypothesis import given, settings

TEXTS = st.one_of(st.text(max_size=20), st.text(alphabet="ab \n\t#:-'\"\\|>%@", max_size=12), st.from_regex(r"[0-9a-zA-Z.+-]{1,8}", fullmatch=True))
VALUES = st.one_of(
    TEXTS, st.integers(), st.booleans(), st.lists(TEXTS, max_size=4), st.lists(st.integers(), max_size=3),
    st.dictionaries(TEXTS, st.lists(TEXTS, min_size=1, max_size=2), max_size=2),
    st.lists(st.dictionaries(st.sampled_from(["cpu_architecture", "docker_image"]), TEXTS, min_size=1), max_size=2))


# No option has the name of a YAML boolean.
# All that a Java string can hold; two halves of one character beside each other are that character.
ANY_TEXT = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.text(st.sampled_from("ab \n\t:\\ud800\udfff\x1b\x85\u2028\u202e\u200b\ufeff\x00\"'😀#-"), max_size=12),
).map(lambda text: json.loads(json.dumps(text)))
HOSTILE = "\x1b]0;t\x07\x9b\x7f\x85\u2028\u202e\u2066\u200b\u200d\ufeff\ud800\U000e0041"


OPTIONS = st.from_regex(r"o[a-z_]{1,6}", fullmatch=True).filter(lambda name: name not in ("on", "off"))


@given(st.dictionaries(OPTIONS, VALUES, min_size=1, max_size=5), st.lists(TEXTS, max_size=2))
def test_round_trip(options, comments):
    text = write_list("models", [(comments, options), ([], options)], comments)
    text.encode("utf-8")
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        assert yaml.load(text, Loader=loader) == {"models": [options, options]}


@given(TEXTS)
def test_a_comment_stays_a_comment(text):
    assert yaml.safe_load(write_list("models", [([text], {"name": "a"})], [text])) == {"models": [{"name": "a"}]}
    assert "\n" not in one_line(text)


@pytest.mark.parametrize("value", [
    "yes", "No", "null", "~", "1e3", "0x1f", "1_000", "12:30:45", "2024-01-01", ".5", "-", "- a", "a: b", "a #b", "", " a", "a ", "=", "<<", "nan", ".inf",
    "&a", "*a", "!a", "@a", "`a", "%a", "{a", "[a", "y", "on", "1.10"])
def test_texts_stay_texts(value):
    assert yaml.safe_load(write_list("models", [([], {"name": value})])) == {"models": [{"name": value}]}


def test_the_form_is_easy_to_read(tmp_path):
    text = write_list("model_service_clones", [(["odd"], {
        "name": "a", "readme": "# A\n\ntext\n", "request_cpu": 4, "system": False, "user_tags": ["env:prod", "x"],
        "architecture_images": [{"cpu_architecture": "x86_64", "docker_image": "r/i:1"}], "vendor_to_spec_uuids_map": {"NVIDIA": ["u1"]}})])
    assert text == """model_service_clones:
  # odd
  - name: a
    readme: |
      # A

      text
    request_cpu: 4
    system: false
    user_tags: ["env:prod", x]
    architecture_images:
      - cpu_architecture: x86_64
        docker_image: "r/i:1"
    vendor_to_spec_uuids_map:
      NVIDIA: [u1]
"""
    (tmp_path / "c.yml").write_text(text, encoding="utf-8")
    reader = FileReader({"model_service_clones": {"name": {"type": "str"}, "readme": {"type": "str"}}})
    item, = reader.read(str(tmp_path / "c.yml"))
    assert not reader.errors and item.given["readme"] == "# A\n\ntext\n" and item.place.line == 3


def test_a_long_list_takes_several_lines():
    text = write_list("models", [([], {"name": "a", "model_service_uuids": ["%032x" % number for number in range(9)]})])
    assert text.count("\n") == 12 and yaml.safe_load(text)["models"][0]["model_service_uuids"][8].endswith("8")
    assert write_list("models", [], ["nothing"]) == "models: []\n  # nothing\n"


@settings(max_examples=300)
@given(st.dictionaries(
    OPTIONS, st.one_of(ANY_TEXT, st.lists(ANY_TEXT, max_size=3), st.dictionaries(ANY_TEXT, st.lists(ANY_TEXT), max_size=2)), min_size=1, max_size=3))
def test_the_catalog_reads_back_what_an_export_wrote(tmp_path_factory, options):
    path = tmp_path_factory.getbasetemp() / "export.yml"
    path.write_text(write_list("models", [([], options)]), encoding="utf-8", newline="")
    kinds = {str: {"type": "str"}, list: {"type": "list", "elements": "str"}, dict: {"type": "dict"}}
    reader = FileReader({"models": {option: kinds[type(value)] for option, value in options.items()}})
    item, = reader.read(str(path))
    assert not reader.errors and item.given == options


@given(ANY_TEXT)
def test_what_is_written_obeys_nothing(text):
    for written in (write_list("models", [([text], {"a": text, "b": [text], "c": {text: [text]}})], [text]), write_list("models", [([], {"a": HOSTILE})])):
        assert not [char for char in written if char != "\n" and is_hidden(char) and unicodedata.category(char) != "Cn"]


def test_halves_of_a_character_that_json_escapes_are_one(tmp_path):
    path = tmp_path / "c.yml"
    path.write_text('models: [{"name": "\\ud83d\\ude00 \\ud83d", "a": \'\\ud83d\\ude00\'}]', encoding="utf-8")
    item, = FileReader({"models": {"name": {"type": "str"}, "a": {"type": "str"}}}).read(str(path))
    assert item.given == {"name": "😀 \ud83d", "a": "\\ud83d\\ude00"}
