# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items of one loop share reads, and never the ground for a write."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline import shared as _shared
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.shared import SharedReads
from ansible_collections.zstack.aios.tests.integration.conftest import Collection

pytestmark = pytest.mark.core

MODELS = "/v1/ai/models"
CENTER = "center-1"
NAMES = ["loop-%02d" % number for number in range(12)]


class Loop:
    """One loop: tasks that share a client and what it has read."""

    def __init__(self, collection: Collection, module: str = "zstack_ai_model") -> None:
        self.collection = collection
        self.module = module
        self.client = collection.client()
        self.client.shared = SharedReads(self.client)

    def item(self, check: bool = False, **given: t.Any) -> dict[str, t.Any]:
        """One item."""
        return self.collection.task(self.module, check, self.client, **given)

    def items(self, names: t.Iterable[str], **given: t.Any) -> list[bool]:
        """Items that differ in their names; whether each has changed."""
        return [self.item(name=name, **given)["changed"] for name in names]

    def reads(self) -> list[str]:
        """x."""
        paths = [entry["path"].partition("/v1/")[2] for entry in self.collection.simulator.log() if entry["method"] == "GET"]
        self.collection.simulator.clear_log()
        return [path for path in paths if path.startswith("ai/") or "tags" in path]


@pytest.fixture
def loop(collection: Collection) -> t.Iterator[Loop]:
    with_models(collection, NAMES)
    found = Loop(collection)
    yield found
    found.client.close()
    assert collection.simulator.stats()["sessions"] == 0


def with_models(collection: Collection, names: t.Iterable[str], **more: t.Any) -> None:
    """Add models to the platform."""
    loop = Loop(collection)
    loop.client.shared = None
    loop.items(names, model_center=CENTER, vendor="Qwen", url="http://192.0.2.1/m", install_path="/models/m", **more)
    loop.client.close()
    collection.simulator.clear_log()


def other_run(loop: Loop, **given: t.Any) -> None:
    """Somebody else runs a task meanwhile."""
    loop.collection.task("zstack_ai_model", **given)
    loop.collection.simulator.clear_log()


def test_unchanged_items_cost_one_list(loop):
    assert not any(loop.items(NAMES, vendor="Qwen"))
    assert loop.reads() == ["ai/models"] * 3


def test_tags_cost_one_list_too(collection):
    with_models(collection, NAMES[:6], user_tags=["env:prod"], system_tags=["ai::owner::gitops"])
    loop = Loop(collection)
    assert not any(loop.items(NAMES[:6], user_tags=["env:prod"], system_tags=["ai::owner::gitops"]))
    assert loop.reads() == ["ai/models", "user-tags", "system-tags"] * 3
    assert loop.item(name=NAMES[5], user_tags=["env:prod", "team:a"])["changed"]
    assert loop.collection.calls() == ["UpdateModel"]


def test_of_a_few_changes_each_is_read_again_and_updated(loop):
    changed = loop.items(NAMES[:5], vendor="Qwen") + loop.items(NAMES[5:7], vendor="Other") + loop.items(NAMES[7:], vendor="Qwen")
    assert changed == [False] * 5 + [True] * 2 + [False] * 5
    log = [entry for entry in loop.collection.simulator.log() if "/ai/models" in entry["path"]]
    assert [entry["method"] for entry in log] == ["GET"] * 3 + ["GET", "PUT"] * 2


def test_results_are_the_same_as_those_of_single_reads(loop):
    alone = [loop.collection.task("zstack_ai_model", name=name, vendor="Qwen") for name in NAMES]
    assert [loop.item(name=name, vendor="Qwen") for name in NAMES] == alone
    assert loop.item(name=NAMES[0], vendor="Other", check=True) == loop.collection.task("zstack_ai_model", True, name=NAMES[0], vendor="Other")


def test_a_change_of_somebody_else_is_neither_undone_nor_overlooked_when_something_is_written(loop):
    loop.items(NAMES[:4], vendor="Qwen")
    other_run(loop, name=NAMES[5], vendor="Somebody", description="of somebody")
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
    assert loop.collection.calls() == ["UpdateModel", "UpdateModel"]


