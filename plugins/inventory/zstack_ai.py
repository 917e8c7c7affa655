# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: zstack_ai
short_description: Inventory of the endpoints that a ZStack AIOS platform serves
version_added: 1.0.0
description:
  - Each endpoint is a host. These are the instances of model service groups that have an address, or that may get one.
  - Groups that fine-tune or evaluate are not listed, unless O(filters) contains the field C(model_service_type).
  - A host has the name of its group, or that of the instance if the group has several endpoints. Characters that are not letters, digits,
    underscores, dots or hyphens become underscores. If that name is not unique or is used by another host, the UUID is appended.
  - >-
    The variables of a host are C(uuid), C(instance) (its name), C(url), C(internal_url), C(status), C(type), C(model_service_group),
    C(model_service_group_uuid), C(model_service_group_status), C(model_service), C(model_service_uuid), C(model_service_type), C(framework),
    C(model), C(model_uuid), C(model_center), C(model_center_uuid), C(architecture) and C(gpu_vendor). Unknown values are V(null).
  - C(architecture) and C(gpu_vendor) are those of the instance. If the server does not show them, those of the model service are used if it has only one.
  - Text of the platform is never evaluated as a template.
  - Endpoints are not hosts to sign in to. Use O(compose) to set C(ansible_connection) to V(local) for tasks that send requests to them.
author:
  - The zstack.aios authors (@zstack-aios)
extends_documentation_fragment:
  - zstack.aios.connection.plugin
  - constructed
  - inventory_cache
options:
  plugin:
    description:
      - The name of this plugin. The name of the file must end with C(zstack_ai.yml) or C(zstack_ai.yaml).
    type: str
    required: true
    choices: [zstack.aios.zstack_ai]
  filters:
    description:
      - Conditions on model service groups, as in M(zstack.aios.zstack_ai_model_service_group_info).
    type: list
    elements: dict
    suboptions:
      field:
        description:
          - A field of a model service group, in snake case.
        type: str
        required: true
      operator:
        description:
          - V(=), V(!=), V(~=), V(>), V(<), V(in) or V(null).
        type: raw
        default: "="
      value:
        description:
          - Value to compare with.
        type: raw
  name_regex:
    description:
      - Python regular expression that must match a part of the name of the group.
    type: str
  model_center_uuid:
    description:
      - UUID of the model center whose endpoints are listed.
      - Mutually exclusive with O(model_center).
    type: str
  model_center:
    description:
      - Name of that model center.
      - Mutually exclusive with O(model_center_uuid).
    type: str
  hostvars_prefix:
    description:
      - Text before the name of each variable, for inventories in which names such as C(url) have another meaning.
    type: str
    default: ""
notes:
  - Options of the connection may be templates, such as a lookup of a password.
  - A cached inventory is used only for the same platform, account and conditions.
seealso:
  - module: zstack.aios.zstack_ai_model_service_group_info
"""

EXAMPLES = r"""
---
# endpoints.zstack_ai.yml
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD.
plugin: zstack.aios.zstack_ai
keyed_groups:
  - key: status
    prefix: status
  - key: model_center
    prefix: center
groups:
  down: status != 'Running'
compose:
  ansible_connection: "'local'"
"""

import dataclasses
import hashlib
import json
import os
import typing as t

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.group import to_safe_group_name
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.info import FILTERS, selected
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ZStackError
from ansible_collections.zstack.aios.plugins.plugin_utils._endpoints import GROUP, host_names, read_endpoints
from ansible_collections.zstack.aios.plugins.plugin_utils._plain import plain, untrusted
from ansible_collections.zstack.aios.plugins.plugin_utils._reader import Reader, check_names

SUFFIXES = ("zstack_ai.yml", "zstack_ai.yaml")
WHICH = ("filters", "name_regex", "model_center_uuid", "model_center")
_SPEC = {"filters": FILTERS, **{name: {"type": "str"} for name in WHICH[1:]}}


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """The inventory of endpoints."""

    NAME = "zstack.aios.zstack_ai"

    # Names of groups may contain text of the platform.
    @staticmethod
    def _sanitize_group_name(name: str) -> str:
        return to_safe_group_name(name, force=True, silent=True)

    def verify_file(self, path: str) -> bool:
        """Return whether this is a file for this plugin."""
        return super().verify_file(path) and path.endswith(SUFFIXES)

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        """Fill the inventory from a file."""
        super().parse(inventory, loader, path, cache)
        config = self._read_config_data(path)
        try:
            check_names(config, list(self.get_options()))
            endpoints = self._endpoints(path, cache)
        except AnsibleError as error:
            raise AnsibleParserError("%s: %s" % (os.path.basename(path), error.message)) from error
        self._add(endpoints)

    def _endpoints(self, path: str, cache: bool) -> list[dict[str, t.Any]]:
        which = self._which()
        reader = Reader(self.get_option, self.display, self._evaluated)
        key, use = self.get_cache_key(path), self.get_option("cache")
        with reader.client() as (client, connection):
            source = _digest(connection, which)
            if use and cache and key in self._cache:
                kept = self._cache[key]
                if isinstance(kept, dict) and kept.get("source") == source:
                    return kept["endpoints"]
            found = reader.presented(read_endpoints(client, selected(GROUP, which), which), "endpoints")
        if use:
            self._cache[key] = {"source": source, "endpoints": found}
        return found

    def _which(self) -> dict[str, t.Any]:
        """Return the options that select endpoints, validated like those of a module."""
        given = {name: plain(self._evaluated(self.get_option(name))) for name in WHICH}
        checked = ArgumentSpecValidator(_SPEC, mutually_exclusive=[WHICH[2:]]).validate({name: value for name, value in given.items() if value is not None})
        if checked.error_messages:
            raise AnsibleError("; ".join(checked.error_messages))
        try:
            selected(GROUP, checked.validated_parameters)
        except ZStackError as error:
            raise AnsibleError(error.message) from error
        return checked.validated_parameters

    def _evaluated(self, value: t.Any) -> t.Any:
        return self.templar.template(value) if isinstance(value, str) else value

    def _add(self, endpoints: t.Sequence[dict[str, t.Any]]) -> None:
        prefix, strict = self.get_option("hostvars_prefix"), self.get_option("strict")

        def taken(name: str, endpoint: dict[str, t.Any]) -> bool:
            host = self.inventory.hosts.get(name)
            return name in self.inventory.groups or (host is not None and host.vars.get(prefix + "uuid") != endpoint["uuid"])

        for name, endpoint in zip(host_names(endpoints, taken), endpoints):
            host = self.inventory.add_host(name)
            variables = {prefix + key: untrusted(value) for key, value in endpoint.items()}
            for key, value in variables.items():
                self.inventory.set_variable(host, key, value)
            self._set_composite_vars(self.get_option("compose"), variables, host, strict=strict)
            self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict=strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict=strict)


def _digest(connection: Connection, which: t.Mapping[str, t.Any]) -> str:
    """Return a key that distinguishes platforms, accounts and selections of endpoints, without any secret."""
    # The session identifies the account, and cannot be guessed.
    who = {name: value for name, value in dataclasses.asdict(connection).items() if name not in ("account_password", "access_key_secret", "two_factor_code")}
    return hashlib.sha256(json.dumps([who, dict(which)], sort_keys=True, default=str).encode()).hexdigest()
