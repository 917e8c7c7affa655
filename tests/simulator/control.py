# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API under /_simulator: log, state, seeds, configuration, faults. It has no counterpart in a real server."""
from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

from .kinds import KINDS
from .handlers.models import give_model_ids
from .seeding import default_seed, load_seed

if TYPE_CHECKING:
    from .server import Simulator

PREFIX = "/_simulator/"


class Control:
    """Answers control requests.

    :param simulator: the server that is controlled.
    """

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.routes = {
            ("GET", "log"): self.get_log, ("DELETE", "log"): self.delete_log, ("GET", "stats"): self.get_stats,
            ("GET", "state"): self.get_state, ("POST", "reset"): self.post_reset, ("POST", "seed"): self.post_seed,
            ("GET", "config"): self.get_config, ("PUT", "config"): self.put_config, ("GET", "faults"): self.get_faults,
            ("POST", "faults"): self.post_fault, ("DELETE", "faults"): self.delete_faults,
            ("GET", "endpoints"): self.get_endpoints, ("POST", "advance"): self.post_advance,
        }

    async def handle(self, request: web.BaseRequest, path: str, query: dict[str, str]) -> web.Response:
        """Answer one control request; 400 explains what was wrong with it."""
        function = self.routes.get((request.method, path[len(PREFIX):].strip("/")))
        if function is None:
            return json_answer(404, {"error": f"no control call {request.method} {path}"})
        try:
            raw = await request.read()
            return json_answer(200, function(json.loads(raw) if raw.strip() else None, query))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return json_answer(400, {"error": str(error) or repr(error)})

    def get_log(self, unused_body: object, query: dict) -> dict:
        """Return the requests, all or those after `since`."""
        return {"requests": self.simulator.log.since(int(query.get("since", 0)))}

    def delete_log(self, unused_body: object, unused_query: dict) -> dict:
        """Forget the requests and the counts."""
        self.simulator.log.clear()
        return {}

    def get_stats(self, unused_body: object, unused_query: dict) -> dict:
        """Return counts."""
        log = self.simulator.log
        return {"sessions": self.simulator.world.sessions.live_count(), "sign_ins": log.sign_ins, "connections": len(log.connections),
                "requests": log.requests, "calls": dict(log.calls)}

    def get_state(self, unused_body: object, query: dict) -> dict:
        """Return every stored object as its inventory; with `internal`, also what no query shows, under keys that begin with '_'."""
        world = self.simulator.world

        def shown(kind: str, row: dict) -> dict:
            hidden = {key: value for key, value in row.items() if key.startswith("_")} if query.get("internal") else {}
            return {**world.renderer.inventory(kind, row), **hidden}

        return {kind: [shown(kind, row) for row in world.store.all(kind)] for kind, item in KINDS.items() if item.table is None}

    def post_reset(self, body: dict | None, unused_query: dict) -> dict:
        """Wipe everything, then load the seed: a document, "default", or null for none."""
        seed = (body or {}).get("seed")
        self.simulator.reset(default_seed() if seed == "default" else seed or {})
        return {}

    def post_seed(self, body: dict | None, unused_query: dict) -> dict:
        """Add or replace objects."""
        load_seed(self.simulator.world, default_seed() if body == "default" else body or {})
        return {}

    def post_advance(self, body: dict | None, unused_query: dict) -> dict:
        """Move the clock forward, and do what is due then (jobs that run are not among it)."""
        self.simulator.world.advance((body or {})["ms"])
        return {}

    def get_endpoints(self, unused_body: object, unused_query: dict) -> dict:
        """Return what listens for deployed instances."""
        return {"endpoints": self.simulator.world.endpoints.as_list()}

    def get_config(self, unused_body: object, unused_query: dict) -> dict:
        """Return the configuration."""
        return self.simulator.world.config.as_dict()

    def put_config(self, body: dict | None, unused_query: dict) -> dict:
        """Change some of the configuration."""
        world = self.simulator.world
        world.config.merge(body or {})
        give_model_ids(world)
        world.store.commit()
        self.simulator.pipeline.configure()
        return world.config.as_dict()

    def get_faults(self, unused_body: object, unused_query: dict) -> dict:
        """Return the armed faults."""
        return {"faults": [fault.as_dict() for fault in self.simulator.faults.armed]}

    def post_fault(self, body: dict | None, unused_query: dict) -> dict:
        """Arm a fault."""
        return self.simulator.faults.add(body or {}).as_dict()

    def delete_faults(self, unused_body: object, unused_query: dict) -> dict:
        """Disarm all faults; jobs that one has stuck stay stuck."""
        self.simulator.faults.armed.clear()
        return {}


def json_answer(status: int, value: object) -> web.Response:
    """Return a JSON response."""
    return web.Response(status=status, body=json.dumps(value).encode(), content_type="application/json")
