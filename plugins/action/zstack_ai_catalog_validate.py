# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import VALIDATION
from ansible_collections.zstack.aios.plugins.plugin_utils._action import InProcessAction


class ActionModule(InProcessAction):
    spec = VALIDATION
