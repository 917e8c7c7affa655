# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.run import run_catalog
from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import CATALOG
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import ModuleSpec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.plugin_utils._action import InProcessAction
from ansible_collections.zstack.aios.plugins.plugin_utils._progress import Progress, print_lines_at_once

# Ansible loads this file in the parent process, which prints the lines of all workers.
print_lines_at_once()


class ActionModule(InProcessAction):
    """Shows progress, which a module cannot do."""

    spec = CATALOG

    def _spec_here(self, variables: t.Mapping[str, t.Any]) -> ModuleSpec:
        host = str(variables.get("inventory_hostname") or "localhost")
        title = "zstack.aios" if host in ("localhost", "127.0.0.1") else "zstack.aios: %s" % host

        def run(options: t.Mapping[str, t.Any], client: Client, check_mode: bool) -> dict[str, t.Any]:
            with Progress(self._display.display, title) as progress:
                return run_catalog(options, client, check_mode, progress)

        return dataclasses.replace(self.spec, run=run)
