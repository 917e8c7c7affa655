# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deletion of AI objects: what is refused, and what is deleted with an object (AI page, 5, 9 and 10). One table serves every kind."""
from __future__ import annotations

from dataclasses import dataclass

from ..errors import ApiError, ai_error
from ..store import Store
from ..world import World
from .registry import CHECKS, RUNS, Context, check_owner
from .tags import delete_resource


@dataclass(frozen=True)
class Deletion:
    """How objects of a kind are deleted.

    :param single: call that deletes one object; `many` is the batch call.
    :param label: what error texts call an object.
    :param uses: (kind, field) of the objects that refer to this one and keep it. The field may be a list, or, dotted, one of the rows inside.
    :param in_use: number of the AI error code of an object in use.
    :param preset: (field, value) of the objects of the platform, which nobody can delete.
    :param unknown: number of the AI error code of an unknown uuid; None means success (REST page, 4.4).
    :param takes: (kind, field) of the objects that go with this one.
    :param last_user_of: (kind, field) of the object that goes with the last of its users.
    """

    kind: str
    single: str
    label: str
    many: str | None = None
    uses: tuple[tuple[str, str], ...] = ()
    in_use: int = 0
    preset: tuple[str, object] | None = None
    unknown: int | None = None
    takes: tuple[tuple[str, str], ...] = ()
    last_user_of: tuple[str, str] | None = None


SYSTEM = ("system", True)
DELETIONS: tuple[Deletion, ...] = (
    Deletion("model_centers", "DeleteModelCenter", "model center", takes=(("models", "modelCenterUuid"), ("datasets", "modelCenterUuid"))),
    Deletion("models", "DeleteModel", "model", "DeleteModels", in_use=10082, preset=("type", "System"), unknown=10083,
             uses=(("instance_groups", "modelUuid"), ("vm_model_mounts", "modelUuid"))),
    Deletion("model_services", "DeleteModelService", "model service", "DeleteModelServices", in_use=10086, preset=SYSTEM,
             uses=(("instance_groups", "modelServiceUuid"),)),
    Deletion("datasets", "DeleteDataset", "dataset", "DeleteDatasets", in_use=10062, preset=SYSTEM,
             uses=(("instance_groups", "datasetRefInventories.datasetUuid"), ("model_evaluation_tasks", "datasetUuid"))),
    Deletion("instance_groups", "DeleteModelServiceInstanceGroup", "instance group", "DeleteModelServiceInstanceGroups", in_use=10086,
             uses=(("model_evaluation_tasks", "modelServiceGroupUuid"), ("model_evaluation_tasks", "evaluatedServiceGroupUuid"),
                   ("instance_groups", "_groups"))),
    Deletion("model_evaluation_tasks", "DeleteModelEvaluationTask", "evaluation task", "DeleteModelEvaluationTasks",
             last_user_of=("instance_groups", "modelServiceGroupUuid")),
    Deletion("user_proxy_configs", "DeleteUserProxyConfig", "user proxy configuration"),
)

OF_KIND = {deletion.kind: deletion for deletion in DELETIONS}


def refers(row: dict, field: str, uuid: str) -> bool:
    """Return whether a row refers to a uuid."""
    return without(row, field, uuid) != row


def without(row: dict, field: str, uuid: str) -> dict:
    """Return a row without its references to a uuid in a field, which may be a text, a list, or, dotted, one of the rows inside."""
    head, dot, rest = field.partition(".")
    value = row.get(head)
    if dot:
        return {**row, head: [item for item in value or () if item.get(rest) != uuid]} if value else row
    if isinstance(value, list):
        return {**row, head: [item for item in value if item != uuid]}
    return {**row, head: None} if value == uuid else row


def users(store: Store, deletion: Deletion, uuid: str) -> list[str]:
    """Return the kinds that hold references to an object."""
    return [kind for kind, field in deletion.uses if any(refers(row, field, uuid) for row in store.all(kind))]


def check_removable(context: Context, deletion: Deletion, uuid: str) -> None:
    """Raise ApiError unless an object can be deleted: known, of this account, not of the platform, and not in use unless Enforcing."""
    row = context.store.get(deletion.kind, uuid)
    subject = f"{deletion.label}[uuid:{uuid}]"
    if row is None:
        if deletion.unknown:
            raise ai_error(deletion.unknown, f"{subject} not found", "SYS.1006")
        return
    check_owner(context, deletion.kind, uuid)
    if deletion.preset and row.get(deletion.preset[0]) == deletion.preset[1]:
        raise ai_error(10084, f"system {subject} cannot be deleted", "SYS.1006")
    kinds = [] if context.get("deleteMode") == "Enforcing" else users(context.store, deletion, uuid)
    if kinds:
        names = " and ".join(kind.replace("_", " ") for kind in dict.fromkeys(kinds))
        raise ai_error(deletion.in_use, f"{subject} is in use by {names}, it cannot be deleted", "SYS.1006")


def remove(world: World, deletion: Deletion, uuid: str) -> None:
    """Delete an object and dependent objects; the references of the remaining objects are emptied."""
    store = world.store
    row = store.get(deletion.kind, uuid) or {}
    for kind, field in deletion.takes:
        for other in store.find(kind, field, uuid):
            remove(world, OF_KIND[kind], other["uuid"])
    for kind, field in deletion.uses:
        for other in store.all(kind):
            if refers(other, field, uuid):
                store.put(kind, without(other, field, uuid))
    delete_resource(world, deletion.kind, uuid)
    if deletion.last_user_of and world.config.evaluation_groups_go:
        kind, field = deletion.last_user_of
        used = row.get(field)
        if used and not any(refers(other, field, used) for other in store.all(deletion.kind)):
            remove(world, OF_KIND[kind], used)


def register(deletion: Deletion) -> None:
    """Register the calls of one kind."""
    def check_single(context: Context) -> None:
        check_removable(context, deletion, context.get("uuid"))

    def run_single(context: Context) -> dict:
        # another job may have begun to use the object since the check
        check_single(context)
        remove(context.world, deletion, context.get("uuid"))
        return {}

    def run_many(context: Context) -> dict:
        results = []
        for uuid in context.get("uuids"):
            try:
                check_removable(context, deletion, uuid)
            except ApiError as error:
                results.append({"uuid": uuid, "success": False, "error": error.inventory(context.world.config.shows_global_codes)})
                continue
            remove(context.world, deletion, uuid)
            results.append({"uuid": uuid, "success": True})
        return {"results": results}

    CHECKS[deletion.single] = check_single
    RUNS[deletion.single] = run_single
    if deletion.many:
        RUNS[deletion.many] = run_many


for _deletion in DELETIONS:
    register(_deletion)
