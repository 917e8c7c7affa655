# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sources of the documentation site: every page is in the navigation, and every link between pages leads to a file."""

from __future__ import annotations

import importlib.util
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("docs_sources", ROOT / "tests" / "tools" / "docs_sources.py")
assert SPEC and SPEC.loader
sources = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(sources)
BLOB = sources.REPOSITORY + "/blob/main/"


def test_every_page_is_in_the_navigation_once():
    pages = sources.pages()
    written = {str(path.relative_to(ROOT)) for path in [*(ROOT / "docs").rglob("*.md"), *(ROOT / "roles").glob("*/README.md"), *ROOT.glob("*.md")]}
    # The READMEs are pages of GitHub and Galaxy, and the changelog of the site is generated.
    assert set(pages) == (written - {"README.md", "README.zh-CN.md", "CHANGELOG.md"}) | {"tests/simulator/README.md"}
    assert len({sources.site_path(page) for page in pages}) == len(pages)


@pytest.mark.parametrize("page", sources.pages())
def test_links_lead_to_files(page):
    text = sources.for_site(page, (ROOT / page).read_text(encoding="utf-8"), ROOT)
    assert text.startswith(("# ", "<!--")) and sources.site_path(page).endswith(".md")


@pytest.mark.parametrize(("page", "target", "expected"), [
    ("docs/guides/gitops.md", "awx.md", "awx.md"),
    ("docs/zh/guides/gitops.md", BLOB + "docs/guides/gitops.md", "../../guides/gitops.md"),
    ("docs/README.md", BLOB + "docs/zh/README.md", "zh/index.md"),
    ("docs/guides/performance.md", BLOB + "docs/performance.md#requests-of-each-case", "../performance.md#requests-of-each-case"),
    ("docs/performance.md", "../tests/simulator/README.md", "simulator.md"),
    ("docs/performance.md", "images/cost-per-item.svg", "images/cost-per-item.svg"),
    ("SECURITY.md", BLOB + "docs/security.md", "../security.md"),
    ("docs/catalog.md", "https://github.com/zstack-aios/zstack.aios/tree/main/examples/platform", sources.REPOSITORY + "/tree/main/examples/platform"),
    ("docs/catalog.md", "#export", "#export"),
    ("docs/catalog.md", "https://www.example.com/x.md", "https://www.example.com/x.md"),
])
def test_targets(page, target, expected):
    assert sources.resolve(page, target, ROOT) == expected


def test_a_link_to_a_missing_file_is_an_error():
    with pytest.raises(ValueError, match="docs/catalog.md: there is no file docs/missing.md"):
        sources.resolve("docs/catalog.md", "missing.md", ROOT)


def test_code_is_left_alone():
    text = "# A\n\n```text\n[x](missing.md)\n```\n"
    assert sources.for_site("docs/catalog.md", text, ROOT) == text


def test_the_reference_is_adapted(tmp_path):
    (tmp_path / "index.rst").write_text(
        "T\n=\n\n.. contents::\n   :local:\n   :depth: 1\n\nText\n\n.. toctree::\n\n    changelog\n    zstack_ai_model_module\n    zstack_ai_lookup\n")
    (tmp_path / "x_module.rst").write_text("    x_module\n")
    sources.adapt_reference(tmp_path)
    assert (tmp_path / "index.rst").read_text() == (
        "T\n=\n\n\nText\n\n.. toctree::\n\n    Changelog <changelog>\n    zstack_ai_model <zstack_ai_model_module>\n    zstack_ai <zstack_ai_lookup>\n")
    assert (tmp_path / "x_module.rst").read_text() == "    x_module\n"
