# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The parameters of one API call: refuse values that its table does not allow, and convert each value to the type of the API. Pure."""

from __future__ import annotations

import difflib
import math
import re
import typing as t

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.texts import expand_lists, inspect
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.query import OPERATORS, split
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import holds_mask, java_length, listed, quoted, stray_surrogate, trim
from ansible_collections.zstack.aios.plugins.module_utils._resources import calls as _calls
from ansible_collections.zstack.aios.plugins.module_utils._resources.calls import PUBLISHED, ApiCall, Parameter
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import INT32, INT64, NAME_SET_MAP
from ansible_collections.zstack.aios.plugins.module_utils._resources.remembered import Variables
from ansible_collections.zstack.aios.plugins.module_utils._resources.structure import text_of
from ansible_collections.zstack.aios.plugins.module_utils._resources.structured import JSON_TEXT, YAML_TEXT, StructuredText

# Text parameters that also take a structure, which becomes JSON, and their notation.
STRUCTURED: dict[str, StructuredText] = {"parameters": JSON_TEXT, "yaml": YAML_TEXT}
_PLACE = "parameters"
# A segment of a path: uuids, and the values documented for modelProfileId. No value can leave its segment.
_SEGMENT = re.compile(r"[0-9A-Za-z_-]{1,128}")
_WHOLE = re.compile(r"[+-]?[0-9]+(\.0+)?")
_FIELD = re.compile(r"[A-Za-z0-9_.]+")
_VARIABLES = Variables()
_NEAREST, _LISTED = 3, 12
# Sent in addition to the parameters.
_TAGS = {"systemTags": " Give the option system_tags of the task.", "userTags": " Give the option user_tags of the task."}


def known_call(name: str) -> ApiCall:
    """Return the call of that name.

    :raises OptionError: naming the nearest calls.
    """
    call = _calls.find(name)
    if call is None:
        raise OptionError("call: %s is not a call of the AI API.%s" % (quoted(name), suggestion(name, _calls.names())))
    return call


def suggestion(name: t.Any, known: t.Iterable[str]) -> str:
    """Return a question with the nearest known names and a leading blank; empty if none is similar."""
    folded = {other.lower(): other for other in known}
    near = [folded[found] for found in difflib.get_close_matches(str(name)[:100].lower(), list(folded), _NEAREST)]
    return " Did you mean %s?" % " or ".join(filter(None, (", ".join(near[:-1]), near[-1]))) if near else ""


