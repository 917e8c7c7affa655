#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_session
short_description: Sign in to a ZStack management node once for a whole play
description:
  - Opens a session on the management node, so that all tasks of a play share one sign-in, and closes it.
  - Without this module, each task signs in and out separately, and the items of one loop share a session. Every sign-in counts towards the maximum number of
    concurrent sessions of the server.
  - The session is passed to the other modules with C(module_defaults), as the examples show.
  - The result is never printed, at any verbosity, because the session is as sensitive as a password. It is only available in the variable of C(register).
  - Does not support C(async), because M(ansible.builtin.async_status) would print the session.
  - A session that is still open when the playbook ends, because a task failed or a signal (SIGINT, SIGTERM, SIGHUP or SIGQUIT) stopped the run, is closed by
    the controller. SIGKILL cannot be handled; the session then expires after the time in the global setting C(identity/session.timeout), two hours after its
    last use by default.
version_added: 1.0.0
author: The zstack.aios authors (@zstack-aios)
options:
  state:
    description:
      - With V(present) the module signs in and returns the session.
      - With V(absent) it signs out of O(session_uuid).
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - zstack.aios.connection
  - zstack.aios.attributes
  - zstack.aios.attributes.actiongroup_zstack
attributes:
  check_mode:
    support: full
    details:
      - Signs in and out in check mode as well, because the other tasks require a session. Neither changes the platform.
  diff_mode:
    support: N/A
    details:
      - Does not modify state.
  idempotent:
    support: N/A
    details:
      - Each task with O(state=present) opens a new session. It is not reported as a change.
seealso:
  - module: zstack.aios.zstack_ai_model
  - module: zstack.aios.zstack_ai_model_service_clone
"""

EXAMPLES = r"""
---
- name: Manage models with one sign-in
  hosts: localhost
  connection: local
  gather_facts: false
  module_defaults:
    group/zstack.aios.zstack:
      host: 192.0.2.10
      session_uuid: "{{ zstack.session_uuid | default(omit) }}"
  tasks:
    - name: Manage models in one session
      block:
        - name: Sign in
          zstack.aios.zstack_session:
            account_name: admin
            account_password: "{{ vault_zstack_password }}"
          register: zstack

        - name: Set the vendor
          zstack.aios.zstack_ai_model:
            name: qwen3-32b
            model_center: center-1
            vendor: Alibaba
      always:
        - name: Sign out
          zstack.aios.zstack_session:
            state: absent
          when: zstack.session_uuid is defined
"""

RETURN = r"""
session_uuid:
  description:
    - The session, for the option O(session_uuid) of the other modules.
    - V(null) after O(state=absent).
  returned: success
  type: str
  sample: 7d1c5f0b9a3e4c2d8b6f1e0a9c8d7b6a
error:
  description:
    - The error. If the server refused a call, this is the unmodified error object of the server.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Code of the error, such as V(ID.1000). Codes of errors that this collection detects begin with V(client.).
      returned: in most cases
      type: str
      sample: ID.1000
    details:
      description: Details of the error.
      returned: in most cases
      type: str
      sample: wrong account name or password
"""

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import run_module
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.session import SESSION


def main() -> None:
    run_module(SESSION)


if __name__ == "__main__":
    main()
