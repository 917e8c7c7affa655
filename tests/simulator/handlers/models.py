# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model calls (AI page, 3, 5, 10 and 11)."""
from __future__ import annotations

from uuid import uuid4

from ..errors import ai_error, argument_error
from ..serialise import integers_of
from ..store import Store
from ..world import World
from .registry import Context, check, run
from .tags import add_user_tag

CLASS_PREFIX = "AI::"
MODEL_ID_SINCE = (5, 5, 22)


def check_gpu_number(context: Context) -> None:
    """Refuse a recommendedGpuNum that is no comma-separated list of numbers."""
    text = context.get("recommendedGpuNum")
    if text is None:
        return
    try:
        integers_of(text)
    except ValueError:
        raise argument_error(f"invalid recommendedGpuNum[{text}], expected integers separated by commas") from None


def check_model_id(context: Context, own_uuid: str | None) -> None:
    """Refuse a modelId that another model has (AI page, 9: checked in code)."""
    model_id = context.get("modelId")
    if model_id and any(row["uuid"] != own_uuid for row in context.store.find("models", "modelId", model_id)):
        raise argument_error(f"model with modelId[{model_id}] already exists")


def class_pattern(context: Context, text: str | None) -> dict | None:
    """Return the shipped tag pattern of a classification, which may come with or without AI:: (the configuration can narrow that)."""
    prefixed = bool(text) and text.startswith(CLASS_PREFIX)
    form = context.world.config.classification_form
    if not text or (form == "bare" and prefixed) or (form == "prefixed" and not prefixed):
        return None
    name = text if prefixed else CLASS_PREFIX + text
    return next((row for row in context.store.find("tag_patterns", "name", name) if row["name"] == name), None)


@check("AddModel")
def check_add(context: Context) -> None:
    """Check a new model."""
    check_gpu_number(context)
    check_model_id(context, None)
    default = context.get("defaultModelServiceUuid")
    if default is not None and default not in (context.get("modelServiceUuids") or []):
        raise argument_error(f"defaultModelServiceUuid[{default}] is not in modelServiceUuids")


@run("AddModel")
def add(context: Context) -> dict:
    """Create a model; the token for the source of its files is never stored."""
    check_model_id(context, None)
    names = ("name", "installPath", "description", "parameters", "modelCenterUuid", "logo", "vendor", "introduction", "size", "version",
             "recommendedGpuNum", "gpuConstraintDescription", "modelId")
    values = {"size": 0, "type": "Custom", **context.message.given(*names)}
    row = context.create("models", values)
    changes: dict = {}
    if row.get("modelId") is None and context.world.config.version >= MODEL_ID_SINCE:
        changes["modelId"] = row["uuid"]
    if context.get("shareMode") == "Public":
        changes["_shared"] = True
    if changes:
        context.store.put("models", {**row, **changes})
    for service in dict.fromkeys(context.get("modelServiceUuids") or []):
        bind_pair(context.store, row["uuid"], service, service == context.get("defaultModelServiceUuid"))
    return context.inventory("models", row["uuid"])


@check("UpdateModel")
def check_update(context: Context) -> None:
    """Check a change of a model."""
    uuid = context.get("uuid")
    center = context.get("modelCenterUuid")
    if center is not None and context.store.get("model_centers", center) is None:
        raise ai_error(10120, f"model center[uuid:{center}] not found")
    check_gpu_number(context)
    check_model_id(context, uuid)
    for text in context.get("modelClassifications") or []:
        if class_pattern(context, text) is None:
            raise ai_error(10125, f"model classification[{text}] is not supported")
    default = context.get("defaultModelServiceUuid")
    if default is not None and context.get("clearDefaultModelService"):
        raise argument_error("defaultModelServiceUuid and clearDefaultModelService cannot be set together")
    if default is not None and not find_pair(context.store, uuid, default):
        raise argument_error(f"model service[uuid:{default}] is not bound to model[uuid:{uuid}]")


@run("UpdateModel")
def update(context: Context) -> dict:
    """Change a model."""
    uuid = context.get("uuid")
    names = ("name", "installPath", "description", "vendor", "parameters", "modelCenterUuid", "recommendedGpuNum",
             "gpuConstraintDescription", "modelId")
    context.change("models", uuid, context.message.given(*names))
    if context.get("modelClassifications") is not None:
        classify(context, uuid, context.get("modelClassifications"))
    if context.get("defaultModelServiceUuid") is not None or context.get("clearDefaultModelService"):
        for ref in context.store.find("model_service_refs", "modelUuid", uuid):
            context.store.put("model_service_refs", {**ref, "isDefault": ref["modelServiceUuid"] == context.get("defaultModelServiceUuid")})
    return context.inventory("models", uuid)


def classify(context: Context, uuid: str, texts: list[str]) -> None:
    """Make the AI:: tags of a model exactly these."""
    patterns = {pattern["uuid"]: pattern for pattern in (class_pattern(context, text) for text in texts)}
    for row in context.store.find("user_tags", "resourceUuid", uuid):
        if row["tag"].startswith(CLASS_PREFIX) and row.get("tagPatternUuid") not in patterns:
            context.store.delete("user_tags", row["uuid"])
    for pattern in patterns.values():
        add_user_tag(context.store, "models", uuid, pattern["name"], pattern["uuid"])


def find_pair(store: Store, model_uuid: str, service_uuid: str) -> dict | None:
    """Return the reference between a model and a service."""
    return next((ref for ref in store.find("model_service_refs", "modelUuid", model_uuid) if ref["modelServiceUuid"] == service_uuid), None)


def bind_pair(store: Store, model_uuid: str, service_uuid: str, is_default: bool) -> None:
    """Bind a model to a service; an existing binding is not changed."""
    if find_pair(store, model_uuid, service_uuid) is None:
        store.put("model_service_refs", {"uuid": uuid4().hex, "modelUuid": model_uuid, "modelServiceUuid": service_uuid, "isDefault": is_default})


@run("BindModelToService")
def bind(context: Context) -> dict:
    """Bind a model to a service; the answer is the service."""
    bind_pair(context.store, context.get("modelUuid"), context.get("modelServiceUuid"), False)
    return context.inventory("model_services", context.get("modelServiceUuid"))


@run("UnbindModelFromService")
def unbind(context: Context) -> dict:
    """Remove the binding of a pair; the answer is the service."""
    ref = find_pair(context.store, context.get("modelUuid"), context.get("modelServiceUuid"))
    if ref is not None:
        context.store.delete("model_service_refs", ref["uuid"])
    return context.inventory("model_services", context.get("modelServiceUuid"))


def give_model_ids(world: World) -> None:
    """Give every model without modelId its own uuid, as the 5.5.22 upgrade did (AI page, 9)."""
    if world.config.version < MODEL_ID_SINCE:
        return
    for row in world.store.all("models"):
        if row.get("modelId") is None:
            world.store.put("models", {**row, "modelId": row["uuid"]})
