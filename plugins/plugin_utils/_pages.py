# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The report files of a catalog: JSON, Markdown and HTML, from the templates of the role."""

from __future__ import annotations

import functools
import json
import os
import pathlib
import re
import tempfile
import typing as t

import jinja2

from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import visible
from ansible_collections.zstack.aios.plugins.plugin_utils._report import Report
from ansible_collections.zstack.aios.plugins.plugin_utils._review import title_of, view
from ansible_collections.zstack.aios.plugins.plugin_utils._values import text_of

TEMPLATES = pathlib.Path(__file__).parents[2] / "roles" / "catalog" / "templates"
FORMATS = {"json": "json", "markdown": "md", "html": "html"}
# All characters with a meaning in Markdown, in HTML, or in the extensions of Git hosts.
_MARKUP = re.compile(r"[\\`*{}\[\]<>|~&@:#$^!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|(?<=www)\.", re.I)


def markdown(value: t.Any, block: str | None = None, limit: int = 0) -> str:
    """Return the value as Markdown code without any other meaning.

    :param block: the language, which may be empty, for a fenced block; None for code in a line.
    :param limit: maximum length of the text; 0 for no limit.
    """
    if isinstance(value, str) and value:
        text = visible(str(value).replace("\r\n", "\n").rstrip("\n"), lines=block is not None)
    else:
        text = text_of(value) if block is not None else visible(text_of(value))
    if limit and len(text) > limit:
        text = text[:limit - 1] + "\u2026"
    if block is None:
        return "<code>%s</code>" % _MARKUP.sub(lambda found: "&#%d;" % ord(found.group()), text)
    fence = "`" * (1 + max(2, *(len(run) for run in re.findall("`+", text)), 0))
    return "%s%s\n%s\n%s" % (fence, block, text, fence)


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True,
        autoescape=lambda name: bool(name and name.startswith("report.html")))
    environment.filters["markdown"] = markdown
    return environment


def render(kind: str, report: Report, limit: int = 0) -> str:
    """Return the text of one report file.

    :param kind: the extension of the file: json, md or html.
    :param limit: approximate maximum length of Markdown; 0 for no limit.
    """
    if kind == "json":
        return json.dumps(report, indent=2, sort_keys=True, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8") + "\n"
    return _environment().get_template("report.%s.j2" % kind).render(report=report, limit=limit, noun=title_of(report), view=view)


def write(path: str, text: str) -> None:
    """Write a file atomically, so that no reader sees a part of it; create its directory.

    :raises OSError: if it cannot be written.
    """
    directory = os.path.dirname(path) or "."
    os.makedirs(directory, mode=0o755, exist_ok=True)
    number, temporary = tempfile.mkstemp(dir=directory, prefix=".%s." % os.path.basename(path))
    try:
        with open(number, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
