# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: zstack_ai
short_description: Look up an object of a ZStack AIOS platform by its name
version_added: 1.0.0
description:
  - Returns the UUIDs of the objects with the given names, or the whole objects.
  - Names are not unique on the server. The lookup fails and lists the candidates if no object or more than one has a name.
  - Several names are looked up with one request, unless a name contains a comma, a quote or an operator of the query language.
  - The lookup reads the platform each time that it is evaluated. It shares the sign-in of the tasks of its worker, and no session is left on
    the server.
author:
  - The zstack.aios authors (@zstack-aios)
extends_documentation_fragment:
  - zstack.aios.connection.plugin
options:
  _terms:
    description:
      - Names of the objects. Case-sensitive exact match.
    type: list
    elements: str
    required: true
  kind:
    description:
      - Kind of object to look up.
    type: str
    required: true
    choices: [model, model_center, model_service, model_service_group, dataset, model_evaluation_task]
  inventory:
    description:
      - Whether to return the whole object, as the info module of its kind does, instead of its UUID. Secrets in it are masked.
    type: bool
    default: false
  model_center_uuid:
    description:
      - UUID of the model center within which the names are looked up. Does not apply to O(kind=model_center).
      - Mutually exclusive with O(model_center).
    type: str
  model_center:
    description:
      - Name of that model center.
      - Mutually exclusive with O(model_center_uuid).
    type: str
notes:
  - The C(environment) of a task does not reach a lookup. It uses the environment of Ansible itself.
  - Keywords of the lookup take precedence over variables, and both over the environment.
seealso:
  - module: zstack.aios.zstack_ai_model_info
  - module: zstack.aios.zstack_ai_model_service_info
"""

EXAMPLES = r"""
---
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD, or from variables such as zstack_aios_host.

- name: Show the UUID of a model
  ansible.builtin.debug:
    msg: "{{ lookup('zstack.aios.zstack_ai', 'qwen2.5-7b', kind='model', model_center='center-1') }}"

- name: Show the UUIDs of two services
  ansible.builtin.debug:
    msg: "{{ query('zstack.aios.zstack_ai', 'vllm-base', 'diffusers-base', kind='model_service') }}"

- name: Show the framework of a service
  ansible.builtin.debug:
    msg: "{{ lookup('zstack.aios.zstack_ai', 'vllm-base', kind='model_service', inventory=true).framework }}"
"""

RETURN = r"""
_raw:
  description:
    - The UUID of the object of each name, in the order of the names. With O(inventory=true), the whole objects.
  type: list
  elements: raw
"""

import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.finding import find_named
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.hiding import without_secrets
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import connection_spec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.casing import snake_case
from ansible_collections.zstack.aios.plugins.module_utils._resources.views import VIEWS
from ansible_collections.zstack.aios.plugins.plugin_utils._plain import plain
from ansible_collections.zstack.aios.plugins.plugin_utils._reader import Reader, check_names

NAME = "zstack.aios.zstack_ai"
OPTIONS = ("kind", "inventory", "model_center_uuid", "model_center")


class LookupModule(LookupBase):
    """The lookup."""

    def run(self, terms: t.Any, variables: t.Any = None, **kwargs: t.Any) -> list[t.Any]:
        """Return the uuid, or the inventory, of the object of each name."""
        check_names(kwargs, [*OPTIONS, *connection_spec()])
        self.set_options(var_options=variables, direct=kwargs)
        view = VIEWS[self.get_option("kind")]
        options = {name: plain(self.get_option(name)) for name in OPTIONS[2:]}
        if all(options.values()):
            raise AnsibleError("%s: model_center and model_center_uuid are mutually exclusive. Give one of them." % NAME)
        if any(options.values()) and view.center is None:
            raise AnsibleError("%s: a model center does not belong to another one. Omit model_center and model_center_uuid." % NAME)
        names = _names(terms)
        # A variable that sets an option may be a template.
        reader = Reader(self.get_option, Display(), self._templar.template)
        with reader.client() as (client, _unused):
            rows = find_named(client, view, names, options, NAME)
        if not self.get_option("inventory"):
            return [row["uuid"] for row in rows]
        return reader.presented([snake_case(without_secrets(view, row)) for row in rows], view.plural)


def _names(terms: t.Any) -> list[str]:
    """Return the names that are looked up; lists among the terms are treated as their entries."""
    found: list[str] = []
    for term in plain(terms if isinstance(terms, (list, tuple)) else [terms]):
        for name in term if isinstance(term, list) else [term]:
            if isinstance(name, (bool, dict, list)) or name is None:
                raise AnsibleError("%s: a name has to be text. Give the name of an object." % NAME)
            if not trim(str(name)):
                raise AnsibleError("%s: a name is empty. Give the name of an object." % NAME)
            found.append(str(name))
    if not found:
        raise AnsibleError("%s: there is no name to look up. Give the name of an object." % NAME)
    return found
