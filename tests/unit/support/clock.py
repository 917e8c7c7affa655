# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clock that the tests turn themselves."""

from __future__ import annotations

import contextlib
import typing as t
from unittest import mock

import urllib3.util.retry

from ansible_collections.zstack.aios.plugins.module_utils._protocol import ending as _ending
from ansible_collections.zstack.aios.plugins.module_utils._protocol import jobs as _jobs
from ansible_collections.zstack.aios.plugins.module_utils._protocol import sign_in as _sign_in


class Clock:
    """Replaces the module ``time``: sleeping takes no time and moves the clock.

    :param slept: every sleep asked for, in order.
    """

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Remember the sleep and move on."""
        assert seconds >= 0
        self.slept.append(seconds)
        self.now += seconds

    def monotonic(self) -> float:
        """Return the seconds of this clock."""
        return self.now

    def time(self) -> float:
        """Return the same for callers that want the wall clock."""
        return self.now


@contextlib.contextmanager
def fake_time() -> t.Iterator[Clock]:
    """Replace ``time`` by a `Clock` for the client, the applying of plans and urllib3's retries."""
    clock = Clock()
    with contextlib.ExitStack() as patches:
        for module in (_ending, _jobs, _sign_in, urllib3.util.retry):
            patches.enter_context(mock.patch.object(module, "time", clock))
        yield clock
