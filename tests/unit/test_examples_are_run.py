# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every block of code in the documentation and every EXAMPLES is run by a test, which is named here.

A block that no test can run has a comment with the reason before it: ``<!-- not run: ... -->``.
"""

from __future__ import annotations

import importlib
import pathlib
import re
import typing as t

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
INTEGRATION = "ansible_collections.zstack.aios.tests.integration."
GUIDE, ASK, EXAMPLES, INVENTORY = (
    "tests/integration/%s" % name for name in ("test_guide.py", "test_ask_guide.py", "test_examples.py", "test_inventory.py"))
TRANSLATIONS = "tests/unit/test_translations.py"
# Languages of blocks that show output, a tree of files or a text to fill in
SHOWN = {"text"}
FENCE = re.compile(r"^( *)```([\w-]*)$")
REASON = re.compile(r"<!-- not run: \S.+ -->")
# Blocks that a test of their own runs, by page and first line
OTHERS = {
    # The file of this content
    ("docs/guides/awx.md", "all:"): "tests/integration/test_awx.py",
    ("tests/simulator/README.md", '{"kind": "drop_after", "match": {"call": "UpdateModel"}, "times": 1}'): "tests/unit/simulator/test_simulator_faults.py",
}


class Block(t.NamedTuple):
    """A block of code.

    :param page: path of the page in the repository.
    :param reason: the comment before it, if that states why it is not run.
    """

    page: str
    line: int
    language: str
    text: str
    reason: str


def blocks(page: str) -> t.Iterator[Block]:
    """Yield the blocks of a page; code without a fence is an error."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    start, language = 0, ""
    for number, line in enumerate(lines, 1):
        found = FENCE.match(line)
        if found and not start:
            start, language = number, found.group(2)
        elif found:
            before = lines[start - 2] if start > 1 else ""
            yield Block(page, start, language, "\n".join(lines[start:number - 1]), before if REASON.fullmatch(before) else "")
            start = 0
        elif not start and line.startswith("    ") and not lines[number - 2].strip():
            inside = [earlier for earlier in lines[:number - 1] if earlier.strip() and not earlier.startswith("    ")][-1]
            assert re.match(r" *([*-]|\d+\.) ", inside), "%s:%d: put code between fences, with its language" % (page, number)


def runner(block: Block) -> str:
    """Return the test that runs a block, or an empty text."""
    guide = importlib.import_module(INTEGRATION + "test_guide")
    examples = importlib.import_module(INTEGRATION + "test_examples")
    first = block.text.split("\n", 1)[0]
    named = re.match(r"# \S+\.ya?ml$", first)
    if block.page.startswith("docs/zh/") or block.page == "README.zh-CN.md":
        return TRANSLATIONS
    if (block.page, first) in OTHERS:
        return OTHERS[block.page, first]
    if block.page in guide.PAGES and (block.language in ("console", "diff") or (block.language == "yaml" and named)):
        return GUIDE
    if block.page == "docs/guides/ask-the-platform.md" and block.language in ("yaml", "console"):
        return ASK
    if block.page in {case.page for case in examples.CASES.values()} and block.language == "yaml" and examples.is_example(block.text):
        return EXAMPLES
    return ""


def pages() -> list[str]:
    """Return the Markdown files of the repository."""
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.md") if not path.relative_to(ROOT).parts[0].startswith((".", "changelogs")))


def test_pages_are_found() -> None:
    assert {"README.md", "docs/guides/gitops.md", "docs/zh/guides/gitops.md", "roles/catalog/README.md", "examples/catalog/README.md"} <= set(pages())
    assert sum(len(list(blocks(page))) for page in pages()) > 150


@pytest.mark.parametrize("page", pages())
def test_every_block_is_run(page: str) -> None:
    for block in blocks(page):
        assert block.language, "%s:%d: the block has no language" % (page, block.line)
        if block.language not in SHOWN and not block.reason:
            test = runner(block)
            assert test, "%s:%d: no test runs this block; run it, or give the reason in a comment before it" % (page, block.line)
            assert (ROOT / test).is_file(), test


def test_blocks_of_other_tests_exist() -> None:
    found = {(block.page, block.text.split("\n", 1)[0]) for page in {page for page, _first in OTHERS} for block in blocks(page)}
    assert set(OTHERS) <= found


def test_the_examples_of_every_plugin_are_run() -> None:
    cases = {case.page for case in importlib.import_module(INTEGRATION + "test_examples").CASES.values()}
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("[a-z]*.py")}
    # The case READS runs the examples of the info modules and of the lookup plugin, and FILTERS those of the filters.
    assert {name for name in modules if not name.endswith("_info")} <= cases
    documented = {path.parent.name for path in (ROOT / "plugins").rglob("*.*") if path.suffix in (".py", ".yml") and "\nEXAMPLES" in path.read_text(
        encoding="utf-8")}
    assert documented == {"modules", "lookup", "inventory", "filter"}, "run the examples of the new kind of plugin in a test"
    assert "examples_of_the_plugin" in (ROOT / INVENTORY).read_text(encoding="utf-8")
    assert {"roles/%s/README.md" % path.name for path in (ROOT / "roles").iterdir()} <= cases


def test_the_command_of_every_playbook_is_run() -> None:
    run = (ROOT / "docs" / "playbooks.md").read_text(encoding="utf-8")
    for path in sorted((ROOT / "playbooks").glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        command = re.search(r"^#   (ansible-playbook zstack\.aios\.%s .+)$" % path.stem, text, re.MULTILINE)
        assert command and "## zstack.aios.%s\n" % path.stem in run and "$ ansible-playbook zstack.aios.%s " % path.stem in run, path.name
        variables = set(re.findall(r"-e (\w+)=", command.group(1)))
        specs = yaml.safe_load((ROOT / "roles" / "catalog" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
        assert variables <= set(specs["argument_specs"]["main"]["options"])
