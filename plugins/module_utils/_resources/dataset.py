# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The table of datasets: CreateDataset, UpdateDataset, DeleteDataset (AI API page, sections 7, 9 and 11)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import (
    DATASETS, EVALUATION_TASKS, GROUPS, MODEL_CENTER_REF, adopt_any, check_tags, system_tags, tag_uuids, texts_of, user_tags,
)
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import FLAG, NAME_SET, TEXT
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Call, Field, Lookup, Observed, Param, Resource, Use

# A creation sends scenario and type as system tags, an update as parameters; the inventory contains neither (AI API page, section 7).
SCENARIO, DATA_TYPE = "dataset::usage::scenarios::", "dataset::datatype::"
SCENARIOS = ("FineTune", "Endpoint", "App", "ModelEval", "ModelPerf")
DATA_TYPES = ("Text", "Audio", "Image", "Video", "Tabular", "Geospatial", "TimeSeries")


def _after(prefix: str, observed: Observed) -> list[str]:
    return [text[len(prefix):] for text in texts_of(observed.system_tags) if text.startswith(prefix)]


def _own_tags(observed: Observed) -> list[str]:
    return [text for text in texts_of(observed.system_tags) if not text.startswith((SCENARIO, DATA_TYPE))]


def _fields() -> tuple[Field, ...]:
    return (
        Field("name", "name", TEXT, Param(longest=255), Param(), inventory="name", longest=255),
        Field("description", "description", TEXT, Param(longest=2048), Param(), inventory="description", longest=2048),
        Field("url", "url", TEXT, Param(longest=2048), inventory="url"),
        Field("model_center_uuid", "modelCenterUuid", TEXT, Param(), inventory="modelCenterUuid", ref=MODEL_CENTER_REF),
        Field(
            "usage_scenarios", "usageScenarios", NAME_SET, Param(tag=SCENARIO), Param(), choices=SCENARIOS,
            reads=lambda observed: _after(SCENARIO, observed), needs="system_tags"),
        Field(
            "data_type", "dataType", TEXT, Param(tag=DATA_TYPE), Param(), choices=DATA_TYPES,
            reads=lambda observed: next(iter(_after(DATA_TYPE, observed)), None), needs="system_tags"),
        Field("token", "token", TEXT, Param(), secret=True),
        Field("system", "system", FLAG, Param(), inventory="system"),
        user_tags(update=False),
        dataclasses.replace(system_tags(), reads=_own_tags),
        tag_uuids(),
    )


def _rules(options: t.Mapping[str, t.Any]) -> None:
    check_tags(options)
    if options.get("usage_scenarios") == []:
        raise OptionError("usage_scenarios: the list is empty. The server requires at least one of %s (ORG_ZSTACK_AI_10057)." % ", ".join(SCENARIOS))
    for tag in options.get("system_tags") or []:
        for prefix, option in ((SCENARIO, "usage_scenarios"), (DATA_TYPE, "data_type")):
            if trim(tag).startswith(prefix):
                raise OptionError("system_tags: %s belongs to the option %s. Give it there." % (tag, option))


DATASET = Resource(
    kind="dataset",
    title="dataset",
    path=DATASETS,
    vo="DatasetVO",
    fields=_fields(),
    lookups=(Lookup("uuid", "uuid", final=True), Lookup("name", "name", scope=("model_center_uuid",))),
    create=Call("CreateDataset", "POST", DATASETS, "params", creates=True),
    update=Call("UpdateDataset", "PUT", DATASETS + "/{uuid}", "updateDataset"),
    delete=Call("DeleteDataset", "DELETE", DATASETS + "/{uuid}", None),
    required=("name", "url", "model_center_uuid", "usage_scenarios", "data_type"),
    seed=lambda options: "\n".join(("dataset", str(options["model_center_uuid"]), trim(options["name"]))),
    given_uuid="uuid",
    adopts=adopt_any,
    rules=_rules,
    users=(
        Use("model service group", GROUPS, "datasetRefInventories", "datasetUuid"),
        Use("model evaluation task", EVALUATION_TASKS, "datasetUuid"),
    ),
)
