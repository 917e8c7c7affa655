# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Keys of inventories in snake_case. No I/O."""

from __future__ import annotations

import functools
import typing as t

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

# Members that are maps: their keys are data, such as the names of vendors, headers and ports (AI API page, section 11).
MAPS = frozenset(("vendorToSpecUuidsMap", "requestHeaders", "urlMaps"))


@functools.lru_cache(maxsize=4096)
def snake_key(key: str) -> str:
    """Return the key of an inventory as the name in options and results.

    >>> snake_key("modelCenterUuid")
    'model_center_uuid'
    """
    return str(next(iter(camel_dict_to_snake_dict({key: None}))))


def snake_case(value: t.Any) -> t.Any:
    """Return an inventory with its keys, and those of the inventories within, in snake_case; the keys of maps are data and are not changed."""
    if isinstance(value, dict):
        return {snake_key(str(key)): item if key in MAPS else snake_case(item) for key, item in value.items()}
    return [snake_case(item) for item in value] if isinstance(value, list) else value
