# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items of one loop share reads, and never the ground for a write."""

from __future__ import annotations

import pytest

pytest.importorskip("aiohttp", reason="the simulator needs it")

from ansible_collections.zstack.aios.plugins.module_utils._pipeline import shared as _shared
from ansible_collections.zstack.aios.tests.unit.support.actions import Tasks
from faults.kinds import SEED
from faults.network import Network, Strike

MODULE, CENTER, CENTER_UUID = "zstack_ai_model", "center-1", "ebf96ce1de2c46fa8af9d503c29bb93d"
NAMES = ["loop-%02d" % number for number in range(12)]
NEW = {"model_center": CENTER, "install_path": "/models/m"}
# A task that runs alone: it shares its reads with no item.
ALONE = {"task": {"until": ["true"]}}
LOOP, OTHER = 1, 2
WRITES = ("AddModel", "UpdateModel", "DeleteModel")


class Loop:
    """The items of one loop, and tasks of somebody else."""

    def __init__(self, network, tasks):
        self.network, self.tasks, self.calls = network, tasks, []

    def item(self, **given):
        """Run one item; its result."""
        ran = self.tasks.run(MODULE, LOOP, **given)
        self.calls += [call for call in ran.calls if call not in ("LogInByAccount", "GetVersion", "QueryModelCenter")]
        return ran.result

    def items(self, names, **given):
        """Run items that differ in their names; whether each has changed."""
        return [self.item(name=name, **given)["changed"] for name in names]

    def other(self, **given):
        """Somebody else runs a task."""
        return self.tasks.run(MODULE, OTHER, **ALONE, **given).result

    def taken(self):
        """Return the calls since the last look."""
        found, self.calls = self.calls, []
        return found


@pytest.fixture(name="loop")
def loop_fixture(tmp_path):
    network = Network()
    models = [{"name": name, "modelCenterUuid": CENTER_UUID, "vendor": "Qwen", "url": "http://192.0.2.1/m", "installPath": "/models/m"} for name in NAMES]
    with network.serving({**SEED, "models": models}), Tasks(network, tmp_path).working() as tasks:
        yield Loop(network, tasks)
    assert network.world.sessions.live_count() == 0


def test_unchanged_items_cost_one_list(loop):
    assert not any(loop.items(NAMES, vendor="Qwen"))
    assert loop.taken() == ["QueryModel"] * 3


def test_tags_cost_one_list_too(loop):
    tags = {"user_tags": ["env:prod"], "system_tags": ["ai::owner::gitops"]}
    for name in NAMES[:6]:
        loop.other(name=name, **tags)
    assert not any(loop.items(NAMES[:6], **tags))
    assert loop.taken() == ["QueryModel", "QueryUserTag", "QuerySystemTag"] * 3
    assert loop.item(name=NAMES[5], user_tags=["env:prod", "team:a"])["changed"]
    assert [call for call in loop.taken() if call in WRITES] == ["UpdateModel"]


def test_of_a_few_changes_each_is_read_again_and_updated(loop):
    changed = loop.items(NAMES[:5], vendor="Qwen") + loop.items(NAMES[5:7], vendor="Other") + loop.items(NAMES[7:], vendor="Qwen")
    assert changed == [False] * 5 + [True] * 2 + [False] * 5
    assert loop.taken() == ["QueryModel"] * 3 + ["QueryModel", "UpdateModel"] * 2


def test_results_are_the_same_as_those_of_single_reads(loop):
    alone = [loop.tasks.run(MODULE, LOOP, name=name, vendor="Qwen", **ALONE).result for name in NAMES]
    assert [loop.item(name=name, vendor="Qwen") for name in NAMES] == alone
    check = {"name": NAMES[0], "vendor": "Other"}
    assert loop.item(task={"check_mode": True}, **check) == loop.tasks.run(MODULE, LOOP, task={"check_mode": True, "until": ["true"]}, **check).result


