# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluations (AI page, 7, 10 and 11): a deployment of an evaluating service creates the tasks; there is no other call that does."""
from __future__ import annotations

from uuid import uuid4

from ..clock import now_ms
from ..errors import ai_error
from ..evaluation import KIND, RUNNING, outcome, schedule, score_of
from ..lifecycle import Outcome
from .deploy_checks import check_deployment
from .groups import create_group, deploy, outcome_of
from .registry import Context, check, run

VIEW = "model_eval_groups"
GROUP_FIELDS = ("limits", "temperature", "topK", "topP", "maxLength", "maxNewTokens", "repetitionPenalty")
TASK_FIELDS = GROUP_FIELDS + ("description", "prompt", "model", "url", "parallel", "logEveryQuery", "api", "requestHeaders", "connectTimeout", "readTimeout")


@check("DeployModelEvalService")
def check_evaluate(context: Context) -> None:
    """Check an evaluation: it needs something to ask."""
    if not context.get("datasetUuids") and not context.get("prompt"):
        raise ai_error(10069, "datasetUuids or prompt is needed to evaluate")
    check_deployment(context)


@run("DeployModelEvalService")
def evaluate(context: Context) -> dict:
    """Deploy an evaluating service, and create one task for each evaluated group and dataset."""
    group = create_group(context, _evaluates=True, **context.message.given(*GROUP_FIELDS))
    deployment, unused_waits = outcome_of(context)
    for evaluated in dict.fromkeys(context.get("modelServiceGroupUuids") or [None]):
        for dataset in dict.fromkeys(context.get("datasetUuids") or [None]):
            create_task(context, group, evaluated, dataset, deployment)
    return deploy(context, group["uuid"], lambda: context.inventory(VIEW, group["uuid"]))


def create_task(context: Context, group: dict, evaluated: str | None, dataset: str | None, deployment: Outcome) -> None:
    """Create a task that begins when its service runs; it fails with its service."""
    world, now = context.world, now_ms()
    fault = context.fault("fail_evaluation")
    options = {"status": "Failed", **fault.options} if fault else {}
    if deployment.status != RUNNING:
        options = {"status": RUNNING if deployment.status == "Deploying" else "Failed", "details": "the evaluating service did not start"}
    target = world.store.get("instance_groups", evaluated) or {}
    model = world.store.get("models", context.get("modelUuid") or target.get("modelUuid")) or {}
    score = score_of(world, group["name"], evaluated, target.get("name"), model.get("uuid"), model.get("name"))
    row = {"uuid": uuid4().hex, "name": group["name"], "type": context.get("taskType"), "status": RUNNING, "percentage": 0,
           "modelServiceGroupUuid": group["uuid"], "evaluatedServiceGroupUuid": evaluated, "datasetUuid": dataset, **context.message.given(*TASK_FIELDS),
           "createDate": now, "lastOpDate": now, "_owner": context.owner, "_plan": outcome(world, score, world.config.deploy_ms, options)}
    world.store.put(KIND, row)
    schedule(world, row["uuid"])
