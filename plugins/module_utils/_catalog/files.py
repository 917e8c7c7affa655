# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Read a directory of YAML files: the raw items, each value with its position, and all errors found while reading."""

from __future__ import annotations

import dataclasses
import math
import re
import traceback
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.limits import (
    DEEPEST, MOST_ERRORS, MOST_VALUES, TOO_DEEP, TOO_MANY, number_problem, shown,
)
from ansible_collections.zstack.aios.plugins.module_utils._catalog.paths import Unreadable, read_file, survey
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.texts import TEXT_TYPES, Spec, entry_of, nearest
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import brief

YAML_TRACEBACK: str | None = None
try:
    import yaml
except ImportError:
    YAML_TRACEBACK = traceback.format_exc()

_CORE = "tag:yaml.org,2002:"
_MERGE = _CORE + "merge"
_MAPPING, _SEQUENCE, _TEXT = _CORE + "map", _CORE + "seq", _CORE + "str"
_NUMBERS = ("int", "float", "bool", "timestamp")
_LOADER = None if YAML_TRACEBACK else getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# The specification of a scalar without any other specification.
_AS_TEXT: Spec = {"type": "str"}
_AS_IT_IS: Spec = {"type": "raw"}


# An escaped surrogate, which the faster parser refuses.
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


class Place(t.NamedTuple):
    """A position. Without a file for values given to the module itself."""

    file: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclasses.dataclass(frozen=True)
class CatalogError:
    """An error in a catalog.

    :param item: the item's label, such as ``models[3] (qwen)``; empty for a file as a whole.
    :param option: empty for an item as a whole.
    :param rule: the kind of error, a key of `checking.RULES`.
    """

    place: Place
    message: str
    item: str = ""
    option: str = ""
    rule: str = "value"

    def __str__(self) -> str:
        return ": ".join(part for part in (str(self.place), self.item, self.option, self.message) if part)

    def as_result(self) -> dict[str, t.Any]:
        """Return the error in the form of the result."""
        return {**self.place._asdict(), "item": self.item or None, "option": self.option or None, "msg": self.message, "rule": self.rule}


@dataclasses.dataclass
class RawItem:
    """One entry of a list in a file, not yet checked.

    :param pairs: the nodes of the name and value of each option, as parsed by the YAML library.
    :param broken: whether it was read with errors, so that options may be missing.
    """

    kind: str
    index: int
    place: Place
    given: dict[str, t.Any]
    pairs: dict[str, tuple[t.Any, t.Any]]
    broken: bool = False

    def place_of(self, option: str) -> Place:
        """Return the position of an option, or of an entry or member inside it; the position of the item for an option that it does not have.

        :param option: such as ``vendor`` or ``architecture_images[0].docker_image``.
        """
        first, *steps = [option] if option in self.pairs else re.findall(r"[^.\[\]]+", option) or [option]
        found = self.pairs.get(first)
        if found is None:
            return self.place
        place, node = found
        for step in steps:
            found = _inside(node, step)
            if found is None:
                break
            place, node = found
        return Place(self.place.file, place.start_mark.line + 1, place.start_mark.column + 1)


def _inside(node: t.Any, step: str) -> tuple[t.Any, t.Any] | None:
    """Return the node at which an entry or a member begins, and the node of its value; None if it is merged from elsewhere."""
    if isinstance(node, yaml.SequenceNode):
        entry = node.value[int(step)] if step.isdigit() and int(step) < len(node.value) else None
        return entry and (entry, entry)
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next(((key, value) for key, value in pairs if key.value == step), None)


def label(kind: str, index: int, name: t.Any) -> str:
    """Return the name of an item in messages."""
    return "%s[%d]%s" % (kind, index, " (%s)" % (name if len(name) <= 255 else brief(name)) if isinstance(name, str) and name else "")


def find_files(path: str) -> list[str]:
    """Return the catalog files below a directory in a fixed order, or the one file."""
    return survey(path).files


class _Enough(Exception):
    """Reading ends; the errors state why."""


