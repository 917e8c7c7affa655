#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_call
short_description: Execute any call of the ZStack AI API
description:
  - Executes one call of the AI API by its name, waits for its job, and returns its result.
  - If another module supports the object, prefer it, because it compares the desired state with the platform, and a second run changes nothing. Use this
    module for everything else, such as batch calls, user proxy configurations and queries without a module.
  - The call and its parameters are validated against the table of the API before the first request. The task fails for an unknown call or parameter and names
    the nearest ones. It also fails for a missing parameter, and for a value that violates a type, a limit or the choices.
  - A call is executed exactly once. It contains a job UUID. If the response is lost, the client reads that job before it sends anything again. A call that
    creates an object receives its own V(resourceUuid), unless the task gives one.
version_added: 1.0.0
author: The zstack.aios authors (@zstack-aios)
options:
  call:
    description:
      - Name of the call as the API documentation spells it, such as V(QueryModel) or V(CreateUserProxyConfig).
      - A call with the method GET only reads. Every other call is treated as a change.
    type: str
    required: true
  parameters:
    description:
      - Parameters of the call, in the spelling of the API. The module puts each one where the API expects it, in the path, the query or the body.
      - The parameters V(parameters) and V(yaml) of the API also take a structure, which is sent as JSON. A text that gives a key twice with different values
        is refused, because readers disagree which value applies.
      - A parameter that is V(null) is not sent. The API cannot reset a value with V(null).
      - A value for the path consists of 1 to 128 letters, digits, V(_) and V(-).
      - >-
        Every query accepts V(q), a list of conditions such as V(name=qwen3-32b), or V(uuid). With conditions alone, or none, all
        pages are read. It also accepts V(limit), V(start), V(count), V(replyWithCount), V(sort), V(fields), V(filterName) and V(groupBy), and
        with one of these it is a single request of at most 1000 objects unless V(limit) is given.
      - Tokens, passwords, API keys, environment variables, startup parameters and request headers are never shown.
    type: dict
    default: {}
  system_tags:
    description:
      - System tags of the call, sent next to its parameters. Only for calls that change something.
      - V(CreateDataset) requires them, see the examples.
    type: list
    elements: str
  user_tags:
    description:
      - User tags of the call, sent next to its parameters. Only for calls that change something.
    type: list
    elements: str
  version_check:
    description:
      - Whether to fail if the server version does not support the call or a parameter. The version is read only if this is required.
      - Set this to V(false) for a product with a different version scheme.
    type: bool
    default: true
  server_side_check:
    description:
      - Whether the server validates the call in check mode without executing it. Has no effect outside check mode.
    type: bool
    default: false
extends_documentation_fragment:
  - zstack.aios.connection
  - zstack.aios.attributes
  - zstack.aios.attributes.actiongroup_zstack
attributes:
  check_mode:
    support: partial
    details:
      - A call that reads is executed and returns its result. A call that changes something is validated but not sent, and the result reports this.
  diff_mode:
    support: none
    details:
      - The module does not read the object before the call.
  idempotent:
    support: none
    details:
      - Each run executes the call again. Give V(resourceUuid) so that a second creation is refused.
notes:
  - Calls that read are C(GetModelCenterServices), C(QueryAIBusinessGatewayOffering), C(QueryAiHostModelCache),
    C(QueryApplicationDevelopmentService), C(QueryDataset), C(QueryModel), C(QueryModelCenter),
    C(QueryModelCenterBusinessNetworkProfile), C(QueryModelEvalServiceInstanceGroup), C(QueryModelEvaluationTask),
    C(QueryModelService), C(QueryModelServiceInstanceGroup), C(QueryTrainedModelRecord), C(QueryUserProxyConfig),
    C(QueryVmModelMount) and C(QueryZdfs).
  - Calls that change something are C(AddModel), C(AddModelCenter), C(AddModelService), C(BindModelToService),
    C(CloneModelService), C(CreateDataset), C(CreateUserProxyConfig), C(DeleteDataset), C(DeleteDatasets), C(DeleteModel),
    C(DeleteModelCenter), C(DeleteModelEvaluationTask), C(DeleteModelEvaluationTasks), C(DeleteModelService),
    C(DeleteModelServiceInstanceGroup), C(DeleteModelServiceInstanceGroups), C(DeleteModelServices), C(DeleteModels),
    C(DeleteUserProxyConfig), C(DeployAppDevelopmentService), C(DeployDistributedModelService), C(DeployModelEvalService),
    C(DeployModelService), C(GenerateModelMetadata), C(MatchModelServiceTemplateWithModel), C(MountModelToVmInstance),
    C(ReconnectZdfs), C(RestartModelServiceGroups), C(SyncAINginxConfiguration), C(UnbindModelFromService),
    C(UpdateAiHostModelCachePolicy), C(UpdateDataset), C(UpdateDatasets), C(UpdateModel), C(UpdateModelCenter),
    C(UpdateModelEvaluationTask), C(UpdateModelService), C(UpdateModelServiceInstanceGroup), C(UpdateUserProxyConfig) and
    C(UpdateZsDatasetModelProfile).
  - The API documentation of the platform lists the parameters of a call. An invalid parameter fails the task before the first request, and the message lists
    similar names.
