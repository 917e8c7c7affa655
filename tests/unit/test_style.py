# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No text of the repository reads as translated, and no name of the code is a word that the field does not use."""

from __future__ import annotations

import ast
import bisect
import itertools
import pathlib
import re
import typing as t

import pytest
import yaml

from .support import prose, reference

ROOT = pathlib.Path(__file__).parents[2]
# The guide of the authors, which is not part of the collection
GUIDE = reference.find(pathlib.PurePath("style.md"))
STYLE: dict[str, t.Any] = yaml.safe_load(pathlib.Path(__file__).with_name("style.yml").read_text(encoding="utf-8"))
# How a docstring begins that describes a value, and not what the function does
NOT_IMPERATIVE = re.compile(r"(?:The|An?|All|Whether|What|Every|Why|How|Each|One|Where|Which|While|When|Both|Those|None|There)\b")
STEMS = {re.compile(stem, re.MULTILINE): row["should"] for row in STYLE["phrases"] for stem in row["stems"]}


def findings(texts: t.Sequence[str]) -> list[tuple[int, str, str]]:
    """Return the phrases that read as translated, each with the number of its text and the example of a better sentence."""
    # One search over all texts of a file for each stem: a search for each text takes ten times as long.
    lines = [text.lower() for text in texts]
    whole, begins = "\n".join(lines), list(itertools.accumulate((len(line) + 1 for line in lines), initial=0))
    return [
        (bisect.bisect_right(begins, found.start()) - 1, found[0].strip(), should)
        for stem, should in STEMS.items() for found in stem.finditer(whole) if not found.start() or not whole[found.start() - 1].isalpha()]


@pytest.fixture(scope="module")
def sources() -> list[prose.Source]:
    return [prose.read(ROOT, path) for path in prose.files(ROOT)]


@pytest.mark.parametrize("row", STYLE["phrases"], ids=lambda row: row["was"][:40])
def test_the_stems_match_the_example_and_not_the_better_sentence(row):
    assert findings([row["was"]]) and not findings([row["should"]])


@pytest.mark.skipif(GUIDE is None, reason="the guide of the authors is not here")
def test_the_stems_match_the_table_of_the_guide():
    assert GUIDE
    table = re.findall(r"^\| (.+?) \| (.+?) \|$", GUIDE.read_text(encoding="utf-8").partition("## Before and after")[2], re.MULTILINE)
    assert len(table) > 30
    assert [was for was, _should in table[1:] if not was.startswith("---") and not findings([was])] == []
    assert [should for _was, should in table[1:] if findings([should])] == []


def test_the_reader_finds_every_kind_of_text(tmp_path):
    (tmp_path / "a.py").write_text(
        '"""A docstring."""\n# A comment\n# of two lines\n'
        'DOCUMENTATION = r"""\noptions:\n  x:\n    description:\n      - A description of\n        two lines.\n"""\n'
        'raise ValueError("A message " "in %s parts" % 2)\n', encoding="utf-8")
    (tmp_path / "b.md").write_text("# A heading\n\nA paragraph of\ntwo lines.\n- an entry\n\n```\nno prose\n```\n| a cell | b |\n", encoding="utf-8")
    (tmp_path / "c.yml").write_text("# The comment\n- name: Ensure a thing\n", encoding="utf-8")
    (tmp_path / "d.j2").write_text("{% if x %}<p>A sentence</p>{% endif %}", encoding="utf-8")
    found = {(text.path, text.line, text.text) for path in prose.files(tmp_path) for text in prose.read(tmp_path, path).texts}
    assert found == {
        ("a.py", 1, "A docstring."), ("a.py", 2, "A comment of two lines"), ("a.py", 8, "A description of two lines."), ("a.py", 11, "A message in %s parts"),
        ("b.md", 1, "# A heading"), ("b.md", 3, "A paragraph of two lines."), ("b.md", 5, "- an entry"), ("b.md", 10, "| a cell | b |"),
        ("c.yml", 1, "The comment"), ("c.yml", 2, "Ensure a thing"), ("d.j2", 1, "A sentence")}


def test_no_text_reads_as_translated(sources):
    assert sum(len(source.texts) for source in sources) > 5000
    found = [
        "%s:%d: %r in %r; better: %s" % (*source.texts[number][:2], phrase, source.texts[number].text[:200], should)
        for source in sources for number, phrase, should in findings([text.text for text in source.texts])]
    assert not found, "\n".join(found)


def test_names_are_words_of_the_field(sources):
    refused = STYLE["identifiers"]
    names = [place for source in sources for place in source.identifiers]
    assert len(names) > 50000
    found = sorted({
        "%s:%d: %s; better: %s" % (path, line, name, refused[word])
        for path, line, name in names for word in name.lower().split("_") if word in refused})
    assert not found, "\n".join(found)


def functions(tree: ast.Module) -> t.Iterator[tuple[ast.FunctionDef, str]]:
    """Yield each function with its docstring, except for properties, fixtures and tests."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("test_"):
            decorators = " ".join(map(ast.unparse, node.decorator_list))
            docstring = ast.get_docstring(node)
            if docstring and "property" not in decorators and "fixture" not in decorators:
                yield node, docstring


def test_docstrings_of_functions_are_imperative():
    found = [
        "%s:%d: %s" % (path, node.lineno, docstring.splitlines()[0])
        for path in prose.files(ROOT) if path.startswith("plugins/") and path.endswith(".py")
        for node, docstring in functions(ast.parse((ROOT / path).read_text(encoding="utf-8"))) if NOT_IMPERATIVE.match(docstring)]
    assert not found, "\n".join(found)
