# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import requests
from ansible.plugins.action import ActionBase
from simulator.testing import patience


class ActionModule(ActionBase):
    """Set the state of the simulator for a play. The module `uri` could do it as well, with a process for each request."""

    def run(self, tmp=None, task_vars=None):
        """Send requests to the control API: the method, the URL and the JSON text of each in the option `requests`."""
        result = super().run(tmp, task_vars)
        for method, url, text in self._task.args["requests"]:
            requests.request(method, url, data=text, headers={"Content-Type": "application/json"}, timeout=patience(60)).raise_for_status()
        return {**result, "changed": False}
