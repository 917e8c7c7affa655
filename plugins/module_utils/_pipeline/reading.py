# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Read all objects of a kind that meet all filters. Read-only."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.criteria import EQUAL, IN, Criterion
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import uuid_of
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.patterns import search
from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ServerError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.pages import PAGE
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources import remembered
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import MODEL_CENTER_REF
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import TEXT
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Field
from ansible_collections.zstack.aios.plugins.module_utils._resources.view import Column, View

# Maximum length of all encoded conditions of one request: with the path, they fit into 8 KiB (REST protocol page, 5.5).
MOST_SENT = 6000
TAG_PATHS = {"user_tags": "/v1/user-tags", "system_tags": "/v1/system-tags"}
CENTER = Field("model_center_uuid", "modelCenterUuid", TEXT, ref=MODEL_CENTER_REF)

Row = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Selection:
    """A selection of objects of a kind.

    :param criteria: filters that an object has to meet, all of them.
    :param pattern: an expression that has to match a part of the name.
    :param option: the name of the pattern in messages.
    """

    criteria: tuple[Criterion, ...] = ()
    pattern: re.Pattern[str] | None = None
    option: str = "name_regex"

    @property
    def exact(self) -> bool:
        """Whether the server can count the objects."""
        return self.pattern is None and all(criterion.exact for criterion in self.criteria)


def read(client: Client, view: View, selection: Selection) -> tuple[list[Row], int]:
    """Return the selected inventories of a kind, sorted by uuid, and the number of inventories that were read."""
    rows = _candidates(client, view.path, selection.criteria)
    found = [rows[uuid] for uuid in sorted(rows) if all(criterion.meets(rows[uuid]) for criterion in selection.criteria)]
    if selection.pattern is not None:
        fits = search(selection.option, selection.pattern, [str(row.get("name") or "") for row in found])
        found = [row for row, fitting in zip(found, fits) if fitting]
    return found, len(rows)


def count(client: Client, view: View, selection: Selection) -> int:
    """Return the number of selected objects of a kind, with one request if the server compares in the same way as this collection."""
    queries = _queries(selection.criteria)
    if selection.exact and len(queries) == 1 and len(queries[0]) == len(selection.criteria):
        with contextlib.suppress(_Refused), _refusals(queries[0]):
            return client.count(view.path, queries[0])
    return len(read(client, view, selection)[0])


def _candidates(client: Client, path: str, criteria: t.Sequence[Criterion]) -> dict[str, Row]:
    """Return at least every object that meets the criteria, by uuid."""
    rows: dict[str, Row] = {}
    try:
        for conditions in _queries(criteria):
            with _refusals(conditions):
                rows.update({str(row["uuid"]): row for row in client.query(path, conditions)})
    except _Refused:
        # Conditions only reduce the number of objects that are read, so a condition that this server cannot parse is omitted.
        rows = {str(row["uuid"]): row for row in client.query(path)}
    return rows


class _Refused(Exception):
    """The server does not accept the conditions of a query."""


@contextlib.contextmanager
def _refusals(conditions: t.Sequence[str]) -> t.Iterator[None]:
    """Raise `_Refused` for the errors of a server that does not know a field, or cannot parse a text of a query.

    These are SYS.1000 and HTTP 400 (REST protocol page, 5.1 and 5.3).
    """
    try:
        yield
    except ServerError as error:
        if conditions and (error.server_code == "SYS.1000" or error.status == 400):
            raise _Refused from error
        raise


def _queries(criteria: t.Sequence[Criterion]) -> list[list[str]]:
    """Return the queries that together find at least every selected row: one, or several for a long list of values."""
    together: list[str] = []
    several: list[str] | None = None
    left = MOST_SENT
    for criterion in sorted(criteria, key=lambda criterion: not criterion.exact):
        found = criterion.conditions()
        if found is None:
            continue
        if not found:
            return []
        length = max(len(_query.encoded(text)) for text in found)
        if (len(found) > 1 and several is not None) or length > left:
            continue
        left -= length
        if len(found) == 1:
            together += found
        else:
            several = found
    return [[*together, text] for text in several] if several else [together]


def center_of(client: Client, view: View, options: t.Mapping[str, t.Any]) -> list[Criterion]:
    """Return the filter for the model center in the options, if any."""
    uuid = options.get(CENTER.option)
    if options.get("model_center") is not None:
        uuid = uuid_of(client, CENTER, options["model_center"])
    return [] if uuid is None else [in_center(client, view, trim(uuid).lower())]


def in_center(client: Client, view: View, uuid: str) -> Criterion:
    """Return the filter for the objects that belong to a model center, directly or through another object."""
    key, uuids = CENTER.api, [uuid]
    for member, path in reversed(view.center or ()):
        criterion = _one_of(key, uuids)
        key, uuids = member, sorted(uuid for uuid, row in _candidates(client, path, [criterion]).items() if criterion.meets(row))
    return _one_of(key, uuids)


def _one_of(key: str, uuids: t.Sequence[str]) -> Criterion:
    path = (Column(key),)
    return Criterion("model_center", path, EQUAL, uuids[0]) if len(uuids) == 1 else Criterion("model_center", path, IN, list(uuids))


def read_tags(client: Client, view: View, rows: t.Sequence[Row], among: int) -> dict[str, dict[str, list[str]]]:
    """Return the user tags and system tags of objects, by uuid, without those in which this collection remembers values.

    The tags of a few objects are queried by uuid. For many objects, the tags of the whole kind are read in pages of a thousand.

    :param among: the minimum number of objects of the kind.
    """
    tags: dict[str, dict[str, list[str]]] = {str(row["uuid"]): {name: [] for name in TAG_PATHS} for row in rows}
    conditions = list(_query.one_of("resourceUuid", sorted(tags)))
    if len(conditions) > max(1, among // PAGE):
        conditions = [_query.condition("resourceType", "=", view.vo)]
    for name, path in TAG_PATHS.items():
        for condition in conditions:
            for tag in client.query(path, [condition]):
                text = tag.get("tag")
                if tag.get("resourceUuid") in tags and isinstance(text, str) and not text.startswith(remembered.PREFIX):
                    tags[tag["resourceUuid"]][name].append(text)
    return {uuid: {name: sorted(texts) for name, texts in found.items()} for uuid, found in tags.items()}
