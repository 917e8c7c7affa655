# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An export, planned, changes nothing."""

from __future__ import annotations

import os
import stat

import pytest
import yaml

pytest.importorskip("aiohttp", reason="the simulator needs it")

from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS as CATALOG_KINDS
from ansible_collections.zstack.aios.tests.unit.support.actions import Tasks
from faults.kinds import A, CENTER, KINDS, SEED
from faults.network import Network
from simulator.seeding import load_seed

CATALOG, EXPORT = "zstack_ai_catalog", "zstack_ai_catalog_export"
OTHER_CENTER = "432c5fdd49374bb0a2fd7877f0a877cf"


class Platform:
    """A platform in memory, with an object of each kind in every state that a task leads to."""

    def __init__(self, tasks, directory):
        self.tasks, self.network = tasks, tasks.network
        self.path = str(directory / "catalog")

    def fill(self):
        for kind in KINDS.values():
            assert self.tasks.run(kind.module, **kind.task(A)).result["changed"]

    def seed(self, **document):
        async def work():
            load_seed(self.network.world, document)

        self.network.run(work())

    def export(self, check=False, **options):
        return self.tasks.run(EXPORT, task={"check_mode": check}, **options).result

    def read(self, **options):
        """Return the exported document."""
        return yaml.safe_load(self.export(**options)["content"])

    def plan(self, check=True, **options):
        return self.tasks.run(CATALOG, task={"check_mode": check}, list_unchanged=True, **options).result

    def files(self):
        return {name: open(os.path.join(self.path, name), "rb").read() for name in os.listdir(self.path)}


@pytest.fixture(name="platform")
def platform_fixture(tmp_path):
    network = Network()
    with network.serving(SEED), Tasks(network, tmp_path).working() as tasks:
        yield Platform(tasks, tmp_path)


def names(items):
    return [item["name"] for item in items]


@pytest.mark.parametrize("source, plain", [(None, ["diffusers-base", "eval-base", "own"]), ("vllm-base", ["own"])])
def test_planning_an_export_changes_nothing(platform, source, plain):
    platform.fill()
    given = {"source_service": source}
    result = platform.export(path=platform.path, **given)
    assert result["files"] == [{"path": "%s/%s.yml" % (platform.path, kind), "changed": True} for kind in CATALOG_KINDS] and result["changed"]
    files = platform.files()
    # What the other services were made from is not known, unless the task tells.
    assert names(yaml.safe_load(files["model_services.yml"])["model_services"]) == plain and names(result["omitted"]) == ["vllm-base"]
    for check in (True, False):
        planned = platform.plan(check, path=platform.path)
        assert not planned["changed"] and planned["summary"]["none"] == len(planned["entries"]) == sum(result["summary"].values()), planned["diff"]
    again = platform.export(path=platform.path, **given)
    assert not again["changed"] and again["diff"] == [] and platform.files() == files


def test_check_mode_writes_no_file_and_predicts_the_run(platform):
    planned = platform.export(check=True, path=platform.path)
    assert not os.path.exists(platform.path)
    assert platform.export(path=platform.path) == planned
    assert planned["diff"][0]["before"] == "" and "\n---\n# Written by" in planned["diff"][0]["after"]


def test_objects_of_one_name_have_a_uuid_and_a_failed_deployment_is_accepted(platform):
    twins = [{"uuid": letter * 32, "name": "twin", "modelCenterUuid": center, "installPath": "/t"}
             for letter, center in (("a", CENTER), ("b", CENTER), ("c", OTHER_CENTER))]
    failed = {"uuid": "d" * 32, "name": "broken", "status": "Failed", "type": "Container", "modelServiceUuid": "d76744cb53f9378abf42b907df3efb6e"}
    platform.seed(models=twins, instance_groups=[failed])
    exported = platform.read()
    assert [item.get("uuid") for item in exported["models"] if item["name"] == "twin"] == ["a" * 32, "b" * 32, None]
    group, = [item for item in exported["model_service_groups"] if item["name"] == "broken"]
    assert group["wait"] is False
    assert platform.plan(**exported)["summary"]["none"] == sum(map(len, exported.values()))


@pytest.mark.parametrize("kind", ["model_services", "model_service_clones"])
def test_what_a_catalog_cannot_hold_is_noted(platform, kind):
    platform.seed(model_services=[{
        "uuid": "a" * 32, "name": "odd", "modelCenterUuid": CENTER, "type": "Unheard", "framework": "vLLM",
        "modelServiceImages": [{"cpuArchitecture": "x86_64"}]}])
    platform.export(path=platform.path, kinds=[kind])
    text = platform.files()[kind + ".yml"].decode()
    assert "# type is omitted: " in text and "Unheard" in text and "# architecture_images is omitted: " in text
    assert "# Omitted: vllm-base (uuid " in text and "system service" in text
    assert ("The server does not show the source of a clone" in text) is (kind == "model_service_clones")
    # What creating a service takes, and this one does not have.
    assert ("# start_command is not set here; to create the object on another platform, give it" in text) is (kind == "model_services")
    assert not platform.plan(path=platform.path)["changed"]


