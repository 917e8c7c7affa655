#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_catalog_export
short_description: Write a catalog from a running ZStack AIOS platform
version_added: 1.0.0
description:
  - Writes what is on a platform as a catalog for M(zstack.aios.zstack_ai_catalog). This is how an existing platform is taken under control.
  - Planning the catalog against the same platform changes nothing. Every object is tried before it is written.
  - The order is always the same, by name and UUID, and a second export of the same platform gives the same bytes.
  - An object is written with its name and, where a name alone could mean another one, with its UUID. What an option refers to is written by name
    where the name is unique.
  - Anything a catalog cannot express is left out and noted in a comment, for instance that the secret C(token) cannot be read back, that a service
    belongs to the platform itself, or that only the digest of C(environment_variables) is known.
  - A model service is written once. It is an item of C(model_service_clones) if its source is known, because its UUID was derived from the source, or
    because O(source_service) names one. Otherwise it is an item of C(model_services). With only one of the two keys in O(kinds), all services are
    written under that key.
  - The binding of a model to a service is written in the item of the model, if that is part of the export.
  - Instance groups that run an evaluation are part of the evaluation and not written. Of several evaluations with the same name, only the newest is.
  - An object that has failed is written with C(wait=false), since planning it would fail otherwise.
  - Texts are written as they are, also those that look like a template. C(include_vars) would process them; see
    L(the page on the catalog, https://github.com/zstack-aios/zstack.aios/blob/main/docs/catalog.md#export) to use an export in a play.
  - Empty fields, the marks of catalogs, and tags that the server makes by itself are left out.
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
      - The platform is only read in any case. In check mode no file is written either.
  diff_mode:
    support: full
    details:
      - Shows the texts of the files that differ.
  idempotent:
    support: full
options:
  path:
    description:
      - Directory to write the files into, one for each of O(kinds), such as C(models.yml), on the host that runs the module. It is created if it does
        not exist.
      - With a name that ends with C(.yml) or C(.yaml), everything goes into that one file.
      - A file whose content is the same already is not touched. Files are replaced as a whole.
      - Without this option nothing is written, and the text is in RV(content).
    type: path
  overwrite:
    description:
      - Whether files that are there already and differ are replaced. With V(false) the task fails then, and writes nothing.
    type: bool
    default: true
  kinds:
    description:
      - What is written. If not given, everything.
    type: list
    elements: str
    choices: [model_centers, models, model_services, model_service_clones, model_service_groups, datasets, model_evaluations]
  model_center_uuid:
    description:
      - UUID of a model center. Only objects in it are written, and the model center itself. A group or an evaluation is in the model center of its
        service.
      - Mutually exclusive with O(model_center).
    type: str
  model_center:
    description:
      - Name of a model center. Only objects in it are written, see O(model_center_uuid).
      - Mutually exclusive with O(model_center_uuid).
    type: str
  filter:
    description:
      - Options with values. Only objects that have all of these values are written. The options are those of the kind's module that can be read back.
      - Options with text take text here as well. A mapping or a list is accepted only for C(parameters) and C(yaml), which are compared by what they mean.
      - A text may hold C(*) for any characters and C(?) for one. Upper and lower case count. Of tags, an object may have more than those given.
      - A kind that does not have one of the options is not written at all.
    type: dict
  source_service_uuid:
    description:
      - UUID of the service that is written as the source of the services whose source is not known. The server does not show what a clone was made
        from, so this is used only if one of them has to be created again. A source from which the UUID of a clone was derived takes precedence.
      - Without this option, services without a known source are written as C(model_services). If O(kinds) contains only C(model_service_clones), a
        source that does not exist is written in its place, and creating the clone again fails with its name.
      - Mutually exclusive with O(source_service).
    type: str
  source_service:
    description:
      - Name of the service that is written as the source of the services whose source is not known, see O(source_service_uuid).
      - Mutually exclusive with O(source_service_uuid).
    type: str
  schema:
    description:
      - URL or path of the JSON Schema of catalog files. The first line of each file names it, so that an editor with the YAML language server completes
        options and shows limits and choices. A relative path starts at the directory of the file.
      - The default is the schema of the newest version. A copy is in the directory C(schemas) of the collection, for networks without access to it.
      - An empty text leaves the line out.
    type: str
    default: https://raw.githubusercontent.com/zstack-aios/zstack.aios/main/schemas/catalog.json
  concurrency:
    description:
      - How many queries are under way side by side.
    type: int
    default: 8
seealso:
  - module: zstack.aios.zstack_ai_catalog
"""

EXAMPLES = r"""
---
- name: Export the whole platform into the repository
  zstack.aios.zstack_ai_catalog_export:
    path: "{{ playbook_dir }}/catalog"
    source_service: vLLM

- name: Export the models of one center and vendor into one file
  zstack.aios.zstack_ai_catalog_export:
    path: "{{ playbook_dir }}/catalog/shanghai.yml"
    kinds: [models]
    model_center: center-shanghai
    filter:
      vendor: Alibaba
      name: "Qwen3-*"

- name: Read the services with a tag
  zstack.aios.zstack_ai_catalog_export:
    kinds: [model_service_clones]
    filter:
      user_tags: ["team:search"]
  register: exported

- name: Show the catalog
  ansible.builtin.debug:
    var: exported.content

- name: Compare the repository with the platform
  zstack.aios.zstack_ai_catalog_export:
    path: "{{ playbook_dir }}/catalog"
    account_name: reader
    account_password: "{{ vault_account_password }}"
  check_mode: true
  diff: true
"""

RETURN = r"""
files:
  description:
    - The files of the catalog. Empty without O(path).
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The file.
      returned: always
      type: str
      sample: catalog/models.yml
    changed:
      description: Whether it was written, or would be in check mode.
      returned: always
      type: bool
      sample: true
content:
  description:
    - The text of the whole catalog, without O(path). V(null) otherwise.
  returned: success
  type: str
  sample: "---\nmodels:\n  - name: Qwen3-8B\n    model_center: center-shanghai\n"
summary:
  description:
    - How many items of each kind were written.
  returned: success
  type: dict
  sample:
    model_centers: 1
    models: 12
    model_services: 1
    model_service_clones: 3
    model_service_groups: 3
    datasets: 0
    model_evaluations: 0
left_out:
  description:
    - The objects that a catalog cannot hold.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: The key that it would have in the catalog.
      returned: always
      type: str
      sample: model_service_clones
    name:
      description: Name of the object.
      returned: always
      type: str
      sample: vLLM
    uuid:
      description: UUID of the object.
      returned: always
      type: str
      sample: d76744cb53f9478abf42b907df3efb6e
    msg:
      description: Why it was left out.
      returned: always
      type: str
      sample: it is a system service, which belongs to the platform (ORG_ZSTACK_AI_10084)
diff:
  description:
    - One entry for each file that differs, as Ansible shows it with C(--diff).
  returned: success
  type: list
  elements: dict
  contains:
    before:
      description: The text before, empty when there was no file.
      returned: always
      type: str
    after:
      description: The text after.
      returned: always
      type: str
    before_header:
      description: The file.
      returned: always
      type: str
    after_header:
      description: The file.
      returned: always
      type: str
error:
  description:
    - The error. If the server refused a call, this is the unmodified error object of the server.
  returned: failure
  type: dict
  contains:
    code:
      description: Code of the error. Codes of errors that this collection detects begin with V(client.).
      returned: in most cases
      type: str
      sample: client.missing
    details:
      description: Details of the error.
      returned: in most cases
      type: str
      sample: "model_center: there is no model center named 'center-9'."
"""

from ansible_collections.zstack.aios.plugins.module_utils._catalog.specs import EXPORT
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import run_module


def main() -> None:
    run_module(EXPORT)


if __name__ == "__main__":
    main()
