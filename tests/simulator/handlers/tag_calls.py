# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tag calls (REST page, 6)."""
from __future__ import annotations

from ..errors import ApiError, argument_error
from ..kinds import KIND_OF_VO
from .registry import Context, check, run
from .tags import add_system_tag, add_user_tag, delete_resource, kind_of_resource, put_tag, system_tag_fits, taggable


def checked_kind(context: Context) -> str:
    """Return the kind named by resourceType; raise SYS.1007 or SYS.1003."""
    kind = KIND_OF_VO.get(context.get("resourceType"))
    user_tag = context.message.api.name == "CreateUserTag"
    if kind is None or (user_tag and not taggable(context.world.config, kind)):
        raise argument_error(f"no resource type[{context.get('resourceType')}] found for tag")
    if context.store.get(kind, context.get("resourceUuid")) is None:
        raise ApiError("SYS.1003", f"invalid field[resourceUuid], resource[uuid:{context.get('resourceUuid')}, "
                                   f"type:{context.get('resourceType')}] not found")
    return kind


def no_match(tag: str, resource_type: str) -> ApiError:
    """Return the refusal of an unregistered system tag."""
    return argument_error(f"no system tag matches[{tag}] for resourceType[{resource_type}]")


@check("CreateUserTag")
def check_user_tag(context: Context) -> None:
    """Refuse unknown types and a text that the resource has already."""
    checked_kind(context)
    if any(row["tag"] == context.get("tag") for row in context.store.find("user_tags", "resourceUuid", context.get("resourceUuid"))):
        raise ApiError("SYS.1006", f"Duplicated Tag[tag:{context.get('tag')}]")


@run("CreateUserTag")
def create_user_tag(context: Context) -> dict:
    """Create a user tag."""
    check_user_tag(context)
    row = put_tag(context.store, "user_tags", checked_kind(context), context.get("resourceUuid"), {"tag": context.get("tag"), "type": "User"})
    return context.inventory("user_tags", row["uuid"])


@check("CreateSystemTag", "CreateSystemTags")
def check_system_tag(context: Context) -> None:
    """Refuse texts that no registered pattern fits."""
    kind = checked_kind(context)
    for tag in context.get("tags") or [context.get("tag")]:
        if not system_tag_fits(tag, kind):
            raise no_match(tag, context.get("resourceType"))


@run("CreateSystemTag")
def create_system_tag(context: Context) -> dict:
    """Create a system tag; an identical one gives success without an inventory."""
    row = add_system_tag(context.store, checked_kind(context), context.get("resourceUuid"), context.get("tag"))
    return context.inventory("system_tags", row["uuid"]) if row else {}


@run("CreateSystemTags")
def create_system_tags(context: Context) -> dict:
    """Create several system tags."""
    kind = checked_kind(context)
    rows = [add_system_tag(context.store, kind, context.get("resourceUuid"), tag) for tag in context.get("tags")]
    return {"inventories": [context.world.renderer.inventory("system_tags", row) for row in rows if row]}


@check("UpdateSystemTag")
def check_system_tag_update(context: Context) -> None:
    """Refuse texts that no registered pattern fits."""
    row = context.store.get("system_tags", context.get("uuid"))
    if not system_tag_fits(context.get("tag"), KIND_OF_VO.get(row["resourceType"])):
        raise no_match(context.get("tag"), row["resourceType"])


@run("UpdateSystemTag")
def update_system_tag(context: Context) -> dict:
    """Change the text of a system tag."""
    context.store.update("system_tags", context.get("uuid"), {"tag": context.get("tag")})
    return context.inventory("system_tags", context.get("uuid"))


@check("DeleteTag")
def check_tag_delete(context: Context) -> None:
    """Refuse to delete inherent system tags."""
    row = context.store.get("system_tags", context.get("uuid"))
    if row is not None and row.get("inherent"):
        raise ApiError("SYS.1006", f"tag[uuid:{context.get('uuid')}] is inherent, it cannot be deleted")


@run("DeleteTag")
def delete_tag(context: Context) -> dict:
    """Delete a user tag, system tag or pattern; an unknown uuid is a success."""
    uuid = context.get("uuid")
    for kind in ("user_tags", "system_tags"):
        context.store.delete(kind, uuid)
    if context.store.get("tag_patterns", uuid) is not None:
        for row in context.store.find("user_tags", "tagPatternUuid", uuid):
            context.store.delete("user_tags", row["uuid"])
        delete_resource(context.world, "tag_patterns", uuid)
    return {}


@check("CreateTag")
def check_pattern(context: Context) -> None:
    """Refuse a second pattern of the same owner, name, colour and type."""
    for row in context.store.find("tag_patterns", "name", context.get("name")):
        same = all(row.get(key) == context.get(key) for key in ("name", "color", "type"))
        if same and row.get("_owner") == context.owner:
            raise ApiError("TAG.1001", f"duplicated tag[name:{context.get('name')}]")


@run("CreateTag")
def create_pattern(context: Context) -> dict:
    """Create a tag pattern."""
    check_pattern(context)
    row = context.create("tag_patterns", {key: context.get(key) for key in ("name", "value", "description", "color", "type")})
    return context.inventory("tag_patterns", row["uuid"])


@check("UpdateTag")
def check_pattern_update(context: Context) -> None:
    """Refuse to change the value of a simple pattern."""
    row = context.store.get("tag_patterns", context.get("uuid"))
    value = context.get("value")
    if row.get("type") == "simple" and value is not None and value != row["value"]:
        raise argument_error("the value of a simple tag cannot be changed")


@run("UpdateTag")
def update_pattern(context: Context) -> dict:
    """Change a tag pattern."""
    context.store.update("tag_patterns", context.get("uuid"), context.message.given("name", "value", "description", "color"))
    return context.inventory("tag_patterns", context.get("uuid"))


def substituted(value: str, tokens: dict) -> str:
    """Return the value of a withToken pattern with its {tokens} filled in."""
    for key, text in tokens.items():
        value = value.replace("{" + key + "}", str(text))
    return value


@run("AttachTagToResources")
def attach(context: Context) -> dict:
    """Attach a pattern to resources; failures are reported per resource inside a successful job."""
    pattern = context.store.get("tag_patterns", context.get("tagUuid"))
    results = []
    for uuid in context.get("resourceUuids"):
        kind = kind_of_resource(context.store, uuid)
        if kind is None or not taggable(context.world.config, kind):
            error = ApiError("TAG.1000", f"resource[uuid:{uuid}] " + ("not found" if kind is None else "cannot be tagged"))
            results.append({"error": error.inventory(context.world.config.shows_global_codes), "success": False})
            continue
        row = add_user_tag(context.store, kind, uuid, substituted(pattern["value"], context.get("tokens") or {}), pattern["uuid"])
        results.append({"inventory": context.world.renderer.inventory("user_tags", row), "success": True})
    return {"results": results, "success": True}


@run("DetachTagFromResources")
def detach(context: Context) -> dict:
    """Remove the user tags of a pattern from resources."""
    wanted = set(context.get("resourceUuids"))
    for row in context.store.find("user_tags", "tagPatternUuid", context.get("tagUuid")):
        if row["resourceUuid"] in wanted:
            context.store.delete("user_tags", row["uuid"])
    return {}
