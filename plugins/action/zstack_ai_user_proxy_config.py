# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import resource_module
from ansible_collections.zstack.aios.plugins.module_utils._resources.user_proxy_config import USER_PROXY_CONFIG
from ansible_collections.zstack.aios.plugins.plugin_utils._action import InProcessAction


class ActionModule(InProcessAction):
    spec = resource_module(USER_PROXY_CONFIG)
