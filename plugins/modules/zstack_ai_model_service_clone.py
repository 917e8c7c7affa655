#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_model_service_clone
short_description: Clone model services of a ZStack AIOS platform
version_added: 1.0.0
description:
  - Clones a model service exactly once, updates the clone, and deletes it.
  - Omitted options are left unchanged. A new clone takes all other values from its source.
  - An option of type C(str) takes text. A mapping or a list is refused before the first request. A boolean or a number is accepted with a warning
    that shows the text that is stored, because YAML reads V(on) as V(true) and V(3.10) as V(3.1). Write such text in quotes.
  - If the server accepts a value and does not store it, the task fails instead of reporting a change in every run.
  - A clone is created with the call C(CloneModelService) and updated with C(UpdateModelService), which cannot change all fields. The option
    O(on_drift) defines what happens if an existing clone differs.
  - The UUID of the clone is O(resource_uuid) or derived from the source and the name. Two jobs at the same time, or a second run after a
    lost response, therefore create one clone. If the server keeps the UUID of a deleted clone reserved, the next UUID of the same derivation is used.
  - A service of that name that was created otherwise, for example manually, is adopted. It is compared and repaired like a clone, and no duplicate is
    created. The only exception is the source itself.
  - The server does not record the source of a clone, so a different source for an existing clone is not detected.
author:
  - The zstack.aios authors (@zstack-aios)
extends_documentation_fragment:
  - zstack.aios.connection
  - zstack.aios.resource
  - zstack.aios.resource.deletion
  - zstack.aios.attributes
  - zstack.aios.attributes.actiongroup_zstack
requirements:
  - PyYAML (Python library, where the module runs), for the option O(yaml) only
attributes:
  check_mode:
    support: full
    details:
      - Creates the same plan as without check mode and does not apply it. In check mode the client refuses to send a write.
      - RV(model_service) of a service that does not exist yet contains only the options of the task and the UUID that the service will most likely have.
  diff_mode:
    support: full
    details:
      - Shows the options of the task that the server can show, with their values before and after.
  idempotent:
    support: full
