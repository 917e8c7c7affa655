#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_catalog
short_description: Make a ZStack AIOS platform equal to a catalog of files
version_added: 1.0.0
description:
  - Applies a catalog, which describes a platform from the model centers to the deployed model services and their evaluations. One task replaces a loop
    over the modules of the single objects, with the same result.
  - Everything is checked before anything is sent. All errors are reported at once, each with its file, line and column.
  - The platform is read with a few paged queries, however many items there are. Then the whole is planned, and what differs is changed side by side.
  - An item may refer by name to an object that the catalog itself makes. Objects are made and changed after those that they refer to. Deletions come
    last, those that use others first, such as clones before their sources. What an item that failed or was skipped still uses is kept.
  - A reference to an item with C(state=absent) is an error, whatever the order of the files.
  - An item that fails does not stop the others, but for those that refer to it, see O(on_error). The task then fails and lists what failed.
  - A catalog file is a mapping with the keys C(model_centers), C(models), C(model_services), C(model_service_clones), C(model_service_groups),
    C(datasets) and C(model_evaluations). Each holds a list of items with the options of the kind's module, but for those of the connection,
    O(version_check) and O(server_side_check). Files are data, so templates in them are not filled in.
  - Instance groups are deployed in parallel, and each is waited for until it runs, unless its item sets C(wait=false). An item that refers to a group
    starts when the group runs. A group or an evaluation that has failed earlier fails its item, in check mode too.
  - Where an option takes text, a scalar in a file is stored as it is written. V(3.10) stays V(3.10), and V(on) stays V(on). In the lists
    of the task, Ansible reads the same scalars as V(3.1) and V(true). The task then warns and shows the text that is stored.
    A mapping or a list for such an option is refused, in files and lists alike.
  - Two items that mean the same object are an error.
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
      - Makes the same plan as without check mode and does not apply it. In check mode the client refuses to send a write.
      - The UUID of an object that would be made is the one that it would most likely get.
  diff_mode:
    support: full
    details:
      - Shows one part for each item that is changed, with its file and line, in the options that the item gives.
  idempotent:
    support: full
options:
  path:
    description:
      - Directory with the catalog, or a single file. All files below the directory that end with C(.yml) or C(.yaml) belong to it, in the order of
        their names. Hidden files and directories do not count. Links are followed as long as they stay inside the directory.
      - It is read on the host that runs the module, and needs the Python library C(PyYAML) there.
      - Give O(path), or at least one of the lists O(model_centers), O(models), O(model_services), O(model_service_clones), O(model_service_groups),
        O(datasets) and O(model_evaluations).
    type: path
  model_centers:
    description:
      - Model centers, with the options of M(zstack.aios.zstack_ai_model_center). They come after those of O(path).
    type: list
    elements: dict
  models:
    description:
      - Models, with the options of M(zstack.aios.zstack_ai_model). They come after those of O(path).
      - Use this for items that need variables, such as a C(token) from Ansible Vault.
    type: list
    elements: dict
  model_services:
    description:
      - Model services, with the options of M(zstack.aios.zstack_ai_model_service). They come after those of O(path).
    type: list
    elements: dict
  model_service_clones:
    description:
      - Clones of model services, with the options of M(zstack.aios.zstack_ai_model_service_clone). They come after those of O(path).
    type: list
    elements: dict
  model_service_groups:
    description:
      - Instance groups, which deploy a model service, with the options of M(zstack.aios.zstack_ai_model_service_group). They come after those of O(path).
      - Use this for items that need variables, such as C(environment_variables) from Ansible Vault.
    type: list
    elements: dict
  datasets:
    description:
      - Datasets, with the options of M(zstack.aios.zstack_ai_dataset). They come after those of O(path).
      - Use this for items that need variables, such as a C(token) from Ansible Vault.
    type: list
    elements: dict
  model_evaluations:
    description:
      - Evaluations, with the options of M(zstack.aios.zstack_ai_model_evaluation). They come after those of O(path).
      - Use this for items that need variables, such as C(request_headers) from Ansible Vault.
    type: list
    elements: dict
  catalog:
    description:
      - Name of the catalog. Every object that this task makes gets the user tag C(zstack.aios/catalog=<name>). An object that was there before
        never gets it.
      - Up to 64 letters, digits, dots, dashes, underscores and slashes.
      - Needed with O(prune=true).
    type: str
  allow_empty:
    description:
      - Whether the catalog may have no items. With V(false) a catalog without items, or a O(path) in which no file has an item, is refused before
        anything is sent, in check mode too. This detects a checkout that has lost its files.
      - With O(prune=true) and V(true), an empty catalog removes everything that it created, up to O(prune_limit) objects.
    type: bool
    default: false
  prune:
    description:
      - V(true) removes the objects that this catalog once made and that none of its items names any more. They are recognised by their user tag, see
        O(catalog). Other objects are never removed, nor are objects of the platform itself.
      - An object that may be what a failed item means, or that an item refers to, stays with a warning.
    type: bool
    default: false
  prune_limit:
    description:
      - The most objects that O(prune) may remove at once. When there are more, the task fails and changes nothing at all. This guards against a
        checkout that is not complete.
    type: int
    default: 10
  on_error:
    description:
      - What happens to the other items when an item fails. The task fails in both cases.
      - V(continue) skips only the items that refer to the failed one.
      - V(stop) starts no further item after the first failure. If an item cannot be planned, nothing is deleted, replaced or pruned in this run;
        objects are still created and updated. The message lists what is held back.
      - Check mode with the same value shows the same.
    type: str
    choices: [continue, stop]
    default: continue
  expected_digest:
    description:
      - Apply this content only, RV(digest) of an earlier plan. The task fails without a change when an item, O(catalog) or O(prune) differs.
    type: str
  concurrency:
    description:
      - How many items are worked on side by side.
    type: int
    default: 8
  rate_limit:
    description:
      - The most requests that are sent in any minute, those for the state of jobs included. The server refuses more than 12000 a minute from one
        address.
    type: int
    default: 6000
  report:
    description:
      - Which items RV(entries) holds. With V(changed) those with which something was to be done, or that need attention. With V(all) also those that
        were found as they should be.
    type: str
    choices: [changed, all]
    default: changed
  version_check:
    description:
      - Whether to ask the server for its version, and to refuse the items that need something which that version does not have.
      - The server is asked only when something is about to be sent that the first AIOS version (5.1.8) did not have.
    type: bool
    default: true
  server_side_check:
    description:
      - Whether the server, too, checks the calls in check mode. They are sent with a mark that makes the server check them and do nothing.
      - Calls on an object that is still to be made cannot be checked, nor can items that refer to one.
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
# A file such as catalog/models.yml holds:
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

