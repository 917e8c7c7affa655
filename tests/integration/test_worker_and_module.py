# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Worker and module give the same result to the last key: every module, success and failure, with warnings. Weak passwords change nothing."""

from __future__ import annotations

import os
import pathlib
import typing as t

import pytest

from .conftest import Collection
from .test_cases import MODEL

MODULES = pathlib.Path(__file__).resolve().parents[2] / "plugins" / "modules"
# Only an action plugin implements it.
IN_WORKER_ONLY = ("zstack_ai_catalog_report",)
SECRET = "zebra-crossing"
URL = "https://user:%s@example.com/x" % SECRET
GROUP = {"name": "g", "model_service": "vllm-base", "zone": "zone-1", "type": "Container", "docker_image": "i", "cpu_num": 4, "memory_size": 4096,
         "environment_variables": {"TOKEN": SECRET}}


def task(module: str, **options: t.Any) -> dict[str, t.Any]:
    return {"name": module, "zstack.aios." + module: options, "ignore_errors": True}


# The task, whether it fails, whether it changes something, and how many warnings it gives: changes, no change, failures of Ansible, of our checks
# and of the server, with warnings wherever there can be any.
TASKS = [
    (task("zstack_ai_model_center", name="edge", url=URL, management_ip="192.0.2.50", management_port=22), False, True, 1),
    (task("zstack_ai_model_center", name="center-1", state="absent", description=True), True, False, 1),
    (task("zstack_ai_model", name="a", model_center="center-1", install_path="/m", vendor=True, description="at " + URL), False, True, 2),
    (task("zstack_ai_model", uuid=MODEL, vendor=3.10, description="refused"), True, False, 1),
    (task("zstack_ai_model", uuid=MODEL, vendor=3.10, size="many"), True, False, 0),
    (task("zstack_ai_model", uuid=MODEL, size=99), False, False, 1),
    (task("zstack_ai_model_service", name="own", model_center="center-1", yaml="a: 1", description=7), True, False, 1),
    (task("zstack_ai_model_service_clone", name="c", source_service="vllm-base", size=7, description=7), False, True, 1),
    (task("zstack_ai_model_service_clone", name="c", source_service="vllm-base", size=8, description=7), True, False, 1),
    (task("zstack_ai_model_service_group", **GROUP, description=7), False, True, 2),
    (task("zstack_ai_model_service_group", **{**GROUP, "type": "VirtualMachine"}, description=7), True, False, 1),
    (task("zstack_ai_dataset", name="news", model_center="center-9", description=7, token=SECRET), True, False, 1),
    (task("zstack_ai_user_proxy_config", proxy_host="p", proxy_port=1, proxy_type="HTTP", proxy_password=SECRET, no_proxy=7), False, True, 1),
    (task("zstack_ai_model_evaluation", name="release", model_service_groups=["nothing"], datasets=["x"], description=7), True, False, 1),
    (task("zstack_ai_catalog", models=[{"name": "a", "vendor": 7}, {"name": "x", "model_center": "center-9", "install_path": "/x"}]), True, True, 1),
    (task("zstack_ai_catalog_export", path="/proc/nonexistent/x.yml", filter={"description": 7}), True, False, 1),
    (task("zstack_ai_model_info", name="a", tags=True, filters=[{"field": "vendor", "value": True}]), False, False, 1),
    (task("zstack_ai_model_center_info", filters=[{"field": "vender", "value": "x"}]), True, False, 0),
    (task("zstack_ai_model_service_info", filters="name"), True, False, 0),
    (task("zstack_ai_model_service_clone", name="c", source_service="vllm-base", architecture_images=[1], description=7), True, False, 0),
    (task("zstack_ai_call", call="QueryModelCenter", parameters={"q": ["name=edge"]}), False, False, 1),
    (task("zstack_ai_call", call="UpdateModel", parameters={"uuid": MODEL, "nope": 1}, user_tags=[7]), True, False, 1),
    (task("zstack_ai_inference_endpoint", model={"name": "a", "vendor": 7}, model_service_group={"name": "g"}), True, False, 1),
    (task("zstack_session", account_password="wrong", server_timezone=8), True, False, 1),
]

COVERED = {entry["name"] for entry, *expected in TASKS}
TASKS += [
    (task(path.stem, host=["a"], no_such_option=1), True, False, 0) for path in sorted(MODULES.glob("*.py")) if path.stem not in {*COVERED, *IN_WORKER_ONLY}]


# A Python of the oldest version that runs the modules, with requests, PyYAML and nothing else. Without it, the one that runs Ansible runs them.
OLDEST = os.environ.get("TARGET_PYTHON", "")


@pytest.mark.core
def test_every_module(collection: Collection) -> None:
    def prepare() -> None:
        collection.simulator.fault("error", match={"call": "UpdateModel", "path": MODEL}, times=1, code="SYS.1006", details="no " + SECRET)

    results = collection.worker_and_module(
        *(entry for entry, *expected in TASKS), prepare=prepare, interpreter=OLDEST if os.access(OLDEST, os.X_OK) else None, arguments=["-vvv", "--diff"],
        environment={"ANSIBLE_INJECT_INVOCATION": "1"})
    found = [
        (entry, result["failed"], result["changed"], len(result.get("warnings") or [])) for (entry, *expected), result in zip(TASKS, results)]
    assert [pair for pair in zip(TASKS, found, results) if pair[0] != pair[1]] == []
    assert all("deprecations" not in result and "invocation" in result for result in results)
