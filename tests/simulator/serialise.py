# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From stored rows to inventories and JSON as the server writes it (REST page, 1 and 8)."""
from __future__ import annotations

import json
from datetime import datetime, timezone
from functools import lru_cache, cache

from .kinds import KINDS, NESTED_CLASSES, Field
from .options import Config

HTML_ESCAPES = (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("=", "\\u003d"), ("'", "\\u0027"))
SAMPLE_SIZE = 1000
# Fields with secrets; how a server shows them is not published (AI page, 11).
PASSWORDS = ("proxyPassword",)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=20000)
def timestamp(epoch_ms: int, zone: timezone, style: str) -> str:
    """Return a date as Gson's default writes it: server local time, no zone; `style` is java8, comma or narrow (REST page, 8)."""
    moment = datetime.fromtimestamp(epoch_ms / 1000, zone)
    comma = "" if style == "java8" else ","
    space = "\u202f" if style == "narrow" else " "
    half = "AM" if moment.hour < 12 else "PM"
    hour = moment.hour % 12 or 12
    return f"{MONTHS[moment.month - 1]} {moment.day}, {moment.year}{comma} {hour}:{moment.minute:02d}:{moment.second:02d}{space}{half}"


def sql_timestamp(epoch_ms: int, zone: timezone) -> str:
    """Return a date as the database compares it."""
    return datetime.fromtimestamp(epoch_ms / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")


def to_json(value: object) -> str:
    """Return compact JSON with the HTML escapes of Gson."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escape in HTML_ESCAPES:
        if character in text:
            text = text.replace(character, escape)
    return text


def integers_of(text: str) -> list[int]:
    """Return the numbers of a recommendedGpuNum text such as '1,2,4' (AI page, 3); raise ValueError for other text."""
    return [int(part) for part in text.split(",") if part.strip()]


@cache
def visible_fields(kind: str, version: tuple[int, ...]) -> tuple[Field, ...]:
    """Return the fields of a kind that a server of this version has."""
    return tuple(field for field in KINDS[kind].fields if field.since is None or field.since <= version)


class Inventory(dict):
    """An object of an answer.

    :param class_name: the server's class, which the schema of the answer lists.
    """

    def __init__(self, class_name: str, values: dict) -> None:
        super().__init__(values)
        self.class_name = class_name


def schema_of(body: dict) -> dict[str, str]:
    """Return the class of each object inside an answer, by its path; a parent comes before what is inside it (REST page, 5)."""
    schema: dict[str, str] = {}

    def add(value: object, path: str) -> None:
        if isinstance(value, list):
            for number, item in enumerate(value):
                add(item, f"{path}[{number}]")
        elif isinstance(value, dict):
            if isinstance(value, Inventory):
                schema[path] = value.class_name
            for key, item in value.items():
                if isinstance(item, (dict, list)):
                    add(item, f"{path}.{key}" if path else key)

    add(body, "")
    return schema


class Renderer:
    """Turns rows into inventories."""

    def __init__(self, store, config: Config) -> None:
        self.store = store
        self.config = config

    def inventory(self, kind: str, row: dict) -> dict:
        """Return the inventory of a row: nulls left out, fields newer than the server left out."""
        zone, style = self.config.tzinfo, self.config.timestamp_style
        result = {}
        for field in visible_fields(kind, self.config.version):
            kind_of_field = field.type
            if kind_of_field == "Computed":
                value = self.computed(kind, field.name, row)
            else:
                value = row.get(field.name)
                if value is None or (field.name in PASSWORDS and self.config.passwords == "hidden"):
                    continue
                if field.name in PASSWORDS and self.config.passwords == "masked":
                    value = "*****"
                if kind_of_field == "Timestamp":
                    value = timestamp(value, zone, style)
                elif kind_of_field == "IntText":
                    value = integers_of(value)
                elif kind_of_field == "Rows":
                    value = [self.nested(field.name, item, zone, style) for item in value]
                elif kind_of_field == "Map":
                    value = {key: item for key, item in value.items() if item is not None}
                    if field.name in NESTED_CLASSES:
                        value = Inventory(NESTED_CLASSES[field.name], value)
            if value is not None:
                result[field.name] = value
        return Inventory(KINDS[kind].inventory, result)

    @staticmethod
    def nested(field: str, item: dict, zone: timezone, style: str) -> dict:
        """Return the inventory of a row that lives inside another one, in this field of it."""
        return Inventory(NESTED_CLASSES[field], {
            key: timestamp(value, zone, style) if key in ("createDate", "lastOpDate") else value
            for key, value in item.items() if value is not None and not key.startswith("_")
        })

    def computed(self, kind: str, name: str, row: dict) -> object:
        """Return a field that comes from other tables."""
        if name == "SAMPLE_SIZE":
            return SAMPLE_SIZE
        if name == "modelServiceRefs":
            key = "modelUuid" if kind == "models" else "modelServiceUuid"
            return [self.inventory("model_service_refs", ref) for ref in self.store.find("model_service_refs", key, row["uuid"])]
        pattern = self.store.get("tag_patterns", row["tagPatternUuid"]) if row.get("tagPatternUuid") else None
        return self.inventory("tag_patterns", pattern) if pattern else None
