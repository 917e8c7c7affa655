# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rate limiter."""

from __future__ import annotations

import threading

import hypothesis.strategies as st
from ansible_collections.zstack.aios.plugins.module_utils._catalog.applying import Limiter
from hypothesis import given


class Clock:
    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@given(st.integers(1, 7), st.lists(st.floats(0, 40), max_size=40))
def test_no_minute_has_more_calls_than_allowed(allowed, pauses):
    clock = Clock()
    limiter = Limiter(allowed, lambda: clock.now, clock.sleep)
    moments = []
    for pause in pauses:
        clock.now += pause
        limiter()
        moments.append(clock.now)
    for index in range(len(moments) - allowed):
        assert moments[index + allowed] - moments[index] >= 60 - 1e-6


def test_calls_below_the_rate_do_not_wait():
    clock = Clock()
    limiter = Limiter(100, lambda: clock.now, clock.sleep)
    for _unused in range(1000):
        clock.now += 0.61
        limiter()
    assert clock.slept == []


def test_threads_get_a_moment_each():
    clock = Clock()
    slept = []
    limiter = Limiter(5, lambda: clock.now, slept.append)
    threads = [threading.Thread(target=limiter) for _unused in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == [60.0] * 5 + [120.0] * 5 + [180.0] * 5
