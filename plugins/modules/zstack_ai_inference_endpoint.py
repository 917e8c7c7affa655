#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_inference_endpoint
short_description: Serve a model at an endpoint of a ZStack AIOS platform
version_added: 1.0.0
description:
  - >-
    Creates and updates the parts of an endpoint in this order: the model center, the model service, its clone, the model and its binding to the service, and
    the deployment. Each part accepts the options of the module of its kind. Omitted parts are left unchanged.
  - Waits until the deployment runs and the endpoint is ready. The readiness is determined by C(service_readyz) of O(model_service_group) if given, else by
    the first supported path of C(/readyz) and C(/v1/models) of the OpenAI API, which must list a model.
  - A part refers to an earlier part by name, or omits the reference. The model and the service belong to O(model_center), the clone is one of
    O(model_service), and the deployment serves O(model) with O(model_service_clone) or, without it, O(model_service).
  - The role P(zstack.aios.inference_endpoint#role) runs this module.
author:
  - The zstack.aios authors (@zstack-aios)
extends_documentation_fragment:
  - zstack.aios.connection
  - zstack.aios.attributes
  - zstack.aios.attributes.actiongroup_zstack
attributes:
  check_mode:
    support: full
    details:
      - Predicts all parts, also those that refer to objects that do not exist yet. The endpoint is probed once without waiting, with a warning if it is not
        ready.
  diff_mode:
    support: full
    details:
      - Shows each part that is changed, and each group that is deleted.
  idempotent:
    support: full
    details:
      - The same exceptions apply as to M(zstack.aios.zstack_ai_model_service_group).
options:
  state:
    description:
      - V(present) creates what does not exist and updates what differs.
      - V(absent) deletes the groups of the endpoint in all versions, each after its evaluation. It then deletes the model, the clone, the service and the model
        center that are given, if this collection created them and nothing else uses them. Everything else is kept, with a warning that states the reason.
    type: str
    choices: [present, absent]
    default: present
  model_center:
    description:
      - Model center, with the options of M(zstack.aios.zstack_ai_model_center).
      - Connection, C(state) and O(version_check) are given once, next to the parts. They apply to all parts.
    type: dict
  model_service:
    description:
      - Model service, with the options of M(zstack.aios.zstack_ai_model_service).
    type: dict
  model_service_clone:
    description:
      - Clone of a model service, with the options of M(zstack.aios.zstack_ai_model_service_clone).
    type: dict
  model:
    description:
      - Model, with the options of M(zstack.aios.zstack_ai_model). It is bound to the service that serves it.
    type: dict
  model_service_group:
    description:
      - Deployment, with the options of M(zstack.aios.zstack_ai_model_service_group). Always required.
      - Its C(name) identifies the endpoint on the platform. Use each name for one endpoint.
      - C(model_service) is required if neither O(model_service) nor O(model_service_clone) is given.
    type: dict
  evaluation:
    description:
      - Evaluation of the deployment, with the options of M(zstack.aios.zstack_ai_model_evaluation). The task fails if the score is below its
        C(minimum_score).
      - C(name) defaults to the name of the endpoint with C(-evaluation), and the evaluated group to that of the endpoint.
    type: dict
  strategy:
    description:
      - How a changed deployment is released.
      - V(in_place) updates the existing group. Options that only a new deployment accepts have no effect on it, unless C(recreate) is V(true).
      - >-
        V(side_by_side) deploys a changed version as another group, checks its readiness and, if O(evaluation) is given, its score, and then deletes the old
        group. If a check fails, it deletes the new group, the old group continues to serve, and the task fails with the reason. The only group
        is never deleted.
      - With V(side_by_side) the name of a group is that of the endpoint with a suffix, a digest of the version. A new version is one with another
        model, model service, image or other option that only a new deployment takes; another C(install_path), C(parameters), C(version) or C(model_id) of
        O(model); or another option of the deployed service that reaches its deployments, such as C(yaml), C(start_command) or C(architecture_images).
        Secrets are not part of it.
      - Variables, startup parameters, probes, boot time and description are updated in the group that serves.
      - The next run continues an interrupted run.
    type: str
    choices: [in_place, side_by_side]
    default: in_place
  ready_timeout:
    description:
      - Maximum time in seconds to wait until the endpoint is ready, after the group runs. The deployment itself can take up to O(wait_timeout) seconds.
    type: int
    default: 600
  version_check:
    description:
      - Whether to read the version of the server, and to refuse options that require a newer version.
    type: bool
    default: true
seealso:
  - module: zstack.aios.zstack_ai_model_service_group
  - module: zstack.aios.zstack_ai_model_evaluation
  - name: ZStack AIOS developer guide
    description: The published pages of the API.
    link: https://docs.zstack.io/en/docs/ai/aios/dev-guide
"""

EXAMPLES = r"""
---
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD unless a task gives them.

- name: Ensure the model is served
  zstack.aios.zstack_ai_inference_endpoint:
    model:
      name: Qwen3-8B
      model_center: center-1
      install_path: https://models.example.com/qwen/Qwen3-8B
    model_service_clone:
      name: vllm-qwen3
      source_service: vllm-base
    model_service_group:
      name: qwen-chat
      zone: zone-1
      type: Container
      docker_image: registry.example.com/vllm:0.9
      cpu_num: 8
      memory_size: 34359738368
    strategy: side_by_side
    wait_timeout: 3600
  register: endpoint

- name: Show the URL of the endpoint
  ansible.builtin.debug:
    var: endpoint.url

- name: Delete the endpoint and the objects created for it
  zstack.aios.zstack_ai_inference_endpoint:
    state: absent
    model_service_clone:
      name: vllm-qwen3
      source_service: vllm-base
    model_service_group:
      name: qwen-chat
"""

RETURN = r"""
url:
  description: URL of the endpoint. V(null) if it is deleted, and in check mode if it does not exist yet.
  returned: success
  type: str
  sample: http://192.0.2.20:3000
version:
  description: The version that the options describe. V(null) with O(strategy=in_place).
  returned: success
  type: str
  sample: v3f9a61c07d
model_service_group:
  description: The group after the task, as in M(zstack.aios.zstack_ai_model_service_group).
  returned: when O(state=present)
  type: dict
model:
  description: The model after the task, as in M(zstack.aios.zstack_ai_model).
  returned: when the endpoint has one
  type: dict
model_service:
  description: The service that is deployed, as in M(zstack.aios.zstack_ai_model_service).
  returned: when O(model_service) or O(model_service_clone) is given
  type: dict
model_center:
  description: The model center after the task, as in M(zstack.aios.zstack_ai_model_center).
  returned: when O(model_center) is given
  type: dict
model_evaluation_task:
  description: The evaluation after the task with its C(total_score), as in M(zstack.aios.zstack_ai_model_evaluation).
  returned: when O(evaluation) is given
  type: dict
kept:
  description: The objects that O(state=absent) kept.
  returned: success
  type: list
  elements: dict
  contains:
    part:
      description: The option that describes the object.
      returned: always
      type: str
      sample: model
    uuid:
      description: UUID.
      returned: always
      type: str
      sample: 059d19eb310f36d4a7f43f51eaab87b8
    name:
      description: Name.
      returned: always
      type: str
      sample: Qwen3-8B
    reason:
      description: Reason why the object was kept.
      returned: always
      type: str
      sample: it is used by model service group 'other' (uuid 8c1f0a9be2d34c5f9a6d7e80b1c2d3e4)
diff:
  description: Changes of the task, or predicted changes in check mode. The keys are the parts; a deleted group is listed with its name.
  returned: success, and failures after something was changed
  type: dict
  contains:
    before:
      description: The values before the task, by part. Empty for a part that did not exist.
      returned: always
      type: dict
    after:
      description: The values after the task, by part. Empty for a part that is deleted.
      returned: always
      type: dict
steps:
  description: API calls that changed something, in order, or the planned calls in check mode. Each has C(call), C(method), C(path) and C(fields).
  returned: always, except for failures before the first request
  type: list
  elements: dict
drift:
  description: Differences that cannot be repaired, with C(field) (the part and its option), C(before) and C(after). They are left unchanged, with a warning.
  returned: success
  type: list
  elements: dict
error:
  description: The error. If the server refused a call, this is the unmodified error object of the server.
  returned: failure
  type: dict
  contains:
    code:
      description: Code of the error. Codes of errors that this collection detects begin with V(client.).
      returned: in most cases
      type: str
      sample: client.not_ready
    details:
      description: Details of the error.
      returned: in most cases
      type: str
      sample: the instance did not start in time
"""

from ansible_collections.zstack.aios.plugins.module_utils._catalog.endpoint import ENDPOINT
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import run_module


def main() -> None:
    run_module(ENDPOINT)


if __name__ == "__main__":
    main()
