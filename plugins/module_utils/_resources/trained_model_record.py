# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The records of trained models, which no call creates, updates or deletes (AI API page, section 11)."""

from __future__ import annotations

from ansible_collections.zstack.aios.plugins.module_utils._resources.common import MODELS
from ansible_collections.zstack.aios.plugins.module_utils._resources.view import View, parse

TRAINED_MODEL_RECORD = View(
    kind="trained_model_record",
    plural="trained_model_records",
    title="trained model record",
    path="/v1/ai/trained-model/records",
    vo="TrainedModelRecordVO",
    columns=parse("uuid modelUuid sourceModelUuid modelServiceInstanceGroupUuid datasetUuid createDate:date lastOpDate:date"),
    center=(("modelUuid", MODELS),),
)
