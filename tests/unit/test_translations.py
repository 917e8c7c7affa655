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


def structure(path: pathlib.Path) -> dict[str, list[str]]:
    """What both pages must have in common."""
    text = path.read_text(encoding="utf-8")
    prose = CODE.sub("", text)
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
    prose = CODE.sub("", path.read_text(encoding="utf-8"))
    paragraphs = [part for part in re.split(r"\n\n+", prose) if len(part) > 80 and not part.startswith(("[", "|"))]
    assert not [part[:60] for part in paragraphs if not re.search("[一-鿿]{4}", part)]


def test_every_guide_has_a_chinese_version():
    english, chinese = ({path.name for path in (ROOT / "docs" / part / "guides").glob("*.md")} for part in ("", "zh"))
    assert english == chinese and len(english) >= 10
