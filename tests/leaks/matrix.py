# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module with every sign-in method against a server that repeats secrets, in the worker and as a module, and what the scanner finds in the output.

Everything runs in one process and in virtual time. ``python -m leaks.matrix --state FILE`` plays the whole product, and goes on where it was; the unit
tests play its beginning.
"""
from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import logging
import os
import pathlib
import re
import sys
import traceback
import typing as t
from unittest import mock

import yaml

from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint import ENDPOINT
from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import EXPORT, VALIDATION
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.calling import CALL
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.info import info_module
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import ModuleSpec, conclude, perform
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.session import SESSION
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.texts import expand_lists
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._resources.views import VIEWS
from faults.__main__ import STEP, load, save
from faults.modules import run_as_module
from faults.network import FIRST_PORT, HOST
from faults.tasks import RETRIES, SPECS, TIMEOUT, WAIT_TIMEOUT

from .accounts import Secrets
from .cells import Cell, product
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
class Played:
    """What came of one cell.

    :param found: the secrets in its output, and a crash.
    :param struck: whether the server answered as the case demands, or options were refused.
    """

    found: list[str]
    struck: bool


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


_RESULT = re.compile(r"\"?session_uuid\"?: \"?[0-9a-f]{32}")
ALL_CASES = [*CASES, OTHERS, *mistakes({}, {})]
DIMENSIONS: dict[str, t.Sequence[t.Any]] = {
    "module": sorted(MODULES), "case": ALL_CASES, "account": list(SECRETS.accounts), "host": HOSTS, "style": list(STYLES), "check": (False, True)}


def cells() -> list[Cell]:
    """Return every combination of module, account, case and host, each pair of any two values first."""
    return product(DIMENSIONS, _is_possible)


def turned(cell: Cell, turn: int) -> Cell:
    """Return the cell with another spelling, and from `len(STYLES)` turns on in the other mode where that is possible."""
    styles = list(STYLES)
    check = cell.check ^ (turn // len(styles) % 2 == 1)
    return dataclasses.replace(
        cell, style=styles[(styles.index(cell.style) + turn) % len(styles)], check=check and _is_possible({"case": cell.case, "check": check}))


def _is_possible(row: t.Mapping[str, t.Any]) -> bool:
    """Whether the case can happen: check mode sends no write."""
    return not row.get("check") or CASES.get(row.get("case", ""), Case()).place not in ("write", "poll")


def play(cell: Cell) -> Played:
    """Play one cell, and look for secrets in its output."""
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
            return Played(["crashed: " + output], True)
    found = _scanner(known).find(output)
    if cell.module == "zstack_session":
        # The one result that is a secret. The action plugin takes care of it.
        output = _RESULT.sub("", output)
    sent = {text for text in (*network.repeated, *network.sent[-1:]) if len(text) >= PART}
    found += Scanner({"session or signature %d" % number: text for number, text in enumerate(sorted(sent))}).find(output)
    return Played(found, network.struck or cell.case.startswith(REFUSED) or case.place == "")


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
        outcome = conclude(spec, checked.validated_parameters, {"msg": checked.errors.msg}, True)
    else:
        outcome = perform(spec, checked.validated_parameters, given, check, {}, opened, Client.close)
    everything = {**outcome.result, "warnings": outcome.warnings, "invocation": outcome.arguments}
    return "\n".join((json.dumps(everything), json.dumps(everything, indent=4, ensure_ascii=False), yaml.safe_dump(everything, allow_unicode=True), *lines))


def _as_module(spec: ModuleSpec, options: dict[str, t.Any], check: bool) -> str:
    """Run a task as AnsibleModule does; what is printed and logged."""
    printed = run_as_module(spec, options, check)
    return "\n".join((printed.result, printed.other, *printed.warnings, *printed.logged))


def main() -> int:
    """Play the cells that are left, and print those with secrets in their output."""
    parser = argparse.ArgumentParser(prog="leaks.matrix", description=__doc__)
    parser.add_argument("--state", type=pathlib.Path, required=True, help="file that remembers how far the run came")
    parser.add_argument("--turn", type=int, default=0, help="combine the cells with other spellings, from %d on also with the other mode" % len(STYLES))
    parser.add_argument("--count", type=int, help="cells in all; default every one")
    given = parser.parse_args()
    logging.disable(logging.ERROR)
    everything = [turned(cell, given.turn) for cell in cells()]
    count = min(given.count or len(everything), len(everything))
    state = load(given.state)
    mine = state.setdefault("%d/%d" % (len(everything), given.turn), {"done": 0, "struck": 0, "found": {}})
    while mine["done"] < count:
        for cell in everything[mine["done"]:min(mine["done"] + STEP, count)]:
            played = play(cell)
            mine["struck"] += played.struck
            mine["done"] += 1
            if played.found:
                mine["found"][str(cell)] = played.found
                print("%s\n    %s" % (cell, "\n    ".join(played.found)), flush=True)
        save(given.state, state)
    print("%d of %d cells, in %d of them the case happened, %d with secrets in their output" % (
        mine["done"], len(everything), mine["struck"], len(mine["found"])))
    return 1 if mine["found"] else 0


if __name__ == "__main__":
    sys.exit(main())
