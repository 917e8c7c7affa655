# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import typing as t

from ansible import constants as C
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.zstack.aios.plugins.plugin_utils._findings import junit, sarif
from ansible_collections.zstack.aios.plugins.plugin_utils._pages import FORMATS, render, write
from ansible_collections.zstack.aios.plugins.plugin_utils._plain import plain
from ansible_collections.zstack.aios.plugins.plugin_utils._report import failure_of
from ansible_collections.zstack.aios.plugins.plugin_utils._review import review
from ansible_collections.zstack.aios.plugins.plugin_utils._source import SCHEMA

ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "report": {"type": "dict", "required": True},
    "files": {"type": "list", "elements": "path", "default": []},
    "markdown_limit": {"type": "int", "default": 60000},
    "review_limit": {"type": "int", "default": 200},
    "title": {"type": "str", "default": ""},
    "fail_on_drift": {"type": "bool", "default": False},
    "junit": {"type": "path"},
    "sarif": {"type": "path"},
}
# Callbacks whose output is for programs and must not contain other text.
_FOR_PROGRAMS = ("json", "jsonl", "null")


class ActionModule(ActionBase):
    """Runs only on the control node, which has the terminal and the files of the user."""

    _supports_check_mode = True
    _requires_connection = False
    TRANSFERS_FILES = False

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Write the files, show the review, and fail if the report requires it."""
        result = super().run(tmp, task_vars)
        given = self.validate_argument_spec(argument_spec=ARGUMENTS)[1]
        report = plain(given["report"])
        if report.get("schema") != SCHEMA:
            raise AnsibleActionFail("report: not the report of a catalog. Give the result of the filter zstack.aios.catalog_report.")
        endings = {path: os.path.splitext(path)[1].lstrip(".") for path in given["files"]}
        for path, ending in endings.items():
            if ending not in FORMATS.values():
                raise AnsibleActionFail("files: the extension of %s is not one of %s." % (path, ", ".join("." + known for known in FORMATS.values())))
        for path, ending in endings.items():
            self._write("files", path, render(ending, report, given["markdown_limit"]))
        formats = {"junit": junit, "sarif": sarif}
        wanted = {option: given[option] for option in formats if given[option]}
        for option, path in wanted.items():
            self._write(option, path, formats[option](report))
        lines = [given["title"]] if given["title"] else []
        lines += review(report, given["review_limit"])
        if C.DEFAULT_STDOUT_CALLBACK.rpartition(".")[2] not in _FOR_PROGRAMS:
            self._display.display("\n".join(lines))
        message = failure_of(report, given["fail_on_drift"])
        return {**result, "changed": False, **({"failed": True, "msg": message} if message else {"files": [*endings, *wanted.values()], "review": lines})}

    @staticmethod
    def _write(option: str, path: str, text: str) -> None:
        try:
            write(path, text)
        except OSError as error:
            # Ansible-core 2.19 and newer append the message of a cause, which gives the same reason again.
            raise AnsibleActionFail("%s: %s cannot be written: %s." % (option, path, error.strerror)) from None
