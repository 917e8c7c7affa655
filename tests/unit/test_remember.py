# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Digests of a hidden value under several runs at once: in every order of their steps, no run takes a value for the one that the object has."""

from __future__ import annotations

import itertools
import random

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._pipeline import remember
from ansible_collections.zstack.aios.plugins.module_utils._resources import remembered
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_group import MODEL_SERVICE_GROUP as TABLE
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed

OPTION = "service_livez"
FIELD = TABLE.field(OPTION)
# The steps of a run: read and plan, write a digest, send the value, remove older digests, verify.
STEPS = ("plan", "write", "send", "forget", "verify")
ALL = len(STEPS)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A digest that costs nothing."""
    monkeypatch.setattr(remembered, "_digest", lambda salt, text: salt + text)


class Platform:
    """The hidden value of one object, and the tags that everybody sees."""

    def __init__(self, value):
        self.value = value
        self.numbers = itertools.count()
        self.tags = {}
        self.write(value)

    def write(self, value):
        self.tags["%032x" % next(self.numbers)] = remembered.digest_text(OPTION, value)

    def observed(self):
        return Observed({"uuid": "1" * 32}, [{"uuid": uuid, "tag": tag} for uuid, tag in self.tags.items()])

    def is_equal(self, value):
        return FIELD.same(value, self.observed())


class Run:
    """One run; each call of `step` makes its next step.

    :param life: how many steps it makes before its process is killed.
    """

    def __init__(self, platform, value, life=ALL):
        self.platform, self.value, self.life = platform, value, life
        self.options = {OPTION: value}
        self.todo = list(STEPS)
        self.planned = None

    def step(self):
        if not self.life or not self.todo:
            return
        self.life -= 1
        getattr(self, self.todo.pop(0))()

    def plan(self):
        self.planned = self.platform.observed()
        if FIELD.same(self.value, self.planned):
            self.todo = []

    def write(self):
        self.platform.write(self.value)

    def send(self):
        self.platform.value = self.value

    def forget(self):
        for row in remember.stale(FIELD, self.planned, self.platform.observed()):
            self.platform.tags.pop(row["uuid"], None)

    def verify(self):
        if remember.contested(TABLE, self.options, {OPTION}, self.platform.observed()):
            self.platform.write(self.value)


def played(start, values, order, lives=None):
    """Return the platform after the steps of all runs in an order of run numbers."""
    platform = Platform(start)
    runs = [Run(platform, value, life) for value, life in zip(values, lives or [ALL] * len(values))]
    for number in order:
        runs[number].step()
    return platform


def orders(runs):
    """Yield every order of the steps of two runs."""
    for first in itertools.combinations(range(len(STEPS) * runs), len(STEPS)):
        yield [int(place not in first) for place in range(len(STEPS) * runs)]


def wrong(platform):
    """Return the values for which a next run would change nothing although the object has another one."""
    return [value for value in ("/a", "/b", "/c") if value != platform.value and platform.is_equal(value)]


@pytest.mark.parametrize("values", [("/a", "/b"), ("/b", "/b"), ("/b", "/c")])
def test_two_runs_in_every_order(values):
    for order in orders(2):
        platform = played("/a", values, order)
        assert wrong(platform) == [], order
        assert platform.tags, order


def test_three_runs_in_many_orders():
    random_ = random.Random(7)
    for _unused in range(3000):
        order = [0, 1, 2] * len(STEPS)
        random_.shuffle(order)
        values = [random_.choice(("/a", "/b", "/c")) for _run in range(3)]
        platform = played("/a", values, order)
        assert wrong(platform) == [] and platform.tags, (values, order)


@pytest.mark.parametrize("life", range(len(STEPS) + 1))
def test_a_run_that_is_killed_alone_is_noticed_and_completed(life):
    platform = played("/a", ("/b", "/b"), [0] * len(STEPS), [life, 0])
    assert wrong(platform) == []
    again = Run(platform, "/b")
    for _unused in STEPS:
        again.step()
    assert platform.value == "/b" and platform.is_equal("/b") and len(platform.tags) == 1


def test_the_only_orders_that_hide_a_value_need_a_kill_right_after_the_call_and_a_run_in_between():
    """The limit that the page on faults names: the other run cannot detect the call, and it has removed the digest."""
    hidden = 0
    for life in range(len(STEPS)):
        for order in orders(2):
            platform = played("/a", ("/b", "/c"), order, [life, len(STEPS)])
            if wrong(platform):
                hidden += 1
                killed, other = ([place for place, number in enumerate(order) if number == run] for run in (0, 1))
                assert life in (STEPS.index("send") + 1, STEPS.index("forget") + 1)
                assert killed[STEPS.index("write")] < other[STEPS.index("plan")] and other[STEPS.index("send")] < killed[STEPS.index("send")]
    assert hidden
