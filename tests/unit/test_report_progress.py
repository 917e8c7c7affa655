# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines that show the progress of a task."""

from __future__ import annotations

import time

from ansible_collections.zstack.aios.plugins.plugin_utils import _progress
from ansible_collections.zstack.aios.plugins.plugin_utils._progress import Progress


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_a_line_every_two_seconds_and_one_at_the_end():
    clock, lines = Clock(), []
    with Progress(lines.append, clock=clock) as progress:
        for done in range(1, 9):
            clock.now += 0.7
            progress(done, 8, {"action": "failed" if done == 4 else "skipped" if done == 5 else "update"})
    assert lines == [
        "zstack.aios: 3 of 8 done", "zstack.aios: 6 of 8 done, 1 failed, 1 skipped", "zstack.aios: 8 of 8 done, 1 failed, 1 skipped"]


def test_nothing_for_what_is_short():
    clock, lines = Clock(), []
    with Progress(lines.append, clock=clock) as progress:
        for done in range(1, 6):
            clock.now += 0.3
            progress(done, 5, {"action": "create"})
    assert lines == []


def test_a_sign_of_life_when_nothing_ends(monkeypatch):
    monkeypatch.setattr(_progress, "SILENCE", 0.2)
    lines = []
    with Progress(lines.append, "zstack.aios: node") as progress:
        time.sleep(0.5)
        progress(1, 3, {"action": "create"})
        time.sleep(0.5)
    assert lines[0] == "zstack.aios: node: at work, 0 s so far"
    assert "zstack.aios: node: 1 of 3 done, 0 s so far" in lines


def test_the_last_line_comes_after_an_error_too():
    clock, lines = Clock(), []
    try:
        with Progress(lines.append, clock=clock) as progress:
            clock.now += 3
            progress(1, 3, {"action": "create"})
            progress(2, 3, {"action": "failed"})
            raise KeyError("x")
    except KeyError:
        pass
    assert lines == ["zstack.aios: 1 of 3 done", "zstack.aios: 2 of 3 done, 1 failed"]
