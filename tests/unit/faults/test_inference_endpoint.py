# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of an inference endpoint: deployed, unchanged, replaced by a version beside it, deleted, absent."""

from __future__ import annotations

import pytest

pytest.importorskip("aiohttp", reason="the simulator needs it")

from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint import ENDPOINT
from ansible_collections.zstack.aios.plugins.module_utils._pipeline import serving
from ansible_collections.zstack.aios.plugins.module_utils._protocol.probe import Probe
from faults.kinds import A, KINDS, SEED
from faults.network import Network
from faults.tasks import SPECS, run_task

MODULE = "zstack_ai_inference_endpoint"


def part(kind, **options):
    return {**{option: value for option, value in KINDS[kind].task(A).items() if option != "state"}, **options}


def test_the_life_of_an_endpoint(monkeypatch):
    # This network carries the management node only.
    monkeypatch.setattr(serving, "probe", lambda *unused: Probe(True, "/readyz", ("HTTP 200",)))
    monkeypatch.setitem(SPECS, MODULE, ENDPOINT)
    parts = {"model": part("model"), "model_service_group": part("group", name="served", model=None, model_uuid=None)}
    newer = {**parts, "model_service_group": {**parts["model_service_group"], "description": "newer"}}
    network = Network()
    with network.serving(SEED):
        before = network.world.store.count(KINDS["group"].rows)

        def run(number, options, check=False):
            outcome = run_task(network, number, MODULE, options, check=check)
            assert outcome.ok, outcome.message
            return outcome.changed, network.world.store.count(KINDS["group"].rows) - before

        assert run(1, parts, check=True) == (True, 0)
        assert run(2, parts) == (True, 1)
        assert run(3, parts) == (False, 1)
        assert run(4, {**newer, "strategy": "side_by_side"}) == (True, 1)
        assert run(5, {**newer, "strategy": "side_by_side"}) == (False, 1)
        assert run(6, {**newer, "state": "absent"}) == (True, 0)
        assert run(7, {**newer, "state": "absent"}) == (False, 0)
