# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module with every sign-in method against a server that repeats secrets, in the worker and as a module, and what the scanner finds in the output.

Everything runs in one process and in virtual time. ``python -m leaks.matrix`` plays the whole product; the unit tests play each pair.
"""
from __future__ import annotations

import argparse
import contextlib
import dataclasses
import io
import itertools
import json
import logging
import os
import re
import sys
import traceback
import typing as t
from unittest import mock

import yaml
from ansible.module_utils import basic
from ansible.module_utils.common import warnings as _warnings

from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint import ENDPOINT
from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import EXPORT, VALIDATION
from ansible_collections.zstack.aios.plugins.module_utils._pipeline import module as _module
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.calling import CALL
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.info import info_module
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import ModuleSpec, perform, run_module
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.session import SESSION
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.texts import expand_lists
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._resources.views import VIEWS
from faults.network import FIRST_PORT, HOST
from faults.tasks import RETRIES, SPECS, TIMEOUT, WAIT_TIMEOUT

from .accounts import Secrets
from .parrot import CASES, STYLES, Case, Parrot
from .scanner import PART, Scanner

MODULES: dict[str, ModuleSpec] = {
    **SPECS, "zstack_ai_catalog_export": EXPORT, "zstack_ai_catalog_validate": VALIDATION, "zstack_ai_inference_endpoint": ENDPOINT, "zstack_ai_call": CALL,
    "zstack_session": SESSION, **{"zstack_ai_%s_info" % kind: info_module(view) for kind, view in VIEWS.items()},
}
WORKER, MODULE = HOSTS = ("worker", "module")
# Refused before the first request: invalid options, made from the task and its account.
REFUSED = "options refused: "
# Another run has created the objects, with other secrets.
OTHERS = "objects have other secrets"
SECRETS, OTHER_SECRETS = Secrets(1), Secrets(2)


@dataclasses.dataclass(frozen=True)
class Cell:
    """One task: which module, which sign-in method, what happens, how the server spells secrets, and where the task runs."""

    module: str
    account: str
    case: str
    style: str
    host: str
    check: bool = False

    def __str__(self) -> str:
        return "%s, %s, %s, %s, %s%s" % (self.module, self.account, self.case, self.style, self.host, ", check mode" if self.check else "")


def mistakes(options: dict[str, t.Any], secrets: t.Mapping[str, str]) -> dict[str, dict[str, t.Any]]:
    """Return options that are refused, by what is wrong with them. Each has a secret in a place that is not for one."""
    name, secret = next(((name, value) for name, value in options.items() if value in secrets.values()), ("token", next(iter(secrets.values()), "none")))
    return {
        REFUSED + "a misspelt name": {name + "s": secret, "acount_password": SECRETS.texts["proxy"], "tokken": {"a": [SECRETS.texts["proxy"]]}},
        REFUSED + "no number": {"timeout": secret},
        REFUSED + "another type": {name: {"a": secret, secret: [secret]}},
        REFUSED + "a wrong choice": {"protocol": "https:" + secret, "state": secret},
        REFUSED + "a wrong host": {"host": "http://admin:%s@mn/" % secret},
        REFUSED + "a wrong path": {"ca_path": "/nowhere/" + secret},
    }


def cells() -> t.Iterator[Cell]:
    """Yield every combination of module, account, case and host. Spellings and check mode take turns."""
    styles = itertools.cycle(STYLES)
    for number, (module, case, account, host) in enumerate(itertools.product(sorted(MODULES), ALL_CASES, SECRETS.accounts, HOSTS)):
        yield Cell(module, account, case, next(styles), host, check=number // 7 % 4 == 3)


def pairs() -> t.Iterator[Cell]:
    """Yield each pair of module and case; accounts, hosts, spellings and check mode take turns."""
    styles, accounts = itertools.cycle(STYLES), list(SECRETS.accounts)
    for first, module in enumerate(sorted(MODULES)):
        for second, case in enumerate(ALL_CASES):
            yield Cell(module, accounts[(first + second) % len(accounts)], case, next(styles), HOSTS[(first + second // 2) % 2], (first + second) % 4 == 3)


_RESULT = re.compile(r"\"?session_uuid\"?: \"?[0-9a-f]{32}")
ALL_CASES = [*CASES, OTHERS, *mistakes({}, {})]


def play(cell: Cell) -> list[str]:
    """Play one cell, and return the secrets that its output contains."""
    account, case = SECRETS.accounts[cell.account], CASES.get(cell.case, Case())
    task = SECRETS.tasks()[cell.module]
    # If a server shows secrets of other users, only the server knows that they are secrets.
    given = {**account.secrets, **_contained(task, SECRETS.of_objects)}
    known = {**given, **({"proxy": SECRETS.texts["proxy"]} if case.proxy or cell.case.startswith(REFUSED) else {})}
    network = Parrot(case, known.values(), cell.style, two_factor_token=account.code, two_factor_once=False)
    spec = MODULES[cell.module]
    with network.serving(SECRETS.seed()), _environment(case):
        options = {**account.options, **task}
        if "session_uuid" in options:
            options["session_uuid"] = network.world.sessions.create("36c27e8ff05c4780bf6d2fa65700f22e", "36c27e8ff05c4780bf6d2fa65700f22e")["uuid"]
            network.secrets.append(options["session_uuid"])
        options.update(mistakes(options, given).get(cell.case, {}))
        if spec.offline:
            options = {name: value for name, value in options.items() if name in spec.options or cell.case.startswith(REFUSED)}
        else:
            options = {"host": HOST, "port": FIRST_PORT + 1, "retries": RETRIES, "timeout": TIMEOUT, "wait_timeout": WAIT_TIMEOUT, **options}
            if cell.case == OTHERS:
                others = OTHER_SECRETS.tasks()[cell.module]
                _in_worker(spec, {**options, **others}, False)
                known.update(("other " + name, secret) for name, secret in _contained(others, OTHER_SECRETS.of_objects).items())
        try:
            output = (_in_worker if cell.host == WORKER else _as_module)(spec, options, cell.check)
        except Exception:  # pylint: disable=broad-except
            output = traceback.format_exc()
            return ["crashed: " + output]
    found = _scanner(known).find(output)
    if cell.module == "zstack_session":
        # The one result that is a secret. The action plugin takes care of it.
        output = _RESULT.sub("", output)
    sent = {text for text in (*network.repeated, *network.sent[-1:]) if len(text) >= PART}
    return found + Scanner({"session or signature %d" % number: text for number, text in enumerate(sorted(sent))}).find(output)


def _contained(task: t.Any, secrets: t.Mapping[str, str]) -> dict[str, str]:
    """Return the secrets that a task contains."""
    texts, pending = [], [task]
    while pending:
        item = pending.pop()
        if isinstance(item, (dict, list)):
            pending.extend(item.values() if isinstance(item, dict) else item)
        else:
            # An apostrophe in YAML is doubled.
            texts.append(str(item).replace("''", "'"))
    return {name: secret for name, secret in secrets.items() if any(secret in text for text in texts)}


_SCANNERS: dict[tuple[tuple[str, str], ...], Scanner] = {}


def _scanner(secrets: t.Mapping[str, str]) -> Scanner:
    key = tuple(secrets.items())
    if key not in _SCANNERS:
        _SCANNERS[key] = Scanner(secrets)
    return _SCANNERS[key]


@contextlib.contextmanager
def _environment(case: Case) -> t.Iterator[None]:
    proxy = "http://proxy-user:%s@192.0.2.7:3128" % "".join("%%%02X" % byte for byte in SECRETS.texts["proxy"].encode())
    changes = {"http_proxy": proxy} if case.proxy else {}
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy") and not name.startswith("ZSTACK_")}
    with mock.patch.dict(os.environ, {**kept, **changes}, clear=True):
        yield


def _in_worker(spec: ModuleSpec, options: dict[str, t.Any], check: bool) -> str:
    """Run a task as the action plugin does; the result in the forms of callbacks."""
    from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator

    given = expand_lists(spec.options, json.loads(json.dumps(options)))
    arguments = {key: value for key, value in spec.arguments.items() if key != "supports_check_mode"}
    checked = ModuleArgumentSpecValidator(**arguments).validate(given)
    lines: list[str] = []

    def opened(connection: t.Any, pool: int) -> Client:
        client = Client(connection, pool)
        client.notify = lines.append
        return client

    if checked.error_messages:
        outcome = _module.conclude(spec, checked.validated_parameters, {"msg": checked.errors.msg}, True)
    else:
        outcome = perform(spec, checked.validated_parameters, given, check, {}, opened, Client.close)
    everything = {**outcome.result, "warnings": outcome.warnings, "invocation": outcome.arguments}
    return "\n".join((json.dumps(everything), json.dumps(everything, indent=4, ensure_ascii=False), yaml.safe_dump(everything, allow_unicode=True), *lines))


def _as_module(spec: ModuleSpec, options: dict[str, t.Any], check: bool) -> str:
    """Run a task as AnsibleModule does; what is printed and logged."""
    printed, logged = io.StringIO(), t.cast("list[str]", [])
    arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": True, "_ansible_verbosity": 5, "_ansible_debug": True}
    _warnings._global_warnings.clear()
    with contextlib.ExitStack() as patches:
        patches.enter_context(contextlib.redirect_stdout(printed))
        patches.enter_context(contextlib.redirect_stderr(printed))
        patches.enter_context(mock.patch.object(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()))
        patches.enter_context(mock.patch.object(basic, "_ANSIBLE_PROFILE", "legacy", create=True))
        patches.enter_context(mock.patch.object(basic, "has_journal", False))
        patches.enter_context(mock.patch.object(basic.syslog, "syslog", lambda unused, text: logged.append(text)))
        # This process is that of the tests, whose signals and output are not the module's.
        patches.enter_context(mock.patch.object(_module.Ending, "catch", lambda self: None))
        patches.enter_context(mock.patch.object(_module.STOP, "watch", lambda has_ended: None))
        patches.enter_context(contextlib.suppress(SystemExit))
        run_module(spec)
    return "\n".join((printed.getvalue(), *logged))


def main() -> int:
    """Play every combination, or every so many-th."""
    parser = argparse.ArgumentParser(prog="leaks.matrix", description=__doc__)
    parser.add_argument("--pairs", action="store_true", help="play each pair of module and case only")
    parser.add_argument("--step", type=int, default=1, help="play every so many-th cell")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    given = parser.parse_args()
    logging.disable(logging.ERROR)
    count, found = 0, 0
    for cell in itertools.islice(pairs() if given.pairs else cells(), given.first, None, given.step):
        count += 1
        hits = play(cell)
        if hits:
            found += 1
            print("%s\n    %s" % (cell, "\n    ".join(hits)), flush=True)
    print("%d cells, %d with secrets in their output" % (count, found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
