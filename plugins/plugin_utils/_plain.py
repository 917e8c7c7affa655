# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Convert between values of Ansible's templates and plain values."""

from __future__ import annotations

import collections.abc
import datetime
import re
import typing as t

import ansible.template
from ansible.module_utils.common.text.converters import to_text
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.zstack.aios.plugins.module_utils._resources.structure import key_text


# Texts that cannot become part of a template, even in combination with other texts.
_HARMLESS = re.compile(r"[\w .:/@+,?=&*-]*")


def untrusted(value: t.Any) -> t.Any:
    """Return a value of the server, marked so that no template in it is evaluated.

    Texts that cannot be part of a template are not marked, so that output of variables shows them unchanged.
    """
    if isinstance(value, str) and _HARMLESS.fullmatch(value):
        return getattr(ansible.template, "trust_as_template", str)(value)
    # Since ansible-core 2.19, only texts of playbooks and configuration are templates.
    return value if hasattr(ansible.template, "trust_as_template") else wrap_var(value)


def plain(value: t.Any) -> t.Any:
    """Return a task argument as a module receives it, after the conversion to JSON: no tags, no lazy containers, no vault objects."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        # ansible-core 2.19 and newer also tag numbers with a subclass.
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
