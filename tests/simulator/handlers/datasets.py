# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dataset calls (AI page, 7, 10 and 11). Usage scenarios and data type are system tags of a dataset."""
from __future__ import annotations

from ..api_serving import DATA_TYPES, USAGE_SCENARIOS
from ..errors import ApiError, ai_error, argument_error
from ..kinds import KINDS
from .registry import Context, check, check_owner, run
from .tags import DATA_TYPE_TAG, SCENARIO_TAG, add_system_tag


@check("CreateDataset")
def check_create(context: Context) -> None:
    """Refuse a dataset without a usage scenario and exactly one data type."""
    tags = context.message.system_tags
    types = {tag for tag in tags if tag.startswith(DATA_TYPE_TAG)}
    has_scenario = any(tag.startswith(SCENARIO_TAG) for tag in tags)
    if not has_scenario:
        raise ai_error(10057, "a dataset needs a data type and at least one usage scenario, given as system tags")
    if not types:
        raise ai_error(10058, "a dataset needs a data type, given as system tag")
    if len(types) > 1:
        raise ai_error(10059, f"a dataset has exactly one data type, but {len(types)} are given")


@run("CreateDataset")
def create(context: Context) -> dict:
    """Create a dataset; the token for its source is never stored."""
    values = {**context.message.given("name", "description", "url", "modelCenterUuid"), "system": bool(context.get("system")),
              "size": context.world.config.dataset_size}
    row = context.create("datasets", values)
    context.store.put("datasets", {**row, "installPath": f"/datasets/{row['uuid']}"})
    return context.inventory("datasets", row["uuid"])


def check_changeable(context: Context, uuid: str) -> None:
    """Refuse to change a dataset of the platform."""
    if context.store.get("datasets", uuid).get("system"):
        raise ai_error(10065, f"preset dataset[uuid:{uuid}] cannot be updated")


@check("UpdateDataset")
def check_update(context: Context) -> None:
    """Check a change of a dataset."""
    check_changeable(context, context.get("uuid"))
    if context.message.values.get("usageScenarios") == []:
        raise ai_error(10057, "a dataset needs at least one usage scenario")


@run("UpdateDataset")
def update(context: Context) -> dict:
    """Change a dataset."""
    uuid = context.get("uuid")
    context.change("datasets", uuid, context.message.given("name", "description"))
    classify(context, uuid, context.get("usageScenarios"), context.get("dataType"))
    return context.inventory("datasets", uuid)


@check("UpdateDatasets")
def check_update_many(context: Context) -> None:
    """Check the changes of several datasets."""
    for item in context.get("updateDatasetStructs"):
        uuid = item.get("uuid")
        if context.store.get("datasets", uuid) is None:
            raise ApiError("SYS.1003", f"invalid field[uuid], resource[uuid:{uuid}, type:{KINDS['datasets'].vo}] not found")
        check_owner(context, "datasets", uuid)
        check_changeable(context, uuid)
        wrong = [text for text in item.get("usageScenarios") or [] if text not in USAGE_SCENARIOS]
        wrong += [text for text in [item.get("dataType")] if text is not None and text not in DATA_TYPES]
        if wrong:
            raise argument_error(f"invalid value[{wrong[0]}] in updateDatasetStructs")


@run("UpdateDatasets")
def update_many(context: Context) -> dict:
    """Change the scenarios and data types of several datasets."""
    for item in context.get("updateDatasetStructs"):
        context.change("datasets", item["uuid"], {})
        classify(context, item["uuid"], item.get("usageScenarios"), item.get("dataType"))
    return {}


def classify(context: Context, uuid: str, scenarios: list[str] | None, data_type: str | None) -> None:
    """Replace the tags of the usage scenarios and of the data type; None does not change them."""
    for prefix, texts in ((SCENARIO_TAG, scenarios), (DATA_TYPE_TAG, None if data_type is None else [data_type])):
        if texts is None:
            continue
        wanted = [prefix + text for text in texts]
        for row in context.store.find("system_tags", "resourceUuid", uuid):
            if row["tag"].startswith(prefix) and row["tag"] not in wanted:
                context.store.delete("system_tags", row["uuid"])
        for tag in wanted:
            add_system_tag(context.store, "datasets", uuid, tag)
