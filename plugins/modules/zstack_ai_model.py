#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_model
short_description: Manage AI models of a ZStack AIOS platform
version_added: 1.0.0
description:
  - Creates, updates and deletes the models of a model center.
  - Omitted options are left unchanged. An empty string is a value and clears a field.
  - An option of type C(str) accepts text. A mapping or a list is refused before the first request. A boolean or a number is accepted with a warning
    that shows the text that is stored, because YAML reads V(on) as V(true) and V(3.10) as V(3.1). Write such text in quotes.
  - If the server accepts a value and does not store it, the task fails instead of reporting a change in every run.
  - A model is created with the call C(AddModel) and updated with C(UpdateModel). The calls accept different fields with different limits, so each option
      states which calls accept it. A text that is too long, a value outside the choices, and an option that the server version does not
    support are refused before anything is changed.
  - Some options are used only when the model is created, for instance O(logo) and O(version). If such a field of an existing model differs and the
    server shows it, the field is left unchanged. The task warns and lists it in RV(drift), but does not fail and is not changed by this alone.
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
    details:
      - Creates the same plan as without check mode and does not apply it. In check mode the client refuses to send a write.
      - RV(model) of a model that does not exist yet contains only the options of the task and the UUID that the model will most likely have.
  diff_mode:
    support: full
    details:
      - Shows the options of the task that the server can show, with their values before and after.
  idempotent:
    support: full
    details:
      - O(token) and O(share_mode) cannot be read back. They are sent when the model is created and ignored afterwards.
options:
  uuid:
    description:
      - UUID of the model. If given, it alone identifies the model, and all other options are values, including the name and the model center.
      - If no model has this UUID, a model is created with it. The server accepts only UUIDs of version 1 to 5, as C(uuidgen) prints them,
        in lower case and without dashes. The task fails if the model center already contains another model of the same O(name), so that no duplicate
        is created.
      - At least one of O(uuid), O(model_id) and O(name) is required.
    type: str
  model_id:
    description:
      - ID of the model outside the platform, for instance at its publisher. At most 255 characters.
      - Without O(uuid), the model is looked up by this ID first, in all model centers. A model with an ID can therefore be renamed and moved.
      - If no model has this ID, a model of the given O(name) without an ID is used and gets this ID. A model of that name with another ID is a
        different model.
      - C(UpdateModel) accepts it since version 5.5.22.
    type: str
  name:
    description:
      - Name of the model. At most 255 characters. Case-sensitive exact match.
      - Names are not unique on the server. Without O(uuid) and O(model_id), the model is looked up by its name, in the model center if one
        is given and in all model centers otherwise. If several models match, the task fails and lists the candidates.
      - Required to create a model.
      - The UUID of a new model is derived from its model center and its O(model_id), or its name if it has no ID. Two jobs at the same time, or
        a second run after a lost response, therefore create one model. If such a model is renamed manually, it is found by that UUID and
        its name is restored.
    type: str
  model_center_uuid:
    description:
      - UUID of the model center. This option or O(model_center) is required to create a model.
      - A model that is identified by O(uuid) or O(model_id) is moved if it is in another model center.
      - Mutually exclusive with O(model_center).
    type: str
  model_center:
    description:
      - Name of the model center. If no model center or more than one has this name, the task fails and lists the candidates.
      - Mutually exclusive with O(model_center_uuid).
    type: str
  install_path:
    description:
      - URL or path of the files of the model. Required to create a model.
      - At most 255 characters for C(UpdateModel). C(AddModel) accepts up to 2048 characters, but a text of that length cannot be updated to another one
        later.
    type: str
  description:
    description:
      - Description of the model.
      - At most 255 characters for C(UpdateModel), up to 2048 for C(AddModel).
    type: str
  vendor:
    description:
      - Vendor of the model, such as V(Alibaba). At most 255 characters.
      - C(UpdateModel) accepts it since version 5.5.6.
    type: str
  parameters:
    description:
      - Parameters of the model, as text or as a structure. A mapping or a list is sent as JSON, with its own numbers, booleans and nulls.
      - JSON text and structures are compared by meaning. The order of keys, blanks and line breaks are ignored. V(1), V(1.0), V(true) and
        V("1") are different values. Other text is compared as text.
      - At most 255 characters for C(UpdateModel), counted in the JSON text. No limit is known for C(AddModel).
    type: raw
  model_classifications:
    description:
      - Classifications of the model. The platform defines the list, such as V(Text-Generation) and V(Image-Generation), and refuses others.
      - Compared as a complete set with the tags of the model whose text starts with C(AI::). The prefix is optional.
      - C(UpdateModel) accepts them since version 5.4.6. C(AddModel) does not accept them, so they are set for a new model by a second call.
    type: list
    elements: str
  recommended_gpu_num:
    description:
      - Numbers of GPUs that the model may run with. Compared as a set. An empty list removes them.
      - At most 255 characters as a comma-separated list.
      - C(UpdateModel) accepts them since version 5.4.6.
    type: list
    elements: int
  gpu_constraint_description:
    description:
      - GPU requirements of the model, as text. At most 512 characters.
      - C(UpdateModel) accepts it since version 5.4.6.
    type: str
  default_model_service_uuid:
    description:
      - UUID of the default service among the services bound to the model. If it is not bound yet, it is bound first.
      - If the server shows several default services, this is a difference, and this service is set again.
      - C(UpdateModel) accepts it since version 5.5.22.
      - Mutually exclusive with O(default_model_service), and cannot be combined with O(clear_default_model_service=true).
    type: str
  default_model_service:
    description:
      - Name of the default service. If no service or more than one has this name, the task fails and lists the candidates.
      - Mutually exclusive with O(default_model_service_uuid), and cannot be combined with O(clear_default_model_service=true).
    type: str
  clear_default_model_service:
    description:
      - V(true) removes the default service. V(false) has no effect.
      - RV(diff) shows it as C(default_model_service_uuid).
      - C(UpdateModel) accepts it since version 5.5.22.
    type: bool
  logo:
    description:
      - Logo of the model, as Base64 text. Used only when the model is created. Later differences are reported in RV(drift).
    type: str
  introduction:
    description:
      - Introduction of the model, as text. Used only when the model is created. Later differences are reported in RV(drift).
    type: str
  size:
    description:
      - Size of the model in bytes. Used only when the model is created. Later differences are reported in RV(drift).
    type: int
  version:
    description:
      - Version of the model. At most 255 characters. Used only when the model is created. Later differences are reported in RV(drift).
    type: str
  model_service_uuids:
    description:
      - UUIDs of the services that the model is bound to. A missing binding is created with C(BindModelToService). Other bound services stay bound, unless
        O(model_services_exact) is V(true).
      - Mutually exclusive with O(model_services).
    type: list
    elements: str
  model_services:
    description:
      - Names of the services that the model is bound to. The task fails and lists the candidates if no service or more than one has a name.
      - Mutually exclusive with O(model_service_uuids).
    type: list
    elements: str
  model_services_exact:
    description:
      - V(true) also removes the bindings to all services that are not listed in O(model_services) or O(model_service_uuids), with C(UnbindModelFromService).
        The default service is treated as listed. An empty list removes all bindings.
      - V(false) has no effect. RV(diff) shows it as C(model_service_uuids).
    type: bool
  token:
    description:
      - Secret for access to the files of the model. Used only when the model is created. Cannot be read back.
      - Never appears in a result or a log.
    type: str
  share_mode:
    description:
      - V(Public) shares the new model with all accounts. Used only when the model is created. Cannot be read back.
    type: str
    choices: [Public]
  user_tags:
    description:
      - User tags of the model, as free text. Missing tags are added. Other tags are left unchanged.
    type: list
    elements: str
  system_tags:
    description:
      - System tags of the model. Missing tags are added. Other tags are left unchanged. The server accepts only registered tag formats.
      - V(validationOnly) is refused. It is a command to the server and not a tag, see O(server_side_check).
    type: list
    elements: str
  tag_uuids:
    description:
      - UUIDs of tags to attach to the model. Other tags are left unchanged.
      - Each missing tag is attached by a separate call, so that a failure is detected.
    type: list
    elements: str
