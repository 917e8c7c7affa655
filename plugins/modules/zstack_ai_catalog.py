#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_catalog
short_description: Apply a catalog of YAML files to a ZStack AIOS platform
version_added: 1.0.0
description:
  - Applies a catalog, which describes a platform from the model centers to the deployed model services and their evaluations. One task replaces a loop
    over the modules of the single objects, with the same result.
  - The catalog is validated before the first request. All errors are reported together, each with its file, line and column.
  - The platform is read with a few paged queries, regardless of the number of items. The whole catalog is then planned, and independent changes are applied
    in parallel.
  - An item may refer by name to an object that the catalog itself creates. Objects are created and updated after the objects that they refer to. Objects are
    deleted last, in reverse order, such as clones before their sources. An object that a failed or skipped item still uses is not deleted.
  - A reference to an item with C(state=absent) is an error, regardless of the order of the files.
  - If an item fails, only the items that refer to it are skipped, see O(on_error). The task then fails and lists the failed items.
  - A catalog file is a mapping with the keys C(model_centers), C(models), C(model_services), C(model_service_clones), C(model_service_groups), C(datasets)
    and C(model_evaluations). Each key contains a list of items with the options of the kind's module, except the connection options, O(version_check) and
    O(server_side_check). Files are data, so templates in them are not evaluated.
  - Instance groups are deployed in parallel. The task waits until each group runs, unless its item sets C(wait=false). An item that refers to a group starts
    when the group runs. A group or an evaluation that failed in an earlier run fails its item, also in check mode.
  - If an option accepts text, a scalar in a file is stored as written. V(3.10) stays V(3.10), and V(on) stays V(on). In the lists of the task, Ansible
    reads the same scalars as V(3.1) and V(true). The task then warns and shows the text that is stored. A mapping or a list for such an option is refused, in
    files and in the lists.
  - Two items that identify the same object are an error.
author:
  - The zstack.aios authors (@zstack-aios)
requirements:
  - PyYAML (Python library, where the module runs, for O(path))
extends_documentation_fragment:
  - zstack.aios.connection
  - zstack.aios.attributes
  - zstack.aios.attributes.actiongroup_zstack
attributes:
  check_mode:
    support: full
    details:
      - Creates the same plan as without check mode and does not apply it. In check mode the client refuses to send a write.
      - The UUID of an object that would be created is the UUID that it would most likely receive.
  diff_mode:
    support: full
    details:
      - Shows one diff for each changed item, with its file and line, and the options of the item.
  idempotent:
    support: full
