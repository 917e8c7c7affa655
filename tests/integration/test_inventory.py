# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin against the simulator: which hosts there are, with which variables, and what it leaves behind."""

from __future__ import annotations

import ast
import json
import pathlib
import signal
import subprocess
import time
import typing as t

import pytest
import yaml

from ansible_collections.zstack.aios.tests.integration.conftest import Collection
from simulator.testing import ACCESS_KEY, patience

from .pipelines import ROOT

pytestmark = pytest.mark.core

EXAMPLE = ROOT / "examples" / "inventory" / "endpoints.zstack_ai.yml"
CENTER, SERVICE, MODEL = "ebf96ce1de2c46fa8af9d503c29bb93d", "d76744cb53f9378abf42b907df3efb6e", "059d19eb310f36d4a7f43f51eaab87b8"
KEY = {"ZSTACK_" + key.upper(): value for key, value in ACCESS_KEY.items()}
HOSTILE = "{{ lookup('pipe', 'touch pwned') }}"


def group(number: int, name: str, **more: t.Any) -> dict[str, t.Any]:
    """Return a running group with one instance."""
    uuid = "%032x" % number
    instance = {
        "uuid": "%032x" % (number + 1000), "name": name + "-i", "status": "Running", "url": "http://192.0.2.1:%d" % number,
        "internalUrl": "http://10.0.0.1:%d" % number}
    return {
        "uuid": uuid, "name": name, "status": "Running", "type": "Container", "modelServiceType": "Endpoint", "modelServiceUuid": SERVICE, "modelUuid": MODEL,
        "instances": [instance], **more}


GROUPS = [
    group(1, "chat"), group(2, "twin"), group(3, "Twin"), group(4, "localhost"), group(5, HOSTILE), group(6, "会话 服务"), group(7, "-x\n[1:3],!a"),
    group(8, "tune", modelServiceType="FineTune"),
    group(9, "starting", status="Pending", instances=[{"uuid": "9" * 32, "name": "starting-i", "status": "Pending"}]),
    group(10, "failed", status=HOSTILE, instances=[]),
    group(11, "wide", instances=[
        {"uuid": "a" * 32, "name": "wide-0", "status": "Running", "url": "http://192.0.2.9:1", "nodeRank": 0, "architecture": "aarch64", "gpuVendor": "Huawei"},
        {"uuid": "b" * 32, "name": "wide-1", "status": "Failed", "url": "http://u:hf_very_secret@192.0.2.9:2/?token=hf_very_secret"},
        {"uuid": "c" * 32, "name": "wide-2", "status": "Deploying", "nodeRank": 2}]),
]


