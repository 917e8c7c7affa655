#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_catalog_export
short_description: Export a catalog from a running ZStack AIOS platform
version_added: 1.0.0
description:
  - Writes the objects of a platform as a catalog for M(zstack.aios.zstack_ai_catalog), to bring an existing platform under management.
  - Planning the catalog against the same platform changes nothing. Every object is validated before it is written.
  - Objects are sorted by name and UUID. Two exports of the same platform are byte-for-byte identical.
  - An object is written with its name, and also with its UUID if the name is not unique. References are written by name if the name is unique.
  - Anything a catalog cannot express is omitted and noted in a comment, for example that the secret C(token) cannot be read back, that a service belongs to
    the platform itself, or that only the digest of C(environment_variables) is known.
  - A model service is written once. It is an item of C(model_service_clones) if its source is known, either because its UUID was derived from the source or
    because O(source_service) gives one. Otherwise it is an item of C(model_services). With only one of the two keys in O(kinds), all services are written
    under that key.
  - The binding of a model to a service is written in the item of the model, if that is part of the export.
  - Instance groups that run an evaluation are part of the evaluation and are not written. Of several evaluations with the same name, only the newest is
    written.
  - An object that has failed is written with C(wait=false), because planning it would fail otherwise.
  - Texts are written unchanged, including text that looks like a template. C(include_vars) would evaluate it; see L(the page on the catalog,
    https://github.com/zstack-aios/zstack.aios/blob/main/docs/catalog.md#export) to use an export in a play.
  - Empty fields, owner tags, and tags that the server creates itself are omitted.
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
      - The platform is only read. In check mode no file is written either.
  diff_mode:
    support: full
    details:
      - Shows the texts of the files that differ.
  idempotent:
    support: full
options:
  path:
    description:
      - Directory of the files, one for each of O(kinds), such as C(models.yml), on the host that runs the module. It is created if it does not exist.
      - A kind with more than 10,000 objects, or with more than 8 MiB, the limit of a catalog file, is split into several files, such as
        C(models.yml) and C(models-2.yml).
      - If the path ends with C(.yml) or C(.yaml), the whole catalog is written to that file.
      - A file with identical content is not touched. Other files are replaced as a whole.
      - If omitted, no file is written, and the text is in RV(content).
    type: path
  overwrite:
    description:
      - Whether to replace existing files that differ. With V(false), the task fails in that case and writes nothing.
    type: bool
    default: true
  kinds:
    description:
      - Kinds of objects to write. If omitted, all kinds.
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
      - Options and values. Only objects that have all of these values are written. Supported are the options of the kind's module that can be read back.
      - Text options accept text here as well. A mapping or a list is accepted only for C(parameters) and C(yaml), which are compared by meaning.
      - A text may contain C(*) for any characters and C(?) for one. It is case-sensitive. An object may have more tags than those given.
      - A kind without one of these options is not written.
    type: dict
  source_service_uuid:
    description:
      - UUID of the service that is written as the source of the services whose source is not known. The server does not show the source of a clone. The value
        is used only if one of them has to be cloned again. A source from which the UUID of a clone was derived takes precedence.
      - If omitted, services without a known source are written as C(model_services). If O(kinds) contains only C(model_service_clones), a placeholder is
        written as their source, and creating such a clone fails with the name of the placeholder.
      - Mutually exclusive with O(source_service).
    type: str
  source_service:
    description:
      - Name of the service that is written as the source of the services whose source is not known, see O(source_service_uuid).
      - Mutually exclusive with O(source_service_uuid).
    type: str
  schema:
    description:
      - URL or path of the JSON Schema of catalog files. It is written to the first line of each file, so that an editor with the YAML language server
        completes options and shows limits and choices. A relative path is relative to the directory of the file.
      - The default is the schema of the newest version. A copy is in the directory C(schemas) of the collection, for networks without access to it.
      - With an empty text, the line is omitted.
    type: str
    default: https://raw.githubusercontent.com/zstack-aios/zstack.aios/main/schemas/catalog.json
  concurrency:
    description:
      - Maximum number of parallel queries.
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

- name: Export the services with a tag
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
      description: Whether the file was written, or would be written in check mode.
      returned: always
      type: bool
      sample: true
content:
  description:
    - The text of the whole catalog if O(path) is omitted, else V(null).
  returned: success
  type: str
  sample: "---\nmodels:\n  - name: Qwen3-8B\n    model_center: center-shanghai\n"
summary:
  description:
    - Number of written items for each kind.
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
omitted:
  description:
    - The objects that a catalog cannot express.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: The key of the kind in a catalog.
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
    reason:
      description: Reason why the object is omitted.
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
      description: The text before, empty if there was no file.
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