options:
  path:
    description:
      - Directory of the catalog, or a single file. All files below the directory that end with C(.yml) or C(.yaml) belong to the catalog, in the order of
        their names. Hidden files and directories are ignored. Links are followed if they stay inside the directory.
      - Read on the host that runs the module. Requires the Python library C(PyYAML) there.
      - Required unless at least one of O(model_centers), O(models), O(model_services), O(model_service_clones), O(model_service_groups), O(datasets) and
        O(model_evaluations) is given.
    type: path
  model_centers:
    description:
      - Model centers, with the options of M(zstack.aios.zstack_ai_model_center). They are added to the items of O(path).
    type: list
    elements: dict
  models:
    description:
      - Models, with the options of M(zstack.aios.zstack_ai_model). They are added to the items of O(path).
      - Use this for items that require variables, such as a C(token) from Ansible Vault.
    type: list
    elements: dict
  model_services:
    description:
      - Model services, with the options of M(zstack.aios.zstack_ai_model_service). They are added to the items of O(path).
    type: list
    elements: dict
  model_service_clones:
    description:
      - Clones of model services, with the options of M(zstack.aios.zstack_ai_model_service_clone). They are added to the items of O(path).
    type: list
    elements: dict
  model_service_groups:
    description:
      - Instance groups, which deploy a model service, with the options of M(zstack.aios.zstack_ai_model_service_group). They are added to the items of O(path).
      - Use this for items that require variables, such as C(environment_variables) from Ansible Vault.
    type: list
    elements: dict
  datasets:
    description:
      - Datasets, with the options of M(zstack.aios.zstack_ai_dataset). They are added to the items of O(path).
      - Use this for items that require variables, such as a C(token) from Ansible Vault.
    type: list
    elements: dict
  model_evaluations:
    description:
      - Evaluations, with the options of M(zstack.aios.zstack_ai_model_evaluation). They are added to the items of O(path).
      - Use this for items that require variables, such as C(request_headers) from Ansible Vault.
    type: list
    elements: dict
  name:
    description:
      - Name of the catalog. Every object that this task creates receives an owner tag, the user tag C(zstack.aios/catalog=<name>). An object that existed
        before never receives it.
      - Up to 64 letters, digits, dots, dashes, underscores and slashes.
      - Required with O(prune=true).
    type: str
  allow_empty:
    description:
      - Whether a catalog without items is allowed. With V(false), a catalog without items, or a O(path) in which no file has an item, is refused before the
        first request, also in check mode. This detects a checkout with missing files.
      - With O(prune=true) and V(true), an empty catalog deletes all objects that it created, up to O(prune_limit) objects.
    type: bool
    default: false
  prune:
    description:
      - Whether to delete the objects that this catalog created and that it no longer lists. They are recognized by the owner tag, see O(name). Other objects
        are never deleted, nor are objects of the platform itself.
      - An object that a failed item may identify, or that an item refers to, is not deleted, and the task warns.
    type: bool
    default: false
  prune_limit:
    description:
      - Maximum number of objects that O(prune) may delete in one run. If there are more, the task fails without any change. This protects against an
        incomplete checkout.
    type: int
    default: 10
  on_error:
    description:
      - How the other items are handled if an item fails. The task fails in both cases.
      - V(continue) skips only the items that refer to the failed one.
      - V(stop) starts no further item after the first failure. If an item cannot be planned, nothing is deleted, replaced or pruned in this run, but objects
        are created and updated. The message lists the items that are held back.
      - Check mode with the same value predicts the same result.
    type: str
    choices: [continue, stop]
    default: continue
  expected_digest:
    description:
      - Apply only the content with this digest, the RV(digest) of an earlier plan. The task fails without a change if an item, O(name) or O(prune) differs.
    type: str
  concurrency:
    description:
      - Maximum number of items that are applied in parallel.
    type: int
    default: 8
  rate_limit:
    description:
      - Maximum number of requests per minute, including those for the state of jobs. The server refuses more than 12000 requests per minute from one address.
    type: int
    default: 6000
  list_unchanged:
    description:
      - Whether RV(entries) also lists the items without changes, drift or warnings.
    type: bool
    default: false
  version_check:
    description:
      - Whether to read the version of the server, and to refuse items that require a newer version.
      - The version is read only if the plan requires a version newer than the first AIOS version (5.1.8).
    type: bool
    default: true
  server_side_check:
    description:
      - Whether the server also validates the calls in check mode. They are sent with a tag that makes the server validate them without executing them.
      - Calls that depend on an object that does not exist yet cannot be validated, nor can items that refer to such an object.
      - Has no effect outside check mode.
    type: bool
    default: false
seealso:
  - module: zstack.aios.zstack_ai_catalog_export
  - module: zstack.aios.zstack_ai_model_center
  - module: zstack.aios.zstack_ai_model
  - module: zstack.aios.zstack_ai_model_service
  - module: zstack.aios.zstack_ai_model_service_clone
  - module: zstack.aios.zstack_ai_model_service_group
  - module: zstack.aios.zstack_ai_dataset
  - module: zstack.aios.zstack_ai_model_evaluation
"""

EXAMPLES = r"""
---
# Content of a file such as catalog/models.yml:
#
#   models:
#     - name: Qwen3-8B
#       model_center: center-shanghai
#       install_path: https://models.example.com/qwen/Qwen3-8B
#       default_model_service: vllm-qwen3
#   model_service_clones:
#     - name: vllm-qwen3
#       source_service: vLLM
#       request_cpu: 8
#   model_service_groups:
#     - name: qwen3-chat
#       model_service: vllm-qwen3
#       model: Qwen3-8B
#       zone: zone-1
#       type: Container
#       docker_image: registry.example.com/vllm:0.8.5

- name: Apply the catalog
  zstack.aios.zstack_ai_catalog:
    path: "{{ playbook_dir }}/catalog"

- name: Plan the catalog for a merge request
  zstack.aios.zstack_ai_catalog:
    path: "{{ playbook_dir }}/catalog"
  check_mode: true
  diff: true
  register: plan

- name: Show the plan summary
  ansible.builtin.debug:
    var: plan.summary

- name: Apply the catalog and prune what it no longer contains
  zstack.aios.zstack_ai_catalog:
    path: "{{ playbook_dir }}/catalog"
    name: production
    prune: true
    prune_limit: 3