def examples_of_the_plugin() -> str:
    """Return the EXAMPLES of the inventory plugin, which are one inventory file."""
    text = (ROOT / "plugins" / "inventory" / "zstack_ai.py").read_text(encoding="utf-8")
    (found,) = (node.value for node in ast.parse(text).body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES")
    return ast.literal_eval(found)


class Inventory:
    """Runs ansible-inventory with a file."""

    def __init__(self, collection: Collection, directory: pathlib.Path) -> None:
        self._collection = collection
        self._directory = directory
        collection.simulator.seed({"instance_groups": GROUPS})

    def run(
        self, *arguments: str, path: pathlib.Path | None = None, environment: t.Mapping[str, str] | None = None, **options: t.Any,
    ) -> subprocess.CompletedProcess[str]:
        """Run it; the options are those of the file."""
        simulator = self._collection.simulator
        if path is None:
            path = self._directory / "endpoints.zstack_ai.yml"
            path.write_text(yaml.safe_dump({"plugin": "zstack.aios.zstack_ai", **options}, allow_unicode=True), encoding="utf-8")
        variables = {"ZSTACK_HOST": simulator.host, "ZSTACK_PORT": str(simulator.port), **(
            environment if environment is not None else {"ZSTACK_ACCOUNT_NAME": "admin", "ZSTACK_ACCOUNT_PASSWORD": "password"})}
        done = subprocess.run(
            ["ansible-inventory", "-i", str(path), *arguments], env=self._collection.environment(**variables), cwd=self._directory,
            capture_output=True, text=True, check=False, timeout=patience(120))
        assert simulator.stats()["sessions"] == 0 and "hf_very_secret" not in done.stdout + done.stderr
        return done

    def hosts(self, **options: t.Any) -> dict[str, dict[str, t.Any]]:
        """Return the hosts with their variables."""
        done = self.run("--list", "--export", **options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["_meta"]["hostvars"]


def test_the_examples_of_the_guide_and_the_plugin(collection: Collection, tmp_path: pathlib.Path) -> None:
    inventory = Inventory(collection, tmp_path)
    (tmp_path / "documented.zstack_ai.yml").write_text(examples_of_the_plugin(), encoding="utf-8")
    graph = inventory.run("-i", str(tmp_path / "documented.zstack_ai.yml"), "--graph", path=EXAMPLE).stdout
    assert "|--@status_Running:\n  |  |--chat\n" in graph
    assert "|--@down:\n  |  |--starting\n  |  |--failed\n  |  |--wide-1\n" in graph and "@center_center_1:" in graph and "@model_qwen2_5_7b:" in graph
    assert "tune" not in graph and not (tmp_path / "pwned").exists()


def test_hosts_and_their_variables(collection: Collection, tmp_path: pathlib.Path) -> None:
    inventory = Inventory(collection, tmp_path)
    hosts = inventory.hosts(compose={"copied": "status"}, keyed_groups=[{"key": "status", "prefix": "s"}])
    hostile = "".join(character if character.isalnum() else "_" for character in HOSTILE)
    assert set(hosts) == {
        "chat", "twin-%032x" % 1002, "Twin-%032x" % 1003, "localhost-%032x" % 1004, hostile, "会话_服务", "_x__1_3___a",
        "starting", "failed", "wide-0", "wide-1"}
    assert hosts["chat"] == {
        "uuid": "%032x" % 1001, "instance": "chat-i", "url": "http://192.0.2.1:1", "internal_url": "http://10.0.0.1:1", "status": "Running",
        "type": "Container",
        "model_service_group": "chat", "model_service_group_uuid": "%032x" % 1, "model_service_group_status": "Running", "model_service": "vllm-base",
        "model_service_uuid": SERVICE, "model_service_type": "Endpoint", "framework": "vLLM", "model": "qwen2.5-7b", "model_uuid": MODEL,
        "model_center": "center-1",
        "model_center_uuid": CENTER, "architecture": "x86_64", "gpu_vendor": "NVIDIA", "copied": "Running"}
    assert (hosts["wide-0"]["architecture"], hosts["wide-0"]["gpu_vendor"]) == ("aarch64", "Huawei") and hosts["wide-1"]["status"] == "Failed"
    assert hosts["wide-1"]["url"] == "http://********@192.0.2.9:2/?token=********"
    assert (hosts["starting"]["url"], hosts["starting"]["status"]) == (None, "Pending") and hosts["failed"]["uuid"] == "%032x" % 10
    text = hosts[hostile]["model_service_group"]
    assert HOSTILE in (text, text.get("__ansible_unsafe") if isinstance(text, dict) else None) and not (tmp_path / "pwned").exists()


def test_server_text_in_a_play(collection: Collection, tmp_path: pathlib.Path) -> None:
    inventory = Inventory(collection, tmp_path)
    inventory.run("--graph")
    play = [{"hosts": "all", "gather_facts": False, "connection": "local", "tasks": [
        {"name": "Show", "ansible.builtin.debug": {"msg": "{{ model_service_group }} is {{ status }} {{ copied }}"}}]}]
    inventory.run("--graph", compose={"copied": "model_service_group"})
    (tmp_path / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
    simulator = collection.simulator
    done = subprocess.run(
        ["ansible-playbook", "-i", "endpoints.zstack_ai.yml", "play.yml"], capture_output=True, text=True, check=False, cwd=tmp_path,
        env=collection.environment(ZSTACK_HOST=simulator.host, ZSTACK_PORT=str(simulator.port), **KEY))
    assert done.returncode == 0 and "%s is Running %s" % (HOSTILE, HOSTILE) in done.stdout, done.stdout + done.stderr
    assert not (tmp_path / "pwned").exists() and simulator.stats()["sign_ins"] == 2


def test_conditions_prefix_and_sign_in(collection: Collection, tmp_path: pathlib.Path) -> None:
    inventory = Inventory(collection, tmp_path)
    assert set(inventory.hosts(filters=[{"field": "status", "operator": "!=", "value": "Running"}])) == {"starting", "failed"}
    assert set(inventory.hosts(filters=[{"field": "model_service_type", "value": "FineTune"}], environment=KEY)) == {"tune"}
    hosts = inventory.hosts(
        name_regex="^chat$", model_center="center-1", hostvars_prefix="ai_", account_name="{{ 'ad' ~ 'min' }}", account_password="password", environment={})
    assert hosts["chat"]["ai_status"] == "Running" and all(name.startswith("ai_") for name in hosts["chat"])
    assert inventory.hosts(model_center="center-2") == {}
    assert collection.simulator.writes() == []


def test_what_cannot_be_is_refused(collection: Collection, tmp_path: pathlib.Path) -> None:
    inventory = Inventory(collection, tmp_path)
    for options, message in (
        ({"filters": [{"field": "stauts", "value": "x"}]}, "filters[0].field: a model service group has no field 'stauts'. Did you mean status?"),
        ({"hsot": "x"}, "hsot: there is no such option. Did you mean host?"),
        ({"account_name": "admin", "account_password": "very-wrong"}, "ID.1000"), ({"model_center": "nowhere"}, "there is no model center named 'nowhere'"),
        ({"strict": True, "compose": {"x": "nothing.at.all"}}, "Could not set x for host"),
        ({"name_regex": "("}, "name_regex: not a valid Python regular expression"),
    ):
        collection.simulator.clear_log()
        done = inventory.run("--list", **options)
        output = " ".join(done.stderr.split())
        assert message in output and "very-wrong" not in output, done.stderr
    other = tmp_path / "other.yml"
    other.write_text("plugin: zstack.aios.zstack_ai\n", encoding="utf-8")
    assert "chat" not in inventory.run("--list", path=other).stdout


def test_the_cache_is_that_of_one_platform_and_choice(collection: Collection, tmp_path: pathlib.Path) -> None:
    inventory = Inventory(collection, tmp_path)
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    first = inventory.hosts(**cache)
    collection.simulator.clear_log()
    assert inventory.hosts(**cache) == first and not [entry for entry in collection.simulator.log() if entry["method"] == "GET"]
    assert not (tmp_path / "pwned").exists()
    assert set(inventory.hosts(name_regex="chat", **cache)) == {"chat"}
    assert "hf_very_secret" not in "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "cache").iterdir())


def test_many_groups_are_complete_with_few_requests(collection: Collection, tmp_path: pathlib.Path) -> None:
    inventory = Inventory(collection, tmp_path)
    collection.simulator.seed({"instance_groups": [group(number, "many-%d" % number) for number in range(5000, 6500)]})
    collection.simulator.clear_log()
    assert len(inventory.hosts(name_regex="^many-")) == 1500
    assert len([entry for entry in collection.simulator.log() if entry["method"] == "GET"]) == 2 + 3


@pytest.mark.usefixtures("real_processes")
def test_a_signal_during_the_sign_in_leaves_no_session(collection: Collection, tmp_path: pathlib.Path) -> None:
    simulator = collection.simulator
    simulator.configure(latency_ms=500)
    simulator.clear_log()
    environment = {"ZSTACK_HOST": simulator.host, "ZSTACK_PORT": str(simulator.port), "ZSTACK_ACCOUNT_NAME": "admin", "ZSTACK_ACCOUNT_PASSWORD": "password"}
    with subprocess.Popen(["ansible-inventory", "-i", str(EXAMPLE), "--graph"], env=collection.environment(**environment), cwd=tmp_path,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + patience(30)
        while simulator.stats()["requests"] == 0 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(patience(30)) == -signal.SIGTERM
    # On a busy machine the session is closed twice.
    first, *rest = [entry["call"] for entry in simulator.log()]
    assert (first, set(rest)) == ("LogInByAccount", {"LogOut"}) and simulator.stats()["sessions"] == 0
