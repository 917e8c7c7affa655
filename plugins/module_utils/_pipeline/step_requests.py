# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The requests of steps, and what shows that one of them had its effect."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.ready import Watch
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.steps import Step
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import VALIDATION_ONLY, Write
from ansible_collections.zstack.aios.plugins.module_utils._protocol.outcomes import Effect
from ansible_collections.zstack.aios.plugins.module_utils._resources.remembered import Digest
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import SELF, SELF_IN_PATH, Field, Observed, Resource


def request(table: Resource, options: t.Mapping[str, t.Any], step: Step, uuid: str, validate: bool = False) -> Write:
    """Return the call of a step for the object with a uuid; with ``validate``, a call that the server only validates."""
    root = dict(step.root)
    if validate:
        root["systemTags"] = [*root.get("systemTags", []), VALIDATION_ONLY]
    if step.call.wrapper is None:
        query = tuple((key, text) for key, value in root.items() for text in (value if isinstance(value, list) else [value]))
        return Write(step.call.name, step.call.method, step.path.replace(SELF_IN_PATH, uuid), None, query)
    root = {key: _filled(value, uuid) for key, value in root.items()}
    params = {key: _filled(value, uuid) for key, value in step.params.items()}
    if step.call.creates:
        params["resourceUuid"] = uuid
    return Write(step.call.name, step.call.method, step.path.replace(SELF_IN_PATH, uuid), {step.call.wrapper: params, **root},
                 effect=None if validate else _effect(table, options, step, uuid))


def watched(table: Resource, write: Write, find: t.Callable[[], dict[str, t.Any] | None], before: dict[str, t.Any] | None = None) -> Write:
    """Return the write with a watch on its object, if the operation continues after the call."""
    return dataclasses.replace(write, watch=Watch(table, find, before)) if table.ready else write


def _effect(table: Resource, options: t.Mapping[str, t.Any], step: Step, uuid: str) -> Effect | None:
    """Return how the inventory shows that an update is done; None if it cannot show everything, such as tags or operations that continue.

    If two runs do the same, only the job shows which run created or deleted the object.
    """
    if step.call is not table.update or table.ready or table.related or step.tags or "userTags" in step.root or "systemTags" in step.root:
        return None
    fields = [field for field in table.fields if field.option in step.fields]
    if not fields or any(not field.readable or field.needs or field.remembered for field in fields):
        return None
    return Effect(table.path, uuid, lambda row: row is not None and all(field.same(options[field.option], Observed(row)) for field in fields))


def shows(table: Resource, options: t.Mapping[str, t.Any], step: Step, inventory: dict[str, t.Any]) -> bool:
    """Return whether an object has the values of its creation, as far as its inventory shows them."""
    fields = [field for field in table.fields if field.option in step.fields and field.readable and not field.needs and not field.remembered]
    return same(fields, options, Observed(inventory))


def same(fields: t.Sequence[Field], options: t.Mapping[str, t.Any], observed: Observed) -> bool:
    return all(field.readable and field.same(options[field.option], observed) for field in fields)


def inventory_of(result: dict[str, t.Any]) -> dict[str, t.Any] | None:
    """Return the object in the response to a call; None if it has no uuid."""
    inventory = result.get("inventory")
    return inventory if inventory and inventory.get("uuid") else None


def _filled(value: t.Any, uuid: str) -> t.Any:
    if isinstance(value, list):
        return [_filled(item, uuid) for item in value]
    return uuid if value is SELF else value.text() if isinstance(value, Digest) else value
