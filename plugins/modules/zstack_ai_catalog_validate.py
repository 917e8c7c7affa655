#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_catalog_validate
short_description: Validate a catalog without a platform
version_added: 1.0.0
description:
  - Validates a catalog in the same way as M(zstack.aios.zstack_ai_catalog) does before its first request. Requires no platform and no credentials and sends
    no request, so it can validate merge requests from forks.
  - Detects invalid YAML, unknown options, wrong types, texts over the limit of the API, values outside the choices, contradictions between options, two
    items for one object, circular references, and references to items with C(state=absent).
  - Also detects references that almost match the name of an item. Other names may be those of objects on the platform, so they are accepted.
  - All errors are reported together, each with its file, line and column.
  - Only a plan detects what depends on the platform, such as a model center that does not exist.
author:
  - The zstack.aios authors (@zstack-aios)
requirements:
  - PyYAML (Python library, where the module runs, for O(path))
attributes:
  action:
    description: Has a corresponding action plugin, so that some of it runs on the control node.
    support: full
  check_mode:
    description: Can run in check mode and predict what would be changed.
    support: full
    details:
      - Runs in the same way as without check mode. It changes nothing.
  diff_mode:
    description: Shows what is changed, with C(--diff).
    support: none
  idempotent:
    description: The same task leads to the same result.
    support: full
  platform:
    description: The platforms that the action runs on.
    platforms: posix
    support: full
options:
  path:
    description:
      - Directory of the catalog, or a single file, on the host that runs the module. Files are found and read in the same way as by
        M(zstack.aios.zstack_ai_catalog).
      - Required unless at least one of O(model_centers), O(models), O(model_services), O(model_service_clones), O(model_service_groups), O(datasets) and
        O(model_evaluations) is given.
    type: path
  model_centers:
    description:
      - Model centers, with the options of M(zstack.aios.zstack_ai_model_center).
    type: list
    elements: dict
  models:
    description:
      - Models, with the options of M(zstack.aios.zstack_ai_model).
    type: list
    elements: dict
  model_services:
    description:
      - Model services, with the options of M(zstack.aios.zstack_ai_model_service).
    type: list
    elements: dict
  model_service_clones:
    description:
      - Clones of model services, with the options of M(zstack.aios.zstack_ai_model_service_clone).
    type: list
    elements: dict
  model_service_groups:
    description:
      - Instance groups, with the options of M(zstack.aios.zstack_ai_model_service_group).
    type: list
    elements: dict
  datasets:
    description:
      - Datasets, with the options of M(zstack.aios.zstack_ai_dataset).
    type: list
    elements: dict
  model_evaluations:
    description:
      - Evaluations, with the options of M(zstack.aios.zstack_ai_model_evaluation).
    type: list
    elements: dict
  allow_empty:
    description:
      - Whether a catalog without items is allowed. With V(false), a catalog without items, or a O(path) in which no file has an item, is an error.
    type: bool
    default: false
  server_version:
    description:
      - Version of the server, such as V(5.3.20). An item that requires a newer version is an error. If omitted, versions are not checked.
      - An option that the server accepts for a new object but cannot change later causes a warning.
    type: str
  external_names:
    description:
      - Names of existing objects on the platform that almost match the name of an item. References to them are accepted.
    type: list
    elements: str
    default: []
seealso:
  - module: zstack.aios.zstack_ai_catalog
  - module: zstack.aios.zstack_ai_catalog_report
"""

EXAMPLES = r"""
---
- name: Validate the catalog of the repository
  zstack.aios.zstack_ai_catalog_validate:
    path: "{{ playbook_dir }}/catalog"

- name: Validate a catalog for a server of version 5.3.20
  zstack.aios.zstack_ai_catalog_validate:
    path: "{{ playbook_dir }}/catalog"
    server_version: 5.3.20
    external_names: [vllm-bases]
"""

RETURN = r"""
entries:
  description:
    - The items without errors, in the order of the catalog.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: The key of the item in the catalog.
      returned: always
      type: str
      sample: models
    name:
      description: The name in the item, or the value that identifies its object.
      returned: always
      type: str
      sample: Qwen3-8B
    item:
      description: The item, with its key, its position in the list and its name.
      returned: always
      type: str
      sample: models[0] (Qwen3-8B)
    file:
      description: The file. V(null) for an item of the task.
      returned: always
      type: str
      sample: catalog/models.yml
    line:
      description: The line of that file.
      returned: always
      type: int
      sample: 3
catalog_errors:
  description:
    - The errors of the catalog, by file and line.
  returned: when the catalog has errors
  type: list
  elements: dict
  contains:
    file:
      description: The file. V(null) for an item of the task.
      returned: always
      type: str
      sample: catalog/models.yml
    line:
      description: The line.
      returned: always
      type: int
      sample: 5
    column:
      description: The column.
      returned: always
      type: int
      sample: 7
    item:
      description: The item, with its key, its position in the list and its name.
      returned: always
      type: str
      sample: models[0] (Qwen3-8B)
    option:
      description: The option, if the error concerns one, with the entry and the member inside it, such as C(architecture_images[0].docker_image).
      returned: always
      type: str
      sample: vender
    msg:
      description: Description of the error.
      returned: always
      type: str
      sample: there is no such option, did you mean vendor?
    rule:
      description:
        - The violated rule, V(file), V(unknown-option), V(value), V(duplicate), V(reference), V(circular-reference) or V(version).
      returned: always
      type: str
      sample: unknown-option
error:
  description:
    - The error, with C(code) and C(details).
  returned: failure
  type: dict
  contains:
    code:
      description: Code of the error. Codes of errors that this collection detects begin with V(client.).
      returned: always
      type: str
      sample: client.option
    details:
      description: Details of the error.
      returned: always
      type: str
      sample: The catalog has 1 error.
"""

from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import VALIDATION
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import run_module


def main() -> None:
    run_module(VALIDATION)


if __name__ == "__main__":
    main()
