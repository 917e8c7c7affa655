#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_model_service
short_description: Manage model services of a ZStack AIOS platform
version_added: 1.0.0
description:
  - Creates model services from their own definition, updates them, and deletes them. To copy an existing service, use
    M(zstack.aios.zstack_ai_model_service_clone).
  - Omitted options are left unchanged. An empty string is a value and clears a field.
  - A field that C(UpdateModelService) cannot change is left unchanged; the task warns and lists it in RV(drift).
author:
  - The zstack.aios authors (@zstack-aios)
extends_documentation_fragment:
  - zstack.aios.connection
  - zstack.aios.resource
  - zstack.aios.resource.deletion
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
      - UUID of the service. If given, it alone identifies the service, and all other options are values.
      - If no such service exists, it is created with this UUID, which must be 32 lower-case hex digits of a UUID of version 1 to 5.
      - At least one of O(uuid) and O(name) is required.
    type: str
  name:
    description:
      - Name of the service. Case-sensitive exact match, within the model center if one is given.
      - Names are not unique on the server. The task fails and lists the candidates if several match.
      - The server stores at most 255 characters.
      - Required to create the model service.
    type: str
  description:
    description:
      - Description, as text.
      - The server stores at most 2048 characters.
    type: str
  yaml:
    description:
      - >-
        Definition of the service: YAML text, or a structure, which is sent as JSON. Compared by meaning. It is updated by a separate call.
      - Required to create the model service.
    type: raw
  model_center_uuid:
    description:
      - UUID of the model center. To create the object, this or O(model_center) is required.
      - Used only when the object is created. Later differences are reported in RV(drift).
      - Mutually exclusive with O(model_center).
    type: str
  model_center:
    description:
      - Name of the model center. The task fails and lists the candidates if no model center or more than one has this name.
      - Mutually exclusive with O(model_center_uuid).
    type: str
  request_cpu:
    description:
      - Number of CPUs that the service requests.
      - Required to create the model service.
    type: int
  request_memory:
    description:
      - Memory that the service requests. The unit is that of the server.
      - Required to create the model service.
    type: int
  gpu_compute_capability:
    description:
      - Minimum compute capability of the GPU.
      - The server stores at most 32 characters.
    type: str
  install_path:
    description:
      - Path of the files of the service.
      - The server stores at most 512 characters.
      - Used only when the object is created. Later differences are reported in RV(drift).
      - Required to create the model service.
    type: str
  system:
    description:
      - Whether the service belongs to the platform. A system service is never deleted.
      - Used only when the object is created. Later differences are reported in RV(drift).
    type: bool
  start_command:
    description:
      - Command that starts the service.
      - The server stores at most 1024 characters.
      - Required to create the model service.
    type: str
  container_command:
    description:
      - Command of the container.
    type: str
  container_args:
    description:
      - Arguments of the command of the container.
    type: str
  python_version:
    description:
      - Version of Python.
      - The server stores at most 32 characters.
    type: str
  conda_version:
    description:
      - Version of Conda.
      - The server stores at most 32 characters.
      - Used only when the object is created. Later differences are reported in RV(drift).
    type: str
  zone_uuid:
    description:
      - UUID of the zone.
      - Sent when the object is created, and never compared, because the server does not show it.
      - Mutually exclusive with O(zone).
    type: str
  zone:
    description:
      - Name of the zone. The task fails and lists the candidates if no zone or more than one has this name.
      - Mutually exclusive with O(zone_uuid).
    type: str
  type:
    description:
      - Type of the service.
    type: str
    choices: [Endpoint, FineTune, App, ModelEval]
  source:
    description:
      - Source of the service.
    type: str
    choices: [Other, Bentoml, HuggingFace]
  framework:
    description:
      - Framework, such as V(vLLM) or V(Transformers). The server checks it.
      - The server stores at most 255 characters.
    type: str
  model_uuids:
    description:
      - UUIDs of the models that the service is bound to. A missing binding is created with C(BindModelToService). Other models stay bound.
      - Mutually exclusive with O(models).
    type: list
    elements: str
  models:
    description:
      - Names of the models. The task fails and lists the candidates if no model or more than one has a name.
      - Mutually exclusive with O(model_uuids).
    type: list
    elements: str
  architecture_images:
    description:
      - Images of the service, one for each CPU architecture. The list is compared as a whole.
      - Requires server version 5.3.40 or newer.
    type: list
    elements: dict
    suboptions:
      cpu_architecture:
        description:
          - CPU architecture, such as V(X86_64) or V(AARCH64). Case-insensitive.
        type: str
        required: true
      vm_image_uuid:
        description:
          - UUID of the VM image. Each entry requires this or O(architecture_images[].docker_image).
        type: str
      docker_image:
        description:
          - Name of the container image. Each entry requires this or O(architecture_images[].vm_image_uuid).
        type: str
  support_distributed:
    description:
      - Whether the service can be deployed on several nodes.
      - Requires server version 5.3.46 or newer.
    type: bool
  vendor_to_spec_uuids_map:
    description:
      - Map of GPU vendors to lists of UUIDs of GPU specifications. Compared as a map of sets.
    type: dict
  user_tags:
    description:
      - User tags of the object, as free text. Missing tags are added. Other tags are left unchanged.
    type: list
    elements: str
  system_tags:
    description:
      - System tags of the object. Missing tags are added. Other tags are left unchanged.
    type: list
    elements: str
  tag_uuids:
    description:
      - UUIDs of tags to attach to the object. Other tags are left unchanged.
    type: list
    elements: str
