# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run tasks of the collection over the network in memory, and note what they report."""
from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import CATALOG
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import ModuleSpec, perform, resource_module
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._resources.dataset import DATASET
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_center import MODEL_CENTER
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_evaluation import MODEL_EVALUATION
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service import MODEL_SERVICE
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_clone import MODEL_SERVICE_CLONE
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_group import MODEL_SERVICE_GROUP
from ansible_collections.zstack.aios.plugins.module_utils._resources.user_proxy_config import USER_PROXY_CONFIG

from .network import FIRST_PORT, HOST, Killed, Network, Record

SPECS: dict[str, ModuleSpec] = {
    "zstack_ai_dataset": resource_module(DATASET), "zstack_ai_model": resource_module(MODEL), "zstack_ai_model_center": resource_module(MODEL_CENTER),
    "zstack_ai_model_evaluation": resource_module(MODEL_EVALUATION), "zstack_ai_model_service": resource_module(MODEL_SERVICE),
    "zstack_ai_model_service_clone": resource_module(MODEL_SERVICE_CLONE), "zstack_ai_model_service_group": resource_module(MODEL_SERVICE_GROUP),
    "zstack_ai_user_proxy_config": resource_module(USER_PROXY_CONFIG), "zstack_ai_catalog": CATALOG,
}
TIMEOUT, WAIT_TIMEOUT, RETRIES = 10, 60, 2
SIGN_INS: dict[str, dict[str, t.Any]] = {
    "password": {"account_name": "admin", "account_password": "password"},
    "access_key": {"access_key_id": "AKIDEXAMPLE000000001", "access_key_secret": "s3cr3tKeyForTestVectors0123456789abcdefG"},
}


@dataclasses.dataclass
class Outcome:
    """What a run reported.

    :param ended: ``ok``, ``failed``, ``killed`` or ``crashed``.
    :param seconds: virtual ones.
    """

    ended: str
    result: dict[str, t.Any]
    seconds: float
    records: list[Record]

    @property
    def ok(self) -> bool:
        """Whether the task succeeded."""
        return self.ended == "ok"

    @property
    def changed(self) -> bool:
        """The result of the task."""
        return bool(self.result.get("changed"))

    @property
    def message(self) -> str:
        """The message of a failure."""
        return str(self.result.get("msg", ""))

    @property
    def executed(self) -> list[Record]:
        """The writes that the server executed."""
        return [record for record in self.records if record.executed]


def options_of(spec: ModuleSpec, run: int, given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the options of a task as the module sees them: each one, with its default."""
    defaults = {name: option.get("default") for name, option in spec.options.items()}
    return {**defaults, "host": HOST, "port": FIRST_PORT + run, "retries": RETRIES, "timeout": TIMEOUT, "wait_timeout": WAIT_TIMEOUT, **given}


def run_task(
    network: Network, run: int, module: str, given: t.Mapping[str, t.Any], sign_in: str = "password", check: bool = False,
) -> Outcome:
    """Run one task.

    :param run: a number of its own, by which strikes find it.
    """
    return run_spec(network, run, SPECS[module], given, sign_in, check)


def run_spec(network: Network, run: int, spec: ModuleSpec, given: t.Mapping[str, t.Any], sign_in: str = "password", check: bool = False) -> Outcome:
    """Run one task of a module."""
    options = options_of(spec, run, {**SIGN_INS[sign_in], **given})

    def work() -> tuple[bool, dict[str, t.Any]]:
        outcome = perform(spec, options, options, check, {}, Client, Client.close)
        return not outcome.failed, {**outcome.result, "warnings": outcome.warnings}

    return observed(network, run, work)


def observed(network: Network, run: int, work: t.Callable[[], tuple[bool, dict[str, t.Any]]]) -> Outcome:
    """Run a function, and record its outcome and its requests.

    :param work: returns whether it has succeeded, and its result.
    """
    begun, first = network.clock.now, len(network.records)
    try:
        succeeded, result = work()
        ended = "ok" if succeeded else "failed"
    except Killed:
        ended, result = "killed", {}
    except Exception as error:  # pylint: disable=broad-except
        ended, result = "crashed", {"msg": "%s: %s" % (type(error).__name__, error)}
    if run in network.dead:
        # The threads of a catalog end without the death of their process.
        ended, result = "killed", {}
    records = [record for record in network.records[first:] if record.run == run]
    return Outcome(ended, result, network.clock.now - begun, records)
