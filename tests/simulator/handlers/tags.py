# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags on resources: what the tag calls and all other calls share (REST page, 6)."""
from __future__ import annotations

import re
from uuid import uuid4

from ..api_serving import DATA_TYPES, USAGE_SCENARIOS
from ..clock import now_ms
from ..errors import argument_error
from ..kinds import KINDS, KIND_OF_VO
from ..options import Config
from ..store import Store
from ..world import World
from .registry import Context

AI_KINDS = ("models", "model_centers", "model_services", "instance_groups", "datasets", "model_evaluation_tasks", "user_proxy_configs")
SCENARIO_TAG = "dataset::usage::scenarios::"
DATA_TYPE_TAG = "dataset::datatype::"
# System tags that take effect on the call itself and are never stored.
COMMAND_TAGS = re.compile(r"^(validationOnly|ephemeral::.+|twofatoken::\d{6})$")
# Registered patterns of stored system tags by kind. Those of datasets are published (AI page, 7), the rest of the real list is not.
AI_TAG = re.compile(r"^ai::[a-z0-9]+::.+$")
DATASET_TAG = re.compile(f"^({SCENARIO_TAG}({'|'.join(USAGE_SCENARIOS)})|{DATA_TYPE_TAG}({'|'.join(DATA_TYPES)}))$")
SYSTEM_TAGS = {kind: (AI_TAG, DATASET_TAG) if kind == "datasets" else (AI_TAG,) for kind in AI_KINDS}


def system_tag_fits(tag: str, kind: str | None) -> bool:
    """Return whether a system tag is registered for a kind."""
    return any(pattern.match(tag) for pattern in SYSTEM_TAGS.get(kind, ()))


def taggable(config: Config, kind: str) -> bool:
    """Return whether objects of a kind can have user tags on this server."""
    return KINDS[kind].vo not in config.untaggable


def check_message_tags(context: Context) -> None:
    """Check the systemTags of a request (the tag interceptors come last, REST page, 2.3)."""
    kind = context.message.api.target
    for tag in context.message.system_tags:
        if not COMMAND_TAGS.match(tag) and not system_tag_fits(tag, kind):
            raise argument_error(f"no system tag matches[{tag}] for resourceType[{KINDS[kind].vo if kind else 'null'}]")


def add_user_tag(store: Store, kind: str, resource_uuid: str, tag: str, pattern_uuid: str | None = None) -> dict:
    """Add a user tag unless the resource has it; return the row."""
    for row in store.find("user_tags", "resourceUuid", resource_uuid):
        if row["tag"] == tag and row.get("tagPatternUuid") == pattern_uuid:
            return row
    return put_tag(store, "user_tags", kind, resource_uuid, {"tag": tag, "type": "User", "tagPatternUuid": pattern_uuid})


def add_system_tag(store: Store, kind: str, resource_uuid: str, tag: str) -> dict | None:
    """Add a system tag; None when the resource has it already."""
    if any(row["tag"] == tag for row in store.find("system_tags", "resourceUuid", resource_uuid)):
        return None
    return put_tag(store, "system_tags", kind, resource_uuid, {"tag": tag, "type": "System", "inherent": False})


def put_tag(store: Store, tag_kind: str, kind: str, resource_uuid: str, values: dict) -> dict:
    """Insert a tag row."""
    now = now_ms()
    return store.put(tag_kind, {"uuid": uuid4().hex, "resourceUuid": resource_uuid, "resourceType": KINDS[kind].vo, **values,
                                "createDate": now, "lastOpDate": now, "_shared": True})


def apply_message_tags(context: Context) -> None:
    """Add the systemTags, userTags and, late, tagUuids of a request to its object (REST page, 4.6 and 6.4)."""
    kind = context.message.api.target
    uuid = context.created or context.message.values.get("uuid")
    if kind is None or context.store.get(kind, uuid) is None:
        return
    can_be_tagged = taggable(context.world.config, kind)
    for tag in context.message.user_tags if can_be_tagged else ():
        add_user_tag(context.store, kind, uuid, tag)
    for tag in context.message.system_tags:
        if not COMMAND_TAGS.match(tag):
            add_system_tag(context.store, kind, uuid, tag)
    patterns = context.message.values.get("tagUuids") or []
    if patterns and can_be_tagged:
        context.world.later(context.world.config.tag_delay_ms, lambda: attach_late(context.store, kind, uuid, patterns))


def attach_late(store: Store, kind: str, uuid: str, patterns: list[str]) -> None:
    """Attach patterns to a created object; patterns that were deleted in the meantime are silently ignored."""
    if store.get(kind, uuid) is None:
        return
    for pattern_uuid in patterns:
        pattern = store.get("tag_patterns", pattern_uuid)
        if pattern is not None:
            add_user_tag(store, kind, uuid, pattern["value"], pattern_uuid)


def kind_of_resource(store: Store, uuid: str) -> str | None:
    """Return the kind of the resource with a uuid."""
    return next((kind for kind in KIND_OF_VO.values() if store.get(kind, uuid) is not None), None)


def delete_resource(world: World, kind: str, uuid: str) -> None:
    """Remove an object with its tags and the references to it."""
    store = world.store
    world.endpoints.close(uuid)
    for tag_kind in ("user_tags", "system_tags"):
        for row in store.find(tag_kind, "resourceUuid", uuid):
            store.delete(tag_kind, row["uuid"])
    for field in ("modelUuid", "modelServiceUuid"):
        for row in store.find("model_service_refs", field, uuid):
            store.delete("model_service_refs", row["uuid"])
    store.delete(kind, uuid, reserve=KINDS[kind].resource)
