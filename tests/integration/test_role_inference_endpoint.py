# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role inference_endpoint, as a play runs it. What it does in detail is in test_inference_endpoint."""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import time
import typing as t

import pytest
from simulator.testing import patience

from .conftest import Collection
from .test_inference_endpoint import CENTER, CLONE, EMPTY, GROUP, MODEL, SERVICE, answer

SECRET = "hub-token-of-the-role"
VARIABLES: dict[str, t.Any] = {
    "inference_endpoint_model_center": CENTER, "inference_endpoint_model_service": SERVICE, "inference_endpoint_model_service_clone": CLONE,
    "inference_endpoint_model": {**MODEL, "token": SECRET},
    "inference_endpoint_model_service_group": {**GROUP, "environment_variables": {"HF_TOKEN": SECRET}},
    "inference_endpoint_strategy": "side_by_side", "inference_endpoint_ready_timeout": 20}
ROLE = {"name": "Serve the model", "ansible.builtin.include_role": {"name": "zstack.aios.inference_endpoint"}}
SHOW = {"name": "Show the address", "ansible.builtin.debug": {"var": "inference_endpoint_url"}}


def connection(collection: Collection) -> dict[str, t.Any]:
    """Return the variables of the role with the connection."""
    return {"zstack_" + name: value for name, value in collection.connection().items()}


def release(image: str, **more: t.Any) -> dict[str, t.Any]:
    """Return the variables with another image."""
    variables = copy.deepcopy(VARIABLES)
    variables["inference_endpoint_model_service_group"]["docker_image"] = image
    return {**variables, **more}


def the_task(results: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    """Return the result of the role's module."""
    return next(result for result in results if "steps" in result)


def test_the_role(collection: Collection) -> None:
    simulator = collection.simulator

    def given(image: str, **more: t.Any) -> dict[str, t.Any]:
        return release(image, **connection(collection), **more)

    simulator.reset(EMPTY)
    foreseen = the_task(collection.play(ROLE, SHOW, vars=given("vllm:1"), arguments=["--check", "--diff"]))
    assert foreseen["changed"] and not simulator.writes()
    results = collection.play(ROLE, SHOW, vars=given("vllm:1"))
    first = the_task(results)
    assert (first["steps"], first["diff"]) == (foreseen["steps"], foreseen["diff"]) and SECRET not in json.dumps(results)
    url = results[-1]["inference_endpoint_url"]
    assert url == first["url"] and answer(url) == "qwen3 received: hello"
    assert not the_task(collection.play(ROLE, vars=given("vllm:1")))["changed"]
    second = the_task(collection.play(ROLE, vars={**given("vllm:2"), "zstack_aios_execution": "module"}))
    assert [step["call"] for step in second["steps"]] == ["DeployModelService", "DeleteModelServiceInstanceGroup"]
    simulator.fault("fail_deployment", {"call": "DeployModelService"}, status="Running", endpoint="unready")
    failed = the_task(collection.play(ROLE, vars=given("vllm:3", inference_endpoint_ready_timeout=1)))
    assert failed["failed"] and "HTTP 503" in failed["msg"] and "Still serving: chat-" + second["version"] in failed["msg"]
    assert answer(second["url"]) == "qwen3 received: hello"
    gone = the_task(collection.play(ROLE, vars=given("vllm:2", inference_endpoint_state="absent")))
    assert len(gone["steps"]) == 5 and not any(simulator.state()[kind] for kind in ("instance_groups", "models", "model_services", "model_centers"))
    assert simulator.stats()["sessions"] == 0


@pytest.mark.usefixtures("real_processes")
def test_a_release_that_is_killed_is_continued(collection: Collection) -> None:
    simulator = collection.simulator

    def given(image: str, **more: t.Any) -> dict[str, t.Any]:
        return release(image, **connection(collection), **more)

    collection.play(ROLE, vars=given("vllm:1"))
    simulator.configure(deploy_ms=600000)
    simulator.clear_log()
    play = collection.write_playbook(ROLE, vars=given("vllm:2"))
    with subprocess.Popen(["ansible-playbook", str(play)], env=collection.environment(), stdout=subprocess.DEVNULL, start_new_session=True) as process:
        deadline = time.monotonic() + patience(120)
        while not any(entry["call"] == "DeployModelService" for entry in simulator.writes()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
    assert len(simulator.state()["instance_groups"]) == 2
    simulator.advance(600000)
    done = the_task(collection.play(ROLE, vars=given("vllm:2")))
    assert "DeployModelService" not in [step["call"] for step in done["steps"]]
    assert [row["name"] for row in simulator.state()["instance_groups"]] == ["chat-" + done["version"]]
