# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site of ``make docs``: links and anchors, and each page in a browser, wide and narrow, light and dark."""

from __future__ import annotations

import html.parser
import os
import pathlib
import typing as t
import urllib.parse

import pytest

from .conftest import problems_of

SITE = pathlib.Path(os.environ.get("DOCS_SITE", ""))
PICTURES = os.environ.get("DOCS_PICTURES")
# Pages without text of their own
NO_CONTENT = {"genindex.html", "py-modindex.html"}
PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html") if path.name not in NO_CONTENT) if SITE.name else []


class Anchors(html.parser.HTMLParser):
    """Reads the links and the anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: t.Any) -> None:
        values = dict(attrs)
        self.anchors.update(filter(None, (values.get("id"), values.get("name") if tag == "a" else None)))
        self.links.update(values[name] for name in ("href", "src") if values.get(name))
        if tag == "html":
            self.language = values.get("lang", "")


@pytest.fixture(scope="module", name="read")
def read_fixture() -> dict[str, Anchors]:
    """All pages of the site."""
    assert len(PAGES) > 60, "build the site with make docs first"
    texts = {page: (SITE / page).read_text(encoding="utf-8") for page in PAGES}
    # Messages of docutils and of the theme that are not warnings
    assert not [page for page, text in texts.items() if "system-message" in text or "ERROR: Adding a table of contents" in text]
    return {page: Anchors(text) for page, text in texts.items()}


def test_links_and_anchors_exist(read: dict[str, Anchors]) -> None:
    broken = []
    for page, content in read.items():
        for link in content.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                # Only documents of others are elsewhere.
                assert parts.scheme in ("https", "http", "data", "mailto"), (page, link)
                continue
            target = (SITE / page).parent / urllib.parse.unquote(parts.path) if parts.path else SITE / page
            name = os.path.relpath(target, SITE)
            if not target.is_file():
                broken.append("%s: %s" % (page, link))
            elif parts.fragment and name in read and urllib.parse.unquote(parts.fragment) not in read[name].anchors:
                broken.append("%s: %s" % (page, link))
    assert not broken


def test_every_plugin_role_playbook_and_guide_has_a_page(read: dict[str, Anchors]) -> None:
    root = pathlib.Path(__file__).parents[2]
    expected = {"collection/%s_module.html" % path.stem for path in (root / "plugins" / "modules").glob("[a-z]*.py")}
    expected |= {"collection/%s_filter.html" % path.stem for path in (root / "plugins" / "filter").glob("*.yml")}
    expected |= {"collection/%s_%s.html" % (path.stem, path.parent.name) for name in ("lookup", "inventory")
                 for path in (root / "plugins" / name).glob("[a-z]*.py")}
    expected |= {name % path.name for name in ("collection/%s_role.html", "roles/%s.html") for path in (root / "roles").iterdir()}
    guides = [path.relative_to(root / "docs").with_suffix(".html") for path in (root / "docs").rglob("*.md")]
    expected |= {str(path).replace("README.html", "index.html") for path in guides}
    assert expected <= set(read)
    assert {"zstack-aios-" + path.stem for path in (root / "playbooks").glob("*.yml")} <= read["playbooks.html"].anchors
    assert {page: content.language for page, content in read.items()} == {page: "zh-CN" if page.startswith("zh/") else "en" for page in read}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_in_a_browser(page: t.Any, name: str) -> None:
    pictures = pathlib.Path(PICTURES) if PICTURES else None
    assert not problems_of(page, SITE / name, pictures)
