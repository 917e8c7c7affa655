# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A running simulator, and two ways to use the collection against it: the pipeline itself, and ansible-playbook."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import typing as t

import pytest
import yaml

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import resource_module
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import module_arguments
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._resources.dataset import DATASET
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_center import MODEL_CENTER
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_evaluation import MODEL_EVALUATION
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service import MODEL_SERVICE
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_clone import MODEL_SERVICE_CLONE
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_group import MODEL_SERVICE_GROUP
from ansible_collections.zstack.aios.plugins.module_utils._resources.user_proxy_config import USER_PROXY_CONFIG
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Resource
from simulator.testing import RunningSimulator, patience

from .fork_server import ForkServer

TABLES = {
    "zstack_ai_dataset": DATASET, "zstack_ai_model": MODEL, "zstack_ai_model_center": MODEL_CENTER, "zstack_ai_model_evaluation": MODEL_EVALUATION,
    "zstack_ai_model_service": MODEL_SERVICE, "zstack_ai_model_service_clone": MODEL_SERVICE_CLONE, "zstack_ai_model_service_group": MODEL_SERVICE_GROUP,
    "zstack_ai_user_proxy_config": USER_PROXY_CONFIG,
}
# Ansible-core refuses to start in a locale that is not UTF-8. The tests themselves run in any.
os.environ["LC_ALL"] = "C.UTF-8"
PASSWORD = "password"
CALLBACKS = pathlib.Path(__file__).parent / "callbacks"


Done = subprocess.CompletedProcess  # of text


