# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that the calls work on, in one place."""
from __future__ import annotations

import asyncio
from collections.abc import Callable

from .accesskey import AccessKeys
from .auth import Sessions
from .clock import Timers
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
        self._timers = Timers(store.commit)

    def later(self, delay_ms: float, work: Callable[[], None]) -> None:
        """Run a function after a delay, and write its changes; immediately without a delay."""
        self._timers.later(delay_ms, work)

    def advance(self, milliseconds: float) -> None:
        """Move the clock forward, and do what is due then."""
        self._timers.advance(milliseconds)

    def forget_timers(self) -> None:
        """Drop all postponed work."""
        self._timers.clear()
        self.settled.clear()
