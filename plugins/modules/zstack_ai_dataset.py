#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_dataset
short_description: Manage datasets of a ZStack AIOS platform
version_added: 1.0.0
description:
  - Creates, updates and deletes datasets.
  - Omitted options are left unchanged. An empty string is a value and clears a field.
  - A field that C(UpdateDataset) cannot change is left unchanged; the task warns and lists it in RV(drift).
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
      - UUID of the dataset. If given, it alone identifies the dataset, and all other options are values.
      - If no such dataset exists, it is created with this UUID, which must be 32 lower-case hex digits of a UUID of version 1 to 5.
      - At least one of O(uuid) and O(name) is required.
    type: str
  name:
    description:
      - Name of the dataset. Case-sensitive exact match, within the model center if one is given.
      - Names are not unique on the server. The task fails and lists the candidates if several match.
      - C(CreateDataset) accepts at most 255 characters.
      - Required to create the dataset.
    type: str
  description:
    description:
      - Description, as text.
      - C(CreateDataset) accepts at most 2048 characters.
    type: str
  url:
    description:
      - Where the data comes from.
      - C(CreateDataset) accepts at most 2048 characters.
      - Used only when the object is created. Later differences are reported in RV(drift).
      - Required to create the dataset.
    type: str
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
  usage_scenarios:
    description:
      - >-
        Usage scenarios of the dataset, as a complete set with at least one entry. Stored as system tags.
      - Required to create the dataset.
    type: list
    elements: str
    choices: [FineTune, Endpoint, App, ModelEval, ModelPerf]
  data_type:
    description:
      - Type of the data. Stored as a system tag.
      - Required to create the dataset.
    type: str
    choices: [Text, Audio, Image, Video, Tabular, Geospatial, TimeSeries]
  token:
    description:
      - Secret for access to the data.
      - Sent when the object is created, and never compared, because the server does not show it.
      - Never appears in a result, a diff or a log.
    type: str
  system:
    description:
      - Whether the dataset belongs to the platform. The server refuses to update a preset dataset.
      - Used only when the object is created. Later differences are reported in RV(drift).
    type: bool
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
  - module: zstack.aios.zstack_ai_model_center
  - module: zstack.aios.zstack_ai_model_evaluation
  - name: ZStack AIOS developer guide
    description: The published pages of the API.
    link: https://docs.zstack.io/en/docs/ai/aios/dev-guide
"""

EXAMPLES = r"""
---
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD unless a task gives them.

- name: Ensure the dataset is present
  zstack.aios.zstack_ai_dataset:
    name: news-2026
    model_center: center-1
    url: https://data.example.com/news-2026.jsonl
    usage_scenarios: [ModelEval]
    data_type: Text
  register: dataset

- name: Add the usage scenario fine-tuning
  zstack.aios.zstack_ai_dataset:
    name: news-2026
    usage_scenarios: [ModelEval, FineTune]

- name: Delete the dataset
  zstack.aios.zstack_ai_dataset:
    name: news-2026
    state: absent
"""

RETURN = r"""
dataset:
  description:
    - The dataset after the task, as the server shows it, with keys in snake_case.
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
      sample: news-2026
    url:
      description: Where the data comes from.
      returned: if the server shows it
      type: str
      sample: https://data.example.com/news-2026.jsonl
    size:
      description: Size in bytes.
      returned: if the server shows it
      type: int
      sample: 1048576
    model_center_uuid:
      description: UUID of the model center.
      returned: if the server shows it
      type: str
      sample: ebf96ce1de2c46fa8af9d503c29bb93d
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
      sample: UpdateDataset
    method:
      description: HTTP method.
      returned: always
      type: str
      sample: PUT
    path:
      description: Path of the call. It contains C({uuid}) if an earlier call of the list creates the object.
      returned: always
      type: str
      sample: /v1/ai/datasets/8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
    fields:
      description: Options that the call sets.
      returned: always
      type: list
      elements: str
      sample: [description]
drift:
  description:
    - The fields that differ and that C(UpdateDataset) cannot change. They are left unchanged, with a warning.
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
from ansible_collections.zstack.aios.plugins.module_utils._resources.dataset import DATASET


def main() -> None:
    run_module(resource_module(DATASET))


if __name__ == "__main__":
    main()
