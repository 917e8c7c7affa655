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
      - V(present) makes the object when it is not there, and otherwise changes what differs from the options that are given.
        An option that is left out is not looked at.
      - V(absent) deletes the object when it is there.
    type: str
    choices: [present, absent]
    default: present
  version_check:
    description:
      - Whether to ask the server for its version, and to refuse what that version does not have, before anything is changed.
      - The server is asked only when the task is about to send something that the first AIOS version (5.1.8) did not have.
      - Set this to V(false) for a product whose versions are numbered in another way.
    type: bool
    default: true
  server_side_check:
    description:
      - Whether the server, too, checks the calls in check mode. They are sent with a mark that makes the server check them and do nothing
        (the system tag C(validationOnly)).
      - This finds what only the server can know, such as a quota or an image that is not ready. Calls on an object that is still to be made
        cannot be checked.
      - Has no effect outside check mode.
    type: bool
    default: false
  share_reads:
    description:
      - Whether the items of a loop share what they read. The first two read for themselves. The third reads the list of all objects of its kind,
        a thousand with each request, and the following items are compared with that list. Where every item names the same model center or
        model service, the list holds only what belongs to that.
      - The list only shows which items have nothing to do. Any other item reads its object again and plans again, so nothing is ever written
        on the ground of the list. An object that this task has changed is read again as well.
      - The list ends with the task, and is read again after 30 seconds. Lists of more than 10,000 objects are not read.
      - Has no effect when the task runs as a module of its own, when it has C(until), and for less than three items.
    type: bool
    default: true
"""

    DELETION = r"""
options:
  delete_mode:
    description:
      - Passed to the server with a deletion. With V(Permissive), the default of the server, it may refuse, for instance while the object
        is in use; the error then names what uses it. V(Enforcing) asks it to delete the object anyway.
    type: str
    choices: [Permissive, Enforcing]
    default: Permissive
"""

    WAITING = r"""
options:
  wait:
    description:
      - Whether the task waits until the object is ready, for at most O(wait_timeout) seconds. Progress is shown while it takes long, if the task
        runs in the Ansible process.
      - An object that failed earlier fails the task as well. One that is not ready yet is waited for; that alone is no change.
    type: bool
    default: true
"""
