# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Collect the Markdown pages of the documentation in the layout of the site, with links between them.

    docs_sources.py COLLECTION TARGET

A page on GitHub links to another page by its address there, because Galaxy shows the README as well. In the site, such a link leads to the
page of the site; a link to any other file of the repository leads to GitHub.
"""

from __future__ import annotations

import pathlib
import posixpath
import re
import shutil
import sys
import typing as t

REPOSITORY = "https://github.com/zstack-aios/zstack.aios"
LINK = re.compile(r"(?P<start>\]\()(?P<target>[^)\s]+)(?=\))")
FENCE = re.compile(r"^ *```")


class Section(t.NamedTuple):
    """A part of the navigation: its title and its pages, as paths in the repository or, with another title, as `Title <path in the site>`."""

    title: str
    pages: tuple[str, ...]


GUIDES = (
    "first-playbook", "adopt-a-platform", "gitops", "awx", "serve-a-model", "evaluation-gate", "ask-the-platform", "performance", "troubleshooting",
    "offline-trial")
SECTIONS = (
    Section("Guides", tuple("docs/guides/%s.md" % name for name in GUIDES)),
    Section("Reference", (
        "Modules, plugins and roles <collection/index>",
        "docs/playbooks.md", "roles/catalog/README.md", "roles/inference_endpoint/README.md", "docs/catalog.md",
        "tests/simulator/README.md")),
    Section("Behavior", ("docs/architecture.md", "docs/performance.md", "docs/faults.md", "docs/security.md")),
    Section("Project", ("Changelog <collection/changelog>", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md")),
    Section("中文", ("docs/zh/README.md", *("docs/zh/guides/%s.md" % name for name in GUIDES), "docs/zh/security.md")),
)
INDEX = "docs/README.md"


def site_path(page: str) -> str:
    """Return where a page of the repository is in the site; ``docs/zh/guides/awx.md`` is ``zh/guides/awx.md``."""
    path = page.removeprefix("docs/")
    if path.startswith("roles/"):
        return "roles/%s.md" % path.split("/")[1]
    if path == "tests/simulator/README.md":
        return "simulator.md"
    if "/" not in page:
        return "project/" + path.lower()
    return re.sub(r"README\.md$", "index.md", path)


def pages() -> list[str]:
    """Return the paths of all pages in the repository, the front page first."""
    return [INDEX, *(page for section in SECTIONS for page in section.pages if "<" not in page)]


def resolve(page: str, target: str, root: pathlib.Path) -> str:
    """Return the target of a link for the site.

    :param page: the page with the link, as a path in the repository.
    :param target: an address, a path relative to the page, or an anchor.
    :raises ValueError: if a file of the repository does not exist.
    """
    address, mark, anchor = target.partition("#")
    inside = re.fullmatch(re.escape(REPOSITORY) + r"/(?:blob|tree)/main/(.+)", address)
    if not address or (re.match(r"[a-z]+:", address) and not inside):
        return target
    path = inside.group(1) if inside else posixpath.normpath(posixpath.join(posixpath.dirname(page), address))
    if path in pages():
        here = posixpath.dirname(site_path(page))
        return posixpath.relpath(site_path(path), here or ".") + mark + anchor
    if not (root / path).exists():
        raise ValueError("%s: there is no file %s" % (page, path))
    if path.startswith("docs/images/"):
        return posixpath.relpath(path.removeprefix("docs/"), posixpath.dirname(site_path(page)) or ".")
    return "%s/%s/main/%s%s%s" % (REPOSITORY, "tree" if (root / path).is_dir() else "blob", path, mark, anchor)


def for_site(page: str, text: str, root: pathlib.Path) -> str:
    """Return the text of a page with its links resolved; code is not changed."""
    lines, code = [], False
    for line in text.splitlines():
        if FENCE.match(line):
            code = not code
        elif not code:
            line = LINK.sub(lambda found: found["start"] + resolve(page, found["target"], root), line)
        lines.append(line)
    return "\n".join(lines) + "\n"


def navigation() -> str:
    """Return the table of contents of the site."""
    parts = []
    for section in SECTIONS:
        entries = [page if "<" in page else site_path(page).removesuffix(".md") for page in section.pages]
        parts.append("```{toctree}\n:hidden:\n:caption: %s\n\n%s\n```\n" % (section.title, "\n".join(entries)))
    return "\n" + "\n".join(parts)


CONTENTS = re.compile(r"^\.\. contents::.*\n(?:[ ]+:.*\n)*", re.MULTILINE)
ENTRY = re.compile(r"^    (\w+?)(_(?:module|filter|lookup|inventory|role))$", re.MULTILINE)


def adapt_reference(directory: pathlib.Path) -> None:
    """Adapt the pages of antsibull-docs: the theme has a table of contents of its own, and the navigation has room for names only."""
    for path in directory.glob("*.rst"):
        text = CONTENTS.sub("", path.read_text(encoding="utf-8"))
        if path.name == "index.rst":
            text = ENTRY.sub(r"    \1 <\1\2>", text).replace("    changelog\n", "    Changelog <changelog>\n")
        path.write_text(text, encoding="utf-8")


def main(collection: str, target: str) -> None:
    """Write the pages below the target, beside those of antsibull-docs in its directory ``collection``."""
    root, sources = pathlib.Path(collection), pathlib.Path(target)
    adapt_reference(sources / "collection")
    for page in pages():
        path = sources / site_path(page)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = for_site(page, (root / page).read_text(encoding="utf-8"), root)
        path.write_text(text + (navigation() if page == INDEX else ""), encoding="utf-8")
    shutil.copytree(root / "docs" / "images", sources / "images", dirs_exist_ok=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
