# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Shared parts of tables: tags, and the references between kinds."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources import remembered
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import MEMBERS
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import SELF, Attach, Call, Field, Observed, Param, Ref

# Paths of kinds of the platform.
ZONES, CLUSTERS, L3_NETWORKS, IMAGES = "/v1/zones", "/v1/clusters", "/v1/l3-networks", "/v1/images"
# Paths of kinds of the AI API (AI API page, section 2); the trailing slash of the groups belongs to the path.
CENTERS, MODELS, SERVICES, DATASETS = "/v1/ai/model-centers", "/v1/ai/models", "/v1/ai/model-services", "/v1/ai/datasets"
GROUPS, EVALUATION_TASKS = "/v1/ai/model-services/instances/groups/", "/v1/model-evaluation-tasks"
MODEL_CENTER_REF = Ref("model_center", "model center", CENTERS)
MODEL_REF = Ref("model", "model", MODELS)
DATASETS_REF = Ref("datasets", "dataset", DATASETS)

# REST protocol page, 6.1 and 6.4.
CREATE_USER_TAG = Attach(
    Call("CreateUserTag", "POST", "/v1/user-tags", "params"),
    lambda value, vo: {"resourceType": vo, "resourceUuid": SELF, "tag": value})
ATTACH_TAG = Attach(
    Call("AttachTagToResources", "POST", "/v1/tags/{value}/resources", "params"),
    lambda value, vo: {"resourceUuids": [SELF]})
DELETE_TAG = Call("DeleteTag", "DELETE", "/v1/tags/{uuid}", None)


def adopt_any(options: t.Mapping[str, t.Any], row: t.Mapping[str, t.Any]) -> bool:
    """Accept every object that a lookup finds."""
    return True


def texts_of(rows: t.Sequence[t.Mapping[str, t.Any]] | None) -> list[str]:
    """Return the texts of tags."""
    return [str(row.get("tag")) for row in rows or []]


def own_tags(observed: Observed) -> list[str]:
    """Return the texts of the user tags without the digests of this collection."""
    return [text for text in texts_of(observed.user_tags) if not text.startswith(remembered.PREFIX)]


def user_tags(update: bool) -> Field:
    """Free text on the object. The update call of some kinds accepts them; for other kinds, each tag is added by a separate call."""
    return Field(
        "user_tags", "userTags", MEMBERS, create=Param(root=True), update=Param(root=True) if update else None, attach=None if update else CREATE_USER_TAG,
        reads=own_tags, needs="user_tags")


def system_tags() -> Field:
    """Registered text on the object."""
    return Field(
        "system_tags", "systemTags", MEMBERS, create=Param(root=True), update=Param(root=True),
        reads=lambda observed: texts_of(observed.system_tags), needs="system_tags")


def tag_uuids() -> Field:
    """Tag patterns on the object.

    They are attached by a separate call and not by ``tagUuids`` of the creating call, which attaches late and hides a failure (REST protocol page, 4.6).
    """
    return Field(
        "tag_uuids", "tagUuids", MEMBERS, attach=ATTACH_TAG,
        reads=lambda observed: [row.get("tagPatternUuid") for row in observed.user_tags or [] if row.get("tagPatternUuid")], needs="user_tags")


def plain_tags() -> tuple[Field, ...]:
    """Return all tag fields of a kind whose update call does not accept user tags."""
    return (user_tags(update=False), system_tags(), tag_uuids())


def default_services(observed: Observed) -> list[str]:
    """Return the uuids of the services that are marked as the model's default (AI API page, section 3)."""
    refs = observed.inventory.get("modelServiceRefs") or []
    return [str(ref.get("modelServiceUuid")) for ref in refs if ref.get("isDefault")]


def check_tags(options: t.Mapping[str, t.Any]) -> None:
    """Refuse a system tag that is a command and would prevent a write from being executed."""
    if "validationOnly" in [trim(tag) for tag in options.get("system_tags") or []]:
        raise OptionError("system_tags: validationOnly makes the server validate a call without executing it. Use server_side_check in check mode for that.")
