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
  - Adds models to a model center, keeps their fields equal to what the task says, and deletes them.
  - Only options that are given are compared and changed. An empty string is a value and empties a field.
  - An option of type C(str) takes text. A mapping or a list is refused before the first request. A boolean or a number is accepted with a warning
    that shows the text that is stored, because YAML reads V(on) as V(true) and V(3.10) as V(3.1). Write such text in quotes.
  - What the server accepts and then does not store is reported as a failure, not as a change at every run.
  - A model is made with the call C(AddModel) and changed with C(UpdateModel). The two do not take the same fields and do not have the same
    limits, so each option says what it is good for. A text that is too long, a value outside the choices, and an option that the server's
    version does not have are refused before anything is changed.
  - Some options count only when the model is made, for instance O(logo) and O(version). When such a field of an existing model differs and the
    server shows it, it stays as it is. The task then warns and lists it in RV(drift). It does not fail, and this alone is no change.
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
      - The same plan is made as without check mode and is then not carried out. The client itself refuses to send anything that changes something.
      - RV(model) of a model that would be made has only what the task says and the UUID that it would most likely get.
  diff_mode:
    support: full
    details:
      - Shows the options of the task that the server can show, with their values before and after.
  idempotent:
    support: full
    details:
      - O(token) and O(share_mode) cannot be read back. They are sent when the model is made and play no part afterwards.