def test_a_change_of_somebody_else_is_neither_undone_nor_overlooked_when_something_is_written(loop):
    loop.items(NAMES[:4], vendor="Qwen")
    loop.other(name=NAMES[5], vendor="Somebody", description="of somebody")
    # The list says that the vendor differs; meanwhile it is as wanted.
    assert not loop.item(name=NAMES[5], vendor="Somebody")["changed"]
    result = loop.item(name=NAMES[5], vendor="Mine")
    assert result["diff"]["before"]["vendor"] == "Somebody" and result["model"]["description"] == "of somebody"


def test_an_item_sees_what_earlier_items_of_the_loop_did(loop):
    loop.items(NAMES[:4], vendor="Qwen")
    assert loop.item(name=NAMES[5], vendor="A")["changed"]
    # The list still says Qwen.
    assert loop.item(name=NAMES[5], vendor="Qwen")["changed"]
    assert not loop.item(name=NAMES[5], vendor="Qwen")["changed"]
    assert [call for call in loop.taken() if call in WRITES] == ["UpdateModel", "UpdateModel"]


def test_an_item_sees_what_earlier_items_created_renamed_and_deleted(loop):
    loop.items(NAMES[:4], vendor="Qwen")
    uuid = loop.item(name=NAMES[4])["model"]["uuid"]
    assert loop.item(name="new", **NEW)["changed"] and not loop.item(name="new", **NEW)["changed"]
    loop.items(NAMES[:8], vendor="Qwen")
    assert loop.item(uuid=uuid, name="renamed")["changed"]
    loop.items(NAMES[5:12], vendor="Qwen")
    assert not loop.item(name="renamed", vendor="Qwen")["changed"] and not loop.item(name=NAMES[4], state="absent")["changed"]
    assert loop.item(name="renamed", state="absent")["changed"] and not loop.item(name="renamed", state="absent")["changed"]
    assert loop.item(name="renamed", **NEW)["changed"]
    assert [call for call in loop.taken() if call in WRITES] == ["AddModel", "UpdateModel", "DeleteModel", "AddModel"]


def test_a_second_object_of_a_name_is_seen(loop):
    loop.items(NAMES[:4], vendor="Qwen")
    assert loop.item(name=NAMES[6], **{**NEW, "model_center": "center-2"})["changed"]
    loop.items(NAMES[:4], vendor="Qwen")
    assert "2 models are named" in loop.item(name=NAMES[6], vendor="Qwen")["msg"]


def test_a_center_keeps_the_list_small(loop):
    loop.items(NAMES, model_center=CENTER, vendor="Qwen")
    targets = [record.target for record in loop.network.records if record.run == LOOP and record.call == "QueryModel"]
    assert len(targets) == 3 and "modelCenterUuid" in targets[-1] and "name" not in targets[-1]
    # What the center lacks is read alone, and only then missing.
    loop.taken()
    assert not loop.item(name="absent", model_center=CENTER, state="absent")["changed"]
    assert loop.taken() == ["QueryModel"]


def test_long_lists_are_not_read(loop, monkeypatch):
    monkeypatch.setattr(_shared, "MOST_OBJECTS", 8)
    assert not any(loop.items(NAMES, vendor="Qwen"))
    assert len(loop.taken()) == 2 + 1 + 10


def test_an_old_list_is_read_again(loop):
    loop.items(NAMES[:6], vendor="Qwen")
    loop.other(name=NAMES[7], vendor="Other")
    assert not loop.item(name=NAMES[7], vendor="Qwen")["changed"]
    loop.network.sleep(_shared.LONGEST_AGE + 1)
    assert loop.item(name=NAMES[7], vendor="Qwen")["changed"]


@pytest.mark.parametrize("how", [{"share_reads": False}, ALONE])
def test_what_turns_it_off(loop, how):
    """A task that is tried until it is as wanted has to read again."""
    assert not any(loop.items(NAMES, vendor="Qwen", **how))
    assert loop.taken() == ["QueryModel"] * len(NAMES)


def test_an_outage_during_the_list_is_the_items_own_error(loop):
    loop.items(NAMES[:2], vendor="Qwen")
    loop.network.strikes[LOOP] = [Strike(number, "html_502") for number in range(1, 1000)]
    assert "GET /v1/ai/models" in loop.item(name=NAMES[2], vendor="Qwen")["msg"]
    loop.network.strikes.clear()
    assert not any(loop.items(NAMES, vendor="Qwen"))