seealso:
  - module: zstack.aios.zstack_ai_model_service_clone
  - module: zstack.aios.zstack_ai_model
  - module: zstack.aios.zstack_ai_model_service_group
  - name: ZStack AIOS developer guide
    description: The published pages of the API.
    link: https://docs.zstack.io/en/docs/ai/aios/dev-guide
"""

EXAMPLES = r"""
---
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD unless a task gives them.

- name: Ensure the model service is present
  zstack.aios.zstack_ai_model_service:
    name: vllm-own
    model_center: center-1
    yaml:
      services:
        - name: vllm-own
          ports: [3000]
          readyz: /readyz
    request_cpu: 4
    request_memory: 8589934592
    install_path: /services/vllm-own
    start_command: python3 app.py
    framework: vLLM
    models:
      - qwen2.5-7b
    architecture_images:
      - cpu_architecture: X86_64
        docker_image: registry.example.com/vllm:1.1
  register: service

- name: Change the image
  zstack.aios.zstack_ai_model_service:
    name: vllm-own
    architecture_images:
      - cpu_architecture: X86_64
        docker_image: registry.example.com/vllm:1.2

- name: Delete the model service
  zstack.aios.zstack_ai_model_service:
    name: vllm-own
    state: absent
"""

RETURN = r"""
model_service:
  description:
    - The model service after the task, as the server shows it, with keys in snake_case.
    - V(null) if the object does not exist. A field that the server leaves empty has no key.
    - In check mode, the object as it will be, as far as that can be predicted.
  returned: success
  type: dict
  contains:
    uuid:
      description: UUID.
      returned: always
      type: str
      sample: 8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
    name:
      description: Name.
      returned: always
      type: str
      sample: vllm-own
    type:
      description: Type of the service.
      returned: if the server shows it
      type: str
      sample: Endpoint
    framework:
      description: Framework.
      returned: if the server shows it
      type: str
      sample: vLLM
    model_center_uuid:
      description: UUID of the model center.
      returned: if the server shows it
      type: str
      sample: ebf96ce1de2c46fa8af9d503c29bb93d
    model_service_images:
      description: Images, one for each CPU architecture.
      returned: if the server shows it
      type: list
      elements: dict
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
        description: old
    after:
      description: Values after the task. Empty if the object is deleted.
      returned: always
      type: dict
      sample:
        description: new
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
      sample: UpdateModelService
    method:
      description: HTTP method.
      returned: always
      type: str
      sample: PUT
    path:
      description: Path of the call. It contains C({uuid}) if an earlier call of the list creates the object.
      returned: always
      type: str
      sample: /v1/ai/model-services/8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
    fields:
      description: Options that the call sets.
      returned: always
      type: list
      elements: str
      sample: [description]
drift:
  description:
    - The fields that differ and that C(UpdateModelService) cannot change. They are left unchanged, with a warning.
  returned: success
  type: list
  elements: dict
  contains:
    field:
      description: The option.
      returned: always
      type: str
      sample: description
    before:
      description: Value on the server.
      returned: always
      type: raw
      sample: old
    after:
      description: Value in the task.
      returned: always
      type: raw
      sample: new
    uuids:
      description: The values as UUIDs, C(before) and C(after).
      returned: if the field is a reference that the task gives by name
      type: dict
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
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service import MODEL_SERVICE


def main() -> None:
    run_module(resource_module(MODEL_SERVICE))


if __name__ == "__main__":
    main()
