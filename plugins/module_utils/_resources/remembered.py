# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Options that the server does not show: a user tag contains a salted, slow digest of the value that was sent last. No I/O.

If the server shows the value elsewhere, such as in the YAML of an instance group, the value is used.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
import re
import secrets
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import java_length, trim
from ansible_collections.zstack.aios.plugins.module_utils._resources import yaml as _yaml
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import FieldType

PREFIX = "zstack.aios/digest/"
# Replaces the digest during a change: matches no value.
PENDING = "pending"
# The tag of an object that was created without such options.
NOTHING = PREFIX + "none"
# About 16 MiB and 40 ms for each guess (RFC 7914).
_COST = {"n": 2 ** 14, "r": 8, "p": 1}
# The members of an inventory, and of its instances, that are YAML texts with variables (AI API page, section 11).
YAML_KEYS = ("yaml", "k8sResourceYaml")
_DOCUMENT = re.compile(r"^---(?=\s|$)", re.M)
_VARIABLE = re.compile(r"([^:=]*)[:=](.*)", re.S)
UNCHANGED, CHANGED, UNSET = "(the value of the task)", "(another value)", "(not set)"


def prefix_of(option: str) -> str:
    """Return the prefix of the tags with digests of an option."""
    return "%s%s=" % (PREFIX, option)


def digest_text(option: str, canonical: t.Any) -> str:
    """Return a new tag for a canonical value, with a new salt."""
    salt = secrets.token_hex(8)
    return "%s%s$%s" % (prefix_of(option), salt, _digest(salt, _spelled(canonical)))


def matches(text: str, option: str, canonical: t.Any) -> bool:
    """Return whether a tag contains the digest of the value of an option."""
    salt, dollar, digest = text[len(prefix_of(option)):].partition("$")
    return bool(dollar) and text.startswith(prefix_of(option)) and hmac.compare_digest(digest.encode(), _digest(salt, _spelled(canonical)).encode())


def _spelled(canonical: t.Any) -> str:
    return json.dumps(canonical, sort_keys=True, ensure_ascii=True)


@functools.lru_cache(maxsize=4096)
def _digest(salt: str, text: str) -> str:
    return hashlib.scrypt(text.encode(), salt=salt.encode(), dklen=24, **_COST).hex()


class Digest:
    """In a list of tags to send: the digest of a value, whose salt is chosen when the call is sent.

    :param canonical: the value in the canonical form of its field type.
    """

    def __init__(self, option: str, canonical: t.Any) -> None:
        self._option = option
        self._canonical = canonical

    def __repr__(self) -> str:
        return prefix_of(self._option) + "..."

    def text(self) -> str:
        """Return the tag."""
        return digest_text(self._option, self._canonical)


class Shown(FieldType):
    """A value that an inventory may show as a part of its YAML.

    ``read`` receives the documents of the inventory, as Python values; its canonical form is the list of values in them.
    """

    def verdict(self, wanted: t.Any, found: t.Sequence[t.Any]) -> bool | None:
        """Return whether the server shows the desired value, and None if it shows no value."""
        return None if not found else all(value == wanted for value in found)

    def shows_all(self, wanted: t.Any, found: t.Sequence[t.Any]) -> bool:
        """Return whether the server shows the desired value among others, if `verdict` cannot decide."""
        return False


class SecretText(Shown):
    """A text that an inventory shows, masks or omits, depending on the server."""

    def want(self, value: t.Any) -> t.Any:
        return trim(value)

    def send(self, value: t.Any) -> t.Any:
        return trim(value)

    def read(self, raw: t.Any) -> t.Any:
        text = trim(str(raw or ""))
        return [text] if text.strip("*") else []

    def length(self, value: t.Any) -> int | None:
        return java_length(trim(value))


class ServicePart(Shown):
    """A member of the first service in the YAML, such as ``livez`` (documented on the pages of the instance group).

    :param member: its name there.
    :param inner: the type of the option's value.
    """

    def __init__(self, member: str, inner: FieldType) -> None:
        self._member = member
        self.inner = inner
        self.argument = inner.argument  # type: ignore[misc]

    def want(self, value: t.Any) -> t.Any:
        return self.inner.want(value)

    def send(self, value: t.Any) -> t.Any:
        return self.inner.send(value)

    def check(self, option: str, value: t.Any) -> None:
        self.inner.check(option, value)

    def length(self, value: t.Any) -> int | None:
        return self.inner.length(value)

    def verdict(self, wanted: t.Any, found: t.Sequence[t.Any]) -> bool | None:
        # YAML that was copied from the service shows the value of the service, not that of the deployment.
        return True if found and all(value == wanted for value in found) else None

    def read(self, raw: t.Any) -> t.Any:
        found = []
        for document in raw or []:
            services = document.get("services") if isinstance(document, dict) else None
            for service in services if isinstance(services, list) else []:
                if isinstance(service, dict) and service.get(self._member) is not None:
                    found.append(self._plain(service[self._member]))
        return found

    def _plain(self, value: t.Any) -> t.Any:
        try:
            return self.inner.want(value if not isinstance(value, str) or self.inner.argument["type"] != "int" else int(value))
        except (TypeError, ValueError):
            return value


