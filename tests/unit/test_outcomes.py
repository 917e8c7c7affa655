# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many calls share one list that shows what they have done."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import threading

import pytest
from simulator.testing import patience

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.step_requests import _effect
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.steps import Step
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ProtocolError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.outcomes import Effect, Outcomes
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_group import MODEL_SERVICE_GROUP

MODELS = "/v1/ai/models"


class Platform:
    """Objects whose vendor says what was done, and the lists that were read."""

    def __init__(self, **vendors):
        self.vendors = vendors
        self.lists = []

    def read(self, path, uuids):
        self.lists.append((path, sorted(uuids)))
        return [{"uuid": uuid, "vendor": self.vendors[uuid]} for uuid in uuids if uuid in self.vendors]


def wants(uuid, vendor="new", path=MODELS):
    return Effect(path, uuid, lambda row: row is not None and row["vendor"] == vendor)


def look_together(outcomes, effects):
    """Return the results of several effects that are awaited at the same time."""
    ready = threading.Barrier(len(effects))

    def one(effect):
        with outcomes.working():
            ready.wait()
            return outcomes.look(effect)

    with concurrent.futures.ThreadPoolExecutor(len(effects)) as pool:
        return list(pool.map(one, effects))


def test_one_list_answers_all_that_wait():
    platform = Platform(a="new", b="old", c="new")
    shown = look_together(Outcomes(platform.read), [wants("a"), wants("b"), wants("c"), wants("gone")])
    assert shown == [{"inventory": {"uuid": "a", "vendor": "new"}}, None, {"inventory": {"uuid": "c", "vendor": "new"}}, None]
    assert platform.lists == [(MODELS, ["a", "b", "c", "gone"])]


def test_each_kind_has_its_list():
    platform = Platform(a="new", b="new")
    assert all(look_together(Outcomes(platform.read), [wants("a"), wants("b", path="/v1/ai/datasets")]))
    assert sorted(platform.lists) == [("/v1/ai/datasets", ["b"]), (MODELS, ["a"])]


def test_a_thread_that_takes_long_holds_nobody_up():
    outcomes, free = Outcomes(Platform(a="new").read), threading.Event()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        def long():
            with outcomes.working():
                free.wait(patience(60))

        other = pool.submit(long)
        with outcomes.working():
            assert outcomes.look(wants("a"))
        assert not other.done()
        free.set()


def test_a_list_that_cannot_be_read_shows_nothing():
    def read(path, uuids):
        raise ProtocolError("a proxy's page")

    assert look_together(Outcomes(read), [wants("a"), wants("b")]) == [None, None]


def test_a_defect_reaches_one_thread_and_blocks_no_other():
    def read(path, uuids):
        raise KeyError("defect")

    outcomes = Outcomes(read)
    with pytest.raises(KeyError):
        look_together(outcomes, [wants("a"), wants("b")])
    with pytest.raises(KeyError):
        outcomes.look(wants("c"))


@pytest.mark.parametrize("options,row,shown", [
    ({"vendor": "new"}, {"vendor": "new"}, True),
    ({"vendor": "new"}, {"vendor": "old"}, False),
    ({"vendor": "new", "description": "d"}, {"vendor": "new"}, False),
    ({"vendor": "new"}, None, False),
])
def test_an_update_shows_when_every_value_is_there(options, row, shown):
    step = Step(MODEL.update, "/x", tuple(options))
    assert _effect(MODEL, options, step, "a").shows(row) is shown


def test_only_the_job_proves_what_an_inventory_does_not_show():
    update = Step(MODEL.update, "/x", ("vendor",))
    assert _effect(MODEL, {"vendor": "new"}, update, "a")
    assert not _effect(MODEL, {"vendor": "new"}, dataclasses.replace(update, fields=("vendor", "user_tags")), "a")
    assert not _effect(MODEL, {"vendor": "new"}, dataclasses.replace(update, root={"userTags": ["env:prod"]}), "a")
    assert not _effect(MODEL, {"vendor": "new"}, dataclasses.replace(update, fields=()), "a")
    # Two runs may make or delete the same object: whose it was shows in the jobs alone.
    assert not _effect(MODEL, {"vendor": "new"}, dataclasses.replace(update, call=MODEL.create), "a")
    assert not _effect(MODEL, {"vendor": "new"}, dataclasses.replace(update, call=MODEL.delete), "a")
    # A deployment continues after its call.
    assert not _effect(MODEL_SERVICE_GROUP, {"name": "new"}, Step(MODEL_SERVICE_GROUP.update, "/x", ("name",)), "a")