CHOICES = [
    ({"model_center": "center-2"}, {"model_centers": ["center-2"], "models": ["deepseek-r1-7b", "system-embedding"]}),
    ({"filter": {"name": "qwen2*"}}, {"models": ["qwen2.5-7b"]}),
    ({"filter": {"vendor": "DeepSeek"}}, {"models": ["deepseek-r1-7b"]}),
    ({"filter": {"user_tags": ["stage:a"], "name": "qwen3-32b"}}, {"models": ["qwen3-32b"]}),
    ({"filter": {"request_cpu": "2", "name": "chat-prod"}}, {"model_service_clones": ["chat-prod"]}),
    ({"filter": {"yaml": "services: [{name: a}]", "name": "own"}}, {"model_services": ["own"]}),
    ({"filter": {"yaml": "services:*a", "name": "own"}}, {"model_services": ["own"]}),
    ({"filter": {"yaml": "services: [{name: b}]", "name": "own"}}, {}),
    ({"model_center_uuid": CENTER, "kinds": ["model_service_groups", "model_evaluations"]},
     {"model_service_groups": ["chat"], "model_evaluations": ["release-7"]}),
    ({"model_center": "center-2", "kinds": ["model_service_groups", "model_evaluations"]}, {}),
]


def test_only_what_was_asked_for(platform):
    platform.fill()
    for options, expected in CHOICES:
        assert {kind: names(items) for kind, items in platform.read(**options).items() if items} == expected, options


@pytest.mark.parametrize("options, message", [
    ({"filter": {"token": "x"}}, "filter: token is not an option that can be read back. Supported are: "),
    ({"filter": {"size": "many"}, "kinds": ["models"]}, "filter: "),
    ({"model_center": "center-9"}, "model_center: there is no model center named 'center-9'"),
    ({"source_service": "nothing"}, "source_service: there is no model service named 'nothing'"),
    ({"source_service_uuid": "e" * 32}, "source_service_uuid: there is no model service with the uuid " + "e" * 32),
    ({"schema": "a b"}, "schema: 'a b' contains blanks or invisible characters."),
    ({"schema": "x\u202ey"}, "schema: "),
    ({"account_password": "qwen2.5-7b"}, "Signing in as admin"),
])
def test_what_an_export_refuses(platform, options, message):
    result = platform.export(**options)
    assert result["failed"] and result["msg"].startswith(message), result["msg"]


def test_a_directory_with_the_name_of_a_file_is_refused(platform, tmp_path):
    path = tmp_path / "x.yml"
    path.mkdir()
    assert platform.export(path=str(path))["msg"].startswith("path: %s is a directory, but its name has the extension of a file." % path)


def test_a_result_with_a_secret_is_refused_and_a_file_is_written(platform):
    platform.seed(models=[{"name": "copied", "modelCenterUuid": CENTER, "installPath": "/m", "description": "see https://u:zebra-crossing@example.com/x"}])
    result = platform.export(kinds=["models"])
    assert result["failed"] and "contains a secret of this task, or a credential in a URL" in result["msg"] and "zebra-crossing" not in str(result)
    platform.export(path=platform.path, kinds=["models"])
    assert b"zebra-crossing" in platform.files()["models.yml"]


def test_files_are_replaced_whole_and_keep_their_mode(platform, tmp_path):
    target = tmp_path / "catalog" / "all.yml"
    target.parent.mkdir()
    target.write_text("models: []\n", encoding="utf-8")
    target.chmod(0o640)
    refused = platform.export(path=str(target), overwrite=False)
    assert refused["msg"] == "overwrite: %s would change. Nothing was written." % target and target.read_text(encoding="utf-8") == "models: []\n"
    assert platform.export(path=str(target))["files"] == [{"path": str(target), "changed": True}]
    assert stat.S_IMODE(target.stat().st_mode) == 0o640 and list(platform.files()) == ["all.yml"]
    assert set(yaml.safe_load(target.read_text(encoding="utf-8"))) == set(CATALOG_KINDS)
    assert not platform.plan(path=str(target))["changed"]
    assert any("is a file of the same catalog" in text for text in platform.export(path=platform.path)["warnings"])


def test_another_platform(tmp_path):
    """Everything that the export contains is created; what cannot be is reported for its item."""
    def on_platform(work):
        network = Network()
        with network.serving(SEED), Tasks(network, tmp_path).working() as tasks:
            return work(Platform(tasks, tmp_path))

    def export(platform):
        platform.fill()
        # Somebody has cloned it by hand, so its uuid does not show from what.
        platform.seed(model_services=[{"uuid": "a" * 32, "name": "by-hand", "modelCenterUuid": CENTER, "requestCpu": 3}])
        platform.export(path=platform.path, filter={"name": "*-*"}, kinds=["models", "model_service_clones"], source_service=None)
        return platform.files()

    files = on_platform(export)
    assert b"source_service: vllm-base" in files["model_service_clones.yml"] and b"source_service: unknown source" in files["model_service_clones.yml"]
    result = on_platform(lambda platform: platform.plan(False, path=platform.path))
    found = {entry["name"]: (entry["action"], entry.get("msg") or "") for entry in result["entries"]}
    assert found["chat-prod"][0] == found["qwen3-32b"][0] == "create"
    assert found["by-hand"][0] == "failed" and "there is no model service named 'unknown source'" in found["by-hand"][1]
