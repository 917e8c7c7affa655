#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_model_service_group_info
short_description: Read model service groups of a ZStack AIOS platform
version_added: 1.0.0
description:
  - Returns the model service groups of the platform that meet all conditions, with their instances. A group is a deployment of a model service.
  - The model center of a group is that of its model service.
  - The list is complete. It is read in pages of 1000 objects.
  - Secrets in the objects are masked, that is members with the name of a secret, headers, and values of variables in the YAML of a deployment.
author:
  - The zstack.aios authors (@zstack-aios)
extends_documentation_fragment:
  - zstack.aios.connection
  - zstack.aios.info
  - zstack.aios.info.named
  - zstack.aios.info.center
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
  - module: zstack.aios.zstack_ai_model_service_group
  - plugin: zstack.aios.zstack_ai
    plugin_type: lookup
"""

EXAMPLES = r"""
---
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD unless a task gives them.

- name: Read the deployments that do not run
  zstack.aios.zstack_ai_model_service_group_info:
    filters:
      - field: status
        operator: "!="
        value: Running
    fields: [name, status, instances]
  register: result

- name: Read the deployments of a model center with their tags
  zstack.aios.zstack_ai_model_service_group_info:
    model_center: center-1
    tags: true
  register: result
"""

RETURN = r"""
model_service_groups:
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
    description:
      description: Description.
      returned: if the server shows it
      type: str
      sample: "A chat model"
    model_service_uuid:
      description: UUID of the model service.
      returned: if the server shows it
      type: str
      sample: d76744cb53f9378abf42b907df3efb6e
    model_uuid:
      description: UUID of the model.
      returned: if the server shows it
      type: str
      sample: "059d19eb310f36d4a7f43f51eaab87b8"
    type:
      description: Backend.
      returned: if the server shows it
      type: str
      sample: Container
    instances:
      description: The instances of the group.
      returned: if the server shows it
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
        model_service_group_uuid:
          description: UUID of the model service group that does the work.
          returned: if the server shows it
          type: str
          sample: "4c6e8a0d2f4b4c6e9b0d2f4a6c8e1b3d"
        yaml:
          description: The definition, as YAML text. Values of variables are masked.
          returned: if the server shows it
          type: str
          sample: "services: []"
        k8s_resource_yaml:
          description: The Kubernetes resource, as YAML text. Values of variables are masked.
          returned: if the server shows it
          type: str
          sample: "kind: Deployment"
        status:
          description: Status.
          returned: if the server shows it
          type: str
          sample: Running
        url:
          description: Address.
          returned: if the server shows it
          type: str
          sample: "http://192.0.2.41:8000"
        url_maps:
          description: Addresses by port.
          returned: if the server shows it
          type: dict
          sample: {"3000": "http://192.0.2.77:3000"}
        internal_url:
          description: Address inside of the platform.
          returned: if the server shows it
          type: str
          sample: "http://10.0.0.7:3000"
        jupyter_url:
          description: Address of Jupyter.
          returned: if the server shows it
          type: str
          sample: "http://192.0.2.77:8888"
        vm_instance_uuid:
          description: UUID of the virtual machine.
          returned: if the server shows it
          type: str
          sample: "7c9e1b3d5f7a4c8e8b2d4f6a8c0e2b4d"
        node_rank:
          description: Number of the node in a distributed deployment.
          returned: if the server shows it
          type: int
          sample: 0
        account_uuid:
          description: UUID of the account.
          returned: if the server shows it
          type: str
          sample: "36c27e8ff05c4780bf6d2fa65700f22e"
        architecture:
          description: CPU architecture.
          returned: if the server shows it
          type: str
          sample: x86_64
        gpu_vendor:
          description: GPU vendor.
          returned: if the server shows it
          type: str
          sample: NVIDIA
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
    dataset_ref_inventories:
      description: The datasets of the group.
      returned: if the server shows it
      type: list
      elements: dict
      contains:
        uuid:
          description: UUID.
          returned: always
          type: str
          sample: "8c1f0a9be2d34c5f9a6d7e80b1c2d3e4"
        dataset_uuid:
          description: UUID of the dataset.
          returned: if the server shows it
          type: str
          sample: "8d0f2b4c6e8a4d0c9b2e4f6a8c0d2e4f"
        model_service_instance_group_uuid:
          description: UUID of the model service group.
          returned: if the server shows it
          type: str
          sample: "4c6e8a0d2f4b4c6e9b0d2f4a6c8e1b3d"
    status:
      description: Status.
      returned: if the server shows it
      type: str
      sample: Running
    model_service_type:
      description: Type of the model service.
      returned: if the server shows it
      type: str
      sample: Endpoint
    yaml:
      description: The definition, as YAML text. Values of variables are masked.
      returned: if the server shows it
      type: str
      sample: "services: []"
    support_metrics:
      description: Metrics that the group offers.
      returned: if the server shows it
      type: list
      elements: str
      sample: ["requests"]
    export_path:
      description: Path of the result of fine-tuning.
      returned: if the server shows it
      type: str
      sample: "/finetune/1"
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
    run_module(info_module(VIEWS["model_service_group"]))


if __name__ == "__main__":
    main()
