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
  - Clones a model service exactly once, keeps the clone equal to what the task says, and deletes it.
  - Only options that are given are compared and changed. A new clone gets everything else from its source.
  - An option of type C(str) takes text. A mapping or a list is refused before the first request. A boolean or a number is accepted with a warning
    that shows the text that is stored, because YAML reads V(on) as V(true) and V(3.10) as V(3.1). Write such text in quotes.
  - What the server accepts and then does not store is reported as a failure, not as a change at every run.
  - A clone is made with the call C(CloneModelService) and changed with C(UpdateModelService), which cannot change all fields. The option
    O(on_drift) says what to do when an existing clone differs.
  - The UUID of the clone is O(resource_uuid) or derived from the source and the name. Two jobs at the same time, or a second run after a
    lost answer, therefore make one clone. Where the server keeps the UUID of a deleted clone, the next UUID of the same derivation is taken.
  - A service of the wanted name that was made in another way, for instance by hand, is taken over. It is compared and repaired like a clone, and
    no second one is made. The only exception is the source itself.
  - Nothing in a clone tells what it was cloned from. So another source for a clone that is there already is not noticed.
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
      - The same plan is made as without check mode and is then not carried out. The client itself refuses to send anything that changes something.
      - RV(model_service) of a service that would be made has only what the task says and the UUID that it would most likely get.
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
      - Name of the service to clone. When no service or more than one has this name, the task fails and lists those that there are. The clone
        cannot have the same name.
      - It is looked up only when the clone has to be made, or with O(on_drift=replace).
      - Mutually exclusive with O(source_service_uuid).
    type: str
  name:
    description:
      - Name of the clone. At most 255 characters. Compared to the letter, with upper and lower case.
      - Names are not unique on the server. Without O(resource_uuid) the clone is looked for by its name. When several services have this
        name, the task fails and lists them.
      - Needed to make a clone. At least one of O(name) and O(resource_uuid) is needed in any case.
      - To rename a clone, give its UUID in O(resource_uuid) and the new name here. A clone that such a task made and that
        somebody renamed is found again by its derived UUID and gets its name back.
    type: str
  resource_uuid:
    description:
      - UUID of the clone. The server takes only UUIDs of version 1 to 5 for a new object, as C(uuidgen) prints them, in lower case
        and without the dashes.
      - The clone is looked for by it first, and then by O(name). A service of that name with another UUID counts as
        a difference that cannot be repaired, see O(on_drift).
    type: str
  on_drift:
    description:
      - What to do with an existing clone that differs from the task.
      - V(update) changes what differs with C(UpdateModelService). When one of the differing fields cannot be changed, the task fails before it
        changes anything, and names the fields. Those fields are O(readme), O(size), O(install_path), O(conda_version), O(system),
        O(resource_uuid), and O(cpu_architectures) unless O(architecture_images) brings the change along.
      - V(replace) deletes the clone and clones again as soon as a field differs. The service is gone in between. What was bound to it or made
        from it is not restored. Missing O(user_tags) and O(tag_uuids) alone are added without a replacement.
        Together with O(resource_uuid) this fails on servers that keep the UUID of a deleted object.
      - V(report) changes nothing, warns, and lists all differences in RV(drift). This is no change.
      - None of these counts when there is no clone yet. It is made in any case.
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
      - Size of the service in bytes. Cannot be changed after cloning. The server takes 0 when this is left out, and not the size of the source.
    type: int
  gpu_compute_capability:
    description:
      - GPU compute capability that the service needs, such as V("7.5"). Put it into quotes. At most 32 characters.
    type: str
  install_path:
    description:
      - Where the files of the service are. At most 512 characters. Cannot be changed after cloning.
    type: str
  start_command:
    description:
      - Command that starts the service. At most 1024 characters.
    type: str
  python_version:
    description:
      - Python version of the service, such as V("3.10"). Put it into quotes, or YAML makes a number of it. At most 32 characters.
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
      - What the service is for.
    type: str
    choices: [Endpoint, FineTune, App, ModelEval]
  yaml:
    description:
      - Configuration of the service, as YAML text or as a structure. A mapping or a list is sent as JSON, which is YAML as well, with its own
        numbers, booleans and nulls.
      - Compared by what it means. Order of keys, comments, quotes and indentation do not count. V(1), V(1.0), V(true) and V("1") are different values.
      - The server refuses it together with other fields in one update. So it is sent in an update of its own, before the others.
      - Needs PyYAML where the module runs. Ansible brings it along on the control node.
    type: raw
  source:
    description:
      - What kind of source the service comes from.
    type: str
    choices: [Other, Bentoml, HuggingFace]
  framework:
    description:
      - Framework of the service. At most 255 characters. The server checks it against a list of its own. Known values are V(vLLM),
        V(Diffusers), V(Transformers), V(SentenceTransformers), V(LlamaCpp), V(BentoML), V(Ollama) and V(Other).
    type: str
  request_cpu:
    description:
      - CPU cores that the service asks for.
    type: int
  request_memory:
    description:
      - Memory that the service asks for. The unit is not published. The examples of the API pages use V(1024) and V(8192).
    type: int
  cpu_architectures:
    description:
      - CPU architectures of the service, such as V(X86_64) and V(AARCH64). Compared as a set, without case. Needs server version 5.3.40.
      - After cloning, they follow O(architecture_images) and cannot be changed otherwise.
    type: list
    elements: str
  architecture_images:
    description:
      - Images of the service, one entry for each CPU architecture. Needs server version 5.3.40.
      - Compared as a whole set with the architecture as the key. An architecture that is not listed is removed.
    type: list
    elements: dict
    suboptions:
      cpu_architecture:
        description:
          - CPU architecture, such as V(X86_64) or V(AARCH64). Compared without case. No architecture can be listed twice.
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
      - Whether the service can run on several nodes. Needs server version 5.3.46.
    type: bool
  container_command:
    description:
      - Command of the container. Needs server version 5.5.22.
    type: str
  container_args:
    description:
      - Arguments of the container. Needs server version 5.5.22.
    type: str
  vendor_to_spec_uuids_map:
    description:
      - GPU vendors, each with the list of the UUIDs of its GPU specifications. Needs server version 5.5.22.
      - Compared as a whole, and each list as a set. Vendors are compared with upper and lower case.
    type: dict
  user_tags:
    description:
      - Free texts that the clone has to have as user tags. Tags that are not listed are left alone.
      - A tag that an existing clone lacks is added by a call of its own.
    type: list
    elements: str
  system_tags:
    description:
      - Texts that the clone has to have as system tags. Tags that are not listed are left alone. The server takes only texts of a form that it knows.
      - V(validationOnly) is refused. It is a command to the server and no tag, see O(server_side_check).
    type: list
    elements: str
  tag_uuids:
    description:
      - UUIDs of tags that have to be attached to the clone. Tags that are not listed are left alone.
      - Each one that is missing is attached by a call of its own, so that a tag that cannot be attached is noticed.
    type: list
    elements: str
