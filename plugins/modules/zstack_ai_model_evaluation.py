#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_model_evaluation
short_description: Evaluate models of a ZStack AIOS platform
version_added: 1.0.0
description:
  - Starts an evaluation task once, waits for its end, and returns it with its total score. With O(minimum_score) the task is a gate for a release.
  - A second run with the same options changes nothing and returns the existing score. Changed options that define the evaluation are refused, unless
      O(rerun=true).
  - C(DeployModelEvalService) starts the evaluation. Name and description can be updated. All other options define the evaluation or the instances that run it.
  - The server creates a task for each combination of dataset and evaluated group. O(state=absent) with O(name) deletes all tasks of that name, including
    those of earlier evaluations; with O(uuid), it deletes this task only.
author:
  - The zstack.aios authors (@zstack-aios)
extends_documentation_fragment:
  - zstack.aios.connection
  - zstack.aios.resource
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
      - The newest task of a name is used. With O(rerun=true), a new task is started only if an option that defines the evaluation differs, or if the last
          task failed.
options:
  uuid:
    description:
      - UUID of the evaluation task. If given, it alone identifies the task. The server chooses the UUID of a new task.
      - At least one of O(uuid) and O(name) is required.
    type: str
  name:
    description:
      - Name of the evaluation task. Case-sensitive exact match. Of several tasks of this name, the newest is used.
      - Requires server version 5.3.20 or newer.
      - Required to create the model evaluation task.
    type: str
  description:
    description:
      - Description, as text.
      - Requires server version 5.3.20 or newer.
    type: str
  model_service_uuid:
    description:
      - UUID of the model service that evaluates, of the type ModelEval. To start an evaluation, this or O(model_service) is required.
      - Mutually exclusive with O(model_service).
    type: str
  model_service:
    description:
      - Name of the model service. The task fails and lists the candidates if no model service or more than one has this name.
      - Mutually exclusive with O(model_service_uuid).
    type: str
  model_uuid:
    description:
      - UUID of the model that is evaluated.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
      - Mutually exclusive with O(model).
    type: str
  model:
    description:
      - Name of the model. The task fails and lists the candidates if no model or more than one has this name.
      - Mutually exclusive with O(model_uuid).
    type: str
  dataset_uuids:
    description:
      - UUIDs of the datasets. An evaluation requires datasets or a O(prompt).
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
      - Mutually exclusive with O(datasets).
    type: list
    elements: str
  datasets:
    description:
      - Names of the datasets. The task fails and lists the candidates if no dataset or more than one has a name.
      - Mutually exclusive with O(dataset_uuids).
    type: list
    elements: str
  model_service_group_uuids:
    description:
      - UUIDs of the deployed groups that are evaluated.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
      - Mutually exclusive with O(model_service_groups).
    type: list
    elements: str
  model_service_groups:
    description:
      - Names of the model service groups. The task fails and lists the candidates if no model service group or more than one has a name.
      - Mutually exclusive with O(model_service_group_uuids).
    type: list
    elements: str
  task_type:
    description:
      - Kind of the evaluation target.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
      - Required to create the model evaluation task.
    type: str
    choices: [Performance, Capability]
  limits:
    description:
      - Number of samples.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
      - Required to create the model evaluation task.
    type: int
  temperature:
    description:
      - Temperature of the sampling.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
    type: float
  top_k:
    description:
      - Number of most likely tokens to sample from.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
    type: int
  top_p:
    description:
      - Probability of the most likely tokens to sample from.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
    type: float
  max_new_tokens:
    description:
      - Maximum number of tokens of an answer.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
    type: int
  repetition_penalty:
    description:
      - Penalty for repeated tokens.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
    type: float
  max_length:
    description:
      - Maximum number of tokens of question and answer, from 128 to 128000.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
    type: int
  prompt:
    description:
      - Prompt that is used instead of a dataset.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
    type: str
  api_model:
    description:
      - Name of the model in the API that is evaluated. The API calls this parameter C(model).
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
    type: str
  url:
    description:
      - Address of the API that is evaluated.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
    type: str
  parallel:
    description:
      - Number of parallel requests, from 0 to 1024.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
    type: int
  log_every_query:
    description:
      - Number of requests between two lines of the log, from 5 to 300.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
    type: int
  api:
    description:
      - Kind of the API that is evaluated.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
    type: str
    choices: [openai, dashscope]
  request_headers:
    description:
      - HTTP headers of the requests, as a map of texts.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
      - Never appears in a result, a diff or a log.
    type: dict
  connect_timeout:
    description:
      - Time in seconds to connect, from 5 to 120.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
    type: int
  read_timeout:
    description:
      - Time in seconds to read an answer, from 5 to 120.
      - >-
        Defines the evaluation. A task with another value is refused, unless O(rerun=true).
    type: int
  type:
    description:
      - Backend of the deployment.
      - Sent when the object is created, and never compared, because the server does not show it.
      - Required to create the model evaluation task.
    type: str
    choices: [VirtualMachine, Container]
  zone_uuid:
    description:
      - UUID of the zone. To start an evaluation, this or O(zone) is required.
      - Sent when the object is created, and never compared, since the server does not show it.
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
  environment_variables:
    description:
      - Environment variables, as a map of texts.
      - Sent when the object is created, and never compared, since the server does not show it.
      - Never appears in a result, a diff or a log.
    type: dict
  startup_parameters:
    description:
      - Startup parameters, as a map of texts.
      - Sent when the object is created, and never compared, since the server does not show it.
      - Never appears in a result, a diff or a log.
    type: dict
  service_livez:
    description:
      - Path of the liveness probe. It starts with a slash and has no blanks.
      - C(DeployModelEvalService) accepts at most 255 characters.
      - Sent when the object is created, and never compared, since the server does not show it.
    type: str
  service_readyz:
    description:
      - Path of the readiness probe. It starts with a slash and has no blanks.
      - C(DeployModelEvalService) accepts at most 255 characters.
      - Sent when the object is created, and never compared, since the server does not show it.
    type: str
  service_bootup_time:
    description:
      - Time in seconds that the service may take to start, from 1 to 65535.
      - Sent when the object is created, and never compared, since the server does not show it.
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
  rerun:
    description:
      - V(true) starts a new evaluation if an option that defines it differs from the newest task of this name, or if that task failed. Older tasks are kept.
    type: bool
    default: false
  minimum_score:
    description:
      - Minimum total score. The task fails if the score is lower, also if nothing changed. Requires O(wait=true).
    type: float
