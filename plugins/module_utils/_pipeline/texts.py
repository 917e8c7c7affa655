# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Check options as given, before Ansible converts them. Pure.

Ansible's validation converts every value of a text option to text: ``true`` becomes "True", ``3.10`` becomes "3.1", and a mapping becomes its Python
representation. Therefore values are checked here before, for tasks and for items of a catalog.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime
import difflib
import json
import math
import typing as t

from ansible.module_utils.common.validation import check_type_dict
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import Pairs, brief
from ansible_collections.zstack.aios.plugins.module_utils._resources.structure import repeated_key, text_of

# An argument specification, or the part of one option.
Spec = t.Mapping[str, t.Any]
Path = tuple[t.Union[str, int], ...]

TEXT_TYPES = ("str", "path")
_NUMBER_TYPES = ("int", "float")
_NO_TEXT = "Write the text itself in quotes; in a template, end the expression with a filter that returns text, such as to_json, join or string."


@dataclasses.dataclass(frozen=True)
class Finding:
    """An error or warning about one value.

    :param path: the option, and the entries and members down to the value.
    :param message: whole sentences without the path. They never contain the value of a secret option.
    :param refused: True for an error, False for a warning.
    """

    path: Path
    message: str
    refused: bool

    @property
    def option(self) -> str:
        """The path as the user would write it, such as ``architecture_images[0].docker_image``."""
        return "".join("[%d]" % step if isinstance(step, int) else ".%s" % step for step in self.path)[1:]

    def __str__(self) -> str:
        return "%s: %s" % (self.option, self.message)


def inspect(spec: Spec, given: Spec, structured: t.Container[str] = (), maps: t.Container[str] = ()) -> list[Finding]:
    """Return errors and warnings about the values of text and number options.

    :param spec: the argument specification: option to type, elements, options, no_log.
    :param given: the options as they were given, after `expand_lists`.
    :param structured: options that accept text or a structure, which is sent as JSON.
    :param maps: options that accept a map of texts.
    """
    found = [
        finding for name, argument in spec.items() if name in maps and isinstance(given.get(name), collections.abc.Mapping)
        for finding in _map(given[name], (name,), bool(argument.get("no_log")))]
    return [*_members(spec, given, structured, (), False), *found]


def accept(spec: Spec, given: Spec, structured: t.Container[str] = (), maps: t.Container[str] = ()) -> list[str]:
    """Return the warnings about the options of a task.

    :raises OptionError: naming each invalid value.
    """
    findings = inspect(spec, given, structured, maps)
    refused = [str(finding) for finding in findings if finding.refused]
    if refused:
        raise OptionError(" ".join(refused))
    return [str(finding) for finding in findings]


def split_refused(spec: Spec, given: Spec) -> tuple[dict[str, t.Any], OptionError | None]:
    """Return the options without those whose members cannot be read, and the error about these, if any.

    Ansible's validation ends with a Python error for some of them, such as text in place of a mapping.

    :param given: the options as they were given, after `expand_lists`.
    """
    refused = {
        name: [str(finding) for finding in _value(spec[name], value, False, (name,), True) if finding.refused]
        for name, value in given.items() if value is not None and spec.get(name, {}).get("options")}
    messages = [message for found in refused.values() for message in found]
    return {name: value for name, value in given.items() if not refused.get(name)}, OptionError(" ".join(messages)) if messages else None


def _members(spec: Spec, given: Spec, structured: t.Container[str], path: Path, secret: bool) -> t.Iterator[Finding]:
    for name, argument in spec.items():
        if given.get(name) is not None:
            yield from _value(argument, given[name], name in structured, (*path, name), secret or bool(argument.get("no_log")))


def _value(argument: Spec, value: t.Any, structured: bool, path: Path, secret: bool) -> t.Iterator[Finding]:
    kind = argument.get("type") or "str"
    if kind in TEXT_TYPES or structured:
        yield from _text(value, structured, path, secret)
    elif kind in _NUMBER_TYPES and isinstance(value, bool):
        yield Finding(path, "the option takes a number and received a boolean. Write the number.", True)
    elif kind == "list":
        yield from _entries(argument, value, path, secret)
    elif kind == "dict" and isinstance(value, str) and repeated_key(value) is not None:
        yield _repeats(path, str(repeated_key(value)))
    elif kind == "dict" and argument.get("options"):
        record = _record(value)
        if record is None:
            yield Finding(path, "the option takes a mapping and received %s. %s" % (_noun(value), _name_members(argument["options"])), True)
        else:
            yield from _members(argument["options"], record, (), path, secret)


def _entries(argument: Spec, value: t.Any, path: Path, secret: bool) -> t.Iterator[Finding]:
    entry = entry_of(argument)
    if isinstance(value, (bool, int, float)):
        # Ansible accepts it as a list with one entry.
        yield from _value(entry, value, False, path, secret)
    repeated = repeated_key(value) if isinstance(value, str) else None
    if repeated is not None:
        yield _repeats(path, repeated)
    elif isinstance(value, str) and value.strip().startswith("[") and value.strip().endswith("]"):
        yield Finding(path, "the option takes a list, and the text in brackets is not valid JSON. Write a YAML list, or JSON with double quotes.", True)
    elif isinstance(value, str) and entry["options"] and _record(value) is None:
        yield Finding(path, "the option takes a list of mappings and received text. %s" % _name_members(entry["options"]), True)
    for number, item in enumerate(value if isinstance(value, list) else ()):
        if item is None and (entry["type"] in TEXT_TYPES or entry["type"] in _NUMBER_TYPES):
            yield Finding((*path, number), "the entry is null. Remove it, or write its value.", True)
        elif item is not None:
            yield from _value(entry, item, False, (*path, number), secret)


