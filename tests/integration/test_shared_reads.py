# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The items of one loop of a playbook share reads."""

from __future__ import annotations

import pytest

from ansible_collections.zstack.aios.tests.integration.conftest import Collection

pytestmark = pytest.mark.core

MODELS = "/v1/ai/models"
NAMES = ["loop-%02d" % number for number in range(12)]


def with_models(collection: Collection, count: int = len(NAMES)) -> None:
    """Add models to the platform."""
    center = "ebf96ce1de2c46fa8af9d503c29bb93d"
    collection.simulator.seed({"models": [
        {"uuid": "%032x" % number, "name": name, "modelCenterUuid": center, "vendor": "Qwen", "installPath": "/models/m"}
        for number, name in enumerate(NAMES[:count], 1)]})


def test_a_loop_in_a_playbook(collection):
    with_models(collection)
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
    results = collection.worker_and_module(task, prepare=lambda: with_models(collection, 5))
    assert [result["changed"] for result in results][:5] == [False, False, False, True, False]
