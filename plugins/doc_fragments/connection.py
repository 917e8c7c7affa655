# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import yaml


def _for_plugins(documentation: str) -> str:
    """Return the documentation of options of modules as that of plugins, whose options can also be set by variables."""
    docs = yaml.safe_load(documentation)
    for name, option in docs["options"].items():
        option["vars"] = [{"name": "zstack_aios_" + name}]
        option["description"].append("The variable C(zstack_aios_%s) sets it as well; the option itself takes precedence." % name)
    docs["requirements"] = ["requests >= 2.25 (Python library, on the control node)"]
    return yaml.safe_dump(docs, sort_keys=False, width=200)


class ModuleDocFragment:
    # Where the management node is, how to sign in, and how long to wait. The code is in module_utils/_protocol/connection.py.
    DOCUMENTATION = r"""
options:
  host:
    description:
      - Name or address of the ZStack management node, without protocol, port or path.
      - If not set, the environment variable E(ZSTACK_HOST) is used. One of the two is needed.
    type: str
  port:
    description:
      - Port of the API.
      - If not set, the environment variable E(ZSTACK_PORT) is used, and otherwise V(8080).
    type: int
  protocol:
    description:
      - Protocol of the API. The management node itself speaks plain V(http). Use V(https) when a proxy in front of it does TLS.
      - If not set, the environment variable E(ZSTACK_PROTOCOL) is used, and otherwise V(http).
    type: str
    choices: [http, https]
  context_path:
    description:
      - What stands in the address between the port and C(/v1). Use V(/) when there is nothing.
      - If not set, the environment variable E(ZSTACK_CONTEXT_PATH) is used, and otherwise V(/zstack).
    type: str
  account_name:
    description:
      - Name of the account to sign in with, together with O(account_password).
      - There are three ways to sign in, and exactly one of them has to be chosen -
        O(account_name) with O(account_password), O(access_key_id) with O(access_key_secret), or O(session_uuid).
        When an option of one way is given, the environment variables of the other ways do not count.
      - The session that is opened is closed again, so that none is left on the server. A refused sign-in is never tried again, because
        failed sign-ins lock the account.
      - If not set, the environment variable E(ZSTACK_ACCOUNT_NAME) is used.
    type: str
  account_password:
    description:
      - Password of the account O(account_name), in clear text. It leaves this machine only as a hash, which is enough to sign in, so the
        task warns when it is sent over plain HTTP to another host than the own one.
      - With O(login_type=ldap) and O(login_type=iam2_ldap) the password itself is sent, because a directory compares it.
      - If not set, the environment variable E(ZSTACK_ACCOUNT_PASSWORD) is used.
    type: str
  login_type:
    description:
      - Kind of identity that O(account_name) and O(account_password) belong to.
      - With V(account) it is an account of the platform, and with V(user) the user O(user_name) of the account O(account_name). Newer
        versions of the platform have no users of this kind.
      - With V(ldap) it is an entry of a directory that is bound to an account, and O(account_name) is its UID.
      - With V(iam2) it is a virtual ID, and O(account_name) is its name. With V(iam2_ldap) it is a virtual ID of a directory, and
        O(account_name) is its UID. Give O(project_name) to work in a project.
      - A sign-in that needs a captcha fails, because no program can answer one.
      - If not set, the environment variable E(ZSTACK_LOGIN_TYPE) is used, and otherwise V(account).
    type: str
    choices: [account, user, ldap, iam2, iam2_ldap]
  user_name:
    description:
      - Name of the user of the account O(account_name). Only with O(login_type=user), which needs it.
      - If not set, the environment variable E(ZSTACK_USER_NAME) is used.
    type: str
  project_name:
    description:
      - Name of the project to work in. Only with O(login_type=iam2) and O(login_type=iam2_ldap).
      - The virtual ID signs in first, then the project. Both sessions are closed at the end.
      - If not set, the environment variable E(ZSTACK_PROJECT_NAME) is used.
    type: str
  two_factor_code:
    description:
      - Code of the second factor, six digits, for an account that needs one. Write it in quotes, because YAML reads a number with a leading
        zero as another one.
      - A code is valid for one sign-in and is never sent twice. When the session expires, the task fails. The same holds for a second task
        of the same run, so sign in once for the whole play with M(zstack.aios.zstack_session).
      - For automation without a person, use an access key, which needs no second factor.
      - If not set, the environment variable E(ZSTACK_TWO_FACTOR_CODE) is used.
    type: str
  access_key_id:
    description:
      - ID of an access key, together with O(access_key_secret). Calls are signed one by one, and no session is opened.
      - If not set, the environment variable E(ZSTACK_ACCESS_KEY_ID) is used.
    type: str
  access_key_secret:
    description:
      - Secret of the access key O(access_key_id).
      - If not set, the environment variable E(ZSTACK_ACCESS_KEY_SECRET) is used.
    type: str
  session_uuid:
    description:
      - A session that is open already. It is used as it is, never renewed and never closed.
      - If not set, the environment variable E(ZSTACK_SESSION_UUID) is used.
    type: str
  validate_certs:
    description:
      - Whether the TLS certificate of the server has to be valid. Counts with O(protocol=https) only.
      - If not set, the environment variable E(ZSTACK_VALIDATE_CERTS) is used, and otherwise V(true).
    type: bool
  ca_path:
    description:
      - File or directory with the certificates of the authorities to trust, for a server with a certificate of your own authority.
      - If not set, the environment variable E(ZSTACK_CA_PATH) is used, and otherwise the authorities that the Python library
        C(requests) knows.
    type: path
  server_timezone:
    description:
      - Time zone of the management node, as an offset such as V(+08:00), V(+8:00), V(+0800) or V(UTC+8), or as a name such as
        V(Asia/Shanghai). Write an offset in quotes, because YAML reads V(+8:00) as a number.
      - Counts with O(access_key_id) only. The server compares the time of a signed call with its own wall clock, so a client in another
        time zone has to know that zone.
      - If not set, the environment variable E(ZSTACK_SERVER_TIMEZONE) is used. If that is not set either, UTC, the zone of this machine
        and V(+08:00) are tried in this order.
    type: str
  timeout:
    description:
      - Seconds that one request may take as a whole, from connecting to the last byte of its answer. A retry is a request of its own.
      - An answer of more than 64 MB is refused whatever this option is.
    type: int
    default: 60
  wait_timeout:
    description:
      - Seconds that one call may work on the server. Most calls that change something run there as jobs, and adding a model may copy
        many gigabytes.
      - When the time is over, the task fails and names the job. The job itself may continue.
      - Prefer this option to the keyword C(timeout) of a task. Where the module runs on another host, Ansible reports that the time is over but does not
        stop the module, which continues to change the platform. On the control node the task stops before its next request and signs out.
    type: int
    default: 1800
  retries:
    description:
      - How often a request that may be repeated is repeated, each time after a longer pause.
      - What only reads may always be repeated. What changes something is repeated when it never reached the server, or was refused because there were
        too many requests at once. When only its answer was lost, the server is first asked what became of it.
    type: int
    default: 4
requirements:
  - requests >= 2.25 (Python library, where the module runs)
"""

    # The same options of the lookup and the inventory plugin.
    PLUGIN = _for_plugins(DOCUMENTATION)