def _noun(value: t.Any) -> str:
    """Return what a value other than a mapping is, in the words of YAML."""
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    return "a list" if isinstance(value, (list, tuple)) else "text"


def _name_members(options: Spec) -> str:
    return "Its members are %s." % ", ".join(sorted(options))


def _repeats(path: Path, key: str) -> Finding:
    """Return the finding for a JSON text with a repeated key, of which Ansible would use the last value."""
    return Finding(path, "the JSON text gives the key %s twice in one place, with different values. Remove one of them." % brief(key), True)


def _map(given: Spec, path: Path, secret: bool) -> t.Iterator[Finding]:
    """Findings about the values; a structure is refused by the type of the option."""
    for name, value in given.items():
        if isinstance(value, (bool, int, float, datetime.datetime)):
            yield Finding((*path, str(name)), _changed(value, True, secret), False)


def _text(value: t.Any, structured: bool, path: Path, secret: bool) -> t.Iterator[Finding]:
    if isinstance(value, (str, bytes, datetime.date)) and not isinstance(value, datetime.datetime):
        return  # a date is converted to its text in YAML
    if isinstance(value, float) and structured and not math.isfinite(value):
        return  # refused by the option's type
    if isinstance(value, (bool, int, float, datetime.datetime)):
        yield Finding(path, _changed(value, structured, secret), False)
    elif not structured:
        noun = "mapping" if isinstance(value, collections.abc.Mapping) else "list"
        yield Finding(path, "the option takes text and received a %s. %s" % (noun, _NO_TEXT), True)


def _changed(value: t.Any, structured: bool, secret: bool) -> str:
    noun = "boolean" if isinstance(value, bool) else "date and time" if isinstance(value, datetime.datetime) else "number"
    ending = "Write the value in quotes to keep its spelling."
    if secret:
        return "the option takes text and received a %s, which YAML may have changed. It is not shown, because it is secret. %s" % (noun, ending)
    text = value.isoformat() if isinstance(value, datetime.datetime) else text_of(value) if structured else str(value)
    shown = text if isinstance(value, datetime.datetime) else json.dumps(value)
    return 'the option takes text and received the %s %s. It becomes the text "%s". %s' % (noun, shown, text, ending)


def entry_of(argument: Spec) -> dict[str, t.Any]:
    """Return the specification of the entries of a list option."""
    return {"type": argument.get("elements") or "raw", "options": argument.get("options")}


def _record(value: t.Any) -> Spec | None:
    """Return the members of a record as Ansible reads them; text may be JSON or ``key=value``."""
    if isinstance(value, collections.abc.Mapping):
        return value
    try:
        return t.cast(Spec, check_type_dict(value))
    except TypeError:
        return None  # Ansible refuses it with its own message


def expand_lists(spec: Spec, given: Spec) -> dict[str, t.Any]:
    """Return the options with each list that was given as JSON text, as a survey or a template does, turned into that list."""
    return {name: _expanded(spec[name], value) if name in spec else value for name, value in given.items()}


def _expanded(argument: Spec, value: t.Any) -> t.Any:
    kind, options = argument.get("type"), argument.get("options")
    if kind == "list":
        if isinstance(value, str) and value.strip().startswith("["):
            value = _json_list(value)
        if isinstance(value, list) and options:
            return [expand_lists(options, entry) if isinstance(entry, collections.abc.Mapping) else entry for entry in value]
    elif kind == "dict" and options and isinstance(value, collections.abc.Mapping):
        return expand_lists(options, value)
    return value


def _json_list(text: str) -> t.Any:
    """Return the list in a text; the text itself if it is not JSON, or gives a key twice with different values."""
    pairs = Pairs()
    try:
        found = json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return text
    return found if pairs.repeated is None else text


def with_suggestions(message: str, spec: Spec, unknown: t.Iterable[t.Any]) -> str:
    """Return the message of Ansible's validation, followed by a question for each unknown option that resembles a known one.

    :param unknown: names, or tuples of names for members of an option, as the validation reports them.
    """
    questions = []
    for path in sorted((name,) if isinstance(name, str) else tuple(name) for name in unknown):
        known: t.Mapping[str, t.Any] | None = spec
        for step in path[:-1]:
            known = ((known or {}).get(step) or {}).get("options")
        near = nearest(path[-1], known or {})
        if near:
            questions.append("Did you mean %s instead of %s?" % (".".join((*path[:-1], near)), ".".join(path)))
    return " ".join([message.rstrip(".") + "." if questions else message, *questions])


def nearest(name: str, known: t.Iterable[str]) -> str | None:
    """Return the most similar known name, if any."""
    return next(iter(difflib.get_close_matches(name[:100], list(known), 1)), None)
