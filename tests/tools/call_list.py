# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the API calls of each module, from the tables of the resource kinds, for the security page in both languages.

    call_list.py docs/security.md docs/zh/security.md    (with the collection on the path)

Replaces the rows between two marks of a page. The column headings and the rest of the page are left unchanged.
"""

from __future__ import annotations

import pathlib
import sys

from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.snapshot import TAG_PATHS
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import CREATE_USER_TAG, DELETE_TAG
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Call, Resource
from ansible_collections.zstack.aios.plugins.module_utils._resources.user_proxy_config import USER_PROXY_CONFIG

# By module. A catalog does not contain user proxy configurations.
TABLES = {**{"zstack_ai_" + plural[:-1]: table for plural, table in KINDS.items()}, "zstack_ai_user_proxy_config": USER_PROXY_CONFIG}
BEGIN, END = "<!-- begin: written by tests/tools/call_list.py -->", "<!-- end -->"


def writes(table: Resource) -> dict[str, Call]:
    """Return the calls that change something, by name."""
    calls = [table.create, table.update, table.delete, *([table.restart] if table.restart else [])]
    calls += [field.attach.call for field in table.fields if field.attach]
    if any(field.remembered for field in table.fields):
        calls += [CREATE_USER_TAG.call, DELETE_TAG]
    return {call.name: call for call in calls}


def reads(table: Resource) -> list[str]:
    """Return the paths that are queried, beginning with the path of the kind itself."""
    found = [table.path, *(field.ref.path for field in table.refs() if field.ref), *(use.path for use in table.users)]
    found += [table.related.path] if table.related else []
    found += [TAG_PATHS[field.needs] for field in table.fields if field.needs]
    found += [TAG_PATHS["user_tags"]] if any(field.remembered for field in table.fields) else []
    return list(dict.fromkeys(path.rstrip("/") for path in found))


def call_list() -> str:
    """Return the rows of the list as Markdown, with three columns: module, calls that change something, queries."""
    lines = []
    for module, table in sorted(TABLES.items()):
        called = ", ".join("%s (%s `%s`)" % (call.name, call.method, call.path) for call in writes(table).values())
        queried = ", ".join("`%s`" % path for path in reads(table))
        lines.append("| `%s` | %s | %s |" % (module, called, queried))
    return "\n".join(lines)


def page_with_list(page: str) -> str:
    """Return a page with the current list between the two marks.

    :raises ValueError: if the page does not contain the marks, with a table that has column headings.
    """
    before, rest = page.split(BEGIN)
    table, after = rest.split(END, 1)
    headings, delimiter = table.split("\n")[2:4]
    return "%s%s\n\n%s\n%s\n%s\n\n%s%s" % (before, BEGIN, headings, delimiter, call_list(), END, after)


if __name__ == "__main__":
    for path in map(pathlib.Path, sys.argv[1:]):
        path.write_text(page_with_list(path.read_text(encoding="utf-8")), encoding="utf-8")
