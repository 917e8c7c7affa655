# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each Chinese page has the structure of its English one: headings, code, tables and links."""

from __future__ import annotations

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[2]
# Chinese page: English page
PAGES = {ROOT / "README.zh-CN.md": ROOT / "README.md"}
PAGES.update({path: ROOT / "docs" / path.relative_to(ROOT / "docs" / "zh") for path in sorted((ROOT / "docs" / "zh").rglob("*.md"))})
CODE = re.compile(r"^ *```.*?^ *```$", re.M | re.S)
# No prose: comments of HTML, the targets of links, and the line of the languages
NO_PROSE = re.compile(r"<!--.*?-->|(?<=\])\([^)]*\)|^\[English\][^\n]*", re.M | re.S)
HAN, WIDE = "[一-鿿]", "，。；：、！？（）"
# By what a Chinese text does not contain: what it has instead
TYPOGRAPHY = {
    HAN + "[A-Za-z0-9`]|[A-Za-z0-9`]" + HAN: "a space between Chinese and other characters",
    HAN + "[,;:!?()]|[,;:!?()]" + HAN: "full-width punctuation",
    "[%s] (?! )(?=[^|*])|(?<=[^|* ]) [%s]" % (WIDE, WIDE): "no space beside full-width punctuation",
}
# By a term that these pages do not use: the term of the console, or of these pages
TERMS = {
    "应答": "响应", "归属标签": "所有者标签", "打印": "输出", "对比": "比较", "(?<!声明式)清单": "inventory", r"(?<![\w.`/-])[Rr]oles?\b": "角色"}


def structure(path: pathlib.Path) -> dict[str, list[str]]:
    """Return what both pages must have in common."""
    text = path.read_text(encoding="utf-8")
    prose = CODE.sub("", text).replace("/main/docs/zh/", "/main/docs/")
    return {
        "headings": [len(found) for found in re.findall(r"^(#+) ", prose, re.M)],
        "code": CODE.findall(text),
        "links": sorted(target for target in re.findall(r"\]\(([^)]+)\)", prose) if not target.startswith("#")),
        "rows of tables": [line.count("|") for line in prose.splitlines() if line.startswith("|")],
        "options and names": sorted(set(re.findall(r"`([^`\n]+)`", prose))),
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_both_languages_have_the_same_structure(path):
    chinese, english = structure(path), structure(PAGES[path])
    for part, expected in english.items():
        assert chinese[part] == expected, part


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_prose_is_chinese(path):
    prose = NO_PROSE.sub("", CODE.sub("", path.read_text(encoding="utf-8")))
    paragraphs = [part for part in re.split(r"\n\n+", prose) if len(part) > 80 and not part.startswith(("[", "|"))]
    assert not [part[:60] for part in paragraphs if not re.search("[一-鿿]{4}", part)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_chinese_pages_link_to_chinese_pages(path):
    text = path.read_text(encoding="utf-8")
    linked = re.findall(r"(?<!\[English)\]\(https://github\.com/zstack-aios/zstack\.aios/blob/main/docs/(?!zh/)([^)#]+)", text)
    assert [target for target in linked if (ROOT / "docs" / "zh" / target).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_typography_and_terms_are_chinese(path):
    prose = NO_PROSE.sub("", CODE.sub("", path.read_text(encoding="utf-8")))
    assert len(prose) > 500
    found = [
        "%r: %s" % (prose[max(0, match.start() - 12):match.end() + 12], better)
        for refused, better in {**TYPOGRAPHY, **TERMS}.items() for match in re.finditer(refused, prose)]
    assert not found, "\n".join(found)


def test_every_guide_has_a_chinese_version():
    english, chinese = ({path.name for path in (ROOT / "docs" / part / "guides").glob("*.md")} for part in ("", "zh"))
    assert english == chinese and len(english) >= 10
