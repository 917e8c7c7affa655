#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_model_service_group
short_description: Deploy model services on a ZStack AIOS platform
version_added: 1.0.0
description:
  - Deploys a model service as an instance group, updates the group, restarts it, and deletes it.
  - With O(wait=true), the task ends when the group and its instances run and each instance has a URL. It fails with the reason of the server as soon as
    the group fails.
  - Options that only C(DeployModelService) accepts and no inventory shows, such as sizes, image, zone and networks, are sent once and never compared.
    O(recreate=true) deletes the group and deploys it again with them.
author:
  - The zstack.aios authors (@zstack-aios)
extends_documentation_fragment:
  - zstack.aios.connection
  - zstack.aios.resource
  - zstack.aios.resource.deletion
  - zstack.aios.resource.waiting
  - zstack.aios.attributes
  - zstack.aios.attributes.actiongroup_zstack
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - O(recreate=true) and O(restart=always) change the group in every run.
      - The server does not reliably show O(environment_variables), O(startup_parameters), the probes and O(service_bootup_time). The task stores a salted,
        slow digest of each in a user tag of the group. An equal value is no change, a changed value is one update, and the tags reveal no value. If the YAML
        of the group shows the variables, these values are compared instead.
      - If the server refuses the tag, the task warns that changes of the option cannot be detected. The value is then sent when the group is created,
        and with O(recreate=true).
