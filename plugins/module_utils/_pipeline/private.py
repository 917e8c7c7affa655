# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Pass secrets between an action plugin and its module without their being logged.

Ansible passes the environment of a task to a module on the command line, which the list of processes and ``-vvv`` show, and with ANSIBLE_DEBUG it prints
the arguments and the output of a module. So an action plugin passes environment variables with secrets as an argument, with a key for the secrets in the
result. A module that runs without its action plugin receives neither, and works like any other module.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import typing as t

# The argument that only the action plugin passes.
ARGUMENT = "_zstack_aios_private"
# Variables that this collection reads after the module has started: credentials, and addresses of proxies, which may contain a password.
_VARIABLE = re.compile(r"ZSTACK_.*|.*_proxy", re.I)


@dataclasses.dataclass(frozen=True)
class Private:
    """The data that an action plugin passes to its module.

    :param environment: variable to value.
    :param key: for `seal`; an empty text if the result is not to be sealed.
    """

    environment: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    key: str = ""

    def as_argument(self) -> dict[str, t.Any]:
        """Return the value of the argument."""
        return {"environment": dict(self.environment), "key": self.key}

    @classmethod
    def from_arguments(cls, arguments: dict[str, t.Any]) -> Private:
        """Remove the argument from those of a module, and return what it contains."""
        given = arguments.pop(ARGUMENT, None)
        if not isinstance(given, dict):
            return cls()
        return cls({str(name): str(value) for name, value in given["environment"].items()}, str(given["key"]))


def is_private(variable: str) -> bool:
    """Return whether an environment variable may contain a secret, and is not needed to start the module."""
    return bool(_VARIABLE.fullmatch(variable))


def seal(text: str, key: str) -> str:
    """Return a text that only the owner of the key can read.

    :param key: a key that is used for one text only.
    """
    data = text.encode("utf-8", "surrogatepass")
    return _mixed(data, key).hex()


def unseal(text: str, key: str) -> str:
    """Return the text that was sealed with a key.

    :raises ValueError: for a text that was not sealed.
    """
    return _mixed(bytes.fromhex(text), key).decode("utf-8", "surrogatepass")


def _mixed(data: bytes, key: str) -> bytes:
    stream = hashlib.shake_256(key.encode("ascii")).digest(len(data))
    return bytes(one ^ other for one, other in zip(data, stream))
