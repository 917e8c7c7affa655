# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments: waiting, failures, restarts, and options that the server does not show."""

from __future__ import annotations

import time
import typing as t

import pytest
import requests
from simulator.testing import patience

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.tests.integration.conftest import Collection

MODULE = "zstack_ai_model_service_group"
GIVEN = {
    "name": "chat", "model_service": "vllm-base", "model": "qwen2.5-7b", "zone": "zone-1", "cluster": "cluster-1", "type": "VirtualMachine",
    "vm_image": "ai-runtime-x86_64", "l3_networks": ["inference-network"], "cpu_num": 8, "memory_size": 34359738368,
}
SECRET = "hunter2-of-the-deployment"


def deploy(collection: Collection, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    """Run the task with options beside the usual ones; None takes one away."""
    return collection.task(MODULE, check, **{key: value for key, value in {**GIVEN, **options}.items() if value is not None})


def test_a_deployment_waits_for_an_endpoint_that_answers(collection: Collection) -> None:
    foreseen = deploy(collection, True)
    result = deploy(collection)
    group = result["model_service_group"]
    assert (result["changed"], result["steps"], group["uuid"]) == (True, foreseen["steps"], foreseen["model_service_group"]["uuid"])
    assert group["status"] == "Running" and group["instances"][0]["status"] == "Running"
    assert requests.get(group["instances"][0]["url"] + "/readyz", timeout=patience(5)).status_code == 200
    body = collection.simulator.writes()[0]["body"]["deployModelService"]
    assert body["zoneUuid"] == "8c4a2e6f1b3d4f5a9c7e0d2b4f6a8c1e" and body["l3NetworkUuids"] == ["4f6b8d0a2c3e4d5f9b1c3e5a7d9f1b2c"]
    assert collection.calls() == ["DeployModelService"]
    again = deploy(collection)
    assert not again["changed"] and not collection.calls()
    renamed = deploy(collection, description="new")
    assert renamed["changed"] and collection.calls() == ["UpdateModelServiceInstanceGroup"]


def test_without_wait_the_group_is_still_deploying_and_the_next_run_waits_unchanged(collection: Collection) -> None:
    collection.simulator.control("PUT", "config", {"deploy_ms": 1500})
    assert deploy(collection, wait=False)["model_service_group"]["status"] == "Deploying"
    second = deploy(collection)
    assert not second["changed"] and second["model_service_group"]["status"] == "Running"


@pytest.mark.parametrize("options, reason", [
    ({}, "failed: status Failed"), ({"status": "Running", "instance_status": "Error"}, "failed: instance .*: status Error"),
    ({"job": True, "code": "SYS.1006", "details": "no host has enough memory"}, "no host has enough memory"),
])
def test_a_failed_deployment_fails_at_once_with_the_reason(collection: Collection, options: dict[str, t.Any], reason: str) -> None:
    collection.simulator.fault("fail_deployment", {"call": "DeployModelService"}, **options)
    with pytest.raises(Failure, match=reason) as caught:
        deploy(collection)
    assert caught.value.result["changed"] and [step["call"] for step in caught.value.result["steps"]] == ["DeployModelService"]
    for check in (True, False):
        with pytest.raises(Failure, match="has failed: .*recreate"):
            deploy(collection, check)
    assert deploy(collection, recreate=True)["model_service_group"]["status"] == "Running"


@pytest.mark.parametrize("call, options", [("DeployModelService", {}), ("RestartModelServiceGroups", {"restart": "always"})])
def test_a_job_that_goes_on_although_the_group_has_failed_is_not_waited_for(collection: Collection, call: str, options: dict[str, t.Any]) -> None:
    if options:
        deploy(collection)
        time.sleep(1.1)  # the server's dates have no fractions of a second
    collection.calls()
    collection.simulator.fault("stuck_job", {"call": call}, work=True)
    collection.simulator.fault("fail_deployment", {"call": call}, status="Failed")
    started = time.monotonic()
    with pytest.raises(Failure, match="has failed: status Failed") as caught:
        deploy(collection, **options)
    assert time.monotonic() - started < patience(18)  # wait_timeout is 20
    assert (caught.value.result["changed"], [step["call"] for step in caught.value.result["steps"]]) == (True, [call])


def test_a_restart_of_a_failed_group_is_not_judged_by_the_status_from_before(collection: Collection) -> None:
    collection.simulator.fault("fail_deployment", {"call": "DeployModelService"})
    with pytest.raises(Failure):
        deploy(collection)
    collection.simulator.configure(deploy_ms=1500, deploy_job_waits=True)
    collection.simulator.fault("stale_status", {"call": "RestartModelServiceGroups"}, ms=1200)
    assert deploy(collection, restart="always")["model_service_group"]["status"] == "Running"


def test_a_deployment_that_never_ends_reports_its_status_and_how_to_continue(collection: Collection) -> None:
    collection.simulator.fault("fail_deployment", {"call": "DeployModelService"}, status="Deploying")
    with pytest.raises(Failure, match=r"not ready after 2 seconds \(wait_timeout\). Its last status is Deploying.*Run the task again"):
        deploy(collection, wait_timeout=2)


def test_required_options_of_each_backend_are_checked_first(collection: Collection) -> None:
    for options, message in (
        ({"vm_image": None}, "^vm_image_uuid or vm_image: required with type VirtualMachine"),
        ({"type": "Container"}, "^docker_image: required with type Container"),
        ({"request_cpu_num": 2}, "^request_cpu_num: supported only with type Container"),
        ({"type": "Container", "docker_image": "i", "request_cpu_num": 9}, "^request_cpu_num: 9 is greater than cpu_num"),
        ({"service_readyz": "readyz"}, "^service_readyz: the path has to start with /"),
        ({"environment_variables": {"A": None}}, "^environment_variables: A has no value"),
    ):
        with pytest.raises(OptionError, match=message):
            deploy(collection, **options)
    assert not collection.calls()


def test_restart_waits_for_the_new_state(collection: Collection) -> None:
    deploy(collection)
    collection.calls()
    # Dates of the server have no fractions of a second, so within one second only the status Deploying identifies the new state.
    collection.simulator.control("PUT", "config", {"deploy_ms": 1200})
    collection.simulator.fault("stale_status", {"call": "RestartModelServiceGroups"}, ms=600)
    started = time.monotonic()
    result = deploy(collection, restart="always")
    assert result["changed"] and [step["call"] for step in result["steps"]] == ["RestartModelServiceGroups"] == collection.calls()
    assert time.monotonic() - started > 0.6 and result["model_service_group"]["status"] == "Running"
    assert not deploy(collection, restart="on_change")["changed"] and not deploy(collection, restart="never")["changed"]


def test_a_restart_that_fails_for_the_group_is_a_failure(collection: Collection) -> None:
    deploy(collection)
    collection.simulator.fault("fail_restart", {"call": "RestartModelServiceGroups"})
    with pytest.raises(Failure, match="RestartModelServiceGroups"):
        deploy(collection, restart="always")


@pytest.mark.parametrize("shown", [True, False])
def test_variables_are_idempotent_whether_or_not_the_yaml_shows_them(collection: Collection, shown: bool) -> None:
    collection.simulator.control("PUT", "config", {"group_yaml_shows": ["environmentVariables"] if shown else []})
    variables = {"TOKEN": SECRET, "SIZE": "3"}
    first = deploy(collection, environment_variables=variables)
    assert collection.calls() == ["DeployModelService"]
    assert not deploy(collection, environment_variables=variables)["changed"] and not deploy(collection, True, environment_variables=variables)["changed"]
    assert not collection.calls()
    foreseen = deploy(collection, True, environment_variables={**variables, "TOKEN": SECRET + "-2"})
    second = deploy(collection, environment_variables={**variables, "TOKEN": SECRET + "-2"})
    assert second["changed"] and (second["steps"], second["diff"]) == (foreseen["steps"], foreseen["diff"])
    assert collection.calls() == ["CreateUserTag", "UpdateModelServiceInstanceGroup", "DeleteTag"]
    assert not deploy(collection, environment_variables={**variables, "TOKEN": SECRET + "-2"})["changed"]
    # A variable that is no longer listed is a change as well.
    assert deploy(collection, environment_variables={"TOKEN": SECRET + "-2"})["changed"]
    assert not deploy(collection, environment_variables={"TOKEN": SECRET + "-2"})["changed"]
    tags = [row["tag"] for row in collection.simulator.state()["user_tags"]]
    digests = [tag for tag in tags if tag.startswith("zstack.aios/digest/environment_variables=")]
    assert len(digests) == 1 and SECRET not in str(tags)
    assert SECRET not in str(first["diff"]) and SECRET not in str(second["diff"]) and second["diff"]["before"] != second["diff"]["after"]


def test_startup_parameters_and_probes_are_remembered(collection: Collection) -> None:
    collection.simulator.control("PUT", "config", {"group_yaml_shows": []})
    options: dict[str, t.Any] = {"startup_parameters": {"max-len": "4096"}, "service_readyz": "/ready", "service_livez": "/live", "service_bootup_time": 60}
    assert deploy(collection, **options)["warnings"] == deploy(collection, **options)["warnings"] == []
    body = collection.simulator.writes()[0]["body"]["deployModelService"]
    assert body["serviceBootUptime"] == 60 and body["startupParameters"] == {"max-len": "4096"}
    collection.calls()
    assert not deploy(collection, **options)["changed"]
    for option, value, sent in (
        ("startup_parameters", {"max-len": "8192"}, {"startupParameters": {"max-len": "8192"}}), ("service_readyz", "/r", {"serviceReadyz": "/r"}),
        ("service_livez", "/l", {"serviceLivez": "/l"}), ("service_bootup_time", 90, {"serviceBootupTime": 90}),
    ):
        options[option] = value
        assert deploy(collection, **options)["changed"], option
        bodies = [entry["body"] for entry in collection.simulator.writes() if entry["call"] == "UpdateModelServiceInstanceGroup"]
        assert bodies == [{"updateModelServiceInstanceGroup": sent}], option
        collection.calls()
        assert not deploy(collection, **options)["changed"], option


def test_an_interrupted_change_is_sent_again(collection: Collection) -> None:
    collection.simulator.control("PUT", "config", {"group_yaml_shows": []})
    deploy(collection, environment_variables={"A": "1"})
    collection.simulator.fault("error", {"call": "UpdateModelServiceInstanceGroup"})
    try:
        deploy(collection, environment_variables={"A": "2"})
    except Failure:
        pass
    collection.calls()
    result = deploy(collection, environment_variables={"A": "1"})
    assert result["changed"] and "UpdateModelServiceInstanceGroup" in collection.calls()
    assert not deploy(collection, environment_variables={"A": "1"})["changed"]


def test_on_change_restarts_and_verifies_the_configuration(collection: Collection) -> None:
    deploy(collection, environment_variables={"A": "1"})
    collection.calls()
    result = deploy(collection, environment_variables={"A": "2"}, restart="on_change")
    assert collection.calls() == ["CreateUserTag", "UpdateModelServiceInstanceGroup", "RestartModelServiceGroups", "DeleteTag"]
    assert result["changed"] and not deploy(collection, environment_variables={"A": "2"}, restart="on_change")["changed"]
    deploy(collection, environment_variables={"A": SECRET}, restart="on_change")
    collection.simulator.fault("old_configuration", {"call": "UpdateModelServiceInstanceGroup"})
    with pytest.raises(Failure, match=r"did not apply: environment_variables \(still another value\)") as caught:
        deploy(collection, environment_variables={"A": "3"}, restart="on_change")
    # The old value is a secret that this task does not know.
    assert SECRET not in str(caught.value.result)


def test_a_server_that_refuses_tags_gets_the_value_once_and_a_warning(collection: Collection) -> None:
    collection.simulator.control("PUT", "config", {"group_yaml_shows": [], "untaggable": ["ModelServiceInstanceGroupVO"]})
    for number, value in enumerate(("1", "1", "2")):
        result = deploy(collection, environment_variables={"A": value})
        assert (result["changed"], any("cannot be detected" in text for text in result["warnings"])) == (number == 0, True), number
        assert deploy(collection, True, environment_variables={"A": value})["changed"] is False
    assert [call for call in collection.calls() if call != "CreateUserTag"].count("DeployModelService") <= 2
