# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Describe several matching objects in a message: their uuids, and the fields that distinguish them. Looks up the names of their parents."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import quoted, server_date
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import CENTERS, SERVICES, ZONES

LISTED = 3
# Inventory fields that name what an object belongs to.
_PARENTS = (("modelCenterUuid", CENTERS, "in"), ("modelServiceUuid", SERVICES, "of"), ("zoneUuid", ZONES, "in"))
_STATES = (("type", "type"), ("status", "status"), ("proxyPort", "port"))

Row = t.Mapping[str, t.Any]


def distinguished(client: Client, rows: t.Sequence[Row], named: str = "") -> str:
    """Return the first objects of a list, each with its uuid and the fields in which they differ.

    :param named: the inventory field with their names, which are shown as well; empty for objects of the same name.
    """
    different = {key: len({str(row.get(key)) for row in rows}) > 1 for key in ("createDate", *(key for key, *_rest in (*_PARENTS, *_STATES)))}
    dates = [server_date(row.get("createDate")) for row in rows]
    known = [date for date in dates if date]
    by_day = len({date.date() for date in known}) == len(known)
    found = []
    for row, date in list(zip(rows, dates))[:LISTED]:
        facts = ["%s %s" % (word, _name_of(client, path, str(row[key]))) for key, path, word in _PARENTS if different[key] and row.get(key)]
        facts += ["%s %s" % (word, row[key]) for key, word in _STATES if different[key] and row.get(key)]
        if date and different["createDate"]:
            facts.append("created %s" % (date.date() if by_day else date))
        start = " ".join(part for part in (quoted(row.get(named)) if named else "", ", ".join(facts)) if part)
        found.append("%s (uuid %s)" % (start, row.get("uuid")) if start else "uuid %s" % row.get("uuid"))
    return "; ".join(found) + ("; and %d more" % (len(rows) - LISTED) if len(rows) > LISTED else "")


def _name_of(client: Client, path: str, uuid: str) -> str:
    """Return the name of the parent of an object, or its uuid if the name is unknown."""
    try:
        name = (client.get(path, uuid) or {}).get("name")
    except ZStackError:
        name = None
    return quoted(name) if name else uuid