options:
  uuid:
    description:
      - UUID of the model. When it is given, the model is found by it alone, so that everything else can be changed, the name and the center too.
      - When there is no such model, it is made with this UUID. The server takes only UUIDs of version 1 to 5 for that, as C(uuidgen) prints them,
        in lower case and without the dashes.
        Should another model of the same O(name) be in the center, the task fails, so that there are never two.
      - At least one of O(uuid), O(model_id) and O(name) is needed.
    type: str
  model_id:
    description:
      - The ID that the model has outside the platform, for instance at its publisher. At most 255 characters.
      - Without O(uuid), the model is looked for by this ID first, in all centers. So a model that has an ID can be renamed and moved.
      - When no model has this ID, a model of the given O(name) that has no ID yet is taken, and gets this one. A model of that name with
        another ID is another model.
      - Sent with C(UpdateModel) to a server of version 5.5.22 or newer only.
    type: str
  name:
    description:
      - Name of the model. At most 255 characters. Compared to the letter, with upper and lower case.
      - Names are not unique on the server. Without O(uuid) and O(model_id) the model is looked for by its name, within the center when one
        is given and in all centers otherwise. When several models match, the task fails and lists them.
      - Needed to make a model.
      - The UUID of a new model is derived from its center and its O(model_id), or its name if it has no ID. Two jobs at the same time, or
        a second run after a lost answer, therefore make one model. A model that was made by such a task and renamed by somebody is found again by that UUID and
        gets its name back.
    type: str
  model_center_uuid:
    description:
      - UUID of the model center. To make a model, this or O(model_center) is needed.
      - When the model is found by O(uuid) or O(model_id) and is in another center, it is moved.
      - Mutually exclusive with O(model_center).
    type: str
  model_center:
    description:
      - Name of the model center. When no center or more than one has this name, the task fails and lists those that there are.
      - Mutually exclusive with O(model_center_uuid).
    type: str
  install_path:
    description:
      - URL or path that the files of the model come from. Needed to make a model.
      - At most 255 characters for C(UpdateModel). C(AddModel) takes up to 2048, which cannot be changed to another text of that length later.
    type: str
  description:
    description:
      - Description of the model.
      - At most 255 characters for C(UpdateModel), up to 2048 for C(AddModel).
    type: str
  vendor:
    description:
      - Vendor of the model, such as V(Alibaba). At most 255 characters.
      - C(UpdateModel) takes it since version 5.5.6.
    type: str
  parameters:
    description:
      - Parameters of the model, as text or as a structure. A mapping or a list is sent as JSON, with its own numbers, booleans and nulls.
      - JSON text and structures are compared by what they mean. The order of keys, blanks and line breaks are ignored. V(1), V(1.0), V(true) and
        V("1") are different values. Other text is compared as text.
      - At most 255 characters for C(UpdateModel), counted in the JSON text. No limit is known for C(AddModel).
    type: raw
  model_classifications:
    description:
      - Classes of the model. The platform brings its own list, such as V(Text-Generation) and V(Image-Generation), and refuses others.
      - Compared as a whole set, against the tags of the model whose text starts with C(AI::). The prefix may be written or left out.
      - C(UpdateModel) takes them since version 5.4.6. C(AddModel) does not take them, so a new model gets them in a second step.
    type: list
    elements: str
  recommended_gpu_num:
    description:
      - The numbers of GPUs that the model may run with. Compared as a set. An empty list removes them.
      - At most 255 characters when written with commas in between.
      - C(UpdateModel) takes them since version 5.4.6.
    type: list
    elements: int
  gpu_constraint_description:
    description:
      - What GPUs the model needs, as text. At most 512 characters.
      - C(UpdateModel) takes it since version 5.4.6.
    type: str
  default_model_service_uuid:
    description:
      - UUID of the service that is the default among those bound to the model. It is bound first if it is not yet.
      - When the server shows several defaults, that counts as a difference, and this one is set again.
      - C(UpdateModel) takes it since version 5.5.22.
      - Mutually exclusive with O(default_model_service), and cannot be combined with O(clear_default_model_service=true).
    type: str
  default_model_service:
    description:
      - Name of the service that is the default. When no service or more than one has this name, the task fails and lists those that there are.
      - Mutually exclusive with O(default_model_service_uuid), and cannot be combined with O(clear_default_model_service=true).
    type: str
  clear_default_model_service:
    description:
      - V(true) asks for a model without a default service. V(false) asks for nothing.
      - In RV(diff) this shows as C(default_model_service_uuid).
      - C(UpdateModel) takes it since version 5.5.22.
    type: bool
  logo:
    description:
      - Logo of the model, as Base64 text. Counts only when the model is made. Afterwards a difference is reported in RV(drift).
    type: str
  introduction:
    description:
      - Introduction of the model, as text. Counts only when the model is made. Afterwards a difference is reported in RV(drift).
    type: str
  size:
    description:
      - Size of the model in bytes. Counts only when the model is made. Afterwards a difference is reported in RV(drift).
    type: int
  version:
    description:
      - Version of the model. At most 255 characters. Counts only when the model is made. Afterwards a difference is reported in RV(drift).
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
      - V(true) also removes the bindings to all services that are not listed in O(model_services) or O(model_service_uuids), with
        C(UnbindModelFromService). The default service counts as listed. An empty list removes all bindings.
      - V(false) has no effect. In RV(diff) this shows as C(model_service_uuids).
    type: bool
  token:
    description:
      - Secret for the place that the files of the model come from. Counts only when the model is made, and cannot be read back.
      - Never shown in a result or a log.
    type: str
  share_mode:
    description:
      - V(Public) shares the new model with all accounts. Counts only when the model is made, and cannot be read back.
    type: str
    choices: [Public]
  user_tags:
    description:
      - Free texts that the model has to have as user tags. Tags that are not listed are left alone.
    type: list
    elements: str
  system_tags:
    description:
      - Texts that the model has to have as system tags. Tags that are not listed are left alone. The server takes only texts of a form that it knows.
      - V(validationOnly) is refused. It is a command to the server and no tag, see O(server_side_check).
    type: list
    elements: str
  tag_uuids:
    description:
      - UUIDs of tags that have to be attached to the model. Tags that are not listed are left alone.
      - Each one that is missing is attached by a call of its own, so that a tag that cannot be attached is noticed.
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
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD
# unless a task gives them. ZSTACK_ACCESS_KEY_ID and ZSTACK_ACCESS_KEY_SECRET do as well.

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

    - name: Show the calls that would be made
      ansible.builtin.debug:
        var: preview.steps
