# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The table of user proxy configurations: CreateUserProxyConfig, UpdateUserProxyConfig, DeleteUserProxyConfig (AI API page, section 11).

They have no name. Host and port identify one.
"""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import adopt_any, check_tags, plain_tags
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import FLAG, PORT, TEXT, FieldType
from ansible_collections.zstack.aios.plugins.module_utils._resources.remembered import SecretText
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Call, Field, Lookup, Param, Resource

CONFIGS = "/v1/user-proxy-configs"


def _fields() -> tuple[Field, ...]:
    def plain(option: str, api: str, type: FieldType = TEXT, longest: int | None = 255) -> Field:
        return Field(option, api, type, Param(longest=longest), Param(longest=longest), inventory=api)

    return (
        plain("proxy_type", "proxyType"),
        plain("proxy_host", "proxyHost"),
        plain("proxy_port", "proxyPort", PORT, None),
        plain("proxy_username", "proxyUsername"),
        # It is not published whether the server shows, masks or omits the password.
        Field(
            "proxy_password", "proxyPassword", SecretText(), Param(longest=255), Param(longest=255),
            reads=lambda observed: observed.inventory.get("proxyPassword"), needs="user_tags", secret=True, remembered=True),
        plain("is_enabled", "isEnabled", FLAG, None),
        plain("proxy_protocol_version", "proxyProtocolVersion"),
        plain("use_ssl", "useSsl", FLAG, None),
        plain("no_proxy", "noProxy"),
        *plain_tags(),
    )


def _seed(options: t.Mapping[str, t.Any]) -> str:
    return "\n".join(("user_proxy_config", trim(options["proxy_host"]), str(options["proxy_port"])))


USER_PROXY_CONFIG = Resource(
    kind="user_proxy_config",
    title="user proxy configuration",
    path=CONFIGS,
    vo="UserProxyConfigVO",
    fields=_fields(),
    lookups=(Lookup("uuid", "uuid", final=True), Lookup("proxy_host", "proxyHost", scope=("proxy_port",))),
    create=Call("CreateUserProxyConfig", "POST", CONFIGS, "params", creates=True),
    update=Call("UpdateUserProxyConfig", "PUT", CONFIGS + "/{uuid}", "updateUserProxyConfig"),
    delete=Call("DeleteUserProxyConfig", "DELETE", CONFIGS + "/{uuid}", None, modes=False),
    required=("proxy_type", "proxy_host", "proxy_port"),
    seed=_seed,
    given_uuid="uuid",
    adopts=adopt_any,
    rules=check_tags,
    hides=lambda inventory: set(SecretText().read(inventory.get("proxyPassword"))),
)
