# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of the platform around the AI calls: sign-in, access keys, tags, meta data, plain queries (REST page, 2, 6 and 9)."""
from __future__ import annotations

from .apis import Api, P, action, create_params, delete_params, query_api

NODES = "/v1/management-nodes"
ACTIONS = NODES + "/actions"


def meta(name: str, path: str = ACTIONS, method: str = "PUT", auth: bool = False, params: tuple = ()) -> Api:
    """Return a synchronous getter."""
    return action(name, method, path, params, sync=True, auth=auth, write=False)


LOGIN_COMMON = (P("captchaUuid"), P("verifyCode"), P("clientInfo", "Map"))

PLATFORM_APIS: tuple[Api, ...] = (
    action("LogInByAccount", "PUT", "/v1/accounts/login",
           (P("accountName", required=True), P("password", required=True, trim=False), P("accountType")) + LOGIN_COMMON,
           sync=True, auth=False, write=False),
    action("LogIn", "PUT", "/v1/login",
           (P("username", required=True), P("password", required=True, trim=False), P("loginType", required=True), P("properties", "Map"))
           + LOGIN_COMMON,
           sync=True, auth=False, write=False),
    action("LogInByUser", "PUT", "/v1/accounts/users/login",
           (P("accountUuid"), P("accountName"), P("userName", required=True), P("password", required=True, trim=False)) + LOGIN_COMMON,
           sync=True, auth=False, write=False),
    action("LogInByLdap", "PUT", "/v1/ldap/login", (P("uid", required=True), P("password", required=True, trim=False)) + LOGIN_COMMON,
           sync=True, auth=False, write=False),
    action("LoginIAM2VirtualID", "PUT", "/v1/iam2/virtual-ids/login",
           (P("name", required=True), P("password", required=True, trim=False)) + LOGIN_COMMON, sync=True, auth=False, write=False),
    action("LoginIAM2VirtualIDWithLdap", "PUT", "/v1/iam2/login/virtual-ids/ldap",
           (P("uid", required=True), P("password", required=True, trim=False)) + LOGIN_COMMON, sync=True, auth=False, write=False),
    action("LoginIAM2Project", "PUT", "/v1/iam2/projects/login", (P("projectName", required=True),), sync=True, write=False),
    meta("GetLoginCaptcha", "/v1/login/control/captcha", "GET", params=(P("resourceName"), P("loginType"))),
    meta("RefreshCaptcha", "/v1/captcha/refresh", "GET", params=(P("captchaUuid", required=True),)),
    action("LogOut", "DELETE", "/v1/accounts/sessions/{sessionUuid}", (P("sessionUuid", required=True),), sync=True, auth=False, write=False),
    meta("ValidateSession", "/v1/accounts/sessions/{sessionUuid}/valid", "GET", params=(P("sessionUuid", required=True),)),
    action("RenewSession", "PUT", "/v1/accounts/sessions/{sessionUuid}/renew",
           (P("sessionUuid", required=True), P("duration", "Long", bounds=(60, 31536000))), write=False),
    action("CreateAccessKey", "POST", "/v1/accesskeys",
           (P("accountUuid", required=True, ref="accounts"), P("userUuid"), P("description", max=2048),
            P("AccessKeyID", min=10, max=20), P("AccessKeySecret", min=10, max=40)) + create_params(), target="access_keys", creates=True),
    action("ChangeAccessKeyState", "PUT", "/v1/accesskeys/{uuid}/actions",
           (P("uuid", required=True, ref="access_keys"), P("stateEvent", required=True, choices=("enable", "disable")))),
    action("DeleteAccessKey", "DELETE", "/v1/accesskeys/{uuid}", delete_params()),
    query_api("QueryAccessKey", "access_keys", "/v1/accesskeys"),
    query_api("QueryAccount", "accounts", "/v1/accounts"),

    action("CreateUserTag", "POST", "/v1/user-tags",
           (P("resourceType", required=True), P("resourceUuid", required=True), P("tag", required=True))),
    query_api("QueryUserTag", "user_tags", "/v1/user-tags"),
    action("CreateSystemTag", "POST", "/v1/system-tags",
           (P("resourceType", required=True), P("resourceUuid", required=True), P("tag", required=True))),
    action("CreateSystemTags", "POST", "/v1/system-tags/{resourceUuid}/tags",
           (P("resourceUuid", required=True), P("resourceType", required=True), P("tags", "StringList", required=True, nonempty=True))),
    action("UpdateSystemTag", "PUT", "/v1/system-tags/{uuid}/actions", (P("uuid", required=True, ref="system_tags"), P("tag", required=True))),
    query_api("QuerySystemTag", "system_tags", "/v1/system-tags"),
    action("CreateTag", "POST", "/v1/tags",
           (P("name", required=True, max=128), P("value", required=True, max=128), P("description", max=2048),
            P("color", regex="^#[0-9a-fA-F]{6}$", default="#1A1A1A"), P("type", choices=("simple", "withToken"), default="simple"))
           + create_params(), target="tag_patterns", creates=True),
    action("UpdateTag", "PUT", "/v1/tags/{uuid}/actions",
           (P("uuid", required=True, ref="tag_patterns"), P("name", max=128), P("value", max=128), P("description", max=2048),
            P("color", regex="^#[0-9a-fA-F]{6}$"))),
    action("DeleteTag", "DELETE", "/v1/tags/{uuid}", delete_params()),
    query_api("QueryTag", "tag_patterns", "/v1/tags"),
    action("AttachTagToResources", "POST", "/v1/tags/{tagUuid}/resources",
           (P("tagUuid", required=True, ref="tag_patterns"), P("resourceUuids", "StringList", required=True, nonempty=True), P("tokens", "Map"))),
    action("DetachTagFromResources", "DELETE", "/v1/tags/{tagUuid}/resources",
           (P("tagUuid", required=True, ref="tag_patterns"), P("resourceUuids", "StringList", required=True, nonempty=True))),

    meta("GetVersion"),
    meta("GetCurrentTime"),
    meta("GetSupportAPIs"),
    meta("GetManagementNodeArch"),
    meta("GetManagementNodeOS", "/v1/management/actions"),
    meta("IsReadyToGo", NODES + "/ready", "GET", params=(P("managementNodeId"),)),
    meta("IsOpensourceVersion", "/v1/meta-data/opensource", "GET"),
    meta("GetPlatformTimeZone", NODES + "/platform-timezone", "GET", auth=True),
    meta("GetLicenseInfo", "/v1/licenses", "GET"),
    query_api("QueryManagementNode", "management_nodes", NODES),

    query_api("QueryImage", "images", "/v1/images"),
    query_api("QueryGpuDeviceSpec", "gpu_specs", "/v1/gpu-device/gpu-device-specs"),
    query_api("QueryZone", "zones", "/v1/zones"),
    query_api("QueryCluster", "clusters", "/v1/clusters"),
    query_api("QueryInstanceOffering", "instance_offerings", "/v1/instance-offerings"),
    query_api("QueryDiskOffering", "disk_offerings", "/v1/disk-offerings"),
    query_api("QueryPrimaryStorage", "primary_storages", "/v1/primary-storage"),
    query_api("QueryL3Network", "l3_networks", "/v1/l3-networks"),
)