options:
  uuid:
    description:
      - UUID of the group. If given, it alone identifies the group, and all other options are values.
      - If no such group exists, it is created with this UUID, which must be 32 lower-case hex digits of a UUID of version 1 to 5.
      - At least one of O(uuid) and O(name) is required.
    type: str
  name:
    description:
      - Name of the group. Case-sensitive exact match, within the model service if one is given.
      - Names are not unique on the server. The task fails and lists the candidates if several match.
      - C(UpdateModelServiceInstanceGroup) accepts at most 255 characters.
      - Required to create the model service group.
    type: str
  description:
    description:
      - Description, as text.
      - C(UpdateModelServiceInstanceGroup) accepts at most 2048 characters.
    type: str
  model_service_uuid:
    description:
      - UUID of the model service that is deployed. To deploy, this or O(model_service) is required. A group of another service is reported in
        RV(drift).
      - Mutually exclusive with O(model_service).
    type: str
  model_service:
    description:
      - Name of the model service. The task fails and lists the candidates if no model service or more than one has this name.
      - Mutually exclusive with O(model_service_uuid).
    type: str
  model_uuid:
    description:
      - UUID of the model.
      - Used only when the object is created. Later differences are reported in RV(drift).
      - Mutually exclusive with O(model).
    type: str
  model:
    description:
      - Name of the model. The task fails and lists the candidates if no model or more than one has this name.
      - Mutually exclusive with O(model_uuid).
    type: str
  type:
    description:
      - Backend of the deployment.
      - Used only when the object is created. Later differences are reported in RV(drift).
      - Required to create the model service group.
    type: str
    choices: [VirtualMachine, Container]
  zone_uuid:
    description:
      - UUID of the zone. To deploy, this or O(zone) is required.
      - Sent when the object is created, and never compared, because the server does not show it.
      - Mutually exclusive with O(zone).
    type: str
  zone:
    description:
      - Name of the zone. The task fails and lists the candidates if no zone or more than one has this name.
      - Mutually exclusive with O(zone_uuid).
    type: str
  vm_image_uuid:
    description:
      - UUID of the VM image. Required with O(type=VirtualMachine), unless O(vm_image) is given.
      - Sent when the object is created, and never compared, since the server does not show it.
      - Mutually exclusive with O(vm_image).
    type: str
  vm_image:
    description:
      - Name of the image. The task fails and lists the candidates if no image or more than one has this name.
      - Mutually exclusive with O(vm_image_uuid).
    type: str
  docker_image:
    description:
      - Name of the container image. Required with O(type=Container).
      - Sent when the object is created, and never compared, since the server does not show it.
    type: str
  primary_storage_uuid:
    description:
      - UUID of the primary storage.
      - Sent when the object is created, and never compared, since the server does not show it.
    type: str
  cluster_uuid:
    description:
      - UUID of the cluster.
      - Sent when the object is created, and never compared, since the server does not show it.
      - Mutually exclusive with O(cluster).
    type: str
  cluster:
    description:
      - Name of the cluster. The task fails and lists the candidates if no cluster or more than one has this name.
      - Mutually exclusive with O(cluster_uuid).
    type: str
  model_service_group_uuids:
    description:
      - UUIDs of other groups that this group uses.
      - Sent when the object is created, and never compared, since the server does not show it.
    type: list
    elements: str
  cpu_num:
    description:
      - Number of CPUs of each instance.
      - Sent when the object is created, and never compared, since the server does not show it.
    type: int
  memory_size:
    description:
      - Memory of each instance in bytes.
      - Sent when the object is created, and never compared, since the server does not show it.
    type: int
  l3_network_uuids:
    description:
      - UUIDs of the L3 networks. The networks of the model center are used if this is omitted.
      - Sent when the object is created, and never compared, since the server does not show it.
      - Mutually exclusive with O(l3_networks).
    type: list
    elements: str
  l3_networks:
    description:
      - Names of the L3 networks. The task fails and lists the candidates if no L3 network or more than one has a name.
      - Mutually exclusive with O(l3_network_uuids).
    type: list
    elements: str
  root_disk_offering_uuid:
    description:
      - UUID of the offering of the root disk.
      - Sent when the object is created, and never compared, since the server does not show it.
    type: str
  root_disk_size:
    description:
      - Size of the root disk in bytes.
      - Sent when the object is created, and never compared, since the server does not show it.
    type: int
  request_cpu_num:
    description:
      - >-
        Number of CPUs that a container requests: at most O(cpu_num), at least a fifth of it. Only with O(type=Container).
      - Sent when the object is created, and never compared, since the server does not show it.
    type: int
  request_memory_size:
    description:
      - >-
        Memory in bytes that a container requests: at most O(memory_size), at least a fifth of it. Only with O(type=Container).
      - Sent when the object is created, and never compared, since the server does not show it.
    type: int
  project_uuid:
    description:
      - UUID of the project.
      - Sent when the object is created, and never compared, since the server does not show it.
    type: str
  dataset_uuids:
    description:
      - UUIDs of the datasets.
      - Used only when the object is created. Later differences are reported in RV(drift).
      - Mutually exclusive with O(datasets).
    type: list
    elements: str
  datasets:
    description:
      - Names of the datasets. The task fails and lists the candidates if no dataset or more than one has a name.
      - Mutually exclusive with O(dataset_uuids).
    type: list
    elements: str
  environment_variables:
    description:
      - Environment variables of the service, as a map of texts. The map is sent as a whole.
      - The server does not reliably show it. A salted digest in a user tag detects a changed value; see the notes of the attribute C(idempotent).
      - Never appears in a result, a diff or a log.
    type: dict
  startup_parameters:
    description:
      - Startup parameters of the service, as a map of texts. The map is sent as a whole.
      - The server does not reliably show it. A salted digest in a user tag detects a changed value; see the notes of the attribute C(idempotent).
      - Never appears in a result, a diff or a log.
    type: dict
  service_livez:
    description:
      - Path of the liveness probe. It starts with a slash and has no blanks.
      - The server does not reliably show it. A salted digest in a user tag detects a changed value; see the notes of the attribute C(idempotent).
      - C(DeployModelService) accepts at most 255 characters. C(UpdateModelServiceInstanceGroup) accepts at most 255 characters.
    type: str
  service_readyz:
    description:
      - Path of the readiness probe. It starts with a slash and has no blanks.
      - The server does not reliably show it. A salted digest in a user tag detects a changed value; see the notes of the attribute C(idempotent).
      - C(DeployModelService) accepts at most 255 characters. C(UpdateModelServiceInstanceGroup) accepts at most 255 characters.
    type: str
  service_bootup_time:
    description:
      - Time in seconds that the service may take to start, from 1 to 65535.
      - The server does not reliably show it. A salted digest in a user tag detects a changed value; see the notes of the attribute C(idempotent).
    type: int
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
  restart:
    description:
      - Condition for restarting an existing group.
      - V(on_change) restarts it after a change of variables, startup parameters, probes or boot time. V(always) restarts it once in every run.
      - The task waits for evidence of the restart, and fails if nothing shows one.
    type: str
    choices: [never, on_change, always]
    default: never
  recreate:
    description:
      - V(true) deletes an existing group and deploys it again, in every run.
    type: bool
    default: false