class Variables(Shown):
    """A map of texts, shown as ``env: ["KEY:value"]`` in the YAML, which may contain variables of the service in addition to those of the task.

    :param shown: False for maps that no YAML contains.
    """

    argument: t.ClassVar[dict[str, t.Any]] = {"type": "dict"}

    def __init__(self, shown: bool = True) -> None:
        self._shown = shown

    def want(self, value: t.Any) -> t.Any:
        return {str(key): scalar_text(item) for key, item in value.items()}

    def send(self, value: t.Any) -> t.Any:
        return self.want(value)

    def read(self, raw: t.Any) -> t.Any:
        found = []
        for document in (raw or []) if self._shown else []:
            entries = document.get("env") if isinstance(document, dict) else None
            found.append({
                key: value for key, colon, value in (str(entry).partition(":") for entry in (entries if isinstance(entries, list) else [])) if colon})
        return [values for values in found if values]

    def verdict(self, wanted: t.Any, found: t.Sequence[t.Any]) -> bool | None:
        shown = [values for values in found if set(values) & set(wanted)]
        if not shown:
            return None
        if any(values.get(key) != value for values in shown for key, value in wanted.items()):
            return False
        # Further variables may belong to the service, or were removed from the task: only the digest shows which.
        return True if all(set(values) == set(wanted) for values in shown) else None

    def shows_all(self, wanted: t.Any, found: t.Sequence[t.Any]) -> bool:
        return bool(wanted) and any(set(values) >= set(wanted) for values in found) and self.verdict(wanted, found) is not False

    def check(self, option: str, value: t.Any) -> None:
        for key, item in value.items():
            if not trim(str(key)):
                raise OptionError("%s: a name is empty. Give each value a name." % option)
            if item is None:
                raise OptionError("%s: %s has no value. The server refuses null (ORG_ZSTACK_AI_10078); give an empty text, or omit it." % (option, key))
            if isinstance(item, (dict, list)):
                raise OptionError("%s: the value of %s is a structure. Give a text, such as the JSON of it." % (option, key))


def scalar_text(value: t.Any) -> str:
    """Return a value of a map of texts as text, in JSON spelling."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def documents(inventory: t.Mapping[str, t.Any], *more: t.Any) -> list[t.Any]:
    """Return the YAML document of an inventory, and those of the inventories inside it, as Python values.

    :param more: inventories inside it, such as the instances of a group; other values are ignored.
    """
    rows = [inventory, *(row for row in more if isinstance(row, dict))]
    return [_yaml.meaning(row["yaml"]) for row in rows if isinstance(row.get("yaml"), str) and row["yaml"]]


def variables_of(inventory: t.Mapping[str, t.Any]) -> set[str]:
    """Return the values of all variables that an inventory shows: they may be secrets of other users."""
    return {value for _unused, value in shown_variables(inventory)}


def shown_variables(inventory: t.Mapping[str, t.Any]) -> t.Iterator[tuple[str, str]]:
    """Yield the variables in the YAML texts of an inventory and of its instances, as names and values; variables without a value are omitted."""
    instances = inventory.get("instances")
    rows = [inventory, *(row for row in (instances if isinstance(instances, list) else []) if isinstance(row, dict))]
    for text in (row[key] for row in rows for key in YAML_KEYS if isinstance(row.get(key), str)):
        yield from (pair for pair in variables_in(text) or () if pair[1])


def variables_in(text: str) -> list[tuple[str, str]] | None:
    """Return the variables that a YAML text sets, as names and values; None for a text that cannot be parsed.

    They are in members ``env``, at any level: ``KEY:value``, ``KEY=value``, a map, or records with ``name`` and ``value``.
    """
    if "env" not in text:
        return []
    found: list[tuple[str, str]] = []
    for part in _DOCUMENT.split(text):
        document = _yaml.meaning(part)
        if isinstance(document, str) and "env" in document:
            return None
        pending, seen = [document], set()
        while pending:
            item = pending.pop()
            if not isinstance(item, (dict, list)) or id(item) in seen:
                continue
            seen.add(id(item))
            if isinstance(item, dict) and "env" in item:
                found.extend(_pairs(item["env"]))
            pending.extend(item.values() if isinstance(item, dict) else item)
    return found


def _pairs(env: t.Any) -> t.Iterator[tuple[str, str]]:
    if isinstance(env, dict):
        yield from ((str(key), scalar_text(value)) for key, value in env.items() if value is not None)
    for entry in env if isinstance(env, list) else ():
        if isinstance(entry, dict):
            if "name" in entry and entry.get("value") is not None:
                yield str(entry["name"]), scalar_text(entry["value"])
            elif "name" not in entry:
                yield from ((str(key), scalar_text(value)) for key, value in entry.items() if value is not None)
        else:
            found = _VARIABLE.fullmatch(str(entry))
            if found:
                yield found.group(1), found.group(2)