options:
  source_service_uuid:
    description:
      - UUID of the service to clone. This or O(source_service) is required when O(state=present).
      - Mutually exclusive with O(source_service).
    type: str
  source_service:
    description:
      - Name of the service to clone. If no service or more than one has this name, the task fails and lists the candidates. The clone
        must have a different name.
      - It is looked up only if the clone has to be created, or with O(on_drift=replace).
      - Mutually exclusive with O(source_service_uuid).
    type: str
  name:
    description:
      - Name of the clone. At most 255 characters. Case-sensitive exact match.
      - Names are not unique on the server. Without O(resource_uuid), the clone is looked up by its name. If several services have this
        name, the task fails and lists the candidates.
      - Required to create a clone. At least one of O(name) and O(resource_uuid) is always required.
      - To rename a clone, set O(resource_uuid) to its UUID and this option to the new name. If a clone of such a task is renamed manually, it is
        found by its derived UUID and its name is restored.
    type: str
  resource_uuid:
    description:
      - UUID of the clone. The server accepts only UUIDs of version 1 to 5 for a new object, as C(uuidgen) prints them, in lower case
        and without dashes.
      - The clone is looked up by it first, and then by O(name). A service of that name with another UUID is
        a difference that cannot be repaired, see O(on_drift).
    type: str
  on_drift:
    description:
      - Action for an existing clone that differs from the task.
      - V(update) updates the differing fields with C(UpdateModelService). If one of them cannot be updated, the task fails before it
        changes anything, and names the fields. Those fields are O(readme), O(size), O(install_path), O(conda_version), O(system),
        O(resource_uuid), and O(cpu_architectures) unless O(architecture_images) changes them as well.
      - V(replace) deletes the clone and clones the service again if any field differs. The service is missing in between. Bindings to it and objects
        created from it are not restored. Missing O(user_tags) and O(tag_uuids) alone are added without a replacement.
        Together with O(resource_uuid) this fails on servers that keep the UUID of a deleted object.
      - V(report) changes nothing, warns, and lists all differences in RV(drift). The task is not changed.
      - Ignored if the clone does not exist yet.
    type: str
    choices: [update, replace, report]
    default: update
  description:
    description:
      - Description of the clone. At most 2048 characters. An empty string removes it.
    type: str
  readme:
    description:
      - Introduction to the service, as text. Cannot be changed after cloning.
    type: str
  size:
    description:
      - Size of the service in bytes. Cannot be changed after cloning. If omitted, the server uses 0 and not the size of the source.
    type: int
  gpu_compute_capability:
    description:
      - GPU compute capability that the service requires, such as V("7.5"). Write it in quotes. At most 32 characters.
    type: str
  install_path:
    description:
      - Path of the files of the service. At most 512 characters. Cannot be changed after cloning.
    type: str
  start_command:
    description:
      - Command that starts the service. At most 1024 characters.
    type: str
  python_version:
    description:
      - Python version of the service, such as V("3.10"). Write it in quotes, because YAML reads it as a number otherwise. At most 32 characters.
    type: str
  conda_version:
    description:
      - Conda version of the service. At most 32 characters. Cannot be changed after cloning.
    type: str
  system:
    description:
      - Whether the clone is a system service. Such a service belongs to the platform and is never deleted, neither with O(state=absent) nor
        with O(on_drift=replace). Cannot be changed after cloning.
    type: bool
  type:
    description:
      - Purpose of the service.
    type: str
    choices: [Endpoint, FineTune, App, ModelEval]
  yaml:
    description:
      - Configuration of the service, as YAML text or as a structure. A mapping or a list is sent as JSON, which is YAML as well, with its own
        numbers, booleans and nulls.
      - Compared by meaning. Order of keys, comments, quotes and indentation are ignored. V(1), V(1.0), V(true) and V("1") are different values.
      - The server refuses it together with other fields in one update, so it is sent in a separate update, before the others.
      - Requires PyYAML where the module runs. ansible-core includes it on the control node.
    type: raw
  source:
    description:
      - Kind of source of the service.
    type: str
    choices: [Other, Bentoml, HuggingFace]
  framework:
    description:
      - Framework of the service. At most 255 characters. The server checks it against its own list. Known values are V(vLLM),
        V(Diffusers), V(Transformers), V(SentenceTransformers), V(LlamaCpp), V(BentoML), V(Ollama) and V(Other).
    type: str
  request_cpu:
    description:
      - Number of CPU cores that the service requests.
    type: int
  request_memory:
    description:
      - Memory that the service requests. The unit is not published. The examples of the API pages use V(1024) and V(8192).
    type: int
  cpu_architectures:
    description:
      - CPU architectures of the service, such as V(X86_64) and V(AARCH64). Compared as a set, case-insensitive. Requires server version 5.3.40.
      - After cloning, they follow O(architecture_images) and cannot be changed otherwise.
    type: list
    elements: str
  architecture_images:
    description:
      - Images of the service, one entry for each CPU architecture. Requires server version 5.3.40.
      - Compared as a complete set, keyed by architecture. An architecture that is not listed is removed.
    type: list
    elements: dict
    suboptions:
      cpu_architecture:
        description:
          - CPU architecture, such as V(X86_64) or V(AARCH64). Case-insensitive. Each architecture can be listed once.
        type: str
        required: true
      vm_image_uuid:
        description:
          - UUID of the image for virtual machines. At least one of O(architecture_images[].vm_image_uuid) and
            O(architecture_images[].docker_image) is required.
        type: str
      docker_image:
        description:
          - Container image, with its registry and tag.
        type: str
  support_distributed:
    description:
      - Whether the service can run on several nodes. Requires server version 5.3.46.
    type: bool
  container_command:
    description:
      - Command of the container. Requires server version 5.5.22.
    type: str
  container_args:
    description:
      - Arguments of the container. Requires server version 5.5.22.
    type: str
  vendor_to_spec_uuids_map:
    description:
      - GPU vendors, each with the list of the UUIDs of its GPU specifications. Requires server version 5.5.22.
      - Compared as a whole, and each list as a set. Vendors are case-sensitive.
    type: dict
  user_tags:
    description:
      - User tags of the clone, as free text. Missing tags are added. Other tags are left unchanged.
      - A tag that an existing clone lacks is added by a separate call.
    type: list
    elements: str
  system_tags:
    description:
      - System tags of the clone. Missing tags are added. Other tags are left unchanged. The server accepts only registered tag formats.
      - V(validationOnly) is refused. It is a command to the server and not a tag, see O(server_side_check).
    type: list
    elements: str
  tag_uuids:
    description:
      - UUIDs of tags to attach to the clone. Other tags are left unchanged.
      - Each missing tag is attached by a separate call, so that a failure is detected.
    type: list
    elements: str