class Values:
    """The values of the parameters of one call, converted to the types of the API.

    :param given: the parameters of the task; null is the same as an omitted parameter (AI API page, section 1).
    :raises OptionError: for values that the table of the call does not allow, naming the parameter, the rule and the solution.
    """

    def __init__(self, call: ApiCall, given: t.Mapping[str, t.Any]) -> None:
        self.call = call
        self.warnings: list[str] = []
        # Versions that are required: name in messages to version.
        self.since: dict[str, str] = {call.name: call.since} if call.since else {}
        self.inferred: dict[str, str] = {}
        self.newer: list[str] = [call.name] if call.newer else []
        self._check_names(call.parameters, given, _PLACE, "the call %s" % call.name)
        spec = {name: parameter.argument for name, parameter in call.parameters.items()}
        given = expand_lists(spec, {name: value for name, value in given.items() if value is not None})
        self._check_texts(spec, given)
        self.values = {name: self._value(call.parameters[name], value, "%s.%s" % (_PLACE, name)) for name, value in given.items()}
        self._check_missing()
        if call.path_one:
            self._check_query()

    def of(self, place: str) -> dict[str, t.Any]:
        """Return the values for one part of the request."""
        return {name: value for name, value in self.values.items() if self.call.parameters[name].place == place}

    @staticmethod
    def _check_names(known: t.Mapping[str, t.Any], given: t.Mapping[str, t.Any], path: str, owner: str) -> None:
        for name in given:
            if name not in known:
                hint = _TAGS.get(name) or suggestion(name, known) or (" It has %s." % listed(list(known), _LISTED) if known else " It has none.")
                raise OptionError("%s.%s: %s has no such parameter.%s" % (path, name, owner, hint))

    def _check_texts(self, spec: t.Mapping[str, t.Any], given: t.Mapping[str, t.Any]) -> None:
        findings = [(("%s.%s" % (_PLACE, finding)), finding.refused) for finding in inspect(spec, given, STRUCTURED)]
        refused = [message for message, is_refused in findings if is_refused]
        if refused:
            raise OptionError(" ".join(refused))
        self.warnings += [message for message, _unused in findings]

    def _check_missing(self) -> None:
        missing = [parameter.name for parameter in self.call.parameters.values() if parameter.required and self.values.get(parameter.name) in (None, [])]
        if missing:
            raise OptionError("%s: the call %s needs %s. Give %s." % (
                _PLACE, self.call.name, " and ".join(filter(None, (", ".join(missing[:-1]), missing[-1]))), "it" if len(missing) == 1 else "them"))

    def _check_query(self) -> None:
        if "uuid" in self.values and len(self.values) > 1:
            others = [name for name in self.values if name != "uuid"]
            raise OptionError("%s.uuid: a query for one object ignores every other parameter. Remove %s, or give the uuid as the condition 'uuid=...' of q." % (
                _PLACE, ", ".join(others)))
        for number, text in enumerate(self.values.get("q") or []):
            parts = split(text)
            place = "%s.q[%d]" % (_PLACE, number)
            if parts is None:
                raise OptionError("%s: %s has no operator. Give a field, one of the operators %s, and a value." % (place, quoted(text), ", ".join(OPERATORS)))
            if not _FIELD.fullmatch(parts[0]):
                # The server splits at the first operator of its list, wherever it is (REST protocol page, 5.1).
                raise OptionError("%s: the server would read %s as the field %s and the operator %s. Give a field name first, and use ~= with the "
                                  "wildcard _ instead of an operator inside a value." % (place, quoted(text), quoted(parts[0]), parts[1]))
        for name in ("sort", "fields"):
            for field in str(self.values.get(name) or "uuid").split(","):
                if not _FIELD.fullmatch(field.strip().lstrip("+-")):
                    raise OptionError("%s.%s: %s is not a field name." % (_PLACE, name, quoted(field)))

    def _value(self, parameter: Parameter, value: t.Any, path: str) -> t.Any:
        if holds_mask(value):
            raise OptionError("%s: ******** is the mask that Ansible shows instead of a secret, not a value. Give the real value." % path)
        refuse_stray(path, value)
        self._note_version(parameter, value, path)
        if parameter.place == "path":
            return _segment(value, path)
        if parameter.type == "Map":
            return _map(parameter, value, path)
        if parameter.type == "List":
            return self._list(parameter, value, path)
        return _scalar(parameter, parameter.type, value, path)

    def _note_version(self, parameter: Parameter, value: t.Any, path: str) -> None:
        if parameter.since:
            self.since[path] = parameter.since
        elif parameter.inferred:
            self.inferred[path] = parameter.inferred
        if parameter.newer or (isinstance(value, str) and trim(value) in parameter.later_choices):
            self.newer.append(path)

    def _list(self, parameter: Parameter, value: t.Any, path: str) -> list[t.Any]:
        if parameter.name == "q" and isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            raise OptionError("%s: the parameter takes a list and received %s. Write a YAML list." % (path, _kind(value)))
        entries = [self._entry(parameter, item, "%s[%d]" % (path, number)) for number, item in enumerate(value)]
        if parameter.items == "Integer" and len(set(entries)) < len(entries):
            raise OptionError("%s: a number is given twice. Give each one once." % path)
        return entries

    def _entry(self, parameter: Parameter, value: t.Any, path: str) -> t.Any:
        members = parameter.members
        if members is None:
            if isinstance(value, str) and not trim(value):
                raise OptionError("%s: the entry is empty. Remove it." % path)
            return _scalar(parameter, parameter.items, value, path)
        if not isinstance(value, dict):
            raise OptionError("%s: the entry must be a mapping, and is %s. Its members are %s." % (path, _kind(value), ", ".join(members)))
        self._check_names(members, value, path, "the structure")
        for name, member in members.items():
            if member.required and value.get(name) is None:
                raise OptionError("%s: the entry needs %s." % (path, name))
        return {name: self._value(members[name], item, "%s.%s" % (path, name)) for name, item in value.items() if item is not None}


