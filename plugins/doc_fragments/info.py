# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # What all info modules share. The code is in module_utils/_pipeline/info.py.
    DOCUMENTATION = r"""
options:
  uuid:
    description:
      - UUID of the object. An unknown UUID gives an empty list.
    type: str
  filters:
    description:
      - Conditions that an object must meet, all of them.
      - Values are compared exactly and case-sensitively, and no character in them has a special meaning. The server may receive a wider condition. The module
        then filters the answer.
    type: list
    elements: dict
    suboptions:
      field:
        description:
          - A field of the result, in snake case. The result of this module lists them.
          - A member of a record is written with a dot, such as C(instances.status). A list meets the filter if one of its entries does.
        type: str
        required: true
      operator:
        description:
          - V(=), V(!=), V(~=) (contains), V(>), V(<), V(in) (one of a list) or V(null) (has no value).
          - Write operators in quotes, because YAML interprets some of them.
          - V(!=) is the opposite of V(=), so it also finds objects without a value. An empty text and no value are the same.
          - V(~=) applies to texts only. V(>) and V(<) do not apply to fields that are true or false.
        type: raw
        default: "="
      value:
        description:
          - Value to compare with. A list for V(in), one value for all other operators.
          - A date is written as V(2026-11-25) or V(2026-11-25 13:45:00), in the time zone of the management node.
          - For the operator V('null') it may be omitted; V(false) matches objects with a value.
        type: raw
  fields:
    description:
      - The fields to return. Each of them is returned for each object, with V(null) if the object has no such value. By default, all fields with
        a value are returned.
    type: list
    elements: str
  sort:
    description:
      - The fields to sort by, in order of priority. A minus before the name sorts in descending order. Text is sorted case-insensitively.
      - Objects without a value come last. By default, objects are sorted by UUID.
    type: list
    elements: str
  limit:
    description:
      - Maximum number of objects to return, after sorting. At least 1. The result RV(total) is the number of all matching objects.
    type: int
  count_only:
    description:
      - Whether to return only the number of matching objects, in RV(total). This sends one request if the server compares values in the same way as the
        module, that is without filters, or with filters by UUIDs and whole numbers.
    type: bool
    default: false
  tags:
    description:
      - Whether to add the user tags and the system tags of each object. For few objects, one request is sent for each kind of tag, for many objects one
        request for each thousand tags.
    type: bool
    default: false
"""

    NAMED = r"""
options:
  name:
    description:
      - Name of the object. Case-sensitive exact match. Names are not unique, so several objects may be returned.
    type: str
  name_regex:
    description:
      - Python regular expression that must match a part of the name of the group.
      - V(^) and V($) bind it to the start and the end of the name; V((?i\)) at its start ignores case.
      - At most 1000 characters. The task fails if the comparison takes more than 3 seconds.
    type: str
"""

    CENTER = r"""
options:
  model_center_uuid:
    description:
      - UUID of the model center that the object belongs to.
      - Mutually exclusive with O(model_center).
    type: str
  model_center:
    description:
      - Name of that model center. The task fails and lists the candidates if no model center or more than one has this name.
      - Mutually exclusive with O(model_center_uuid).
    type: str
"""
