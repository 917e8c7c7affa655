#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_user_proxy_config
short_description: Manage user proxy configurations of a ZStack AIOS platform
version_added: 1.0.0
description:
  - Creates, updates and deletes user proxy configurations.
  - Only options that are given are compared and changed. An empty string is a value and empties a field.
  - A field that C(UpdateUserProxyConfig) cannot change is left unchanged; the task warns and lists it in RV(drift).
author:
  - The zstack.aios authors (@zstack-aios)
extends_documentation_fragment:
  - zstack.aios.connection
  - zstack.aios.resource
  - zstack.aios.attributes
  - zstack.aios.attributes.actiongroup_zstack
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  uuid:
    description:
      - UUID of the configuration. If it is given, the configuration is found by it alone, and all other options are values.
      - If no such configuration exists, it is created with this UUID, which has to be 32 lower-case hex digits of a UUID of version 1 to 5.
      - At least one of O(uuid) and O(proxy_host) is required.
    type: str
  proxy_host:
    description:
      - Host name or address of the proxy. Case-sensitive exact match, with the port if O(proxy_port) is given.
      - A configuration has no name; host and port identify it. To change the host or the port of a configuration, give its O(uuid).
      - The task fails and lists the candidates if several configurations match.
      - The API accepts at most 255 characters.
      - Required to create the configuration.
    type: str
  proxy_port:
    description:
      - Port of the proxy, from 1 to 65535.
      - Required to create the configuration.
    type: int
  proxy_type:
    description:
      - Type of the proxy, as the server spells it, such as V(HTTP) or V(SOCKS5). The API documentation does not list the types.
      - The API accepts at most 255 characters.
      - Required to create the configuration.
    type: str
  proxy_username:
    description:
      - User name at the proxy. An empty string removes it.
      - The API accepts at most 255 characters.
    type: str
  proxy_password:
    description:
      - Password at the proxy. An empty string removes it.
      - If the server shows the password, it is compared with that. Otherwise a salted digest in a user tag of the configuration holds what was
        sent last, so that a task with another password changes it, and a task with the same password does not.
      - Never shown in a result, a difference or a log.
      - The API accepts at most 255 characters.
    type: str
  is_enabled:
    description:
      - Whether the proxy is used.
    type: bool
  proxy_protocol_version:
    description:
      - Version of the protocol of the proxy.
      - The API accepts at most 255 characters.
    type: str
  use_ssl:
    description:
      - Whether the proxy is reached over TLS.
    type: bool
  no_proxy:
    description:
      - Hosts that are reached without the proxy, as one text.
      - The API accepts at most 255 characters.
    type: str
  user_tags:
    description:
      - Free texts that the object has as user tags. Tags that are not listed are left unchanged.
    type: list
    elements: str
  system_tags:
    description:
      - Texts that the object has as system tags. Tags that are not listed are left unchanged.
    type: list
    elements: str
  tag_uuids:
    description:
      - UUIDs of tag patterns that are attached to the object. Others stay attached.
    type: list
    elements: str
seealso:
  - module: zstack.aios.zstack_ai_call
  - name: ZStack AIOS developer guide
    description: The published pages of the API.
    link: https://docs.zstack.io/en/docs/ai/aios/dev-guide
"""

EXAMPLES = r"""
---
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD unless a task gives them.

- name: Ensure downloads of models use the proxy
  zstack.aios.zstack_ai_user_proxy_config:
    proxy_host: proxy.example.com
    proxy_port: 3128
    proxy_type: HTTP
    proxy_username: aios
    proxy_password: "{{ proxy_password }}"
    no_proxy: localhost,registry.example.com
    is_enabled: true
  register: proxy

- name: Move the configuration to another port
  zstack.aios.zstack_ai_user_proxy_config:
    uuid: "{{ proxy.user_proxy_config.uuid }}"
    proxy_port: 8080

- name: Delete the configuration
  zstack.aios.zstack_ai_user_proxy_config:
    proxy_host: proxy.example.com
    state: absent
"""

RETURN = r"""
user_proxy_config:
  description:
    - The configuration after the task, as the server shows it, with keys in snake_case. The password is masked.
    - V(null) when the object does not exist. A field that the server leaves empty has no key.
    - In check mode, the object as it would be, as far as that can be known.
  returned: success
  type: dict
  contains:
    uuid:
      description: UUID.
      returned: always
      type: str
      sample: 8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
    proxy_type:
      description: Type of the proxy.
      returned: if the server shows it
      type: str
      sample: HTTP
    proxy_host:
      description: Host name or address of the proxy.
      returned: always
      type: str
      sample: proxy.example.com
    proxy_port:
      description: Port of the proxy.
      returned: if the server shows it
      type: int
      sample: 3128
    is_enabled:
      description: Whether the proxy is used.
      returned: if the server shows it
      type: bool
      sample: true
diff:
  description:
    - Changes of the task, or predicted changes in check mode, by option. Contains only options of the task that the server can show.
  returned: success, and failures after something was changed
  type: dict
  contains:
    before:
      description: Values before the task. Empty if the object did not exist.
      returned: always
      type: dict
      sample:
        no_proxy: localhost
    after:
      description: Values after the task. Empty if the object is deleted.
      returned: always
      type: dict
      sample:
        no_proxy: localhost,registry.example.com
    uuids:
      description: >-
        UUIDs of references that the task gives by name, and of options that the task does not give, as C(before) and C(after).
      returned: if the diff shows names instead of UUIDs
      type: dict
steps:
  description:
    - API calls that changed something, in order, or the planned calls in check mode. Empty if nothing had to be changed.
    - If the task fails, the calls that succeeded before the failure.
  returned: always, except for failures before the first request
  type: list
  elements: dict
  contains:
    call:
      description: Name of the call in the API.
      returned: always
      type: str
      sample: UpdateUserProxyConfig
    method:
      description: HTTP method.
      returned: always
      type: str
      sample: PUT
    path:
      description: Path of the call. It contains C({uuid}) if an earlier call of the list creates the object.
      returned: always
      type: str
      sample: /v1/user-proxy-configs/8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
    fields:
      description: Options that the call sets.
      returned: always
      type: list
      elements: str
      sample: [no_proxy]
drift:
  description: Always empty, since C(UpdateUserProxyConfig) can change every field.
  returned: success
  type: list
  elements: dict
error:
  description:
    - The error. If the server refused a call, this is the unmodified error object of the server.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Code of the error, such as V(SYS.1007). Codes of errors that this collection detects begin with V(client.).
      returned: in most cases
      type: str
      sample: SYS.1007
    globalErrorCode:
      description: More specific code of newer servers.
      returned: if the server returns it
      type: str
      sample: ORG_ZSTACK_AI_10125
    description:
      description: Kind of the error.
      returned: if the server returns it
      type: str
      sample: One or more API argument is invalid
    details:
      description: Details of the error.
      returned: in most cases
      type: str
      sample: model classification Chat is not accepted
    cause:
      description: Error that caused this one. It can contain a further C(cause).
      returned: if the server returns it
      type: dict
"""

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import resource_module, run_module
from ansible_collections.zstack.aios.plugins.module_utils._resources.user_proxy_config import USER_PROXY_CONFIG


def main() -> None:
    run_module(resource_module(USER_PROXY_CONFIG))


if __name__ == "__main__":
    main()
