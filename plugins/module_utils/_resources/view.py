# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The readable columns of the inventory of a kind, derived from its table if it has one. No I/O."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._resources.casing import snake_key
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Resource

# The types of columns. The members of a record, and of each record of a list, are columns; the keys of a map are data.
TEXT, INTEGER, DECIMAL, FLAG, DATE, TEXTS, INTEGERS, MAP, RECORD, RECORDS = (
    "text", "int", "float", "bool", "date", "texts", "ints", "map", "record", "records")
SCALARS = (TEXT, INTEGER, DECIMAL, FLAG, DATE)
_LISTS = {"str": TEXTS, "int": INTEGERS, "dict": RECORDS}
_OPTIONS = {"str": TEXT, "raw": TEXT, "int": INTEGER, "float": DECIMAL, "bool": FLAG, "dict": MAP}
_DATES = "createDate:date lastOpDate:date"


@dataclasses.dataclass(frozen=True)
class Column:
    """One member of an inventory.

    :param api: its name in the API.
    :param type: one of the types above.
    :param members: the columns of a record.
    :param secret: True if its values are never shown, so that it cannot be used to filter or sort.
    """

    api: str
    type: str = TEXT
    members: tuple[Column, ...] = ()
    secret: bool = False

    @property
    def name(self) -> str:
        """Its name in options and results."""
        return snake_key(self.api)


# Maximum number of segments of a field name, such as the image of one of the images of a service.
Path = tuple[Column, ...]


@dataclasses.dataclass(frozen=True)
class View:
    """The readable columns of a kind.

    :param kind: its name, such as ``model``.
    :param plural: its name in results, such as ``models``.
    :param title: the name of one object in messages.
    :param path: the path at which it is queried.
    :param vo: the server's resource type, as tags name it.
    :param center: how to find the model center of an object: pairs of an inventory key and the path at which the object with that uuid is queried; the last
        one shows ``modelCenterUuid``. None for a kind without a model center.
    :param hides: the keys of YAML texts in which variables may be secrets.
    """

    kind: str
    plural: str
    title: str
    path: str
    vo: str
    columns: tuple[Column, ...]
    center: tuple[tuple[str, str], ...] | None = ()
    hides: tuple[str, ...] = ()

    @property
    def named(self) -> bool:
        """Whether objects of this kind have names."""
        return any(column.api == "name" for column in self.columns)

    def column(self, name: str) -> Column | None:
        """Return the column with that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    def find(self, name: str) -> Path | None:
        """Return what a name such as ``vendor`` or ``model_service_images.docker_image`` represents, or None."""
        path: list[Column] = []
        columns: tuple[Column, ...] = self.columns
        parts = name.split(".", 1)
        while True:
            column = next((item for item in columns if item.name == parts[0]), None)
            if column is None:
                return None
            path.append(column)
            if len(parts) == 1:
                return tuple(path)
            if column.type == MAP:
                return (*path, Column(parts[1])) if parts[1] else None
            columns, parts = column.members, parts[1].split(".", 1)


def parse(text: str, members: t.Mapping[str, str] | None = None) -> tuple[Column, ...]:
    """Parse the columns of a text such as ``name size:int refs:records``.

    :param members: the columns of each record, by the record's name.
    """
    found = []
    for item in text.split():
        api, _unused, kind = item.partition(":")
        found.append(Column(api, kind or TEXT, parse((members or {}).get(api, ""))))
    return tuple(found)


def view_of(
    table: Resource, plural: str, more: str, members: t.Mapping[str, str] | None = None, center: tuple[tuple[str, str], ...] | None = (),
    hides: tuple[str, ...] = (),
) -> View:
    """Return the view of a kind with a table: the fields that it shows, and the columns that no option manages.

    :param more: those columns, for `parse`.
    """
    joined = set(table.related.fields) if table.related else set()
    columns = {"uuid": Column("uuid")}
    for field in table.fields:
        if field.inventory and field.inventory not in joined:
            argument = field.type.argument
            kind = _LISTS[argument["elements"]] if argument["type"] == "list" else _OPTIONS[argument["type"]]
            columns[field.inventory] = Column(field.inventory, kind, secret=field.secret)
    columns.update({column.api: column for column in (*parse(more, members), *parse(_DATES))})
    return View(table.kind, plural, table.title, table.path, table.vo, tuple(columns.values()), center, hides)
