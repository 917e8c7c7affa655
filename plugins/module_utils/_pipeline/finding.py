# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Find objects by name: one object for each of several names, with as few requests as possible. Read-only."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.criteria import EQUAL, IN, Criterion, canonical
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import only_one
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.reading import Row, Selection, center_of, read
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.view import Path, View


def find_named(client: Client, view: View, names: t.Sequence[str], options: t.Mapping[str, t.Any], place: str) -> list[Row]:
    """Return the inventory of each of the names.

    :param options: ``model_center_uuid`` or ``model_center``, to limit the search; or neither.
    :param place: the name of the option in messages.
    :raises MissingError: for a name that no object has.
    :raises AmbiguousError: for a name that several objects have.
    """
    path = t.cast(Path, view.find("name"))
    wanted = list(dict.fromkeys(map(trim, names)))
    name = Criterion("name", path, EQUAL, wanted[0]) if len(wanted) == 1 else Criterion("name", path, IN, wanted)
    within = center_of(client, view, options)
    found, _unused = read(client, view, Selection((name, *within)))
    rows: dict[str, list[Row]] = {one: [] for one in wanted}
    for row in found:
        rows[trim(canonical(path[-1], row.get("name")))].append(row)
    instead = "model_center or model_center_uuid to identify one of them" if view.center is not None and not within else "its uuid"
    return [only_one(client, rows[trim(one)], place, view.title, one, lambda: read(client, view, Selection(tuple(within)))[0], instead) for one in names]
