# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module as Ansible runs it, in the process of the tests."""
from __future__ import annotations

import contextlib
import datetime
import io
import json
import typing as t
from unittest import mock

from ansible.module_utils import basic

from ansible_collections.zstack.aios.plugins.module_utils._pipeline import module


class Printed(t.NamedTuple):
    """What a module prints and logs. Where Ansible itself runs in the process, it would show the warnings at once."""

    result: str
    other: str
    warnings: list[str]
    logged: list[str]


def run_as_module(spec: module.ModuleSpec, options: t.Mapping[str, t.Any], check: bool) -> Printed:
    """Run one task of a module.

    :param options: with the arguments of Ansible that begin with ``_ansible_``.
    """
    found = Printed("", "", [], [])
    printed, other = io.StringIO(), io.StringIO()
    arguments = {"_ansible_check_mode": check, "_ansible_diff": True, "_ansible_verbosity": 5, "_ansible_debug": True, **options}
    # Ansible sends a date as the text of its ISO form.
    sent = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}, default=datetime.date.isoformat).encode()
    with contextlib.ExitStack() as patches:
        patches.enter_context(contextlib.redirect_stdout(printed))
        patches.enter_context(contextlib.redirect_stderr(other))
        patches.enter_context(mock.patch.object(basic, "_ANSIBLE_ARGS", sent))
        patches.enter_context(mock.patch.object(basic, "_ANSIBLE_PROFILE", "legacy", create=True))
        patches.enter_context(mock.patch.object(basic, "has_journal", False))
        patches.enter_context(mock.patch.object(basic.syslog, "syslog", lambda unused, text: found.logged.append(text)))
        patches.enter_context(mock.patch.object(basic.AnsibleModule, "warn", lambda self, text: found.warnings.append(text)))
        # This process is that of the tests, whose signals and output are not the module's.
        patches.enter_context(mock.patch.object(module.Ending, "catch", lambda self: None))
        patches.enter_context(mock.patch.object(module.STOP, "watch", lambda has_ended: None))
        patches.enter_context(contextlib.suppress(SystemExit))
        module.run_module(spec)
    return found._replace(result=printed.getvalue(), other=other.getvalue())