def refuse_stray(path: str, value: t.Any) -> None:
    """Refuse text that cannot be sent: Ansible represents bytes that are not UTF-8 as surrogates.

    :raises OptionError: naming the character.
    """
    found = stray_surrogate(value)
    if found:
        raise OptionError(
            "%s: the text contains U+%04X, which is not a character but a byte that is not UTF-8, or half of a surrogate pair. Convert it to UTF-8." % (
                path, ord(found)))


def lacking(values: Values, running: tuple[int, ...], parsed: t.Callable[[str], tuple[int, ...] | None]) -> list[str]:
    """Return what the running version does not support, as messages list it.

    :param parsed: converts a version to numbers.
    """
    found = ["%s needs %s" % (name, since) for name, since in values.since.items() if (parsed(since) or ()) > running]
    return found + ["%s needs a version after %s" % (name, PUBLISHED) for name in values.newer if running <= (parsed(PUBLISHED) or ())]


def _segment(value: t.Any, path: str) -> str:
    text = value if isinstance(value, str) else ""
    if not _SEGMENT.fullmatch(text):
        raise OptionError("%s: %s cannot be part of the address. Give 1 to 128 letters, digits, _ and -, such as a uuid." % (path, quoted(value)))
    return text


def _map(parameter: Parameter, value: t.Any, path: str) -> dict[str, t.Any]:
    if not isinstance(value, dict):
        raise OptionError("%s: the parameter takes a mapping and received %s." % (path, _kind(value)))
    kind: t.Any = NAME_SET_MAP if parameter.items == "List of String" else _VARIABLES
    kind.check(path, value)
    return t.cast(dict[str, t.Any], kind.send(value))


def _scalar(parameter: Parameter, kind: str, value: t.Any, path: str) -> t.Any:
    if kind == "String":
        return _text(parameter, value, path)
    if kind == "Boolean":
        try:
            return boolean(value)
        except TypeError as error:
            raise OptionError("%s: the parameter takes true or false and received %s." % (path, _kind(value))) from error
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise OptionError("%s: the parameter takes a number and received %s." % (path, _kind(value)))
    return _decimal(value, path) if kind == "Float" else _whole(parameter, kind, value, path)


def _text(parameter: Parameter, value: t.Any, path: str) -> str:
    if isinstance(value, (dict, list)):
        try:
            text = text_of(value)
        except ValueError as error:
            raise OptionError("%s: the structure cannot be sent as JSON: %s. Write it as text." % (path, error)) from error
    else:
        text = str(value)
        if parameter.name in STRUCTURED:
            STRUCTURED[parameter.name].refuse_repeated(path, text)
    if parameter.longest is not None and java_length(trim(text)) > parameter.longest:
        raise OptionError("%s: the text has %d characters, and the API takes at most %d. Shorten it." % (path, java_length(trim(text)), parameter.longest))
    choices = parameter.choices + parameter.later_choices
    if choices and trim(text) not in choices:
        raise OptionError("%s: %s is not one of the values that the API accepts: %s." % (path, quoted(text), ", ".join(choices)))
    if parameter.required and not trim(text):
        raise OptionError("%s: the text is empty, and the call requires it." % path)
    return text


def _decimal(value: t.Any, path: str) -> float:
    try:
        number = float(value)
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise OptionError("%s: %s is not a number." % (path, quoted(value)))
    return number


def _whole(parameter: Parameter, kind: str, value: t.Any, path: str) -> int:
    text = trim(str(value))
    if isinstance(value, float) and value.is_integer():
        text = str(int(value))
    if not _WHOLE.fullmatch(text):
        raise OptionError("%s: %s is not a whole number." % (path, quoted(value)))
    largest = INT64 if kind == "Long" else INT32
    least, most = parameter.range or ((0 if parameter.place == "query" else -largest - 1), largest)
    # Python limits the digits of the numbers that it reads.
    number = int(text.partition(".")[0]) if len(text) < 40 else INT64 + 1
    if not least <= number <= most:
        raise OptionError("%s: %s is out of range. The API takes whole numbers from %d to %d." % (path, text[:40], least, most))
    return number


def _kind(value: t.Any) -> str:
    """Return the type of a value in words; never the value, which may be secret."""
    if isinstance(value, bool):
        return "a boolean"
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a text" if isinstance(value, str) else "a number"
