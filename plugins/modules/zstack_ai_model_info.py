#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_model_info
short_description: Read models of a ZStack AIOS platform
version_added: 1.0.0
description:
  - Returns the models of the platform that meet all conditions, with the services that they are bound to.
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
  - module: zstack.aios.zstack_ai_model
  - plugin: zstack.aios.zstack_ai
    plugin_type: lookup
"""

EXAMPLES = r"""
---
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD unless a task gives them.

- name: Read the models of a vendor, the largest first
  zstack.aios.zstack_ai_model_info:
    model_center: center-1
    filters:
      - field: vendor
        value: Qwen
    fields: [name, model_id, size]
    sort: [-size, name]
  register: result

- name: Read the models without a default service
  zstack.aios.zstack_ai_model_info:
    filters:
      - field: model_service_refs.is_default
        operator: "!="
        value: true
  register: result

- name: Count the models whose name starts with qwen
  zstack.aios.zstack_ai_model_info:
    name_regex: (?i)^qwen
    count_only: true
  register: result
"""

RETURN = r"""
models:
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
    install_path:
      description: Location of the files.
      returned: if the server shows it
      type: str
      sample: "/models/qwen2.5-7b"
    description:
      description: Description.
      returned: if the server shows it
      type: str
      sample: "A chat model"
    vendor:
      description: Vendor.
      returned: if the server shows it
      type: str
      sample: Qwen
    parameters:
      description: Parameters, as text.
      returned: if the server shows it
      type: str
      sample: "{\"temperature\": 0.7}"
    model_center_uuid:
      description: UUID of the model center.
      returned: if the server shows it
      type: str
      sample: ebf96ce1de2c46fa8af9d503c29bb93d
    recommended_gpu_num:
      description: Recommended numbers of GPUs.
      returned: if the server shows it
      type: list
      elements: int
      sample: [1, 2, 4]
    gpu_constraint_description:
      description: Which GPUs are required.
      returned: if the server shows it
      type: str
      sample: "at least 80 GB in total"
    model_id:
      description: ID of the model in its repository.
      returned: if the server shows it
      type: str
      sample: "Qwen/Qwen2.5-7B"
    logo:
      description: Logo, as base64 text.
      returned: if the server shows it
      type: str
      sample: "iVBORw0KGgo="
    introduction:
      description: Introduction, as Markdown.
      returned: if the server shows it
      type: str
      sample: "# Qwen"
    size:
      description: Size in bytes.
      returned: if the server shows it
      type: int
      sample: 15231233024
    version:
      description: Version.
      returned: if the server shows it
      type: str
      sample: "2.5"
    type:
      description: Type.
      returned: if the server shows it
      type: str
      sample: System
    min_gpu_memory:
      description: Required GPU memory in bytes.
      returned: if the server shows it
      type: int
      sample: 17179869184
    recommended_gpu_memory:
      description: Recommended GPU memory in bytes.
      returned: if the server shows it
      type: int
      sample: 25769803776
    version_semver:
      description: Version, as a semantic version.
      returned: if the server shows it
      type: str
      sample: "2.5.0"
    is_latest_version:
      description: Whether this is the latest version.
      returned: if the server shows it
      type: bool
      sample: true
    artifact_checksum:
      description: Checksum of the files.
      returned: if the server shows it
      type: str
      sample: "sha256:9f86d081"
    artifact_size_bytes:
      description: Size of the files in bytes.
      returned: if the server shows it
      type: int
      sample: 15231233024
    architecture_type:
      description: Architecture of the model.
      returned: if the server shows it
      type: str
      sample: Qwen2ForCausalLM
    framework_version:
      description: Version of the framework.
      returned: if the server shows it
      type: str
      sample: "4.46.0"
    required_accelerator:
      description: Required accelerator.
      returned: if the server shows it
      type: str
      sample: "cuda:12.1"
    pipeline_tag:
      description: Kind of task, as in the repository of the model.
      returned: if the server shows it
      type: str
      sample: text-generation
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
    extra_gpu_mem_request:
      description: Additional GPU memory in bytes.
      returned: if the server shows it
      type: int
      sample: 1073741824
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
    run_module(info_module(VIEWS["model"]))


if __name__ == "__main__":
    main()
