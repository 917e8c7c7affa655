#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_model_evaluation_task_info
short_description: Read model evaluation tasks of a ZStack AIOS platform
version_added: 1.0.0
description:
  - Returns the evaluation tasks of the platform that meet all conditions.
  - The model center of a task is that of the model service which evaluates.
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
  - module: zstack.aios.zstack_ai_model_evaluation
  - plugin: zstack.aios.zstack_ai
    plugin_type: lookup
"""

EXAMPLES = r"""
---
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD unless a task gives them.

- name: Read the ten best evaluations
  zstack.aios.zstack_ai_model_evaluation_task_info:
    filters:
      - field: total_score
        operator: ">"
        value: 80
    sort: [-total_score]
    limit: 10
  register: result
"""

RETURN = r"""
model_evaluation_tasks:
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
    limits:
      description: Maximum number of questions.
      returned: if the server shows it
      type: int
      sample: 100
    temperature:
      description: Temperature.
      returned: if the server shows it
      type: float
      sample: 0.7
    top_k:
      description: Number of most likely tokens to sample from.
      returned: if the server shows it
      type: int
      sample: 50
    top_p:
      description: Probability of the candidates for each token.
      returned: if the server shows it
      type: float
      sample: 0.9
    max_new_tokens:
      description: Maximum number of tokens of an answer.
      returned: if the server shows it
      type: int
      sample: 512
    repetition_penalty:
      description: Penalty for repetitions.
      returned: if the server shows it
      type: float
      sample: 1.1
    max_length:
      description: Maximum length.
      returned: if the server shows it
      type: int
      sample: 2048
    prompt:
      description: Prompt.
      returned: if the server shows it
      type: str
      sample: Hello
    model:
      description: Name of the model in requests to the API.
      returned: if the server shows it
      type: str
      sample: qwen
    url:
      description: Address.
      returned: if the server shows it
      type: str
      sample: "http://192.0.2.41:8000"
    parallel:
      description: Number of parallel requests.
      returned: if the server shows it
      type: int
      sample: 4
    log_every_query:
      description: Number of requests between two lines of the log.
      returned: if the server shows it
      type: int
      sample: 10
    api:
      description: Kind of API.
      returned: if the server shows it
      type: str
      sample: openai
    request_headers:
      description: Headers of requests. The values are masked.
      returned: if the server shows it
      type: dict
      sample: {"Authorization": "********"}
    connect_timeout:
      description: Timeout of a connection in seconds.
      returned: if the server shows it
      type: int
      sample: 30
    read_timeout:
      description: Timeout of a response in seconds.
      returned: if the server shows it
      type: int
      sample: 60
    type:
      description: Type of the evaluation.
      returned: if the server shows it
      type: str
      sample: Capability
    percentage:
      description: Progress in percent.
      returned: if the server shows it
      type: int
      sample: 100
    opaque:
      description: Further details, as the server's own text.
      returned: if the server shows it
      type: str
      sample: done
    status:
      description: Status.
      returned: if the server shows it
      type: str
      sample: Running
    model_service_group_uuid:
      description: UUID of the model service group that runs the evaluation.
      returned: if the server shows it
      type: str
      sample: "4c6e8a0d2f4b4c6e9b0d2f4a6c8e1b3d"
    evaluated_service_group_uuid:
      description: UUID of the model service group that is evaluated.
      returned: if the server shows it
      type: str
      sample: "4c6e8a0d2f4b4c6e9b0d2f4a6c8e1b3d"
    dataset_uuid:
      description: UUID of the dataset.
      returned: if the server shows it
      type: str
      sample: "8d0f2b4c6e8a4d0c9b2e4f6a8c0d2e4f"
    total_score:
      description: Total score.
      returned: if the server shows it
      type: float
      sample: 87.5
    end_time:
      description: When the evaluation ended.
      returned: if the server shows it
      type: str
      sample: "Nov 25, 2026 1:51:50 PM"
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
    run_module(info_module(VIEWS["model_evaluation_task"]))


if __name__ == "__main__":
    main()
