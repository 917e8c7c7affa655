# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The users of an object: read if its deletion is refused, and before a deletion that would also delete them."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import UsedError, ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import listed, title_of
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Resource, Use

LISTED = 10


def users_of(client: Client, table: Resource, uuid: str) -> str:
    """Return a sentence that names the users of an object; an empty text if there are none, or if the server does not answer."""
    try:
        found = [(use, row) for use in table.users for row in _rows(client, use, uuid)]
    except ZStackError:
        return ""
    return "It is used by: %s." % _list(found) if found else ""


def refuse_loss(client: Client, table: Resource, inventory: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]) -> None:
    """Refuse a deletion with which the server would delete other objects as well, unless ``delete_mode`` is Enforcing.

    :raises UsedError: naming those objects (AI API page, section 5: deleting a model center removes its models and datasets).
    """
    if options.get("delete_mode") == "Enforcing":
        return
    found = [(use, row) for use in table.users if use.lost for row in _rows(client, use, str(inventory.get("uuid")))]
    if found:
        raise UsedError("The %s %s is not deleted, since the server would delete with it: %s. Delete these first, or set delete_mode to Enforcing." % (
            table.title, table.title_of(inventory), _list(found)))


def _rows(client: Client, use: Use, uuid: str) -> list[dict[str, t.Any]]:
    # No condition for a member of a list is supported by every server.
    conditions = [] if use.member else [_query.equals(use.key, uuid)]
    return [row for row in client.query(use.path, conditions) if use.holds(row, uuid)]


def _list(found: t.Sequence[tuple[Use, dict[str, t.Any]]]) -> str:
    return listed(found, LISTED, lambda item: "%s %s" % (item[0].title, title_of(item[1])))