def test_an_item_sees_what_earlier_items_created_renamed_and_deleted(loop):
    uuid = loop.items(NAMES[:4], vendor="Qwen") and loop.item(name=NAMES[4])["model"]["uuid"]
    new = {"model_center": CENTER, "url": "http://192.0.2.1/m", "install_path": "/models/m"}
    assert loop.item(name="new", **new)["changed"] and not loop.item(name="new", **new)["changed"]
    loop.items(NAMES[:8], vendor="Qwen")
    assert loop.item(uuid=uuid, name="renamed")["changed"]
    loop.items(NAMES[5:12], vendor="Qwen")
    assert not loop.item(name="renamed", vendor="Qwen")["changed"] and not loop.item(name=NAMES[4], state="absent")["changed"]
    assert loop.item(name="renamed", state="absent")["changed"] and not loop.item(name="renamed", state="absent")["changed"]
    assert loop.item(name="renamed", **new)["changed"]
    assert loop.collection.calls() == ["AddModel", "UpdateModel", "DeleteModel", "AddModel"]


def test_a_second_object_of_a_name_is_seen(loop):
    loop.items(NAMES[:4], vendor="Qwen")
    assert loop.item(name=NAMES[6], model_center="center-2", url="http://192.0.2.1/m", install_path="/models/m")["changed"]
    loop.items(NAMES[:4], vendor="Qwen")
    with pytest.raises(Failure, match="2 models are named"):
        loop.item(name=NAMES[6], vendor="Qwen")


def test_a_center_keeps_the_list_small(loop):
    loop.items(NAMES, model_center=CENTER, vendor="Qwen")
    log = [entry for entry in loop.collection.simulator.log() if entry["path"].endswith(MODELS)]
    assert len(log) == 3
    query = str(log[-1].get("query"))
    assert "modelCenterUuid" in query and "name" not in query.replace("replyWithCount", "")
    # What the center lacks is read alone, and only then missing.
    assert not loop.item(name="absent", model_center=CENTER, state="absent")["changed"]
    assert loop.collection.simulator.log()[-1]["path"].endswith(MODELS)


def test_long_lists_are_not_read(loop, monkeypatch):
    monkeypatch.setattr(_shared, "MOST_OBJECTS", 8)
    assert not any(loop.items(NAMES, vendor="Qwen"))
    assert len(loop.reads()) == 2 + 1 + 10


def test_an_old_list_is_read_again(loop, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(_shared.time, "monotonic", lambda: now[0])
    loop.items(NAMES[:6], vendor="Qwen")
    other_run(loop, name=NAMES[7], vendor="Other")
    assert not loop.item(name=NAMES[7], vendor="Qwen")["changed"]
    now[0] += _shared.LONGEST_AGE + 1
    assert loop.item(name=NAMES[7], vendor="Qwen")["changed"]


def test_the_option_turns_it_off(loop):
    assert not any(loop.items(NAMES, vendor="Qwen", share_reads=False))
    assert len(loop.reads()) == len(NAMES)


def test_an_outage_during_the_list_is_the_items_own_error(loop):
    loop.items(NAMES[:2], vendor="Qwen")
    loop.collection.simulator.fault("html_502", {"path": MODELS}, times=1000)
    with pytest.raises(Failure, match="GET /v1/ai/models"):
        loop.item(name=NAMES[2], vendor="Qwen")
    loop.collection.simulator.clear_faults()
    assert not any(loop.items(NAMES, vendor="Qwen"))


def test_a_loop_in_a_playbook(collection):
    with_models(collection, NAMES)
    task = {"name": "Loop", "zstack.aios.zstack_ai_model": {"name": "{{ item }}", "vendor": "Qwen"}, "loop": NAMES}
    assert [result["changed"] for result in collection.play(task)][:-1] == [False] * len(NAMES)
    reads = [entry for entry in collection.simulator.log() if entry["path"].endswith(MODELS)]
    assert len(reads) == 3
    collection.simulator.clear_log()
    # A task with until must read again on each attempt.
    waiting = {"name": "Wait", "zstack.aios.zstack_ai_model": {"name": NAMES[0], "vendor": "Qwen"}, "register": "found", "retries": 5, "delay": 0,
               "until": "found.attempts > 4"}
    collection.play(waiting)
    assert len([entry for entry in collection.simulator.log() if entry["path"].endswith(MODELS)]) == 5


def test_worker_and_module_agree_on_a_loop(collection):
    options = {"name": "{{ item }}", "vendor": "{{ 'Qwen' if item != 'loop-03' else 'Other' }}"}
    task = {"name": "Loop", "zstack.aios.zstack_ai_model": options, "loop": NAMES[:5]}
    results = collection.worker_and_module(task, prepare=lambda: with_models(collection, NAMES[:5]))
    assert [result["changed"] for result in results][:5] == [False, False, False, True, False]