- name: Show what would change, for a merge request
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
    catalog: production
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
    report: all
"""

RETURN = r"""
entries:
  description:
    - The items of the catalog in its order, then the objects that were pruned. Which ones are listed is decided by O(report).
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
      description: The name that the item gives, or what its object is found by.
      returned: always
      type: str
      sample: Qwen3-8B
    uuid:
      description: UUID of the object. For one that would be made, the one that it would most likely get. V(null) when there is none.
      returned: always
      type: str
      sample: 8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
    file:
      description: The file that the item stands in. V(null) for an item that is given in the task, and for a pruned object.
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
        - What was done, or would be done in check mode. C(report) stands for differences that are only reported, see RV(entries[].drift), and
          C(skipped) for an item that refers to one that failed or that O(on_error=stop) holds back.
      returned: always
      type: str
      sample: update
    changed:
      description: Whether something was changed, or would be changed. A failed item may have been changed in part.
      returned: always
      type: bool
      sample: true
    diff:
      description: The values of the item's options C(before) and C(after). Both are empty when nothing differs.
      returned: always
      type: dict
      sample:
        before:
          vendor: Qwen
        after:
          vendor: Alibaba
    review:
      description:
        - RV(entries[].diff) and RV(entries[].drift) in the options that the item gives, for reports. A reference that the item gives by name is shown
          with names, and values that only follow from another option are left out.
      returned: when it differs from them
      type: dict
      sample:
        before:
          default_model_service: vllm-base
        after:
          default_model_service: vllm-qwen3
        drift: []
    steps:
      description: The calls, each with C(call), C(method), C(path) and C(fields), as the module of the single object returns them.
      returned: always
      type: list
      elements: dict
      sample:
        - call: UpdateModel
          method: PUT
          path: /v1/ai/models/8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
          fields: [vendor]
    drift:
      description: The fields that differ and stay as they are, each with C(field), C(before) and C(after).
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
      description: What went wrong, as in RV(error). This is the error object of the server, unchanged, when the server refused something.
      returned: when it failed
      type: dict
summary:
  description:
    - How many items each action has, listed or not.
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
    - SHA-256 of what the items want, O(catalog) and O(prune). Secrets, comments, and the order of files and items have no influence.
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
    - What has to be put right in the catalog. Nothing was sent then.
  returned: when the catalog has errors
  type: list
  elements: dict
  contains:
    file:
      description: The file. V(null) for an item that is given in the task.
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
      description: The item, with its key, its place in the list and its name.
      returned: always
      type: str
      sample: models[0] (Qwen3-8B)
    option:
      description: The option, when the error is about one, with the entry and the member inside it, such as C(architecture_images[0].docker_image).
      returned: always
      type: str
      sample: vender
    msg:
      description: What is wrong.
      returned: always
      type: str
      sample: there is no such option, did you mean vendor?
    rule:
      description:
        - What is violated, V(file), V(unknown-option), V(value), V(duplicate), V(reference), V(circular-reference) or V(version).
      returned: always
      type: str
      sample: unknown-option
error:
  description:
    - What went wrong. C(code) is V(client.catalog) when items failed, and each of them then has an error of its own in RV(entries[].error).
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