notes:
  - The call C(CloneModelService) needs server version 5.3.20.
seealso:
  - module: zstack.aios.zstack_ai_model
  - name: ZStack AIOS developer guide
    description: The published pages of the API.
    link: https://docs.zstack.io/en/docs/ai/aios/dev-guide
"""

EXAMPLES = r"""
---
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD
# unless a task gives them. ZSTACK_ACCESS_KEY_ID and ZSTACK_ACCESS_KEY_SECRET do as well.

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
    - The clone after the task, as the server shows it, with the names of the keys in snake case.
    - V(null) when the clone is not there (any more). A field that the server leaves empty has no key.
    - In check mode, the clone as it would be, as far as that is known beforehand.
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
      returned: when it has one
      type: str
      sample: vLLM with our images
    model_center_uuid:
      description: UUID of the model center, which is that of the source.
      returned: when the server shows it
      type: str
      sample: 5d7b2c9e41f04a6c8b3e9a1f70c2d684
    type:
      description: What the service is for.
      returned: when the server shows it
      type: str
      sample: Endpoint
    framework:
      description: Framework of the service.
      returned: when the server shows it
      type: str
      sample: vLLM
    source:
      description: What kind of source the service comes from.
      returned: when the server shows it
      type: str
      sample: HuggingFace
    yaml:
      description: Configuration of the service, as YAML text.
      returned: when the server shows it
      type: str
      sample: "services:\n  - ports: [3000]\n"
    request_cpu:
      description: CPU cores that the service asks for.
      returned: when the server shows it
      type: int
      sample: 4
    request_memory:
      description: Memory that the service asks for.
      returned: when the server shows it
      type: int
      sample: 8192
    start_command:
      description: Command that starts the service.
      returned: when the server shows it
      type: str
      sample: python3 app.py
    install_path:
      description: Where the files of the service are.
      returned: when the server shows it
      type: str
      sample: /example/install/path
    python_version:
      description: Python version of the service.
      returned: when the server shows it
      type: str
      sample: "3.10"
    system:
      description: Whether it is a system service.
      returned: when the server shows it
      type: bool
      sample: false
    cpu_architectures:
      description: CPU architectures of the service, as the server spells them.
      returned: when the server shows it
      type: list
      elements: str
      sample: [x86_64, aarch64]
    model_service_images:
      description: Images of the service.
      returned: when the server shows it
      type: list
      elements: dict
      contains:
        uuid:
          description: UUID of the entry.
          returned: when the server shows it
          type: str
          sample: c13336388d574fec824752525ae05a21
        cpu_architecture:
          description: CPU architecture, as the server spells it.
          returned: always
          type: str
          sample: x86_64
        vm_image_uuid:
          description: UUID of the image for virtual machines.
          returned: when it has one
          type: str
          sample: 21cb9f654e9d4feab962ce3f5eec5796
        docker_image:
          description: Container image.
          returned: when it has one
          type: str
          sample: registry.example.com/x86_64/vllm:0.9
    vendor_to_spec_uuids_map:
      description: GPU vendors with the UUIDs of their GPU specifications. The names of the vendors are left as they are.
      returned: when the server shows it
      type: dict
      sample:
        NVIDIA: [7a9d0c3e5b1f4e8fa2c46d8b0e1f3a5c]
    model_service_refs:
      description: The models that the service is bound to.
      returned: when the server shows it
      type: list
      elements: dict
      sample:
        - model_uuid: 8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
          model_service_uuid: 4f1e8d2a6b0c4c7d9e5f3a1b2c8d7e60
          is_default: true
    create_date:
      description: When the clone was made, in the server's own time and form.
      returned: when the server shows it
      type: str
      sample: Nov 25, 2025 11:51:50 AM
    last_op_date:
      description: When the clone was last changed, in the server's own time and form.
      returned: when the server shows it
      type: str
      sample: Nov 25, 2025 11:51:50 AM
