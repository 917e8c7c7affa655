# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An inference endpoint, from an empty platform to a model that answers, and from one version to the next."""

from __future__ import annotations

import concurrent.futures
import typing as t

import pytest
import requests
from simulator.testing import patience

from ansible_collections.zstack.aios.plugins.module_utils._catalog import endpoint as _endpoint
from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint import ENDPOINT
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.serving import wait_until_served
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import StoppedError
from ansible_collections.zstack.aios.tests.integration.conftest import Collection

ZONE = "8c4a2e6f1b3d4f5a9c7e0d2b4f6a8c1e"
CENTER = {"name": "edge", "url": "http://192.0.2.50", "management_ip": "192.0.2.50", "management_port": 22}
SERVICE = {"name": "vllm", "yaml": "services: []", "request_cpu": 1, "request_memory": 1024, "install_path": "/s/vllm", "start_command": "python s.py"}
CLONE = {"name": "vllm-qwen3", "framework": "vLLM"}
MODEL = {"name": "qwen3", "install_path": "/models/qwen3"}
GROUP = {
    "name": "chat", "zone": "zone-1", "type": "Container", "docker_image": "registry.example.com/vllm:1", "cpu_num": 4, "memory_size": 8589934592,
    "l3_networks": ["inference-network"]}
EVALUATOR = {"uuid": "0a1b2c3d4e5f4a6b8c7d9e0f1a2b3c4d", "name": "eval-base", "type": "ModelEval", "modelCenterUuid": "ebf96ce1de2c46fa8af9d503c29bb93d"}
EVALUATION = {
    "name": "gate", "model_service": "eval-base", "datasets": ["faq-zh"], "zone": "zone-1", "type": "Container", "docker_image": "registry.example.com/e:1",
    "l3_networks": ["inference-network"], "task_type": "Capability", "limits": 10, "minimum_score": 80}
# A platform without models and services.
EMPTY = {
    "zones": [{"uuid": ZONE, "name": "zone-1"}],
    "l3_networks": [{"uuid": "4f6b8d0a2c3e4d5f9b1c3e5a7d9f1b2c", "name": "inference-network", "zoneUuid": ZONE}]}
WHOLE: dict[str, t.Any] = {"model_center": CENTER, "model_service": SERVICE, "model_service_clone": CLONE, "model": MODEL, "model_service_group": GROUP}
# A platform with a service and a model, as many already are.
ONLY_GROUP: dict[str, t.Any] = {"model_service_group": {**GROUP, "model_service": "vllm-base", "model": "qwen2.5-7b"}}