class FileReader:
    """Reads the files and collects the errors.

    For an option that takes text, the spelling in the file is the value: 3.10 is "3.10", not 3.1.

    :param specs: for each kind, the argument specification of an item.
    """

    def __init__(self, specs: t.Mapping[str, Spec]) -> None:
        self._specs = specs
        self._file = ""
        self._constructor = yaml.constructor.SafeConstructor()
        self._left = MOST_VALUES
        self.errors: list[CatalogError] = []

    def read(self, path: str) -> list[RawItem]:
        """Return the items of a file."""
        self._file = path
        if self._left < 0 or len(self.errors) > MOST_ERRORS:
            return []
        before = len(self.errors)
        try:
            root = self._compose(path)
            return [] if len(self.errors) > before else self._items(root)
        except _Enough:
            return []

    def _compose(self, path: str) -> t.Any:
        """Return the document as nodes; None after an error."""
        text = ""
        try:
            text = read_file(path).decode("utf-8-sig")
            if len(text) > MOST_VALUES:
                self._check_size(text)
            # A written value has at least two characters, so only aliases can exceed the limit.
            self._left += len(text) // 2
            return _compose(text)
        except Unreadable as error:
            self.errors.append(CatalogError(Place(path), str(error), rule="file"))
        except (OSError, UnicodeDecodeError) as error:
            self.errors.append(CatalogError(Place(path), "the file cannot be read: %s" % error, rule="file"))
        except yaml.YAMLError as error:
            deep = "nesting depth" in str(error)
            message = TOO_DEEP if deep else "this is not valid YAML: %s" % _problem(error)
            self.errors.append(CatalogError(self._place_of_error(error), message, rule="file"))
        except RecursionError:
            self._check_size(text)
            self.errors.append(CatalogError(Place(path), TOO_DEEP, rule="file"))
        return None

    def _check_size(self, text: str) -> None:
        """Refuse a document that is nested too deep or too large before it is read into memory.

        :raises _Enough: after the error was recorded with its position.
        """
        depth = count = 0
        for event in yaml.parse(text, Loader=_loader_for(text)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            count += isinstance(event, yaml.NodeEvent)
            # The root, the list and the item are three further levels.
            if depth > DEEPEST + 3 or count > MOST_VALUES:
                self._left = -1 if count > MOST_VALUES else self._left
                self._add_error(event, TOO_MANY if count > MOST_VALUES else TOO_DEEP)
                raise _Enough

    def _items(self, root: t.Any) -> list[RawItem]:
        if root is None or root.tag == _CORE + "null":
            return []
        if not isinstance(root, yaml.MappingNode):
            self._add_error(root, "a catalog file must be a mapping with the keys %s" % ", ".join(self._specs))
            return []
        items: list[RawItem] = []
        for key, (key_node, node) in self._pairs(root, "", ()).items():
            if key in self._specs:
                items.extend(self._list(key, node))
            else:
                self._add_error(key_node, self._unknown_key(key), rule="unknown-option")
        return items

    def _unknown_key(self, key: str) -> str:
        near = nearest(key, self._specs)
        return "unknown key %s. Known keys are %s%s" % (brief(key), ", ".join(self._specs), ". Did you mean %s?" % near if near else "")

    def _place(self, node: t.Any) -> Place:
        return Place(self._file, node.start_mark.line + 1, node.start_mark.column + 1)

    def _place_of_error(self, error: t.Any) -> Place:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        return Place(self._file, mark.line + 1, mark.column + 1) if mark else Place(self._file)

    def _add_error(self, node: t.Any, message: str, item: str = "", option: str = "", rule: str = "file") -> None:
        self.errors.append(CatalogError(self._place(node), message, item, shown(option), rule))
        if len(self.errors) > MOST_ERRORS:
            self.errors.append(CatalogError(Place(), "There are more than %d errors, so the rest of the catalog was not read" % MOST_ERRORS, rule="file"))
            raise _Enough

    def _spend(self, node: t.Any, count: int) -> None:
        """Count the values that are read here.

        :raises _Enough: if all files together contain too many.
        """
        self._left -= count
        if self._left < 0:
            self._add_error(node, TOO_MANY)
            raise _Enough

    def _list(self, kind: str, node: t.Any) -> t.Iterator[RawItem]:
        if node.tag == _CORE + "null":
            return
        if not isinstance(node, yaml.SequenceNode):
            self._add_error(node, "%s must be a list" % kind)
            return
        for index, entry in enumerate(node.value):
            name = _name_in(entry)
            if not isinstance(entry, yaml.MappingNode) or entry.tag != _MAPPING:
                self._add_error(entry, "an item must be a mapping of options", label(kind, index, name))
                continue
            yield self._item(kind, index, entry, label(kind, index, name))

    def _item(self, kind: str, index: int, node: t.Any, title: str) -> RawItem:
        given: dict[str, t.Any] = {}
        before = len(self.errors)
        pairs = self._pairs(node, title, ())
        for option, (_unused, value_node) in pairs.items():
            if value_node.tag == _TEXT and isinstance(value_node, yaml.ScalarNode):
                given[option] = value_node.value
                continue
            count = len(self.errors)
            value = self._value(value_node, _outer(self._specs[kind].get(option), value_node), title, option, ())
            # Unreadable values are already reported; they must not be reported as invalid values as well.
            given[option] = value if len(self.errors) == count else None
        return RawItem(kind, index, self._place(node), given, pairs, len(self.errors) > before)

    def _pairs(self, node: t.Any, title: str, inside: tuple[t.Any, ...]) -> dict[str, tuple[t.Any, t.Any]]:
        """Return each key of a mapping with its node. A repeated key is an error; keys merged with << have the lowest precedence."""
        pairs: dict[str, tuple[t.Any, t.Any]] = {}
        merged: list[t.Any] = []
        self._spend(node, 1 + len(node.value))
        if len(inside) > DEEPEST:
            self._add_error(node, TOO_DEEP, title)
            return pairs
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged.extend(value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node])
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self._add_error(key_node, "a key must be plain text", title)
                continue
            if key_node.value in pairs:
                first = pairs[key_node.value][0].start_mark.line + 1
                self._add_error(key_node, "given twice, the first time in line %d" % first, title, key_node.value, "duplicate")
                continue
            pairs[key_node.value] = (key_node, value_node)
        for other in merged:
            if not isinstance(other, yaml.MappingNode) or other in inside or other is node:
                self._add_error(other, "only another mapping can be merged with <<", title)
                continue
            for key, pair in self._pairs(other, title, (*inside, node)).items():
                pairs.setdefault(key, pair)
        return pairs

    def _value(self, node: t.Any, spec: Spec, title: str, option: str, inside: tuple[t.Any, ...]) -> t.Any:
        if any(node is outer for outer in inside):
            self._add_error(node, "the value contains itself", title, option)
            return None
        if len(inside) > DEEPEST:
            self._add_error(node, TOO_DEEP, title, option)
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, spec["type"] in TEXT_TYPES, title, option)
        if node.tag not in (_MAPPING, _SEQUENCE):
            self._add_error(node, _tag_problem(node.tag), title, option)
            return None
        inside = (*inside, node)
        if isinstance(node, yaml.SequenceNode):
            self._spend(node, 1 + len(node.value))
            inner = _inner(spec, None)
            return [self._value(entry, inner, title, option, inside) for entry in node.value]
        return {key: self._value(pair[1], _inner(spec, key), title, option, inside) for key, pair in self._pairs(node, title, ()).items()}

    def _scalar(self, node: t.Any, as_text: bool, title: str, option: str) -> t.Any:
        kind = node.tag[len(_CORE):] if node.tag.startswith(_CORE) else ""
        if kind == "str":
            return node.value
        if kind == "null":
            return None
        if kind not in _NUMBERS:
            self._add_error(node, _tag_problem(node.tag), title, option)
            return None
        if as_text or kind == "timestamp":
            return node.value
        problem = number_problem(node.value)
        try:
            value = None if problem else getattr(self._constructor, "construct_yaml_" + kind)(node)
        except (ValueError, KeyError):
            problem = "the value does not match its tag"
        else:
            if isinstance(value, float) and not math.isfinite(value):
                problem = "%s is not a number that the API accepts" % node.value
        if problem:
            self._add_error(node, problem, title, option)
        return None if problem else value


