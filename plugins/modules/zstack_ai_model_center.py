#!/usr/bin/python
# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zstack_ai_model_center
short_description: Manage model centers of a ZStack AIOS platform
version_added: 1.0.0
description:
  - >-
    Creates, updates and deletes model centers: the places where models, model services and datasets are stored.
  - Omitted options are left unchanged. An empty string is a value and clears a field.
  - The server deletes the models and datasets of a model center together with it. Therefore the task refuses to delete a model center that contains any, and
    lists them, unless O(delete_mode=Enforcing).
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
      - UUID of the model center. If given, it alone identifies the model center, and all other options are values.
      - If no such model center exists, it is created with this UUID, which must be 32 lower-case hex digits of a UUID of version 1 to 5.
      - At least one of O(uuid) and O(name) is required.
    type: str
  name:
    description:
      - Name of the model center. Case-sensitive exact match.
      - Names are not unique on the server. The task fails and lists the candidates if several match.
      - C(UpdateModelCenter) accepts at most 255 characters. The server stores at most 128 characters.
      - Required to create the model center.
    type: str
  url:
    description:
      - Address of the model center, such as V(http://192.0.2.41:8000).
      - C(UpdateModelCenter) accepts at most 255 characters. The server stores at most 2048 characters.
      - Required to create the model center.
    type: str
  description:
    description:
      - Description, as text.
      - C(UpdateModelCenter) accepts at most 255 characters. The server stores at most 2048 characters.
    type: str
  parameters:
    description:
      - Parameters of the model center - text, or a structure, which is sent as JSON and compared by meaning.
      - C(UpdateModelCenter) accepts at most 255 characters. The server stores at most 128 characters.
    type: raw
  management_ip:
    description:
      - Management address of the model center.
      - The server stores at most 128 characters.
      - Required to create the model center.
    type: str
  management_port:
    description:
      - Management port of the model center, from 1 to 65535.
      - Required to create the model center.
    type: int
  storage_network_uuid:
    description:
      - UUID of the storage network, a system L3 network.
      - Mutually exclusive with O(storage_network).
    type: str
  storage_network:
    description:
      - Name of the L3 network. The task fails and lists the candidates if no L3 network or more than one has this name.
      - Mutually exclusive with O(storage_network_uuid).
    type: str
  service_network_uuid:
    description:
      - UUID of the service network, a system L3 network.
      - Mutually exclusive with O(service_network).
    type: str
  service_network:
    description:
      - Name of the L3 network. The task fails and lists the candidates if no L3 network or more than one has this name.
      - Mutually exclusive with O(service_network_uuid).
    type: str
  container_registry:
    description:
      - Address of the container registry.
      - The server stores at most 2048 characters.
    type: str
  container_network:
    description:
      - Network for containers.
      - The server stores at most 2048 characters.
    type: str
  container_storage_network:
    description:
      - Storage network for containers.
      - The server stores at most 2048 characters.
      - Requires server version 5.1.20 or newer.
    type: str
  zone_uuid:
    description:
      - UUID of the zone. Only servers newer than 5.5.22 support it, and they require it to create a model center.
      - Sent when the object is created, and never compared, because the server does not show it.
      - Mutually exclusive with O(zone).
    type: str
  zone:
    description:
      - Name of the zone. The task fails and lists the candidates if no zone or more than one has this name.
      - Mutually exclusive with O(zone_uuid).
    type: str
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
  - module: zstack.aios.zstack_ai_model
  - module: zstack.aios.zstack_ai_model_service
  - module: zstack.aios.zstack_ai_dataset
  - name: ZStack AIOS developer guide
    description: The published pages of the API.
    link: https://docs.zstack.io/en/docs/ai/aios/dev-guide
"""

EXAMPLES = r"""
---
# The address and the account come from ZSTACK_HOST, ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD unless a task gives them.

- name: Ensure the model center is present
  zstack.aios.zstack_ai_model_center:
    name: center-beijing
    url: http://192.0.2.43:8000
    management_ip: 192.0.2.43
    management_port: 22
    service_network: service-network
  register: center

- name: Predict the changes
  zstack.aios.zstack_ai_model_center:
    name: center-beijing
    container_registry: registry.example.com
  check_mode: true
  diff: true

- name: Delete the empty model center
  zstack.aios.zstack_ai_model_center:
    name: center-beijing
    state: absent
"""

RETURN = r"""
model_center:
  description:
    - The model center after the task, as the server shows it, with keys in snake_case.
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
      sample: center-beijing
    url:
      description: Address.
      returned: if the server shows it
      type: str
      sample: http://192.0.2.43:8000
    status:
      description: Status, such as V(Connected).
      returned: if the server shows it
      type: str
      sample: Connected
    management_ip:
      description: Management address.
      returned: if the server shows it
      type: str
      sample: 192.0.2.43
    management_port:
      description: Management port.
      returned: if the server shows it
      type: int
      sample: 22
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
      sample: UpdateModelCenter
    method:
      description: HTTP method.
      returned: always
      type: str
      sample: PUT
    path:
      description: Path of the call. It contains C({uuid}) if an earlier call of the list creates the object.
      returned: always
      type: str
      sample: /v1/ai/model-centers/8c1f0a9be2d34c5f9a6d7e80b1c2d3e4
    fields:
      description: Options that the call sets.
      returned: always
      type: list
      elements: str
      sample: [description]
drift:
  description:
    - The fields that differ and that C(UpdateModelCenter) cannot change. They are left unchanged, with a warning.
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
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_center import MODEL_CENTER


def main() -> None:
    run_module(resource_module(MODEL_CENTER))


if __name__ == "__main__":
    main()
