# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""One session for a whole play: sign in, return the session, sign out."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import ModuleSpec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import DETAILS, ENVIRONMENT, connection_spec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError, ProtocolError

_ACCOUNT = ("account_name", "account_password")
_KEY = ("access_key_id", "access_key_secret")


def _prepare(options: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> dict[str, t.Any]:
    """Return the options with one sign-in method: an account to open a session, the session itself to close it.

    The tasks of a play share their options through module_defaults, so this task may receive options for the other tasks.
    """
    prepared = dict(options)
    if options["state"] == "absent":
        prepared.update(dict.fromkeys((*_ACCOUNT, *_KEY, *DETAILS)))
        return prepared
    for option in _ACCOUNT:
        prepared[option] = prepared[option] or environ.get(ENVIRONMENT[option])
    if any(prepared[option] for option in _ACCOUNT):
        prepared.update(dict.fromkeys((*_KEY, "session_uuid")))
    return prepared


def _check(options: t.Mapping[str, t.Any]) -> None:
    if options["state"] == "absent" and not options["session_uuid"]:
        raise OptionError("session_uuid: required with state absent. Give the session that the task with state present returned.")


def _run(options: t.Mapping[str, t.Any], client: Client, check_mode: bool) -> dict[str, t.Any]:
    # A session is not part of the state of the platform: opening and closing it is not a change, and check mode requires one for reading.
    if options["state"] == "absent":
        if not client.close_session(str(options["session_uuid"])):
            raise ProtocolError("The management node did not confirm that the session is closed. It expires at the end of its lifetime.")
        return {"changed": False, "session_uuid": None}
    return {"changed": False, "session_uuid": client.hand_over_session()}


SESSION = ModuleSpec(
    arguments={
        "argument_spec": {**connection_spec(), "state": {"type": "str", "choices": ["present", "absent"], "default": "present"}},
        "supports_check_mode": True,
    },
    check=_check,
    run=_run,
    prepare=_prepare,
    sealed=frozenset(("session_uuid",)),
)