seealso:
  - module: zstack.aios.zstack_ai_model_service_clone
  - name: ZStack AIOS developer guide
    description: The published pages of the API.
    link: https://docs.zstack.io/en/docs/ai/aios/dev-guide
"""

EXAMPLES = r"""
---
# Address and account are read from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD, unless a task sets them.
# ZSTACK_ACCESS_KEY_ID and ZSTACK_ACCESS_KEY_SECRET work as well.

- name: Ensure the model is present
  zstack.aios.zstack_ai_model:
    name: Qwen3-8B
    model_center: center-shanghai
    install_path: https://models.example.com/qwen/Qwen3-8B
    model_id: Qwen/Qwen3-8B
    vendor: Alibaba
    version: "3.0"
    description: General model for chat and agents
    model_classifications:
      - Text-Generation
    recommended_gpu_num: [1, 2, 4]
    gpu_constraint_description: At least 24 GiB of GPU memory
    user_tags:
      - managed-by:git
  register: qwen

- name: Check that the model matches the task
  ansible.builtin.assert:
    that:
      - qwen.model.vendor == "Alibaba"
      - qwen.drift == []
    fail_msg: "These options cannot be changed: {{ qwen.drift | map(attribute='field') | join(', ') or 'none' }}"

- name: Set the parameters of a model, which are sent as JSON
  zstack.aios.zstack_ai_model:
    model_id: Qwen/Qwen3-8B
    parameters:
      temperature: 0.7
      stop: null
      stream: true

- name: Ensure a model whose files require a token is present
  zstack.aios.zstack_ai_model:
    name: Llama-3.1-8B
    model_center_uuid: 5d7b2c9e41f04a6c8b3e9a1f70c2d684
    install_path: https://hub.example.com/meta/Llama-3.1-8B
    token: "{{ vault_hub_token }}"
    wait_timeout: 7200