- name: Add a model whose token comes from Ansible Vault
  zstack.aios.zstack_ai_catalog:
    path: "{{ playbook_dir }}/catalog"
    models:
      - name: Llama-3.1-8B
        model_center: center-shanghai
        install_path: https://hub.example.com/meta/Llama-3.1-8B
        token: "{{ vault_hub_token }}"
    concurrency: 16
    list_unchanged: true
"""

RETURN = r"""
entries:
  description:
    - The items of the catalog in its order, then the pruned objects. Whether unchanged items are included depends on O(list_unchanged).
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
    uuid:
      description: UUID of the object. For an object that would be created, the UUID that it would most likely receive. V(null) if there is no object.
      returned: always
      type: str
      sample: 8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
    file:
      description: The file of the item. V(null) for an item of the task, and for a pruned object.
      returned: always
      type: str
      sample: catalog/models.yml
    line:
      description: The line of that file.
      returned: always
      type: int
      sample: 3
    action:
      description:
        - The action of the run, or the predicted action in check mode. C(report) is used for drift, see RV(entries[].drift), and C(skipped) for an item that
          refers to a failed item or that O(on_error=stop) holds back.
      returned: always
      type: str
      sample: update
    changed:
      description: Whether the object was changed, or would be changed. A failed item may have been changed in part.
      returned: always
      type: bool
      sample: true
    diff:
      description: The values of the item's options C(before) and C(after). Both are empty if nothing differs.
      returned: always
      type: dict
      sample:
        before:
          vendor: Qwen
        after:
          vendor: Alibaba
    review:
      description:
        - RV(entries[].diff) and RV(entries[].drift) with the options of the item, for reports. A reference that the item gives by name is shown by name, and
          values that only follow from another option are omitted.
      returned: when it differs from C(diff) and C(drift)
      type: dict
      sample:
        before:
          default_model_service: vllm-base
        after:
          default_model_service: vllm-qwen3
        drift: []
    steps:
      description: The calls, each with C(call), C(method), C(path) and C(fields), as returned by the module of the kind.
      returned: always
      type: list
      elements: dict
      sample:
        - call: UpdateModel
          method: PUT
          path: /v1/ai/models/8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
          fields: [vendor]
    drift:
      description: The fields that differ and are not changed, each with C(field), C(before) and C(after).
      returned: always
      type: list
      elements: dict
      sample: []
    drift_warning:
      description: The warning of the task that repeats RV(entries[].drift), for reports that show the drift themselves.
      returned: when there is drift
      type: str
    msg:
      description: Why the item failed or was skipped.
      returned: when it failed or was skipped
      type: str
      sample: "It refers to models[0] (Qwen3-8B), which failed."
    error:
      description: The error, as in RV(error). If the server refused a call, this is the unmodified error object of the server.
      returned: when it failed
      type: dict
summary:
  description:
    - Number of items for each action, including unlisted items.
  returned: always
  type: dict
  sample:
    none: 997
    create: 1
    update: 2
    replace: 0
    delete: 0
    prune: 0
    report: 0
    failed: 0
    skipped: 0
digest:
  description:
    - SHA-256 of the desired state, O(name) and O(prune). Secrets, comments, and the order of files and items do not affect it.
  returned: when the catalog has no errors
  type: str
  sample: 3b1c2f0d6f6a4a2f3e9c6d5b8a7f1e0d9c8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f
diff:
  description:
    - One entry for each item that was changed, or would be changed, as Ansible shows it with C(--diff).
  returned: always
  type: list
  elements: dict
  contains:
    before:
      description: The values before.
      returned: always
      type: dict
    after:
      description: The values after.
      returned: always
      type: dict
    before_header:
      description: The object, and the file and line of its item.
      returned: always
      type: str
      sample: model Qwen3-8B (catalog/models.yml:3)
    after_header:
      description: The object and the action.
      returned: always
      type: str
      sample: "model Qwen3-8B: update"
catalog_errors:
  description:
    - The errors in the catalog. If there are any, no request is sent.
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
    - The error. C(code) is V(client.catalog) if items failed. The error of each failed item is in RV(entries[].error).
  returned: failure
  type: dict
  contains:
    code:
      description: Code of the error. Codes of errors that this collection detects begin with V(client.).
      returned: in most cases
      type: str
      sample: client.catalog
    details:
      description: Details of the error.
      returned: in most cases
      type: str
      sample: 2 of 1000 items failed, 0 skipped.
"""

from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import CATALOG
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import run_module


def main() -> None:
    run_module(CATALOG)


if __name__ == "__main__":
    main()
