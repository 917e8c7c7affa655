# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible imports this package before the first plugin in it."""

from __future__ import annotations

from ansible_collections.zstack.aios.plugins.plugin_utils._compiled import import_compiled

import_compiled("plugin_utils._action")