diff:
  description:
    - What the task changed, or would change in check mode, in the names of the options. Only options of the task that the server can show are in it.
  returned: success, and failures after something was changed
  type: dict
  contains:
    before:
      description: The values before the task. Empty when the object was not there.
      returned: always
      type: dict
      sample:
        name: vllm-qwen3
        request_cpu: 4
    after:
      description: The values after the task. Empty when the object is deleted.
      returned: always
      type: dict
      sample:
        name: vllm-qwen3
        request_cpu: 8
    uuids:
      description: >-
        What the names stand for where the task gives a reference by name, and UUIDs of options that the task does not give. Has C(before) and C(after).
      returned: when the diff shows something else than the UUIDs
      type: dict
steps:
  description:
    - The calls that changed something, in order, or that would be made in check mode. Empty when nothing had to be changed.
    - When the task fails, the calls that had succeeded until then.
  returned: always, but for failures before the server is asked
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
      description: Path of the call. It holds C({uuid}) when the object is made by an earlier call of the same list.
      returned: always
      type: str
      sample: /v1/ai/model-services/4f1e8d2a6b0c4c7d9e5f3a1b2c8d7e60
    fields:
      description: The options that the call carries.
      returned: always
      type: list
      elements: str
      sample: [request_cpu]
drift:
  description:
    - The fields that differ and were left as they are, as O(on_drift=report) asks. Empty otherwise.
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
      description: What the server has.
      returned: always
      type: raw
      sample: 4
    after:
      description: What the task says.
      returned: always
      type: raw
      sample: 8
    uuids:
      description: The same with UUIDs, under C(before) and C(after).
      returned: when the field is a reference that the task gives by name
      type: dict
error:
  description:
    - What went wrong. This is the error object of the server, unchanged, when the server refused something.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Code of the error, such as V(SYS.1007). Errors that this collection detects have a code that begins with V(client.).
      returned: in most cases
      type: str
      sample: SYS.1007
    globalErrorCode:
      description: The more exact code that newer servers give.
      returned: when the server gives it
      type: str
      sample: ORG_ZSTACK_AI_10036
    description:
      description: What kind of error it is.
      returned: when the server gives it
      type: str
      sample: One or more API argument is invalid
    details:
      description: What exactly is wrong.
      returned: in most cases
      type: str
      sample: framework HuggingFace is not supported
    cause:
      description: The error that caused this one. It can contain a further C(cause).
      returned: when the server gives it
      type: dict
"""

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import resource_module, run_module
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_clone import MODEL_SERVICE_CLONE


def main() -> None:
    run_module(resource_module(MODEL_SERVICE_CLONE))


if __name__ == "__main__":
    main()