notes:
  - The call C(CloneModelService) requires server version 5.3.20.
seealso:
  - module: zstack.aios.zstack_ai_model
  - name: ZStack AIOS developer guide
    description: The published pages of the API.
    link: https://docs.zstack.io/en/docs/ai/aios/dev-guide
"""

EXAMPLES = r"""
---
# Address and account are read from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD, unless a task sets them.
# ZSTACK_ACCESS_KEY_ID and ZSTACK_ACCESS_KEY_SECRET work as well.

- name: Ensure the clone has an image for each architecture
  zstack.aios.zstack_ai_model_service_clone:
    source_service: vllm-base
    name: vllm-qwen3
    description: vLLM with our images
    framework: vLLM
    python_version: "3.10"
    request_cpu: 4
    request_memory: 8192
    cpu_architectures: [X86_64, AARCH64]
    architecture_images:
      - cpu_architecture: X86_64
        vm_image_uuid: 21cb9f654e9d4feab962ce3f5eec5796
        docker_image: registry.example.com/x86_64/vllm:0.9
      - cpu_architecture: AARCH64
        docker_image: registry.example.com/aarch64/vllm:0.9
    user_tags:
      - managed-by:git
  register: clone

- name: Check that the clone has both architectures
  ansible.builtin.assert:
    that:
      - clone.model_service.model_service_images | length == 2

- name: Ensure the clone has the configuration of a file
  zstack.aios.zstack_ai_model_service_clone:
    source_service_uuid: d76744cb53f9478abf42b907df3efb6e
    name: vllm-long-context
    yaml: "{{ lookup('ansible.builtin.file', 'vllm-long-context.yaml') }}"

- name: Compare the clone with Git
  zstack.aios.zstack_ai_model_service_clone:
    source_service: vllm-base
    name: vllm-qwen3
    request_cpu: 8
    on_drift: report
  register: compared

- name: Fail if an option differs
  ansible.builtin.assert:
    that: compared.drift == []
    fail_msg: "These options differ: {{ compared.drift | map(attribute='field') | join(', ') }}"

- name: Clone again if the clone differs
  zstack.aios.zstack_ai_model_service_clone:
    source_service: vllm-base
    name: vllm-qwen3
    conda_version: "24.1"
    on_drift: replace

- name: Rename a clone
  zstack.aios.zstack_ai_model_service_clone:
    source_service: vllm-base
    resource_uuid: 4f1e8d2a6b0c4c7d9e5f3a1b2c8d7e60
    name: vllm-qwen3-8b

- name: Delete the clone
  zstack.aios.zstack_ai_model_service_clone:
    name: vllm-qwen3
    state: absent

- name: Set the connection once for all modules of a play
  hosts: localhost
  gather_facts: false
  module_defaults:
    group/zstack.aios.zstack:
      host: aios.example.com
      protocol: https
      port: 443
      account_name: ansible
      account_password: "{{ vault_account_password }}"
  tasks:
    - name: Ensure the clone is present
      zstack.aios.zstack_ai_model_service_clone:
        source_service: vllm-base
        name: vllm-qwen3