class Collection:
    """Runs tasks against the simulator."""

    def __init__(self, simulator: RunningSimulator, directory: pathlib.Path) -> None:
        self.simulator = simulator
        self._directory = directory
        self._number = 0

    def connection(self, **options: t.Any) -> dict[str, t.Any]:
        """Connection options for the simulator; None takes one away."""
        given = {
            "host": self.simulator.host, "port": self.simulator.port, "account_name": "admin", "account_password": PASSWORD,
            "retries": 2, "timeout": int(patience(10)), "wait_timeout": int(patience(20)),
        }
        given.update(options)
        return {key: value for key, value in given.items() if value is not None}

    def options(self, table: Resource, **given: t.Any) -> dict[str, t.Any]:
        """Return a task's options as the module would see them: every option, with its default."""
        spec = module_arguments(table)["argument_spec"]
        return {**{name: entry.get("default") for name, entry in spec.items()}, **self.connection(), **given}

    def client(self, **options: t.Any) -> Client:
        """Return a new client."""
        return Client(Connection.from_params(self.connection(**options), {}))

    def calls(self) -> list[str]:
        """Return the names of the writes since the last call."""
        found = [entry["call"] for entry in self.simulator.writes()]
        self.simulator.clear_log()
        return found

    def task(self, module: str, check: bool = False, client: Client | None = None, **given: t.Any) -> dict[str, t.Any]:
        """Run one task through the pipeline, without the cost of a process; the result, or a `Failure` raised."""
        table = TABLES[module]
        options = self.options(table, **given)
        spec = resource_module(table)
        spec.check(options)
        mine = client or Client(Connection.from_params(options, {}))
        try:
            return spec.run(options, mine, check)
        finally:
            if client is None:
                mine.close()

    def worker_and_module(
        self, *tasks: dict[str, t.Any], prepare: t.Callable[[], None] | None = None, interpreter: str | None = None, **how: t.Any,
    ) -> list[dict[str, t.Any]]:
        """Run tasks in the worker and as modules, each on a fresh server; the results, which have to be equal to the last key.

        :param prepare: sets the server up, each time.
        :param interpreter: runs the modules; default the Python that runs Ansible.
        """
        results, given = [], how.pop("vars", {})
        for execution in ("worker", "module"):
            reset(self.simulator)
            if prepare:
                prepare()
            variables = {**given, "zstack_aios_execution": execution}
            if interpreter and execution == "module":
                variables["ansible_python_interpreter"] = interpreter
            results.append(self.play(*tasks, vars=variables, **how))
            assert self.simulator.stats()["sessions"] == 0
        for number, (mine, theirs) in enumerate(zip(*(_timeless(result) for result in results))):
            missing = object()
            pairs = {key: (mine.get(key, missing), theirs.get(key, missing)) for key in {*mine, *theirs}}
            differing = {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
            assert not differing, "result %d differs between the ways: %s" % (number, differing)
        assert len(results[0]) == len(results[1])
        return results[0]

    def play(self, *tasks: dict[str, t.Any], **how: t.Any) -> list[dict[str, t.Any]]:
        """Run tasks with ansible-playbook; the result of each task and item in order, to the last key."""
        record = self._directory / ("record-%d.jsonl" % self._number)
        environment = {
            **how.pop("environment", {}), "RECORD_FILE": str(record), "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS), "ANSIBLE_CALLBACKS_ENABLED": "record",
        }
        done = self.playbook(*tasks, environment=environment, **how)
        assert record.exists(), done.stdout + done.stderr
        lines = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
        return [{**line["result"], "failed": line["kind"].endswith("failed")} for line in lines]

    def playbook(self, *tasks: dict[str, t.Any], arguments: t.Sequence[str] = (), environment: t.Mapping[str, str] | None = None, **how: t.Any) -> Done:
        """Run tasks with ansible-playbook; the finished process."""
        path = self.write_playbook(*tasks, **how)
        return subprocess.run(
            ["ansible-playbook", *arguments, str(path)], env=self.environment(**(environment or {})), cwd=self._directory, capture_output=True,
            encoding="utf-8", check=False, timeout=patience(900))

    def write_playbook(
        self, *tasks: dict[str, t.Any], connection: t.Mapping[str, t.Any] | None = None, connection_type: str | None = "local", **play: t.Any,
    ) -> pathlib.Path:
        """Return a playbook of one play.

        :param connection: changes to the connection options in module_defaults.
        :param connection_type: the play's connection; None leaves it to the inventory.
        :param play: keywords of the play.
        """
        self._number += 1
        path = self._directory / ("play-%d.yml" % self._number)
        content = {
            "hosts": "localhost", "gather_facts": False, **({"connection": connection_type} if connection_type else {}),
            "module_defaults": {"group/zstack.aios.zstack": self.connection(**(connection or {}))}, "tasks": list(tasks), **play,
        }
        path.write_text(yaml.safe_dump([content], allow_unicode=True), encoding="utf-8")
        return path

    def environment(self, **changes: str) -> dict[str, str]:
        """Return the environment for ansible-playbook. Where HOME is not the home of the password file, a job's directory has to be named."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("ZSTACK_")}
        quiet = {"ANSIBLE_PIPELINING": "true", "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false", "ANSIBLE_NOCOLOR": "1"}
        quiet.update({"ANSIBLE_REMOTE_TMP": str(self._directory / "remote"), "ANSIBLE_ASYNC_DIR": str(self._directory / "async")})
        return {**kept, **quiet, **changes}


def _timeless(value: t.Any, inner: bool = False) -> t.Any:
    """Return the value without parts that the server generates each time: dates, job uuids, and the uuids of references, images and instances."""
    if isinstance(value, dict):
        dropped = ("create_date", "last_op_date", "createDate", "lastOpDate", "job", "job_uuid", *(("uuid", "url", "internal_url") if inner else ()))
        return {key: _timeless(item, key in ("model_service_refs", "model_service_images", "instances")) for key, item in value.items() if key not in dropped}
    if isinstance(value, list):
        return [_timeless(item, inner) for item in value]
    return re.sub(r"job [0-9a-f]{32}", "job", value) if isinstance(value, str) else value


def reset(simulator: RunningSimulator) -> None:
    """Restore the demo seed and a tag pattern of the users, without faults and with an empty log."""
    simulator.reset()
    simulator.seed({"tag_patterns": [{"uuid": "6c8e0a2c4e6f4a0b9d3e5c7a9b1d2f4b", "name": "env", "value": "prod", "color": "#1A2B3C"}]})


@pytest.fixture(scope="session", autouse=True)
def forked_commands(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[pathlib.Path | None]:
    """Fork Ansible's commands from a process that has imported Ansible; their directory, which comes first on the path.

    The variable REAL_PROCESSES starts each command as a process of its own instead.
    """
    # The tools of this environment first, as after `pip install`
    os.environ["PATH"] = os.pathsep.join((str(pathlib.Path(sys.executable).parent), os.environ["PATH"]))
    if os.environ.get("REAL_PROCESSES") or not hasattr(os, "pidfd_open"):
        yield None
        return
    with ForkServer(tmp_path_factory.mktemp("commands")) as server:
        os.environ["PATH"] = os.pathsep.join((str(server.directory), os.environ["PATH"]))
        yield server.directory


@pytest.fixture(scope="session", autouse=True)
def compiled_modules(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the compiled code of modules between their processes, unless REAL_PROCESSES is set."""
    if not os.environ.get("REAL_PROCESSES"):
        os.environ["COMPILED_MODULES"] = str(tmp_path_factory.mktemp("compiled"))
        os.environ["PYTHONPATH"] = os.pathsep.join((str(pathlib.Path(__file__).parent / "site"), os.environ.get("PYTHONPATH", "")))


@pytest.fixture
def real_processes(forked_commands: pathlib.Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start each command of a test as a process of its own."""
    monkeypatch.setenv("PATH", os.pathsep.join(entry for entry in os.environ["PATH"].split(os.pathsep) if entry != str(forked_commands)))


@pytest.fixture(scope="session")
def running_simulator(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[RunningSimulator]:
    """One simulator process for all tests."""
    with RunningSimulator(db=str(tmp_path_factory.mktemp("simulator") / "state.sqlite3")) as simulator:
        yield simulator


@pytest.fixture
def simulator(running_simulator: RunningSimulator) -> RunningSimulator:
    """The simulator, as `reset` leaves it."""
    reset(running_simulator)
    return running_simulator


@pytest.fixture
def collection(simulator: RunningSimulator, tmp_path: pathlib.Path) -> Collection:
    """The collection against a fresh simulator."""
    return Collection(simulator, tmp_path)