seealso:
  - module: zstack.aios.zstack_ai_model_service
  - module: zstack.aios.zstack_ai_model_service_clone
  - module: zstack.aios.zstack_ai_model_evaluation
  - name: ZStack AIOS developer guide
    description: The published pages of the API.
    link: https://docs.zstack.io/en/docs/ai/aios/dev-guide
"""

EXAMPLES = r"""
---
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD unless a task gives them.

- name: Ensure the model is served
  zstack.aios.zstack_ai_model_service_group:
    name: qwen-chat
    model_service: vllm-base
    model: qwen2.5-7b
    zone: zone-1
    type: VirtualMachine
    vm_image: ai-runtime-x86_64
    l3_networks: [inference-network]
    cpu_num: 8
    memory_size: 34359738368
    environment_variables:
      HF_TOKEN: "{{ vault_hub_token }}"
    restart: on_change
    wait_timeout: 3600
  register: deployment

- name: Show the URL of the endpoint
  ansible.builtin.debug:
    # Check mode has no instances, and an instance has no url before it runs.
    msg: "{{ deployment.model_service_group.instances | default([]) | map(attribute='url', default='not running') | list }}"

- name: Restart the group once
  zstack.aios.zstack_ai_model_service_group:
    name: qwen-chat
    restart: always

- name: Delete the group
  zstack.aios.zstack_ai_model_service_group:
    name: qwen-chat
    state: absent
"""

RETURN = r"""
model_service_group:
  description:
    - The model service group after the task, as the server shows it, with keys in snake_case.
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
      sample: qwen-chat
    status:
      description: Status, V(Deploying) or V(Running).
      returned: if the server shows it
      type: str
      sample: Running
    type:
      description: Backend.
      returned: if the server shows it
      type: str
      sample: VirtualMachine
    model_service_uuid:
      description: UUID of the deployed service.
      returned: if the server shows it
      type: str
      sample: d76744cb53f9378abf42b907df3efb6e
    model_uuid:
      description: UUID of the model.
      returned: if the server shows it
      type: str
      sample: 059d19eb310f36d4a7f43f51eaab87b8
    instances:
      description: The instances, each with C(url), C(internal_url) and C(status). Values of environment variables in their YAML are masked.
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
      sample: UpdateModelServiceInstanceGroup
    method:
      description: HTTP method.
      returned: always
      type: str
      sample: PUT
    path:
      description: Path of the call. It contains C({uuid}) if an earlier call of the list creates the object.
      returned: always
      type: str
      sample: /v1/model-service-instance-groups/8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
    fields:
      description: Options that the call sets.
      returned: always
      type: list
      elements: str
      sample: [description]
drift:
  description:
    - The fields that differ and that C(UpdateModelServiceInstanceGroup) cannot change. They are left unchanged, with a warning.
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
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_group import MODEL_SERVICE_GROUP


def main() -> None:
    run_module(resource_module(MODEL_SERVICE_GROUP))


if __name__ == "__main__":
    main()