- name: Rename a model
  zstack.aios.zstack_ai_model:
    model_id: Qwen/Qwen3-8B
    name: Qwen3-8B-Chat

- name: Make a service the default of a model
  zstack.aios.zstack_ai_model:
    name: Qwen3-8B-Chat
    model_center: center-shanghai
    default_model_service: vllm-qwen3

- name: Clear the default service
  zstack.aios.zstack_ai_model:
    uuid: 8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
    clear_default_model_service: true

- name: Delete the model
  zstack.aios.zstack_ai_model:
    name: Qwen3-8B-Chat
    model_center: center-shanghai
    state: absent

- name: Set the connection once for all modules of a play
  hosts: localhost
  gather_facts: false
  module_defaults:
    group/zstack.aios.zstack:
      host: 192.0.2.10
      access_key_id: AKIDEXAMPLE000000001
      access_key_secret: "{{ vault_access_key_secret }}"
      server_timezone: "+08:00"
  tasks:
    - name: Validate the change on both sides
      zstack.aios.zstack_ai_model:
        name: Qwen3-8B
        model_center: center-shanghai
        install_path: https://models.example.com/qwen/Qwen3-8B
        vendor: Alibaba
        server_side_check: true
      check_mode: true
      diff: true
      register: preview

    - name: Show the planned calls
      ansible.builtin.debug:
        var: preview.steps
"""

RETURN = r"""
model:
  description:
    - The model after the task, as the server shows it, with keys in snake_case.
    - V(null) if the model does not exist. Fields that are empty on the server are omitted.
    - In check mode, the model as it will be, as far as that can be predicted.
  returned: success
  type: dict
  contains:
    uuid:
      description: UUID of the model.
      returned: always
      type: str
      sample: 8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
    name:
      description: Name of the model.
      returned: always
      type: str
      sample: Qwen3-8B
    description:
      description: Description of the model.
      returned: if set
      type: str
      sample: General model for chat and agents
    install_path:
      description: URL or path of the files of the model.
      returned: always
      type: str
      sample: https://models.example.com/qwen/Qwen3-8B
    model_center_uuid:
      description: UUID of the model center.
      returned: always
      type: str
      sample: 5d7b2c9e41f04a6c8b3e9a1f70c2d684
    model_id:
      description: ID of the model outside the platform.
      returned: if the server knows it
      type: str
      sample: Qwen/Qwen3-8B
    vendor:
      description: Vendor of the model.
      returned: if set
      type: str
      sample: Alibaba
    parameters:
      description: Parameters of the model.
      returned: if set
      type: str
      sample: 8B
    recommended_gpu_num:
      description: Numbers of GPUs that the model may run with.
      returned: if the server knows it
      type: list
      elements: int
      sample: [1, 2, 4]
    gpu_constraint_description:
      description: GPU requirements of the model.
      returned: if set
      type: str
      sample: At least 24 GiB of GPU memory
    model_service_refs:
      description: The services that are bound to the model.
      returned: if the server shows it
      type: list
      elements: dict
      contains:
        model_service_uuid:
          description: UUID of the service.
          returned: always
          type: str
          sample: d76744cb53f9478abf42b907df3efb6e
        is_default:
          description: Whether the service is the default of the model.
          returned: if the server shows it
          type: bool
          sample: true
    type:
      description: Type of the model.
      returned: if the server shows it
      type: str
      sample: System
    size:
      description: Size of the model in bytes.
      returned: if the server shows it
      type: int
      sample: 16381470720
    create_date:
      description: Time of creation, in the time zone and format of the server.
      returned: if the server shows it
      type: str
      sample: Nov 25, 2025 11:51:50 AM
    last_op_date:
      description: Time of the last change, in the time zone and format of the server.
      returned: if the server shows it
      type: str
      sample: Nov 25, 2025 11:51:50 AM
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
        vendor: Qwen
        name: Qwen3-8B
    after:
      description: Values after the task. Empty if the object is deleted.
      returned: always
      type: dict
      sample:
        vendor: Alibaba
        name: Qwen3-8B
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
      sample: UpdateModel
    method:
      description: HTTP method.
      returned: always
      type: str
      sample: PUT
    path:
      description: Path of the call. It contains C({uuid}) if an earlier call of the list creates the object.
      returned: always
      type: str
      sample: /v1/ai/models/8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
    fields:
      description: Options that the call sets.
      returned: always
      type: list
      elements: str
      sample: [vendor]
drift:
  description:
    - The fields that differ and that C(UpdateModel) cannot change. They are left unchanged, with a warning.
  returned: success
  type: list
  elements: dict
  contains:
    field:
      description: The option.
      returned: always
      type: str
      sample: version
    before:
      description: Value on the server.
      returned: always
      type: raw
      sample: "1.0"
    after:
      description: Value in the task.
      returned: always
      type: raw
      sample: "1.1"
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
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL


def main() -> None:
    run_module(resource_module(MODEL))


if __name__ == "__main__":
    main()
