# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that the calls work on, in one place."""
from __future__ import annotations

import asyncio
from collections.abc import Callable

from .accesskey import AccessKeys
from .auth import Sessions
from .endpoints import Endpoints
from .jobs import Jobs
from .options import Config
from .query_run import QueryEngine
from .serialise import Renderer
from .store import Store


class World:
    """Store, configuration and the services on top of them."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store = store
        self.config = config
        self.renderer = Renderer(store, config)
        self.queries = QueryEngine(store, config, self.renderer)
        self.sessions = Sessions(store, config)
        self.keys = AccessKeys(store, config)
        self.jobs = Jobs(store, config)
        self.api_names: list[str] = []
        self.endpoints = Endpoints()
        # deployments that a job may wait for, by ticket
        self.settled: dict[str, asyncio.Future] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    def later(self, delay_ms: float, work: Callable[[], None]) -> None:
        """Do something after a while, and write its changes; at once when there is no delay."""
        if delay_ms <= 0:
            work()
            return

        def run() -> None:
            self._timers.discard(handle)
            work()
            self.store.commit()

        handle = asyncio.get_running_loop().call_later(delay_ms / 1000, run)
        self._timers.add(handle)

    def forget_timers(self) -> None:
        """Drop everything that was put off."""
        for handle in self._timers:
            handle.cancel()
        self._timers.clear()
        self.settled.clear()