seealso:
  - module: zstack.aios.zstack_ai_model
  - module: zstack.aios.zstack_ai_model_service_group
"""

EXAMPLES = r"""
---
- name: Find the models of a vendor
  zstack.aios.zstack_ai_call:
    host: 192.0.2.10
    access_key_id: "{{ vault_access_key_id }}"
    access_key_secret: "{{ vault_access_key_secret }}"
    server_timezone: "+08:00"
    call: QueryModel
    parameters:
      q:
        - vendor=Alibaba
        - name~=qwen%
  register: found

- name: Count the model services
  zstack.aios.zstack_ai_call:
    host: 192.0.2.10
    account_name: admin
    account_password: "{{ vault_zstack_password }}"
    call: QueryModelService
    parameters:
      count: true

- name: Create a proxy configuration
  zstack.aios.zstack_ai_call:
    host: 192.0.2.10
    account_name: admin
    account_password: "{{ vault_zstack_password }}"
    call: CreateUserProxyConfig
    parameters:
      proxyType: HTTP
      proxyHost: proxy.example.com
      proxyPort: 3128
      proxyUsername: aios
      proxyPassword: "{{ vault_proxy_password }}"
      isEnabled: true
  register: proxy

- name: Find a model center
  zstack.aios.zstack_ai_call:
    host: 192.0.2.10
    account_name: admin
    account_password: "{{ vault_zstack_password }}"
    call: QueryModelCenter
    parameters:
      q: name=center-1
  register: center

- name: Create a dataset with its usage scenario and its data type
  zstack.aios.zstack_ai_call:
    host: 192.0.2.10
    account_name: admin
    account_password: "{{ vault_zstack_password }}"
    call: CreateDataset
    parameters:
      name: gsm8k
      url: https://datasets.example.com/gsm8k.zip
      modelCenterUuid: "{{ center.result.inventories[0].uuid }}"
    system_tags:
      - dataset::usage::scenarios::ModelEval
      - dataset::datatype::Text

- name: Delete several models with one call
  zstack.aios.zstack_ai_call:
    host: 192.0.2.10
    account_name: admin
    account_password: "{{ vault_zstack_password }}"
    call: DeleteModels
    parameters:
      uuids: "{{ found.result.inventories | map(attribute='uuid') | list }}"
      deleteMode: Permissive
  when: found.result.inventories | length > 0
"""

RETURN = r"""
result:
  description:
    - Result of the call in the spelling of the API, without C(schema). Secret members are masked.
    - V(null) in check mode for a call that changes something, and if the call failed.
  returned: when the call was valid
  type: dict
  sample:
    inventories:
      - uuid: 0f1e2d3c4b5a49788695a4b3c2d1e0f1
        name: qwen3-32b
job_uuid:
  description:
    - Job of the call on the server. It is also returned if the job failed.
    - V(null) for a call without a job, such as a read.
  returned: when the call was valid
  type: str
  sample: 5b3d0c6a7e8f4a1b9c2d3e4f5a6b7c8d
steps:
  description: The executed call, or the planned call in check mode.
  returned: when the call was valid
  type: list
  elements: dict
  contains:
    call:
      description: Name of the call.
      returned: always
      type: str
      sample: CreateUserProxyConfig
    method:
      description: HTTP method.
      returned: always
      type: str
      sample: POST
    path:
      description: Path of the call.
      returned: always
      type: str
      sample: /v1/user-proxy-configs
    fields:
      description: Parameters of the call.
      returned: always
      type: list
      elements: str
      sample: [proxyType, proxyHost, proxyPort]
msg:
  description: In check mode, the message that the call was not sent. On failure, the error.
  returned: on failure, and in check mode for a call that changes something
  type: str
  sample: "Check mode: CreateUserProxyConfig (POST /v1/user-proxy-configs) was not sent."
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
      returned: if the server sends one
      type: str
      sample: ORG_ZSTACK_AI_10083
    details:
      description: Details of the error.
      returned: in most cases
      type: str
      sample: "field[proxyType] of message[APICreateUserProxyConfigMsg] is mandatory, can not be null"
"""

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.calling import CALL
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import run_module


def main() -> None:
    run_module(CALL)


if __name__ == "__main__":
    main()
