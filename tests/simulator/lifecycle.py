# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life cycle of an instance group after a call: Deploying, then Running with urls, or a failure.

The outcome is determined when the deployment starts and stored in the group, so that it is kept across a restart of the simulator.
"""
from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from uuid import uuid4

from .clock import now_ms
from .endpoints import PROBES, Endpoint
from .errors import ApiError
from .world import World

KIND = "instance_groups"
DEPLOYING, RUNNING = "Deploying", "Running"


@dataclass(frozen=True)
class Outcome:
    """How a deployment ends.

    :param status: of the group in the end; Deploying means that it never ends. `instance_status` is that of its instances.
    :param endpoint: "ready" (in the end), "unready" (answers 503 forever) or "down" (nothing listens).
    :param error: (code, details, global code) that the job of the call fails with, or None.
    """

    status: str = RUNNING
    instance_status: str = RUNNING
    endpoint: str = "ready"
    error: tuple[str, str, str | None] | None = None


def begin(world: World, uuid: str, outcome: Outcome) -> asyncio.Future:
    """Let a group deploy; return what is set when that has ended."""
    store = world.store
    row = store.get(KIND, uuid)
    now = now_ms()
    ticket = {"uuid": uuid4().hex, "ends": now + int(world.config.deploy_ms), "outcome": asdict(outcome)}
    instances = [{key: value for key, value in item.items() if key not in ("url", "internalUrl")} for item in row.get("instances") or []]
    instances = [{**item, "status": DEPLOYING, "lastOpDate": now} for item in instances]
    world.endpoints.close(uuid)
    store.update(KIND, uuid, {"status": DEPLOYING, "instances": instances, "_ticket": ticket})
    settled = world.settled[ticket["uuid"]] = asyncio.get_running_loop().create_future()
    schedule(world, uuid, ticket)
    return settled


def schedule(world: World, uuid: str, ticket: dict) -> None:
    """End a deployment when its time has come, unless another one has started in the meantime."""
    outcome = Outcome(**ticket["outcome"])
    if outcome.status == DEPLOYING:
        return

    def end() -> None:
        row = world.store.get(KIND, uuid)
        if row is not None and (row.get("_ticket") or {}).get("uuid") == ticket["uuid"]:
            finish(world, row, outcome)
        settled = world.settled.pop(ticket["uuid"], None)
        if settled is not None and not settled.done():
            settled.set_result(None)

    world.later(max(ticket["ends"] - now_ms(), 1), end)


def finish(world: World, row: dict, outcome: Outcome) -> None:
    """Give a group and its instances their final status."""
    if row.get("_revert") and outcome.status == RUNNING:
        row = reverted(row)
    now = now_ms()
    instances = [{**item, "status": outcome.instance_status, "lastOpDate": now} for item in row.get("instances") or []]
    row = {**row, "status": outcome.status, "lastOpDate": now, "instances": instances, "_ticket": None, "_endpoint": outcome.endpoint}
    if row.get("modelServiceType") == "FineTune" and outcome.status == RUNNING:
        row["exportPath"] = f"/finetune/{row['uuid']}"
    world.store.put(KIND, row)
    listen(world, row, now + world.config.endpoint_ms)


def reverted(row: dict) -> dict:
    """Return a group with the configuration from before its last update (fault old_configuration)."""
    previous = row.get("_previous") or {}
    return {**row, **previous, "_revert": None}


def listen(world: World, row: dict, ready_at: float) -> None:
    """Open the endpoints of the running instances of a running group, and store their urls."""
    if row["status"] != RUNNING:
        return
    instances = []
    for item in row.get("instances") or []:
        if item.get("status") == RUNNING:
            item = reachable(world, row, item, ready_at)
        instances.append(item)
    world.store.put(KIND, {**row, "instances": instances})


def reachable(world: World, row: dict, instance: dict, ready_at: float) -> dict:
    """Return an instance with the url at which it answers; a url that a seed gave stays as it is."""
    if instance.get("url") and "_port" not in instance:
        return instance
    mode = row.get("_endpoint") or "ready"
    settings = row.get("_settings") or {}
    model = world.store.get("models", row.get("modelUuid")) or {}
    names = [name for name in (model.get("name"), model.get("modelId"), model.get("uuid")) if name] or [row.get("name") or row["uuid"]]
    probes = PROBES + tuple(settings[name] for name in ("serviceLivez", "serviceReadyz") if settings.get(name))
    endpoint = Endpoint(row["uuid"], instance["uuid"], names, probes, None if mode == "unready" else ready_at)
    if not world.config.endpoints or not world.endpoints.open(endpoint, instance.get("_port")):
        url = f"http://192.0.2.20:3000/{instance['uuid']}"
        return {**instance, "url": url, "internalUrl": url}
    if mode == "down":
        world.endpoints.close(row["uuid"])
    return {**instance, "url": endpoint.url, "internalUrl": endpoint.url, "_port": endpoint.port}


def resume(world: World) -> None:
    """Continue deployments after a start of the simulator or a seed, and open the endpoints of running groups."""
    for row in world.store.all(KIND):
        if row.get("status") == DEPLOYING:
            ticket = row.get("_ticket")
            if ticket is None:
                begin(world, row["uuid"], Outcome())
            elif ticket["uuid"] not in world.settled:
                schedule(world, row["uuid"], ticket)
        elif row["uuid"] not in world.endpoints.open_ones:
            listen(world, row, now_ms())


async def settled_body(settled: asyncio.Future, outcome: Outcome, body) -> dict:
    """Wait for the end of a deployment; return the answer of the job, or raise ApiError according to the outcome."""
    await settled
    if outcome.error:
        raise ApiError(*outcome.error)
    return body()