seealso:
  - module: zstack.aios.zstack_ai_model
  - module: zstack.aios.zstack_ai_model_service_group
  - module: zstack.aios.zstack_ai_dataset
  - name: ZStack AIOS developer guide
    description: The published pages of the API.
    link: https://docs.zstack.io/en/docs/ai/aios/dev-guide
"""

EXAMPLES = r"""
---
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD unless a task gives them.

- name: Evaluate the model, and fail below the minimum
  zstack.aios.zstack_ai_model_evaluation:
    name: qwen-release-7
    model_service: eval-base
    model: qwen2.5-7b
    datasets: [news-2026]
    zone: zone-1
    type: Container
    docker_image: registry.example.com/eval:1.0
    l3_networks: [inference-network]
    task_type: Capability
    limits: 100
    minimum_score: 80
    wait_timeout: 7200
  register: evaluation

- name: Promote the service if the score is sufficient
  zstack.aios.zstack_ai_model:
    name: qwen2.5-7b
    default_model_service: vllm-base

- name: Delete the evaluation task
  zstack.aios.zstack_ai_model_evaluation:
    name: qwen-release-7
    state: absent
"""

RETURN = r"""
model_evaluation_task:
  description:
    - The model evaluation task after the task, as the server shows it, with keys in snake_case.
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
      sample: qwen-release-7
    status:
      description: Status.
      returned: if the server shows it
      type: str
      sample: Completed
    total_score:
      description: Total score.
      returned: if the server shows it
      type: float
      sample: 85.5
    percentage:
      description: Progress in percent.
      returned: if the server shows it
      type: int
      sample: 100
    model_service_group_uuid:
      description: UUID of the group that evaluates.
      returned: if the server shows it
      type: str
      sample: f788ce23015354de953cc208d5c32f58
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
      sample: UpdateModelEvaluationTask
    method:
      description: HTTP method.
      returned: always
      type: str
      sample: PUT
    path:
      description: Path of the call. It contains C({uuid}) if an earlier call of the list creates the object.
      returned: always
      type: str
      sample: /v1/model-evaluation-tasks/8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
    fields:
      description: Options that the call sets.
      returned: always
      type: list
      elements: str
      sample: [description]
drift:
  description:
    - The fields that differ and that C(UpdateModelEvaluationTask) cannot change. They are left unchanged, with a warning.
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
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_evaluation import MODEL_EVALUATION


def main() -> None:
    run_module(resource_module(MODEL_EVALUATION))


if __name__ == "__main__":
    main()