def _outer(spec: Spec | None, node: t.Any) -> Spec:
    """Return the specification of an option's value; where text or a structure is accepted, a scalar is text."""
    if spec is None or (spec["type"] == "raw" and not isinstance(node, yaml.ScalarNode)):
        return _AS_IT_IS
    return _AS_TEXT if spec["type"] == "raw" else spec


def _inner(spec: Spec, key: str | None) -> Spec:
    """Return the specification of a member of a value, or of an entry if there is no key."""
    if spec["type"] == "list":
        return entry_of(spec) if key is None else _AS_IT_IS
    if spec["type"] == "dict":
        # All values of a map without known members are text.
        return (spec.get("options") or {}).get(key) or _AS_TEXT
    return spec if spec is _AS_TEXT else _AS_IT_IS


def _tag_problem(tag: str) -> str:
    if tag in ("!vault", "!vault-encrypted"):
        return (
            "a value that is encrypted with Ansible Vault cannot be read from a catalog file. "
            "Give the item in the task itself, with a variable for the secret")
    return "unknown YAML tag %s; write the plain value" % tag.replace(_CORE, "!!")


def _problem(error: t.Any) -> str:
    words = [getattr(error, key, None) for key in ("context", "problem")]
    reason = ", ".join(word for word in words if word) or str(getattr(error, "reason", "") or error)
    return " ".join(reason.split())


def _name_in(node: t.Any) -> t.Any:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value.value for key, value in node.value if key.value == "name" and isinstance(value, yaml.ScalarNode)), None)


def _loader_for(text: str) -> t.Any:
    return yaml.SafeLoader if _HALF.search(text) else _LOADER


def _compose(text: str) -> t.Any:
    """Return the nodes of a YAML text, with the surrogate pairs that JSON escapes joined to characters."""
    loader = _loader_for(text)
    root = yaml.compose(text, Loader=loader)
    pending: list[t.Any] = [root] if loader is not _LOADER else []
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            node.value = node.value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        else:
            pending.extend(child for entry in node.value for child in (entry if isinstance(entry, tuple) else (entry,)))
    return root
