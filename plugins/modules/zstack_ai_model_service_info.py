#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_model_service_info
short_description: Read model services of a ZStack AIOS platform
version_added: 1.0.0
description:
  - Returns the model services of the platform that meet all conditions, clones included.
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
  - module: zstack.aios.zstack_ai_model_service
  - plugin: zstack.aios.zstack_ai
    plugin_type: lookup
"""

EXAMPLES = r"""
---
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD unless a task gives them.

- name: Read the services that use an image
  zstack.aios.zstack_ai_model_service_info:
    filters:
      - field: model_service_images.docker_image
        operator: "~="
        value: registry.example.com/vllm
    sort: [name]
  register: result

- name: Read the services of two frameworks that were changed this year
  zstack.aios.zstack_ai_model_service_info:
    filters:
      - field: framework
        operator: in
        value: [vLLM, SGLang]
      - field: last_op_date
        operator: ">"
        value: "2026-01-01"
  register: result
"""

RETURN = r"""
model_services:
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
    yaml:
      description: The definition, as YAML text. Values of variables whose names say that they are secret are masked.
      returned: if the server shows it
      type: str
      sample: "services: []"
    model_center_uuid:
      description: UUID of the model center.
      returned: if the server shows it
      type: str
      sample: ebf96ce1de2c46fa8af9d503c29bb93d
    request_cpu:
      description: Number of CPUs.
      returned: if the server shows it
      type: int
      sample: 4
    request_memory:
      description: Memory.
      returned: if the server shows it
      type: int
      sample: 8192
    gpu_compute_capability:
      description: Required compute capability of GPUs.
      returned: if the server shows it
      type: str
      sample: "7.0"
    install_path:
      description: Location of the files.
      returned: if the server shows it
      type: str
      sample: "/models/qwen2.5-7b"
    system:
      description: Whether the object belongs to the platform.
      returned: if the server shows it
      type: bool
      sample: false
    start_command:
      description: Command that starts the service.
      returned: if the server shows it
      type: str
      sample: "python3 app.py"
    container_command:
      description: Command of the container.
      returned: if the server shows it
      type: str
      sample: "/bin/sh"
    container_args:
      description: Arguments of the container.
      returned: if the server shows it
      type: str
      sample: "-c serve"
    python_version:
      description: Version of Python.
      returned: if the server shows it
      type: str
      sample: "3.11"
    conda_version:
      description: Version of Conda.
      returned: if the server shows it
      type: str
      sample: "24.1"
    type:
      description: Type.
      returned: if the server shows it
      type: str
      sample: Endpoint
    source:
      description: Source.
      returned: if the server shows it
      type: str
      sample: Other
    framework:
      description: Framework.
      returned: if the server shows it
      type: str
      sample: vLLM
    model_service_images:
      description: The images, one for each architecture.
      returned: if the server shows it
      type: list
      elements: dict
      contains:
        uuid:
          description: UUID.
          returned: always
          type: str
          sample: "8c1f0a9be2d34c5f9a6d7e80b1c2d3e4"
        model_service_uuid:
          description: UUID of the model service.
          returned: if the server shows it
          type: str
          sample: d76744cb53f9378abf42b907df3efb6e
        cpu_architecture:
          description: CPU architecture.
          returned: if the server shows it
          type: str
          sample: x86_64
        vm_image_uuid:
          description: UUID of the image for virtual machines.
          returned: if the server shows it
          type: str
          sample: "21cb9f654e9d3feab962ce3f5eec5796"
        docker_image:
          description: Container image.
          returned: if the server shows it
          type: str
          sample: "registry.example.com/vllm:1.0"
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
    support_distributed:
      description: Whether several nodes can run one service.
      returned: if the server shows it
      type: bool
      sample: true
    vendor_to_spec_uuids_map:
      description: GPU vendor to the UUIDs of its GPU specifications.
      returned: if the server shows it
      type: dict
      sample: {"NVIDIA": ["9e1b3d5f7a9c4e0b8d4f6a8c0e2b4d6f"]}
    readme:
      description: Readme, as Markdown.
      returned: if the server shows it
      type: str
      sample: "# vLLM"
    size:
      description: Size in bytes.
      returned: if the server shows it
      type: int
      sample: 15231233024
    has_new_version:
      description: Whether there is a newer version.
      returned: if the server shows it
      type: bool
      sample: false
    cpu_architectures:
      description: CPU architectures.
      returned: if the server shows it
      type: list
      elements: str
      sample: ["x86_64"]
    model_service_refs:
      description: The bindings between models and model services.
      returned: if the server shows it
      type: list
      elements: dict
      contains:
        uuid:
          description: UUID.
          returned: always
          type: str
          sample: "8c1f0a9be2d34c5f9a6d7e80b1c2d3e4"
        model_uuid:
          description: UUID of the model.
          returned: if the server shows it
          type: str
          sample: "059d19eb310f36d4a7f43f51eaab87b8"
        model_service_uuid:
          description: UUID of the model service.
          returned: if the server shows it
          type: str
          sample: d76744cb53f9378abf42b907df3efb6e
        is_default:
          description: Whether the service is the model's default.
          returned: if the server shows it
          type: bool
          sample: true
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
    run_module(info_module(VIEWS["model_service"]))


if __name__ == "__main__":
    main()