class Endpoints:
    """Runs tasks on an endpoint."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.simulator = collection.simulator

    def run(self, check: bool = False, **given: t.Any) -> dict[str, t.Any]:
        """One task; its result."""
        defaults = {name: option.get("default") for name, option in ENDPOINT.options.items()}
        options = {**defaults, **self.collection.connection(), "ready_timeout": 5, **given}
        ENDPOINT.check(options)
        client = Client(Connection.from_params(options, {}))
        try:
            return ENDPOINT.run(options, client, check)
        finally:
            client.close()

    def fresh(self, **configuration: t.Any) -> None:
        """Set the platform up again."""
        self.simulator.reset()
        self.simulator.seed({"model_services": [EVALUATOR]})
        self.simulator.configure(**configuration)

    def groups(self) -> list[str]:
        """Return the names of the groups on the platform."""
        return sorted(row["name"] for row in self.simulator.state()["instance_groups"])


@pytest.fixture
def endpoints(collection: Collection) -> Endpoints:
    """The platform of the demo, with a service that evaluates."""
    collection.simulator.seed({"model_services": [EVALUATOR]})
    collection.simulator.clear_log()
    return Endpoints(collection)


def interrupted(monkeypatch: pytest.MonkeyPatch, number: int, act: t.Callable[[], t.Any]) -> bool:
    """Run a task, and end the process after a number of writes; returns whether there was a further write."""
    count, write = 0, Client.write

    def counted(client: Client, *given: t.Any) -> t.Any:
        nonlocal count
        count += 1
        if count > number:
            raise StoppedError("The process has to end.")
        return write(client, *given)

    with monkeypatch.context() as patch:
        patch.setattr(Client, "write", counted)
        try:
            act()
        except Failure:
            pass
    return count > number


def calls(result: dict[str, t.Any]) -> list[str]:
    """Return the names of the calls of a result."""
    return [step["call"] for step in result["steps"]]


def answer(url: str) -> str:
    """Return the answer of the model behind a URL."""
    reply = requests.post(url + "/v1/chat/completions", json={"messages": [{"role": "user", "content": "hello"}]}, timeout=patience(5))
    return reply.json()["choices"][0]["message"]["content"]


def test_from_an_empty_platform_to_an_answer_and_back(endpoints: Endpoints) -> None:
    endpoints.simulator.reset(EMPTY)
    endpoints.simulator.configure(endpoint_ms=700)
    foreseen = endpoints.run(True, **WHOLE)
    assert not endpoints.simulator.writes()
    done = endpoints.run(**WHOLE)
    assert calls(done) == calls(foreseen) == ["AddModelCenter", "AddModelService", "CloneModelService", "AddModel", "DeployModelService"]
    assert (foreseen["steps"], foreseen["diff"], foreseen["changed"]) == (done["steps"], done["diff"], True)
    assert answer(done["url"]) == "qwen3 received: hello"
    again = endpoints.run(**WHOLE)
    assert not again["changed"] and not again["steps"] and again["url"] == done["url"]
    foreseen = endpoints.run(True, state="absent", **WHOLE)
    gone = endpoints.run(state="absent", **WHOLE)
    assert (foreseen["steps"], foreseen["diff"]) == (gone["steps"], gone["diff"])
    assert calls(gone) == ["DeleteModelServiceInstanceGroup", "DeleteModel", "DeleteModelService", "DeleteModelService", "DeleteModelCenter"]
    assert not endpoints.run(state="absent", **WHOLE)["changed"]


def test_an_existing_model_and_service_are_bound_and_kept(endpoints: Endpoints) -> None:
    given = {"model_service_group": {**GROUP, "model_service": "diffusers-base", "model": "qwen2.5-7b"}}
    assert calls(endpoints.run(**given)) == ["BindModelToService", "DeployModelService"]
    assert not endpoints.run(**given)["changed"]
    # What the platform had before is kept.
    both = {**given, "model": {"name": "qwen2.5-7b", "model_center": "center-1"}}
    gone = endpoints.run(state="absent", **both)
    assert calls(gone) == ["DeleteModelServiceInstanceGroup"] and [item["part"] for item in gone["kept"]] == ["model"]
    assert any("was not created for this endpoint" in text for text in gone["warnings"])


def test_a_change_in_place(endpoints: Endpoints) -> None:
    first = endpoints.run(**ONLY_GROUP)
    change = {"model_service_group": {**ONLY_GROUP["model_service_group"], "environment_variables": {"A": "1"}, "restart": "on_change"}}
    foreseen, done = endpoints.run(True, **change), endpoints.run(**change)
    assert (foreseen["steps"], foreseen["diff"]) == (done["steps"], done["diff"]) and "RestartModelServiceGroups" in calls(done)
    assert done["model_service_group"]["uuid"] == first["model_service_group"]["uuid"] and not endpoints.run(**change)["changed"]


def test_a_gate_in_place(endpoints: Endpoints) -> None:
    with pytest.raises(Failure, match="85.0, which is below minimum_score 90"):
        endpoints.run(**ONLY_GROUP, evaluation={**EVALUATION, "minimum_score": 90})
    # The existing score is used, and the gate may name the endpoint.
    assert not endpoints.run(**ONLY_GROUP, evaluation={**EVALUATION, "model_service_groups": ["chat"]})["changed"]
    again = {"model_service_group": {**ONLY_GROUP["model_service_group"], "recreate": True}, "evaluation": EVALUATION}
    foreseen, done = endpoints.run(True, **again), endpoints.run(**again)
    for result in (foreseen, done):
        # The server keeps the uuid of a deleted group reserved, so that of the next one cannot be known.
        result["diff"]["after"]["evaluation"].pop("model_service_group_uuids")
    assert (foreseen["steps"], foreseen["diff"]) == (done["steps"], done["diff"])
    assert calls(done) == ["DeleteModelEvaluationTask", "DeleteModelServiceInstanceGroup", "DeployModelService", "DeployModelEvalService"]
    gone = endpoints.run(state="absent", **ONLY_GROUP, evaluation=EVALUATION)
    assert calls(gone) == ["DeleteModelEvaluationTask", "DeleteModelServiceInstanceGroup"] and endpoints.groups() == []


def test_what_another_endpoint_uses_is_kept(endpoints: Endpoints) -> None:
    one = {"model": {**MODEL, "model_center": "center-1"}, "model_service_group": {**GROUP, "model_service": "vllm-base"}}
    two = {**one, "model_service_group": {**one["model_service_group"], "name": "chat-2"}}
    for given in (one, two):
        endpoints.run(**given)
    kept, = endpoints.run(state="absent", **one)["kept"]
    assert kept["part"] == "model" and "it is used by model service group 'chat-2'" in kept["reason"] and endpoints.groups() == ["chat-2"]
    assert not endpoints.run(state="absent", model_service_group={"name": "chat"})["changed"]
    assert calls(endpoints.run(state="absent", **two)) == ["DeleteModelServiceInstanceGroup", "DeleteModel"]


class TestSideBySide:
    def release(self, endpoints: Endpoints, image: str, check: bool = False, **more: t.Any) -> dict[str, t.Any]:
        """Release a version with an image."""
        given = {**ONLY_GROUP["model_service_group"], "docker_image": image, **more.pop("group", {})}
        return endpoints.run(check, **{"strategy": "side_by_side", "model_service_group": given, **more})

    def test_a_new_version_replaces_the_old_one_once_it_serves(self, endpoints: Endpoints) -> None:
        first = self.release(endpoints, "vllm:1")
        assert not self.release(endpoints, "vllm:1")["changed"]
        foreseen, second = self.release(endpoints, "vllm:2", True), self.release(endpoints, "vllm:2")
        assert (foreseen["steps"], foreseen["diff"], foreseen["version"]) == (second["steps"], second["diff"], second["version"])
        assert calls(second) == ["DeployModelService", "DeleteModelServiceInstanceGroup"] and second["version"] != first["version"]
        assert endpoints.groups() == ["chat-" + second["version"]] and "received" in answer(second["url"])
        assert not self.release(endpoints, "vllm:2")["changed"]
        # The same by uuid is the same version, and so is what an update can change.
        by_uuid = {"zone": None, "zone_uuid": ZONE, "model": None, "model_uuid": "059d19eb310f36d4a7f43f51eaab87b8"}
        assert not self.release(endpoints, "vllm:2", group=by_uuid)["changed"]
        assert calls(self.release(endpoints, "vllm:2", group={"description": "new"})) == ["UpdateModelServiceInstanceGroup"]
        assert calls(endpoints.run(state="absent", **ONLY_GROUP)) == ["DeleteModelServiceInstanceGroup"] and endpoints.groups() == []

    @pytest.mark.parametrize("fault, reason", [
        ({"kind": "fail_deployment", "status": "Running", "endpoint": "unready"}, "is not ready after 1 seconds.*HTTP 503"),
        ({"kind": "fail_deployment", "status": "Running", "endpoint": "down"}, "is not ready after 1 seconds.*no answer"),
        ({"kind": "fail_deployment"}, "has failed: status Failed"),
        ({"kind": "fail_deployment", "job": True, "details": "no host has enough memory"}, "no host has enough memory"),
        ({"kind": "error", "details": "no GPU is left"}, "no GPU is left.*There is no group of the new version"),
    ])
    def test_a_version_that_does_not_serve_is_taken_back(self, endpoints: Endpoints, fault: dict[str, t.Any], reason: str) -> None:
        first = self.release(endpoints, "vllm:1")
        endpoints.simulator.fault(**{"match": {"call": "DeployModelService"}, **fault})
        with pytest.raises(Failure, match=reason + ".*Still serving: chat-" + first["version"]) as caught:
            self.release(endpoints, "vllm:2", ready_timeout=1)
        assert caught.value.result["changed"] is (fault["kind"] != "error")
        assert endpoints.groups() == ["chat-" + first["version"]] and "received" in answer(first["url"])
        assert not self.release(endpoints, "vllm:1")["changed"]

    def test_a_version_below_the_minimum_score_is_taken_back(self, endpoints: Endpoints) -> None:
        first = self.release(endpoints, "vllm:1", evaluation=EVALUATION)
        assert first["model_evaluation_task"]["total_score"] == 85.0 and not self.release(endpoints, "vllm:1", evaluation=EVALUATION)["changed"]
        endpoints.simulator.configure(evaluation_score=60.0)
        with pytest.raises(Failure, match="60.0, which is below minimum_score 80.*was deleted. Still serving: chat-"):
            self.release(endpoints, "vllm:2", evaluation=EVALUATION)
        assert endpoints.groups() == sorted(["chat-" + first["version"], "gate-" + first["version"]])
        endpoints.simulator.configure(evaluation_score=90.0)
        foreseen, second = self.release(endpoints, "vllm:3", True, evaluation=EVALUATION), self.release(endpoints, "vllm:3", evaluation=EVALUATION)
        assert (foreseen["steps"], foreseen["diff"]) == (second["steps"], second["diff"])
        assert calls(second) == ["DeployModelService", "DeployModelEvalService", "DeleteModelEvaluationTask", "DeleteModelServiceInstanceGroup"]
        assert endpoints.groups() == sorted(["chat-" + second["version"], "gate-" + second["version"]])

    def test_the_only_version_is_never_taken_back(self, endpoints: Endpoints) -> None:
        first = self.release(endpoints, "vllm:1")
        endpoints.simulator.configure(endpoint_ms=600000)
        with pytest.raises(Failure, match="HTTP 503"):
            self.release(endpoints, "vllm:1", ready_timeout=1, group={"restart": "always"})
        foreseen = self.release(endpoints, "vllm:1", True)
        assert not foreseen["changed"] and "the endpoint is not ready now. http" in foreseen["warnings"][-1]
        assert endpoints.groups() == ["chat-" + first["version"]]

    def test_from_in_place_and_back(self, endpoints: Endpoints) -> None:
        endpoints.run(**ONLY_GROUP)
        foreseen, first = self.release(endpoints, GROUP["docker_image"], True), self.release(endpoints, GROUP["docker_image"])
        assert foreseen["steps"] == first["steps"] and calls(first) == ["DeployModelService", "DeleteModelServiceInstanceGroup"]
        # In place, the group that exists is used.
        assert not endpoints.run(**ONLY_GROUP)["changed"] and endpoints.groups() == ["chat-" + first["version"]]
        # Its name would not fit another deployment.
        again = {"model_service_group": {**ONLY_GROUP["model_service_group"], "docker_image": "vllm:2", "recreate": True}}
        assert calls(endpoints.run(**again)) == ["DeployModelService", "DeleteModelServiceInstanceGroup"] and endpoints.groups() == ["chat"]

    def test_another_model_or_service_is_a_new_version(self, endpoints: Endpoints) -> None:
        model, clone = {"name": "m1", "model_center": "center-1", "install_path": "/m"}, {"name": "c1", "source_service": "vllm-base"}
        given = {"model": model, "model_service_clone": clone, "model_service_group": GROUP, "strategy": "side_by_side"}
        endpoints.run(**given)
        for change, made in (
            ({"model_service_clone": {**clone, "start_command": "run"}}, "UpdateModelService"), ({"model": {**model, "name": "m2"}}, "AddModel"),
            ({"model_service_clone": {**clone, "name": "c2"}}, "CloneModelService"),
        ):
            given.update(change)
            foreseen, done = endpoints.run(True, **given), endpoints.run(**given)
            assert (foreseen["steps"], foreseen["diff"]) == (done["steps"], done["diff"])
            assert calls(done)[0] == made and calls(done)[-2:] == ["DeployModelService", "DeleteModelServiceInstanceGroup"], change
            assert endpoints.groups() == ["chat-" + done["version"]] and not endpoints.run(**given)["changed"]

    def test_two_runs_at_the_same_time(self, endpoints: Endpoints) -> None:
        self.release(endpoints, "vllm:1")
        endpoints.simulator.configure(job_ms=100, latency_ms=10)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = [future.result() for future in [pool.submit(self.release, endpoints, "vllm:2") for _unused in range(2)]]
        assert [call for result in results for call in calls(result)].count("DeployModelService") == 1
        assert endpoints.groups() == ["chat-" + results[0]["version"]]

    def test_an_old_version_that_others_use_is_not_deleted(self, endpoints: Endpoints) -> None:
        first = self.release(endpoints, "vllm:1")
        nightly = {**EVALUATION, "name": "nightly", "model_service_group_uuids": [first["model_service_group"]["uuid"]]}
        endpoints.collection.task("zstack_ai_model_evaluation", **nightly)
        with pytest.raises(Failure, match="It is used by: model evaluation task 'nightly'.*is already serving. Run again once chat-" + first["version"]):
            self.release(endpoints, "vllm:2")
        assert len(endpoints.groups()) == 3
        second = self.release(endpoints, "vllm:2", group={"delete_mode": "Enforcing"})
        assert calls(second) == ["DeleteModelServiceInstanceGroup"] and endpoints.groups() == ["chat-" + second["version"], "nightly"]

    def test_a_group_that_another_run_has_deleted_deletes_no_other(self, endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
        first = self.release(endpoints, "vllm:1")

        def deleted(client: Client, inventory: dict[str, t.Any], *given: t.Any) -> t.Any:
            served = wait_until_served(client, inventory, *given)
            endpoints.collection.task("zstack_ai_model_service_group", uuid=inventory["uuid"], state="absent")
            return served

        with monkeypatch.context() as patch:
            patch.setattr(_endpoint, "wait_until_served", deleted)
            with pytest.raises(Failure, match="was deleted during this run"):
                self.release(endpoints, "vllm:2")
        assert endpoints.groups() == ["chat-" + first["version"]]

    def test_a_version_that_cannot_be_taken_back(self, endpoints: Endpoints) -> None:
        first = self.release(endpoints, "vllm:1")
        endpoints.simulator.fault("fail_deployment", {"call": "DeployModelService"}, status="Running", endpoint="unready")
        endpoints.simulator.fault("error", {"call": "DeleteModelServiceInstanceGroup"}, details="the group is locked")
        with pytest.raises(Failure, match="HTTP 503.*could not be deleted: .*the group is locked.*Run again. Still serving: chat-" + first["version"]):
            self.release(endpoints, "vllm:2", ready_timeout=1)
        with pytest.raises(Failure, match="was deleted"):
            self.release(endpoints, "vllm:2", ready_timeout=1)
        assert endpoints.groups() == ["chat-" + first["version"]]

    def test_the_only_version_that_has_failed_can_be_deployed_again(self, endpoints: Endpoints) -> None:
        first = self.release(endpoints, "vllm:1")
        endpoints.simulator.fault("fail_deployment", {"call": "RestartModelServiceGroups"})
        with pytest.raises(Failure, match="has failed"):
            self.release(endpoints, "vllm:1", group={"restart": "always"})
        with pytest.raises(Failure, match="Set recreate to true"):
            self.release(endpoints, "vllm:1")
        assert calls(self.release(endpoints, "vllm:1", group={"recreate": True})) == ["DeleteModelServiceInstanceGroup", "DeployModelService"]
        assert endpoints.groups() == ["chat-" + first["version"]]

    def test_an_old_configuration_is_detected(self, endpoints: Endpoints) -> None:
        self.release(endpoints, "vllm:1", group={"environment_variables": {"A": "1"}})
        endpoints.simulator.fault("old_configuration", {"call": "UpdateModelServiceInstanceGroup"})
        with pytest.raises(Failure, match="did not apply: environment_variables"):
            self.release(endpoints, "vllm:1", group={"environment_variables": {"A": "2"}, "restart": "on_change"})

    def test_a_server_that_keeps_the_groups_of_evaluations(self, endpoints: Endpoints) -> None:
        endpoints.simulator.configure(evaluation_groups_go=False)
        for image in ("vllm:1", "vllm:2"):
            version = self.release(endpoints, image, evaluation=EVALUATION)["version"]
            assert endpoints.groups() == ["chat-" + version, "gate-" + version]

    @pytest.mark.parametrize("score", [90.0, 60.0])
    def test_interrupted_after_any_write_the_next_run_ends_right(self, endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch, score: float) -> None:
        good, number = score > 80, -1
        while True:
            number += 1
            endpoints.fresh(deploy_ms=20, evaluation_ms=20)
            first = self.release(endpoints, "vllm:1", evaluation=EVALUATION)["version"]
            endpoints.simulator.configure(evaluation_score=score)
            if not interrupted(monkeypatch, number, lambda: self.release(endpoints, "vllm:2", evaluation=EVALUATION)):
                break
            if good:
                first = self.release(endpoints, "vllm:2", evaluation=EVALUATION)["version"]
            else:
                with pytest.raises(Failure, match="below minimum_score"):
                    self.release(endpoints, "vllm:2", evaluation=EVALUATION)
            assert endpoints.groups() == ["chat-" + first, "gate-" + first], number
            assert [row["name"] for row in endpoints.simulator.state()["model_evaluation_tasks"]] == ["gate-" + first]
            assert not self.release(endpoints, "vllm:%d" % (1 + good), evaluation=EVALUATION)["changed"]
        assert number == 4  # all of them
