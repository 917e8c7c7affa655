# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Wait until the endpoint of an instance group answers requests."""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.ready import FIRST_PAUSE, LONGEST_PAUSE, PAUSE_GROWTH, SILENCE, failure_of, latest
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import STOP
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import NotReadyError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.probe import Probe, probe
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_group import MODEL_SERVICE_GROUP

Inventory = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Served:
    """The state of an endpoint.

    :param url: of the first instance; empty if no instance has one.
    :param probes: the response of each instance, by URL.
    """

    inventory: Inventory
    url: str
    probes: t.Mapping[str, Probe]

    @property
    def ready(self) -> bool:
        """Whether there is an instance and every one is ready."""
        return bool(self.probes) and all(found.ready for found in self.probes.values())

    def __str__(self) -> str:
        waiting = ["%s: %s" % (url, found) for url, found in self.probes.items() if not found.ready]
        return "; ".join(waiting) if waiting else "no instance has a URL"


def addresses(inventory: t.Mapping[str, t.Any]) -> list[str]:
    """Return the URLs of the instances of a group, lowest rank first."""
    rows = [row for row in inventory.get("instances") or [] if isinstance(row, dict) and row.get("url")]
    ordered = sorted(rows, key=lambda row: (int(row.get("nodeRank") or 0), str(row.get("uuid"))))
    return list(dict.fromkeys(str(row["url"]) for row in ordered))


def ask(client: Client, inventory: Inventory, readiness_path: str | None) -> Served:
    """Probe every instance of a group once."""
    urls = addresses(inventory)
    return Served(inventory, urls[0] if urls else "", {url: probe(client.connection, url, readiness_path) for url in urls})


def wait_until_served(client: Client, inventory: Inventory, readiness_path: str | None, seconds: int) -> Served:
    """Return once every instance of a group is ready.

    :param inventory: the last known inventory of the group.
    :param readiness_path: the path of the readiness probe that the deployment sets, or None.
    :param seconds: maximum time to wait.
    :raises NotReadyError: as soon as the group fails, and after that time.
    """
    started = noted = time.monotonic()
    pause = FIRST_PAUSE
    while True:
        failure = failure_of(MODEL_SERVICE_GROUP, inventory)
        if failure:
            raise failure
        served = ask(client, inventory, readiness_path)
        if served.ready:
            return served
        waited = time.monotonic() - started
        if waited >= seconds:
            message = (
                "The endpoint of the %s %s is not ready after %d seconds (ready_timeout). %s. Check the log of the instance, or set service_readyz of "
                "model_service_group to the path that shows its readiness. Run again to continue waiting." % (
                    MODEL_SERVICE_GROUP.title, MODEL_SERVICE_GROUP.title_of(inventory), seconds, served))
            raise NotReadyError(message, {"code": NotReadyError.code, "details": message, "status": str(inventory.get("status") or "")})
        if time.monotonic() - noted >= SILENCE:
            noted = time.monotonic()
            client.notify("endpoint of %s: not ready, %d s so far" % (inventory.get("name"), waited))
        STOP.pause(max(0.01, min(pause, seconds - waited)))
        STOP.check()
        pause = min(pause * PAUSE_GROWTH, LONGEST_PAUSE)
        inventory = latest(client, MODEL_SERVICE_GROUP, inventory)
