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
    docs["requirements"] = ["requests >= 2.25 with urllib3 >= 1.26 (Python libraries, on the control node)"]
    return yaml.safe_dump(docs, sort_keys=False, width=200)


class ModuleDocFragment:
    PLUGIN: str
    # Where the management node is, how to sign in, and how long to wait. The code is in module_utils/_protocol/connection.py.
    DOCUMENTATION = r"""
options:
  host:
    description:
      - Name or address of the ZStack management node, without protocol, port or path.
      - Required. If omitted, the environment variable E(ZSTACK_HOST) is used.
    type: str
  port:
    description:
      - Port of the API.
      - If omitted, the environment variable E(ZSTACK_PORT) is used, or else V(8080).
    type: int
  protocol:
    description:
      - Protocol of the API. The management node itself uses plain V(http). Use V(https) if a proxy in front of it terminates TLS.
      - If omitted, the environment variable E(ZSTACK_PROTOCOL) is used, or else V(http).
    type: str
    choices: [http, https]
  context_path:
    description:
      - Path of the API between the port and C(/v1). Use V(/) for an empty path.
      - If omitted, the environment variable E(ZSTACK_CONTEXT_PATH) is used, or else V(/zstack).
    type: str
  account_name:
    description:
      - Name of the account to sign in with, together with O(account_password).
      - Exactly one of three sign-in methods applies -
        O(account_name) with O(account_password), O(access_key_id) with O(access_key_secret), or O(session_uuid).
        If an option of one method is given, the environment variables of the other methods are ignored.
      - The session is closed at the end, so that none is left on the server. A refused sign-in is never retried, because
        failed sign-ins lock the account.
      - If omitted, the environment variable E(ZSTACK_ACCOUNT_NAME) is used.
    type: str
  account_password:
    description:
      - Password of the account O(account_name), in clear text. Only its hash is sent. Since the hash is enough to sign in, the
        task warns if it is sent over plain HTTP to a host that is not loopback.
      - With O(login_type=ldap) and O(login_type=iam2_ldap) the password itself is sent, because a directory compares it.
      - If omitted, the environment variable E(ZSTACK_ACCOUNT_PASSWORD) is used.
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
      - If omitted, the environment variable E(ZSTACK_LOGIN_TYPE) is used, or else V(account).
    type: str
    choices: [account, user, ldap, iam2, iam2_ldap]
  user_name:
    description:
      - Name of the user of the account O(account_name). Only with O(login_type=user), which needs it.
      - If omitted, the environment variable E(ZSTACK_USER_NAME) is used.
    type: str
  project_name:
    description:
      - Name of the project to work in. Only with O(login_type=iam2) and O(login_type=iam2_ldap).
      - The virtual ID signs in first, then the project. Both sessions are closed at the end.
      - If omitted, the environment variable E(ZSTACK_PROJECT_NAME) is used.
    type: str
  two_factor_code:
    description:
      - Code of the second factor, six digits, for an account that requires one. Write it in quotes, because YAML reads a number with a leading
        zero as another one.
      - A code is valid for one sign-in and is never sent twice. If the session expires, the task fails. The same applies to a second task of the same run, so
        sign in once for the whole play with M(zstack.aios.zstack_session).
      - For unattended automation, use an access key, which requires no second factor.
      - If omitted, the environment variable E(ZSTACK_TWO_FACTOR_CODE) is used.
    type: str
  access_key_id:
    description:
      - ID of an access key, together with O(access_key_secret). Each request is signed, and no session is opened.
      - If omitted, the environment variable E(ZSTACK_ACCESS_KEY_ID) is used.
    type: str
  access_key_secret:
    description:
      - Secret of the access key O(access_key_id).
      - If omitted, the environment variable E(ZSTACK_ACCESS_KEY_SECRET) is used.
    type: str
  session_uuid:
    description:
      - UUID of an existing session. It is neither renewed nor closed.
      - If omitted, the environment variable E(ZSTACK_SESSION_UUID) is used.
    type: str
  validate_certs:
    description:
      - Whether to verify the TLS certificate of the server. Used only with O(protocol=https).
      - With V(false), every certificate is accepted, and the task raises a warning. TLS before version 1.2 is refused in any case.
      - If omitted, the environment variable E(ZSTACK_VALIDATE_CERTS) is used, or else V(true).
    type: bool
  ca_path:
    description:
      - File or directory with the CA certificates to trust, for a server certificate of a private CA. A file is in PEM format. A directory
        contains each certificate under the hash of its subject, as C(openssl rehash) names it.
      - If omitted, the environment variable E(ZSTACK_CA_PATH) is used, or else C(REQUESTS_CA_BUNDLE), C(CURL_CA_BUNDLE) or the CA certificates
        of the Python library C(requests).
    type: path
  server_timezone:
    description:
      - Time zone of the management node, as an offset such as V(+08:00), V(+8:00), V(+0800) or V(UTC+8), or as a name such as
        V(Asia/Shanghai). Write an offset in quotes, because YAML reads V(+8:00) as a number.
      - Used only with O(access_key_id). The server compares the time of a signed request with its own wall clock, so a client in another
        time zone needs to know the time zone of the server.
      - If omitted, the environment variable E(ZSTACK_SERVER_TIMEZONE) is used. If both are omitted, UTC, the local time zone
        and V(+08:00) are tried in this order.
    type: str
  timeout:
    description:
      - Maximum duration of one request in seconds, from connecting to the last byte of the response. Each retry is a separate request.
      - A response of more than 64 MB is always refused.
    type: int
    default: 60
  wait_timeout:
    description:
      - Maximum duration of one call on the server in seconds. Most writes run there as jobs, and creating a model may copy
        many gigabytes.
      - After that time, the task fails and names the job. The job itself may continue.
      - Prefer this option to the keyword C(timeout) of a task. If the module runs on another host, Ansible reports the timeout but does not
        stop the module, which continues to change the platform. On the control node, the task stops before its next request and signs out.
    type: int
    default: 1800
  retries:
    description:
      - Maximum number of retries for a retryable request, with increasing pauses.
      - Reads are always retryable. A write is retried if it never reached the server, or if the server refused it because of its rate limit. If only the
        response was lost, the client first reads the outcome of the call from the server.
    type: int
    default: 4
requirements:
  - requests >= 2.25 with urllib3 >= 1.26 (Python libraries, where the module runs)
"""


# The same options of the lookup and the inventory plugin. Not inside the class, where ansible-test expects literal texts.
ModuleDocFragment.PLUGIN = _for_plugins(ModuleDocFragment.DOCUMENTATION)
