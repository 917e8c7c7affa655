# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # A module that uses this section states the support of each attribute itself.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description:
      - Can run in C(check_mode) and predict what a run would change, without changing anything.
  diff_mode:
    description:
      - In diff mode the module returns details on what has changed, or in check mode on what would change.
  idempotent:
    description:
      - A second run with the same options changes nothing, unless the platform has changed in between.
"""

    ACTIONGROUP_ZSTACK = r"""
options: {}
attributes:
  action_group:
    description:
      - Use C(group/zstack.aios.zstack) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - zstack.aios.zstack
"""
