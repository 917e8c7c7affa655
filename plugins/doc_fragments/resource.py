# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # What all modules that manage an object share. The code is in module_utils/_pipeline/runner.py.
    DOCUMENTATION = r"""
options:
  state:
    description:
      - V(present) creates the object if it does not exist, and otherwise updates the options that differ. Omitted options are left unchanged.
      - V(absent) deletes the object if it exists.
    type: str
    choices: [present, absent]
    default: present
  version_check:
    description:
      - Whether to look up the server version and refuse options that it does not support, before anything is changed.
      - The version is read only if the task sends something that the first AIOS version (5.1.8) did not support.
      - Set this to V(false) for a product with a different version scheme.
    type: bool
    default: true
  server_side_check:
    description:
      - Whether the server validates the calls in check mode. They are sent with the system tag C(validationOnly), so that the server validates them and
        does not execute them.
      - Detects what only the server knows, such as a quota or an image that is not ready. Calls that depend on an earlier call of the same task
        cannot be validated.
      - Has no effect outside check mode.
    type: bool
    default: false
  share_reads:
    description:
      - Whether the items of a loop share reads. The first two items read their own objects. The third item reads the list of all objects of its kind in pages
        of 1000, and the following items are compared with that list. If every item gives the same model center or model service, the list contains only its
        objects.
      - The list is used only to detect unchanged items. For any other item, the object is read and planned again, so no write is based on the list. An object
        that this task has changed is also read again.
      - The list is discarded at the end of the task, and read again after 30 seconds. Lists of more than 10,000 objects are not read.
      - Has no effect if the task runs as a separate module, has C(until), or has fewer than three items.
    type: bool
    default: true
"""

    DELETION = r"""
options:
  delete_mode:
    description:
      - Passed to the server with a deletion. With V(Permissive), the default of the server, it may refuse, for instance while the object
        is in use; the error then names the objects that use it. V(Enforcing) deletes the object anyway.
    type: str
    choices: [Permissive, Enforcing]
    default: Permissive
"""

    WAITING = r"""
options:
  wait:
    description:
      - Whether to wait until the object is ready, for at most O(wait_timeout) seconds. Progress is shown during a long wait, if the task
        runs in the Ansible worker process.
      - The task also fails if the object failed earlier. Waiting for an object that is not ready yet is not a change.
    type: bool
    default: true
"""