"""

RETURN = r"""
model_service:
  description:
    - The clone after the task, as the server shows it, with keys in snake_case.
    - V(null) if the clone does not exist (any more). Fields that are empty on the server are omitted.
    - In check mode, the clone as it will be, as far as that can be predicted.
  returned: success
  type: dict
  contains:
    uuid:
      description: UUID of the clone.
      returned: always
      type: str
      sample: 4f1e8d2a6b0c4c7d9e5f3a1b2c8d7e60
    name:
      description: Name of the clone.
      returned: always
      type: str
      sample: vllm-qwen3
    description:
      description: Description of the clone.
      returned: if set
      type: str
      sample: vLLM with our images
    model_center_uuid:
      description: UUID of the model center, which is that of the source.
      returned: if the server shows it
      type: str
      sample: 5d7b2c9e41f04a6c8b3e9a1f70c2d684
    type:
      description: Purpose of the service.
      returned: if the server shows it
      type: str
      sample: Endpoint
    framework:
      description: Framework of the service.
      returned: if the server shows it
      type: str
      sample: vLLM
    source:
      description: Kind of source of the service.
      returned: if the server shows it
      type: str
      sample: HuggingFace
    yaml:
      description: Configuration of the service, as YAML text.
      returned: if the server shows it
      type: str
      sample: "services:\n  - ports: [3000]\n"
    request_cpu:
      description: Number of CPU cores that the service requests.
      returned: if the server shows it
      type: int
      sample: 4
    request_memory:
      description: Memory that the service requests.
      returned: if the server shows it
      type: int
      sample: 8192
    start_command:
      description: Command that starts the service.
      returned: if the server shows it
      type: str
      sample: python3 app.py
    install_path:
      description: Path of the files of the service.
      returned: if the server shows it
      type: str
      sample: /example/install/path
    python_version:
      description: Python version of the service.
      returned: if the server shows it
      type: str
      sample: "3.10"
    system:
      description: Whether it is a system service.
      returned: if the server shows it
      type: bool
      sample: false
    cpu_architectures:
      description: CPU architectures of the service, as the server spells them.
      returned: if the server shows it
      type: list
      elements: str
      sample: [x86_64, aarch64]
    model_service_images:
      description: Images of the service.
      returned: if the server shows it
      type: list
      elements: dict
      contains:
        uuid:
          description: UUID of the entry.
          returned: if the server shows it
          type: str
          sample: c13336388d574fec824752525ae05a21
        cpu_architecture:
          description: CPU architecture, as the server spells it.
          returned: always
          type: str
          sample: x86_64
        vm_image_uuid:
          description: UUID of the image for virtual machines.
          returned: if set
          type: str
          sample: 21cb9f654e9d4feab962ce3f5eec5796
        docker_image:
          description: Container image.
          returned: if set
          type: str
          sample: registry.example.com/x86_64/vllm:0.9
    vendor_to_spec_uuids_map:
      description: GPU vendors with the UUIDs of their GPU specifications. The names of the vendors are unchanged.
      returned: if the server shows it
      type: dict
      sample:
        NVIDIA: [7a9d0c3e5b1f4e8fa2c46d8b0e1f3a5c]
    model_service_refs:
      description: The models that the service is bound to.
      returned: if the server shows it
      type: list
      elements: dict
      sample:
        - model_uuid: 8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
          model_service_uuid: 4f1e8d2a6b0c4c7d9e5f3a1b2c8d7e60
          is_default: true
    create_date:
      description: Time of creation, in the time zone and format of the server.
      returned: if the server shows it
      type: str
      sample: Nov 25, 2025 11:51:50 AM
    last_op_date:
      description: Time of the last change, in the time zone and format of the server.
      returned: if the server shows it
      type: str
      sample: Nov 25, 2025 11:51:50 AM
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
        name: vllm-qwen3
        request_cpu: 4
    after:
      description: Values after the task. Empty if the object is deleted.
      returned: always
      type: dict
      sample:
        name: vllm-qwen3
        request_cpu: 8
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
      sample: /v1/ai/model-services/4f1e8d2a6b0c4c7d9e5f3a1b2c8d7e60
    fields:
      description: Options that the call sets.
      returned: always
      type: list
      elements: str
      sample: [request_cpu]
drift:
  description:
    - The fields that differ and were not changed, with O(on_drift=report). Empty otherwise.
  returned: success
  type: list
  elements: dict
  contains:
    field:
      description: The option.
      returned: always
      type: str
      sample: request_cpu
    before:
      description: Value on the server.
      returned: always
      type: raw
      sample: 4
    after:
      description: Value in the task.
      returned: always
      type: raw
      sample: 8
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
      sample: ORG_ZSTACK_AI_10036
    description:
      description: Kind of the error.
      returned: if the server returns it
      type: str
      sample: One or more API argument is invalid
    details:
      description: Details of the error.
      returned: in most cases
      type: str
      sample: framework HuggingFace is not supported
    cause:
      description: Error that caused this one. It can contain a further C(cause).
      returned: if the server returns it
      type: dict
"""

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import resource_module, run_module
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_clone import MODEL_SERVICE_CLONE


def main() -> None:
    run_module(resource_module(MODEL_SERVICE_CLONE))


if __name__ == "__main__":
    main()
