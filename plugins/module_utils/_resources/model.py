# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The table of AI models: AddModel, UpdateModel, DeleteModel (AI API page, sections 3, 5 and 11)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import (
    GROUPS, MODEL_CENTER_REF, MODELS, SERVICES, check_tags, default_services, system_tags, tag_uuids, user_tags,
)
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import LONG, MEMBERS, NUMBER_SET_TEXT, TEXT, Flag, NameSet, Text
from ansible_collections.zstack.aios.plugins.module_utils._resources.structured import JSON_TEXT
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import (
    Attach, Call, Field, Lookup, Observed, Param, Ref, Resource, Use,
)

CLASS_PREFIX = "AI::"
BINDING = MODELS + "/{uuid}/model-services/{value}"
BIND = Attach(Call("BindModelToService", "POST", BINDING, "param", "5.1.8"), first=True)
UNBIND = Attach(Call("UnbindModelFromService", "DELETE", BINDING, None), removes=True)


class Default(Text):
    """The default service of a model: the list of all services that are marked as default, which should be one."""

    def want(self, value: t.Any) -> t.Any:
        return [super().want(value)]

    def read(self, raw: t.Any) -> t.Any:
        return sorted(raw or [])

    def same(self, wanted: t.Any, found: t.Any) -> bool:
        return wanted == (found or [])

    def show(self, canonical: t.Any) -> t.Any:
        return ", ".join(canonical or []) or None

    def express(self, raw: t.Any) -> t.Any:
        # No option can express several defaults.
        return raw[0] if raw and len(raw) == 1 else None


class NoDefault(Flag):
    """A command: true clears the default service, false has no effect."""

    command = True

    def want(self, value: t.Any) -> t.Any:
        return [] if value else None

    def read(self, raw: t.Any) -> t.Any:
        return sorted(raw or [])

    def same(self, wanted: t.Any, found: t.Any) -> bool:
        return wanted is None or not found

    def show(self, canonical: t.Any) -> t.Any:
        return ", ".join(canonical or []) or None

    def after(self, wanted: t.Any, found: t.Any) -> t.Any:
        return found if wanted is None else []

    def express(self, raw: t.Any) -> t.Any:
        return None


class Only(Flag):
    """A command: the services that may stay bound, or false. `_complete` replaces true with the services."""

    command = True

    def want(self, value: t.Any) -> t.Any:
        return sorted(map(trim, value)) if isinstance(value, list) else None

    def read(self, raw: t.Any) -> t.Any:
        return sorted(raw or [])

    def same(self, wanted: t.Any, found: t.Any) -> bool:
        return wanted is None or set(found or []) <= set(wanted)

    def repair(self, value: t.Any, found: t.Any) -> t.Any:
        kept = self.want(value)
        return [] if kept is None else [uuid for uuid in found or [] if uuid not in kept]

    def express(self, raw: t.Any) -> t.Any:
        return None


class Classes(NameSet):
    """Classification names. It is not published whether the server requires the prefix ``AI::``, so both spellings are equal."""

    def want(self, value: t.Any) -> t.Any:
        names = [trim(str(name)) for name in value]
        return super().want([name[len(CLASS_PREFIX):] if name.startswith(CLASS_PREFIX) else name for name in names])

    def read(self, raw: t.Any) -> t.Any:
        return self.want(raw)


def classifications(observed: Observed) -> list[str]:
    """Return the classifications of a model, which are visible only as user tags (AI API page, section 3)."""
    texts = []
    for row in observed.user_tags or []:
        pattern = row.get("tagPattern") or {}
        texts.append(next((str(text) for text in (row.get("tag"), pattern.get("name")) if str(text or "").startswith(CLASS_PREFIX)), ""))
    return [text for text in texts if text]


def _complete(options: dict[str, t.Any]) -> dict[str, t.Any]:
    """Also bind the default service, which the server requires, and list the services that may stay bound if no others may."""
    if options["state"] == "absent":
        return options
    default, bound = options.get("default_model_service_uuid"), options.get("model_service_uuids") or []
    completed = dict(options)
    if default is not None and trim(default) not in map(trim, bound):
        completed["model_service_uuids"] = [*bound, default]
    if options.get("model_services_exact"):
        completed["model_services_exact"] = list(completed.get("model_service_uuids") or [])
    return completed


def bound_services(observed: Observed) -> list[t.Any]:
    """Return the uuids of the services that are bound to the model."""
    return [ref.get("modelServiceUuid") for ref in observed.inventory.get("modelServiceRefs") or []]


def own_tags(observed: Observed) -> list[str]:
    """Return the user tags that are not classifications, which have their own option."""
    return [str(row.get("tag")) for row in observed.user_tags or [] if not str(row.get("tag")).startswith(CLASS_PREFIX)]


