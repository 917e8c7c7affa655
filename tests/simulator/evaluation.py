# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life cycle of an evaluation task: Running, then a total score or a failure. The outcome is stored with the task when it starts."""
from __future__ import annotations

import json

from .clock import now_ms
from .world import World

KIND = "model_evaluation_tasks"
RUNNING = "Running"
# shares of the time at which the percentage changes
STEPS = (0.25, 0.5, 0.75, 1.0)


def score_of(world: World, *keys: str | None) -> float:
    """Return the configured score of an evaluation: that of the first key (names and uuids) that has one, else the general one."""
    config = world.config
    return next((config.evaluation_scores[key] for key in keys if key in config.evaluation_scores), config.evaluation_score)


def outcome(world: World, score: float, delay_ms: float, options: dict) -> dict:
    """Return how a task will end, in the form in which it is stored.

    :param delay_ms: until the evaluation itself begins.
    :param options: of the fault fail_evaluation, or {}.
    """
    begins = now_ms() + int(delay_ms)
    status = options.get("status", "Failed") if options else world.config.evaluation_done_status
    failed = bool(options) and "score" not in options
    return {"begins": begins, "ends": begins + int(world.config.evaluation_ms), "status": status,
            "score": None if failed else options.get("score", score),
            "opaque": json.dumps({"error": options.get("details", "the evaluation failed")}) if failed else None}


def schedule(world: World, uuid: str) -> None:
    """Continue a task from its current state."""
    plan = world.store.get(KIND, uuid)["_plan"]
    if plan["status"] == RUNNING:
        return
    begins, length = plan["begins"], plan["ends"] - plan["begins"]
    for share in STEPS:
        moment = begins + length * share
        if share == STEPS[-1] or moment > now_ms():
            world.later(max(moment - now_ms(), 1), lambda share=share: step(world, uuid, share))


def step(world: World, uuid: str, share: float) -> None:
    """Move the percentage of a task; end it with the last step."""
    row = world.store.get(KIND, uuid)
    if row is None or row["status"] != RUNNING:
        return
    plan = row["_plan"]
    changes: dict = {"percentage": int(share * 100)}
    if share == STEPS[-1]:
        changes = {"status": plan["status"], "totalScore": plan["score"], "opaque": plan["opaque"], "endTime": now_ms()}
        if plan["opaque"] is None:
            changes["percentage"] = 100
    world.store.update(KIND, uuid, changes)


def resume(world: World) -> None:
    """Continue running tasks after a start of the simulator or a seed; a seeded one without a score gets the configured one."""
    for row in world.store.all(KIND):
        if row.get("status") != RUNNING:
            continue
        if "_plan" not in row:
            group = world.store.get("instance_groups", row.get("evaluatedServiceGroupUuid")) or {}
            score = row.get("totalScore") or score_of(world, row.get("name"), group.get("name"), group.get("uuid"))
            world.store.put(KIND, {**row, "totalScore": None, "_plan": outcome(world, score, 0, {})})
        schedule(world, row["uuid"])