"""

RETURN = r"""
model:
  description:
    - The model after the task, as the server shows it, with the names of the keys in snake case.
    - V(null) when the model is not there (any more). A field that the server leaves empty has no key.
    - In check mode, the model as it would be, as far as that is known beforehand.
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
      returned: when it has one
      type: str
      sample: General model for chat and agents
    install_path:
      description: Where the files of the model come from.
      returned: always
      type: str
      sample: https://models.example.com/qwen/Qwen3-8B
    model_center_uuid:
      description: UUID of the model center.
      returned: always
      type: str
      sample: 5d7b2c9e41f04a6c8b3e9a1f70c2d684
    model_id:
      description: The ID that the model has outside the platform.
      returned: when the server knows it
      type: str
      sample: Qwen/Qwen3-8B
    vendor:
      description: Vendor of the model.
      returned: when it has one
      type: str
      sample: Alibaba
    parameters:
      description: Parameters of the model.
      returned: when it has some
      type: str
      sample: 8B
    recommended_gpu_num:
      description: The numbers of GPUs that the model may run with.
      returned: when the server knows it
      type: list
      elements: int
      sample: [1, 2, 4]
    gpu_constraint_description:
      description: What GPUs the model needs.
      returned: when it has one
      type: str
      sample: At least 24 GiB of GPU memory
    model_service_refs:
      description: The services that are bound to the model.
      returned: when the server shows it
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
          returned: when the server shows it
          type: bool
          sample: true
    type:
      description: Type of the model.
      returned: when the server shows it
      type: str
      sample: System
    size:
      description: Size of the model in bytes.
      returned: when the server shows it
      type: int
      sample: 16381470720
    create_date:
      description: When the model was made, in the server's own time and form.
      returned: when the server shows it
      type: str
      sample: Nov 25, 2025 11:51:50 AM
    last_op_date:
      description: When the model was last changed, in the server's own time and form.
      returned: when the server shows it
      type: str
      sample: Nov 25, 2025 11:51:50 AM
diff:
  description:
    - What the task changed, or would change in check mode, in the names of the options. Only options of the task that the server can show are in it.
  returned: success, and failures after something was changed
  type: dict
  contains:
    before:
      description: The values before the task. Empty when the object was not there.
      returned: always
      type: dict
      sample:
        vendor: Qwen
        name: Qwen3-8B
    after:
      description: The values after the task. Empty when the object is deleted.
      returned: always
      type: dict
      sample:
        vendor: Alibaba
        name: Qwen3-8B
    uuids:
      description: >-
        What the names stand for where the task gives a reference by name, and UUIDs of options that the task does not give. Has C(before) and C(after).
      returned: when the diff shows something else than the UUIDs
      type: dict
steps:
  description:
    - The calls that changed something, in order, or that would be made in check mode. Empty when nothing had to be changed.
    - When the task fails, the calls that had succeeded until then.
  returned: always, but for failures before the server is asked
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
      description: Path of the call. It holds C({uuid}) when the object is made by an earlier call of the same list.
      returned: always
      type: str
      sample: /v1/ai/models/8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
    fields:
      description: The options that the call carries.
      returned: always
      type: list
      elements: str
      sample: [vendor]
drift:
  description:
    - The fields that differ and that C(UpdateModel) cannot change. They were left as they are, with a warning.
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
      description: What the server has.
      returned: always
      type: raw
      sample: "1.0"
    after:
      description: What the task says.
      returned: always
      type: raw
      sample: "1.1"
    uuids:
      description: The same with UUIDs, under C(before) and C(after).
      returned: when the field is a reference that the task gives by name
      type: dict
error:
  description:
    - What went wrong. This is the error object of the server, unchanged, when the server refused something.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Code of the error, such as V(SYS.1007). Errors that this collection detects have a code that begins with V(client.).
      returned: in most cases
      type: str
      sample: SYS.1007
    globalErrorCode:
      description: The more exact code that newer servers give.
      returned: when the server gives it
      type: str
      sample: ORG_ZSTACK_AI_10125
    description:
      description: What kind of error it is.
      returned: when the server gives it
      type: str
      sample: One or more API argument is invalid
    details:
      description: What exactly is wrong.
      returned: in most cases
      type: str
      sample: model classification Chat is not accepted
    cause:
      description: The error that caused this one. It can contain a further C(cause).
      returned: when the server gives it
      type: dict
"""

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import resource_module, run_module
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL


def main() -> None:
    run_module(resource_module(MODEL))


if __name__ == "__main__":
    main()
