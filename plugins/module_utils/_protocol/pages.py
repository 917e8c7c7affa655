# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Read a list page by page, so that it is complete, contains no object twice, and ends."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol import answers as _answers
from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ProtocolError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.http import Reply

# The default of the server, which is sent with each query to be independent of it (REST protocol page, 5.2).
PAGE = 1000
# Maximum number of successive pages whose total does not decrease. Objects that are created in the meantime explain one such page, but not several.
MOST_STEADY = 3
# Maximum number of pages with fewer objects than requested and than exist. Objects that are deleted in the meantime explain a few.
MOST_SHORT = 100
# Maximum length of all pages of one list: about 170,000 objects of 3 kB.
MOST_CHARACTERS = 512 * 1024 * 1024

Row = dict[str, t.Any]


class LongList(Exception):
    """The list has more objects than the limit of the caller."""


def read_pages(
    asked: str, conditions: t.Sequence[str], read: t.Callable[[t.Sequence[tuple[str, str]]], Reply], most: int | None = None,
) -> list[Row]:
    """Return all inventories that meet all conditions, sorted by uuid.

    Each page continues after the last uuid. Pages by offset would skip or repeat objects if others are created or deleted in the meantime.

    :param asked: the call, as a message names it.
    :param read: sends one query and returns its result.
    :param most: maximum number of objects.
    :raises LongList: after the page that exceeds ``most`` objects.
    :raises ProtocolError: for pages of another form, and for those that repeat or never end.
    """
    rows: list[Row] = []
    before: int | None = None
    steady = short = characters = 0
    while True:
        last = str(rows[-1]["uuid"]) if rows else ""
        after = [_query.condition("uuid", ">", last)] if rows else []
        reply = read([("q", text) for text in (*conditions, *after)] + [("limit", str(PAGE)), ("sort", "+uuid"), ("replyWithCount", "true")])
        page, total = _answers.inventories(asked, reply.body or {}), _answers.total(asked, reply.body or {})
        _check_order(asked, last, page)
        rows.extend(page)
        if total is None:
            complete = len(page) < PAGE
        else:
            # A full page with a smaller total: objects were created between counting and listing, so there may be more.
            complete = total <= len(page) < PAGE or total == len(page)
        if most is not None and max(len(rows), total or 0) > most:
            raise LongList
        if complete:
            return rows
        steady = steady + 1 if total is not None and before is not None and total >= before else 0
        short += len(page) < PAGE
        characters += len(reply.text)
        before = total
        if steady == MOST_STEADY or short > MOST_SHORT or characters > MOST_CHARACTERS:
            raise _endless(asked, rows, total)


def _check_order(asked: str, last: str, page: t.Sequence[Row]) -> None:
    # The database compares without case (REST protocol page, 5.3).
    for row in page:
        uuid = str(row["uuid"])
        if uuid.upper() <= last.upper():
            problem = "repeats the object with the uuid %s" % uuid if uuid.upper() == last.upper() else (
                "lists the uuid %s after %s, although the list must be sorted and the page starts after that one" % (uuid, last))
            raise ProtocolError("%s: the server %s. Check the systems between Ansible and the management node, such as a cache." % (asked, problem))
        last = uuid


def _endless(asked: str, rows: t.Sequence[Row], total: int | None) -> ProtocolError:
    return ProtocolError(
        "%s: the list does not end. The server still counts %s after %d objects were read. Check what is between Ansible and the management "
        "node, such as a cache." % (asked, "more objects" if total is None else "%d objects" % total, len(rows)))