def _fields() -> tuple[Field, ...]:
    def text(option: str, api: str, create: Param | None, update: Param | None, longest: int | None = None, **more: t.Any) -> Field:
        return Field(option, api, TEXT, create, update, inventory=api, longest=longest, **more)

    default, bound = Ref("default_model_service", "model service", SERVICES), Ref("model_services", "model service", SERVICES)
    return (
        text("name", "name", Param("5.1.8"), Param("5.1.8", 255), 255),
        text("install_path", "installPath", Param("5.1.8"), Param("5.1.8", 255), 2048),
        text("description", "description", Param("5.1.8"), Param("5.1.8", 255), 2048),
        text("vendor", "vendor", Param("5.1.8"), Param("5.5.6", 255), 255),
        Field("parameters", "parameters", JSON_TEXT, Param("5.1.8"), Param("5.1.8", 255), inventory="parameters"),
        text("model_center_uuid", "modelCenterUuid", Param("5.1.8"), Param("5.1.8", 255), 32, ref=MODEL_CENTER_REF),
        Field("model_classifications", "modelClassifications", Classes(), update=Param("5.4.6"), reads=classifications, needs="user_tags"),
        Field("recommended_gpu_num", "recommendedGpuNum", NUMBER_SET_TEXT, Param(None, 255), Param("5.4.6", 255), inventory="recommendedGpuNum"),
        text("gpu_constraint_description", "gpuConstraintDescription", Param(None, 512), Param("5.4.6", 512)),
        text("model_id", "modelId", Param(None, 255), Param("5.5.22", 255)),
        Field(
            "default_model_service_uuid", "defaultModelServiceUuid", Default(), Param(), Param("5.5.22"), reads=default_services, ref=default),
        Field(
            "clear_default_model_service", "clearDefaultModelService", NoDefault(), update=Param("5.5.22"), reads=default_services,
            label="default_model_service_uuid"),
        text("logo", "logo", Param("5.1.8"), None),
        text("introduction", "introduction", Param("5.1.8"), None),
        # The column is not null (AI API page, section 9).
        Field("size", "size", LONG, Param(), None, inventory="size", default=0),
        text("version", "version", Param(), None, 255),
        Field("model_service_uuids", "modelServiceUuids", MEMBERS, Param(), attach=BIND, reads=bound_services, ref=bound),
        Field("model_services_exact", "modelServicesExact", Only(), attach=UNBIND, reads=bound_services, label="model_service_uuids"),
        Field("token", "token", TEXT, Param(), None, secret=True),
        Field("share_mode", "shareMode", TEXT, Param(), None, choices=("Public",)),
        dataclasses.replace(user_tags(update=True), reads=own_tags),
        system_tags(),
        tag_uuids(),
    )


def _seed(options: t.Mapping[str, t.Any]) -> str:
    return "\n".join(("model", str(options["model_center_uuid"]), trim(options.get("model_id") or options["name"])))


def _adopts(options: t.Mapping[str, t.Any], row: t.Mapping[str, t.Any]) -> bool:
    if options.get("model_id") is None:
        return True
    # A model from before version 5.5.22 has no id, or shows its uuid instead (AI API page, section 3).
    return row.get("modelId") in (None, "", row.get("uuid"), trim(options["model_id"]))


def _rules(options: t.Mapping[str, t.Any]) -> None:
    check_tags(options)
    if any(trim(tag).startswith(CLASS_PREFIX) for tag in options.get("user_tags") or []):
        raise OptionError("user_tags: tags that start with %s are the classifications of a model. Give them in model_classifications." % CLASS_PREFIX)
    named = [option for option in ("default_model_service_uuid", "default_model_service") if options.get(option) is not None]
    if options.get("model_services_exact") and options.get("model_service_uuids") is None and options.get("model_services") is None:
        raise OptionError("model_services_exact: true requires the list of services that stay bound. Give model_services or model_service_uuids.")
    if options.get("clear_default_model_service") and named:
        raise OptionError("clear_default_model_service: true and %s contradict each other. Give one of them." % named[0])


MODEL = Resource(
    kind="model",
    title="model",
    path=MODELS,
    vo="ModelVO",
    fields=_fields(),
    lookups=(
        Lookup("uuid", "uuid", final=True),
        Lookup("model_id", "modelId"),
        Lookup("name", "name", scope=("model_center_uuid",)),
    ),
    create=Call("AddModel", "POST", MODELS, "param", "5.1.8", creates=True),
    update=Call("UpdateModel", "PUT", MODELS + "/{uuid}", "updateModel", "5.1.8"),
    delete=Call("DeleteModel", "DELETE", MODELS + "/{uuid}", None),
    required=("name", "install_path", "model_center_uuid"),
    seed=_seed,
    given_uuid="uuid",
    adopts=_adopts,
    rules=_rules,
    complete=_complete,
    users=(Use("model service group", GROUPS, "modelUuid"),),
)
