# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Values as Ansible's templates leave them, and as the rest of the collection needs them."""

from __future__ import annotations

import collections.abc
import datetime
import re
import typing as t

import ansible.template
from ansible.module_utils.common.text.converters import to_text
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.zstack.aios.plugins.module_utils._resources.structure import key_text


# Texts that hold nothing of which a template could be made, not even together with others.
_HARMLESS = re.compile(r"[\w .:/@+,?=&*-]*")


def untrusted(value: t.Any) -> t.Any:
    """The value of a server, marked so that no template in it is evaluated.

    Texts that cannot be part of a template are not marked, so that what shows variables shows them as they are.
    """
    if isinstance(value, str) and _HARMLESS.fullmatch(value):
        return getattr(ansible.template, "trust_as_template", str)(value)
    # Since ansible-core 2.19 only texts of playbooks and configuration are templates.
    return value if hasattr(ansible.template, "trust_as_template") else wrap_var(value)


def plain(value: t.Any) -> t.Any:
    """A task argument as a module gets it after its way through JSON: no tags, no lazy containers, no vault objects."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        # Core 2.19 and newer tag numbers by a subclass as well.
        return int(value) if isinstance(value, int) else float(value)
    if isinstance(value, collections.abc.Mapping):
        return {key_text(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return to_text(value)
