# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Field types: how a value is read, normalized, compared, sent and shown. No I/O.

Each type converts the value of the user (`want`) and the value of the server (`read`) to the same canonical form. Two values are equal for the API exactly if
their canonical forms are equal.
"""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import java_length, trim

INT32 = 2 ** 31 - 1
INT64 = 2 ** 63 - 1


class FieldType:
    """A type of values. Subclasses override what differs.

    ``argument`` is the part of the Ansible argument specification that the type determines, ``empty`` the value that clears the field in a request,
    None if no value does, and ``command`` is true for a field without a value of its own.
    """

    argument: t.ClassVar[dict[str, t.Any]] = {"type": "str"}
    empty: t.ClassVar[t.Any] = None
    command: t.ClassVar[bool] = False

    def want(self, value: t.Any) -> t.Any:
        """Return the canonical form of the value of an option."""
        return value

    def read(self, raw: t.Any) -> t.Any:
        """Return the canonical form of a value of the inventory; None for a missing key.

        Any usual exception means a form that the API does not have, see `Field.found`.
        """
        return raw

    def same(self, wanted: t.Any, found: t.Any) -> bool:
        """Return whether both canonical forms are equivalent for the API."""
        return wanted == found

    def send(self, value: t.Any) -> t.Any:
        """Return the request value for the value of an option."""
        return value

    def show(self, canonical: t.Any) -> t.Any:
        """Return the canonical form for a diff, of JSON types only."""
        return canonical

    def after(self, wanted: t.Any, found: t.Any) -> t.Any:
        """Return the canonical form after a repair."""
        return wanted

    def repair(self, value: t.Any, found: t.Any) -> t.Any:
        """Return the request value of a repair, given the existing value ``found``."""
        return self.send(value)

    def stored(self, value: t.Any) -> t.Any:
        """Return the inventory value for the value of an option."""
        return self.send(value)

    def express(self, raw: t.Any) -> t.Any:
        """Return the value of the option that expresses an inventory value; None if there is none."""
        return self.read(raw)

    def check(self, option: str, value: t.Any) -> None:
        """Refuse an invalid value.

        :raises OptionError: with the option, the rule and the solution.
        """

    def length(self, value: t.Any) -> int | None:
        """Return the length that the server compares with a limit, or None if the value has no length."""
        return None


def _scalar(raw: t.Any) -> t.Any:
    """Return the value; raise TypeError for a list or an object."""
    if isinstance(raw, (dict, list)):
        raise TypeError
    return raw


def _list(raw: t.Any) -> list[t.Any]:
    """Return the value; raise TypeError for anything except a list."""
    if not isinstance(raw, list):
        raise TypeError
    return raw


class Text(FieldType):
    """A string. Blanks around it are ignored; absent and empty are the same (a null is never stored as one)."""

    # In a request, an empty text is a value, and null is not (AI API page, section 1).
    empty = ""

    def want(self, value: t.Any) -> t.Any:
        return trim(value)

    def read(self, raw: t.Any) -> t.Any:
        return None if raw is None else trim(str(_scalar(raw)))

    def same(self, wanted: t.Any, found: t.Any) -> bool:
        return (wanted or "") == (found or "")

    def send(self, value: t.Any) -> t.Any:
        return trim(value)

    def length(self, value: t.Any) -> int | None:
        return java_length(trim(value))


class Number(FieldType):
    """A whole number.

    :param largest: INT32 for an Integer, INT64 for a Long of the API, or the limit of the parameter.
    :param least: the minimum that the API accepts.
    """

    argument: t.ClassVar[dict[str, t.Any]] = {"type": "int"}

    def __init__(self, largest: int, least: int = 0) -> None:
        self.largest = largest
        self.least = least

    def read(self, raw: t.Any) -> t.Any:
        if raw is None or (isinstance(raw, float) and raw.is_integer()):
            return raw and int(raw)
        # As text, because int() truncates a fraction and converts true to 1.
        return int(str(_scalar(raw)))

    def check(self, option: str, value: t.Any) -> None:
        if not self.least <= value <= self.largest:
            raise OptionError("%s: %s is out of range. The API takes whole numbers from %d to %d." % (option, value, self.least, self.largest))


class Flag(FieldType):
    """True or false; a missing flag in the inventory is false."""

    argument: t.ClassVar[dict[str, t.Any]] = {"type": "bool"}
    empty = False

    def read(self, raw: t.Any) -> t.Any:
        return str(raw).lower() == "true"


class NumberSetText(FieldType):
    """A set of whole numbers: one comma-separated string in the request, a list of numbers in the inventory.

    Source: AI API page, section 3 (recommendedGpuNum).
    """

    argument: t.ClassVar[dict[str, t.Any]] = {"type": "list", "elements": "int"}

    def want(self, value: t.Any) -> t.Any:
        return sorted({int(number) for number in value})

    def read(self, raw: t.Any) -> t.Any:
        if raw is None:
            return None
        numbers = raw.split(",") if isinstance(raw, str) else raw
        return sorted({int(number) for number in numbers if str(number).strip()})

    def same(self, wanted: t.Any, found: t.Any) -> bool:
        return wanted == (found or [])

    def send(self, value: t.Any) -> t.Any:
        return ",".join(str(number) for number in self.want(value))

    def stored(self, value: t.Any) -> t.Any:
        return self.want(value)

    def check(self, option: str, value: t.Any) -> None:
        for number in value:
            if not 0 < number <= INT32:
                raise OptionError("%s: %s is not a number of GPUs. Give positive whole numbers." % (option, number))

    def length(self, value: t.Any) -> int | None:
        return len(self.send(value))


class NameSet(FieldType):
    """A set of names.

    :param fold: compare without case, as the server stores some of them in lower case (AI API page, section 7).
    """

    argument: t.ClassVar[dict[str, t.Any]] = {"type": "list", "elements": "str"}

    def __init__(self, fold: bool = False) -> None:
        self._fold = fold

    def _canonical(self, names: t.Iterable[t.Any]) -> list[str]:
        trimmed = (trim(str(name)) for name in names)
        return sorted({name.lower() if self._fold else name for name in trimmed})

    def want(self, value: t.Any) -> t.Any:
        return self._canonical(value)

    def read(self, raw: t.Any) -> t.Any:
        return None if raw is None else self._canonical(map(_scalar, _list(raw)))

    def same(self, wanted: t.Any, found: t.Any) -> bool:
        return wanted == (found or [])

    def send(self, value: t.Any) -> t.Any:
        # Each name once: the server refuses repeated tags.
        unique: dict[str, str] = {}
        for name in (trim(str(name)) for name in value):
            unique.setdefault(name.lower() if self._fold else name, name)
        return list(unique.values())

    def check(self, option: str, value: t.Any) -> None:
        for name in value:
            if not trim(str(name)):
                raise OptionError("%s: an entry is empty. Remove it, the API takes no empty entries." % option)


class Members(NameSet):
    """Names that the object must have; its other names are not changed."""

    def same(self, wanted: t.Any, found: t.Any) -> bool:
        return set(wanted) <= set(found or [])

    def after(self, wanted: t.Any, found: t.Any) -> t.Any:
        return sorted(set(wanted) | set(found or []))

    def repair(self, value: t.Any, found: t.Any) -> t.Any:
        return [name for name in self.want(value) if name not in (found or [])]


class NameSetMap(FieldType):
    """A map of sets of names, such as GPU vendor to GPU spec uuids (AI API page, section 4)."""

    argument: t.ClassVar[dict[str, t.Any]] = {"type": "dict"}

    def want(self, value: t.Any) -> t.Any:
        return {str(key): sorted({trim(str(name)) for name in names}) for key, names in value.items()}

    def read(self, raw: t.Any) -> t.Any:
        return None if raw is None else self.want({key: _list(names or []) for key, names in raw.items()})

    def same(self, wanted: t.Any, found: t.Any) -> bool:
        return wanted == (found or {})

    def send(self, value: t.Any) -> t.Any:
        return {str(key): [trim(str(name)) for name in names] for key, names in value.items()}

    def check(self, option: str, value: t.Any) -> None:
        if not value:
            raise OptionError("%s: the map is empty. The server refuses that; omit the option instead (ORG_ZSTACK_AI_10044)." % option)
        for key, names in value.items():
            if not trim(str(key)):
                raise OptionError("%s: a key is empty. Name the vendor (ORG_ZSTACK_AI_10045)." % option)
            if not isinstance(names, list) or not names or not all(isinstance(name, str) and trim(name) for name in names):
                raise OptionError("%s: the value of %s must be a list of uuids with at least one entry (ORG_ZSTACK_AI_10046)." % (option, key))


class Records(FieldType):
    """A set of records, keyed by one of their members (AI API page, section 4: architectureImages).

    :param members: option name to API name; the first one is the key and is compared without case.
    :param needs: options of which each record requires at least one.
    """

    def __init__(self, members: dict[str, str], needs: t.Sequence[str]) -> None:
        self._members = members
        self._key = next(iter(members))
        self._needs = needs
        self.argument = {  # type: ignore[misc]
            "type": "list",
            "elements": "dict",
            "options": {name: {"type": "str", "required": name == self._key} for name in members},
            "required_one_of": [list(needs)],
        }

    def _canonical(self, records: t.Iterable[t.Mapping[str, t.Any]], name_of: t.Callable[[str], str]) -> dict[str, dict[str, str]]:
        found = {}
        for record in records:
            values = {option: trim(str(record.get(name_of(option)) or "")) for option in self._members}
            key = values.pop(self._key).lower()
            found[key] = {option: value for option, value in values.items() if value}
        return found

    def want(self, value: t.Any) -> t.Any:
        return self._canonical(value, lambda option: option)

    def read(self, raw: t.Any) -> t.Any:
        return None if raw is None else self._canonical(raw, lambda option: self._members[option])

    def same(self, wanted: t.Any, found: t.Any) -> bool:
        return wanted == (found or {})

    def express(self, raw: t.Any) -> t.Any:
        return None if raw is None else [{self._key: key, **values} for key, values in self.read(raw).items()]

    def send(self, value: t.Any) -> t.Any:
        return [
            {api: trim(str(record[option])) for option, api in self._members.items() if record.get(option) is not None}
            for record in value
        ]

    def check(self, option: str, value: t.Any) -> None:
        if not value:
            raise OptionError("%s: the list is empty. The server refuses that; omit the option instead (ORG_ZSTACK_AI_10056)." % option)
        keys = [trim(str(record.get(self._key) or "")).lower() for record in value]
        for key, record in zip(keys, value):
            if not key:
                raise OptionError("%s: an entry has no %s (ORG_ZSTACK_AI_10049)." % (option, self._key))
            if not any(record.get(name) for name in self._needs):
                raise OptionError("%s: the entry for %s needs %s (ORG_ZSTACK_AI_10051)." % (option, key, " or ".join(self._needs)))
            if keys.count(key) > 1:
                raise OptionError("%s: %s is given twice. Each %s may appear once (ORG_ZSTACK_AI_10055)." % (option, key, self._key))


TEXT = Text()
INTEGER = Number(INT32)
LONG = Number(INT64)
POSITIVE = Number(INT32, 1)
PORT = Number(65535, 1)
FLAG = Flag()
NUMBER_SET_TEXT = NumberSetText()
NAME_SET = NameSet()
FOLDED_NAME_SET = NameSet(fold=True)
MEMBERS = Members()
NAME_SET_MAP = NameSetMap()
