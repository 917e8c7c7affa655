#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_model_center_info
short_description: Read model centers of a ZStack AIOS platform
version_added: 1.0.0
description:
  - Returns the model centers of the platform that meet all conditions.
  - The list is complete. It is read in pages of 1000 objects.
  - Secrets in the objects are masked, that is members with the name of a secret, headers, and values of variables in the YAML of a deployment.
author:
  - The zstack.aios authors (@zstack-aios)
extends_documentation_fragment:
  - zstack.aios.connection
  - zstack.aios.info
  - zstack.aios.info.named
  - zstack.aios.attributes
  - zstack.aios.attributes.actiongroup_zstack
attributes:
  check_mode:
    support: full
    details:
      - Reads only, so check mode has no effect.
  diff_mode:
    support: N/A
    details:
      - Does not modify state.
  idempotent:
    support: full
seealso:
  - module: zstack.aios.zstack_ai_model_center
  - plugin: zstack.aios.zstack_ai
    plugin_type: lookup
"""

EXAMPLES = r"""
---
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD unless a task gives them.

- name: Read the model centers that are not connected
  zstack.aios.zstack_ai_model_center_info:
    filters:
      - field: status
        operator: "!="
        value: Connected
    fields: [name, status, management_ip]
  register: result
"""

RETURN = r"""
model_centers:
  description:
    - The matching objects, as the server shows them, with keys in snake_case. A field that the server leaves empty has no key.
    - With O(fields), exactly these fields. Empty with O(count_only=true).
  returned: success
  type: list
  elements: dict
  contains:
    uuid:
      description: UUID.
      returned: always
      type: str
      sample: "8c1f0a9be2d34c5f9a6d7e80b1c2d3e4"
    name:
      description: Name.
      returned: if the server shows it
      type: str
      sample: "qwen2.5-7b"
    url:
      description: Address.
      returned: if the server shows it
      type: str
      sample: "http://192.0.2.41:8000"
    description:
      description: Description.
      returned: if the server shows it
      type: str
      sample: "A chat model"
    parameters:
      description: Parameters, as text.
      returned: if the server shows it
      type: str
      sample: "{\"temperature\": 0.7}"
    management_ip:
      description: Management address.
      returned: if the server shows it
      type: str
      sample: "192.0.2.41"
    management_port:
      description: Management port.
      returned: if the server shows it
      type: int
      sample: 22
    storage_network_uuid:
      description: UUID of the L3 network for storage.
      returned: if the server shows it
      type: str
      sample: "3e5c7a9b1d2f4b6c8e0a2c4e6f8a0b1d"
    service_network_uuid:
      description: UUID of the L3 network for services.
      returned: if the server shows it
      type: str
      sample: "3e5c7a9b1d2f4b6c8e0a2c4e6f8a0b1d"
    container_registry:
      description: Container registry.
      returned: if the server shows it
      type: str
      sample: "registry.example.com"
    container_network:
      description: Network of containers.
      returned: if the server shows it
      type: str
      sample: net-a
    container_storage_network:
      description: Storage network of containers.
      returned: if the server shows it
      type: str
      sample: net-b
    status:
      description: Status.
      returned: if the server shows it
      type: str
      sample: Connected
    capacity:
      description: Storage that the content of the model center uses, in bytes.
      returned: if the server shows it
      type: dict
      contains:
        uuid:
          description: UUID.
          returned: always
          type: str
          sample: "8c1f0a9be2d34c5f9a6d7e80b1c2d3e4"
        model_used_capacity:
          description: Used by models, in bytes.
          returned: if the server shows it
          type: int
          sample: 1073741824
        model_service_used_capacity:
          description: Used by model services, in bytes.
          returned: if the server shows it
          type: int
          sample: 1073741824
        dataset_used_capacity:
          description: Used by datasets, in bytes.
          returned: if the server shows it
          type: int
          sample: 1073741824
        fine_tune_used_capacity:
          description: Used by fine-tuning, in bytes.
          returned: if the server shows it
          type: int
          sample: 1073741824
        model_evaluation_used_capacity:
          description: Used by evaluations, in bytes.
          returned: if the server shows it
          type: int
          sample: 1073741824
        temporary_used_capacity:
          description: Used by temporary files, in bytes.
          returned: if the server shows it
          type: int
          sample: 1073741824
        cache_used_capacity:
          description: Used by the cache, in bytes.
          returned: if the server shows it
          type: int
          sample: 1073741824
    zdfs:
      description: The file system of the model center.
      returned: if the server shows it
      type: dict
      contains:
        uuid:
          description: UUID.
          returned: always
          type: str
          sample: "8c1f0a9be2d34c5f9a6d7e80b1c2d3e4"
        name:
          description: Name.
          returned: if the server shows it
          type: str
          sample: "qwen2.5-7b"
        description:
          description: Description.
          returned: if the server shows it
          type: str
          sample: "A chat model"
        zone_uuid:
          description: UUID of the zone.
          returned: if the server shows it
          type: str
          sample: "8c4a2e6f1b3d4f5a9c7e0d2b4f6a8c1e"
        url:
          description: Address.
          returned: if the server shows it
          type: str
          sample: "http://192.0.2.41:8000"
        status:
          description: Status.
          returned: if the server shows it
          type: str
          sample: Connected
        host_name:
          description: Host name.
          returned: if the server shows it
          type: str
          sample: "192.0.2.41"
        ssh_port:
          description: SSH port.
          returned: if the server shows it
          type: int
          sample: 22
        create_date:
          description: When the object was created, in the time zone of the management node.
          returned: if the server shows it
          type: str
          sample: "Nov 25, 2026 11:51:50 AM"
        last_op_date:
          description: When the object was last changed, in the time zone of the management node.
          returned: if the server shows it
          type: str
          sample: "Nov 25, 2026 1:51:50 PM"
    create_date:
      description: When the object was created, in the time zone of the management node.
      returned: if the server shows it
      type: str
      sample: "Nov 25, 2026 11:51:50 AM"
    last_op_date:
      description: When the object was last changed, in the time zone of the management node.
      returned: if the server shows it
      type: str
      sample: "Nov 25, 2026 1:51:50 PM"
    user_tags:
      description: User tags, without the tags in which this collection stores digests.
      returned: when O(tags=true)
      type: list
      elements: str
      sample: ["env:prod"]
    system_tags:
      description: System tags.
      returned: when O(tags=true)
      type: list
      elements: str
      sample: ["ai::own::tag"]
total:
  description: Number of matching objects, regardless of O(limit).
  returned: success
  type: int
  sample: 42
error:
  description:
    - The error. If the server refused a call, this is the unmodified error object of the server.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Code of the error, such as V(SYS.1000). Codes of errors that this collection detects begin with V(client.).
      returned: in most cases
      type: str
      sample: client.option
    details:
      description: Details of the error.
      returned: in most cases
      type: str
      sample: "fields[0]: a model has no field 'nmae'. Did you mean name?"
"""

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.info import info_module
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import run_module
from ansible_collections.zstack.aios.plugins.module_utils._resources.views import VIEWS


def main() -> None:
    run_module(info_module(VIEWS["model_center"]))


if __name__ == "__main__":
    main()
