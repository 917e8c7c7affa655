# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Convert files and inline lists to checked items. All errors are found before the first request."""

from __future__ import annotations

import dataclasses
import os
import re
import typing as t

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.zstack.aios.plugins.module_utils._catalog.files import (
    YAML_TRACEBACK, FileReader, CatalogError, Place, RawItem, label,
)
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS, SHARED, ItemSpec, item_specs
from ansible_collections.zstack.aios.plugins.module_utils._catalog.limits import LONGEST_SHOWN, MOST_ERRORS, shown, value_problem
from ansible_collections.zstack.aios.plugins.module_utils._catalog.paths import survey
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import mask_warnings, option_errors
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import Masker
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Resource

_ABOUT = re.compile(r"([a-z_]+): (.*)", re.S)


@dataclasses.dataclass(eq=False)
class Item:
    """One checked item.

    :param number: its position in the whole catalog.
    :param kind: its key in the catalog.
    :param index: its position in its list; -1 if it is in no list.
    :param options: all options of the kind's module except those of the connection.
    :param pairs: the nodes of the options that a file gives, see `RawItem`.
    :param wrong: the options with errors; their values are None.
    """

    number: int
    kind: str
    index: int
    place: Place
    table: Resource
    options: dict[str, t.Any]
    pairs: t.Mapping[str, tuple[t.Any, t.Any]] = dataclasses.field(default_factory=dict)
    wrong: frozenset[str] = frozenset()

    def place_of(self, option: str) -> Place:
        """Return the position of an option of the item; the position of the item if no file contains it."""
        if option not in self.pairs:
            return self.place
        mark = self.pairs[option][0].start_mark
        return Place(self.place.file, mark.line + 1, mark.column + 1)

    @property
    def present(self) -> bool:
        """Whether the object has to exist."""
        return bool(self.options["state"] == "present")

    @property
    def name(self) -> str | None:
        """The name in the catalog, or the option that identifies it if it has no name."""
        return self.options.get("name") or next((self.options[look.option] for look in self.table.lookups if self.options.get(look.option)), None)

    @property
    def label(self) -> str:
        """Its name in messages."""
        return label(self.kind, self.index, self.name) if self.index >= 0 else "%s (%s)" % (self.kind, self.name)

    def __str__(self) -> str:
        return ": ".join(part for part in (str(self.place), self.label) if part)


@dataclasses.dataclass
class Catalog:
    """The content of a catalog.

    :param items: the items without errors.
    :param faulty: the other items, so that errors between items are found as well.
    :param secrets: values that must never be shown.
    :param names: for each path, the names in the items, correct or not, each with its item.
    :param nothing_read: why ``path`` contains no item; empty if it contains one or is not given.
    """

    items: list[Item] = dataclasses.field(default_factory=list)
    faulty: list[Item] = dataclasses.field(default_factory=list)
    errors: list[CatalogError] = dataclasses.field(default_factory=list)
    secrets: set[str] = dataclasses.field(default_factory=set)
    warnings: list[str] = dataclasses.field(default_factory=list)
    names: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)
    nothing_read: str = ""

    @property
    def complete(self) -> bool:
        """Whether all items could be read."""
        return not any(error.rule == "file" and not error.item for error in self.errors)


def read_catalog(options: t.Mapping[str, t.Any]) -> Catalog:
    """Return the catalog of a task: the items of ``path``, then those of the inline lists.

    :raises OptionError: when there is no such path, or nothing to read it with.
    """
    catalog = Catalog()
    specs = item_specs()
    shared = {name: options.get(name) for name in SHARED}
    items = _raw_items(options, specs, catalog)
    for raw in items:
        _check(raw, specs[raw.kind], shared, catalog)
        if len(catalog.errors) > MOST_ERRORS:
            items.close()
            catalog.errors.append(CatalogError(Place(), "There are more than %d errors, so the rest of the catalog was not read" % MOST_ERRORS, rule="file"))
    catalog.errors.extend(find_twins([*catalog.items, *catalog.faulty]))
    catalog.errors.sort(key=lambda error: (error.place.file or "\U0010ffff", error.place.line or 0, error.place.column or 0))
    return catalog


def inline_secrets(options: t.Mapping[str, t.Any]) -> set[str]:
    """Return the secret values in the inline lists, before anything is checked."""
    found: set[str] = set()
    for kind, spec in item_specs().items():
        given_items = options.get(kind)
        for given in given_items if isinstance(given_items, list) else ():
            if isinstance(given, dict):
                found |= spec.secrets(given)
    return found


def _raw_items(options: t.Mapping[str, t.Any], specs: t.Mapping[str, ItemSpec], catalog: Catalog) -> t.Generator[RawItem, None, None]:
    if options["path"] is not None:
        if YAML_TRACEBACK:
            raise OptionError("path: %s" % missing_required_lib("PyYAML"))
        if not os.path.exists(options["path"]):
            raise OptionError("path: there is no directory and no file %s on the host that runs the module." % options["path"])
        found = survey(options["path"])
        catalog.warnings.extend(found.warnings)
        catalog.errors.extend(CatalogError(Place(path), reason, rule="file") for path, reason in found.refused)
        reader = FileReader({kind: spec.options for kind, spec in specs.items()})
        empty = True
        try:
            for path in found.files:
                for raw in reader.read(path):
                    empty = False
                    yield raw
        finally:
            catalog.errors.extend(reader.errors)
        if empty:
            catalog.nothing_read = _nothing_in(options["path"], found.files)
    for kind in specs:
        for index, given in enumerate(options.get(kind) or []):
            problems = [(str(name), value_problem(value)) for name, value in given.items()]
            catalog.errors.extend(CatalogError(Place(), problem, label(kind, index, given.get("name")), shown(name)) for name, problem in problems if problem)
            if not any(problem for _unused, problem in problems):
                yield RawItem(kind, index, Place(), dict(given), {})


def _nothing_in(path: str, files: t.Sequence[str]) -> str:
    if not files:
        return "no file below %s ends with .yml or .yaml (hidden files and directories are ignored)" % path
    if len(files) == 1:
        return "%s has no items" % files[0]
    return "none of the %d files below %s has an item" % (len(files), path)


def _check(raw: RawItem, spec: ItemSpec, shared: t.Mapping[str, t.Any], catalog: Catalog) -> None:
    title = label(raw.kind, raw.index, raw.given.get("name"))
    catalog.secrets |= spec.secrets(raw.given)
    options, messages = spec.validate(raw.given)
    if raw.place.file is None:
        # Text in a file keeps its spelling; these values were read by Ansible.
        catalog.warnings.extend("%s: %s" % (title, warning) for warning in spec.warnings(raw.given))
    table = KINDS[raw.kind]
    name = raw.given.get("name")
    if isinstance(name, str):
        catalog.names.setdefault(table.path.rstrip("/"), {}).setdefault(trim(name), ": ".join(filter(None, (str(raw.place), title))))
    messages = [*messages, *(_split(str(error), raw.given) for error in option_errors(table, options, not messages and not raw.broken))]
    for option, message in messages:
        # An item that could not be read completely may lack options.
        if option or not raw.broken:
            rule = "value" if not option or re.split(r"[.\[]", option)[0] in spec.options else "unknown-option"
            catalog.errors.append(CatalogError(raw.place_of(option), _cut(message, catalog.secrets), title, shown(option), rule))
    if messages or raw.broken:
        wrong = frozenset(re.split(r"[.\[]", option)[0] for option, _unused in messages)
        given = {name: None if name in wrong else value for name, value in options.items()}
        given["state"] = given["state"] or "present"
        catalog.faulty.append(Item(len(catalog.faulty), raw.kind, raw.index, raw.place, table, given, raw.pairs, wrong))
    else:
        for warning in mask_warnings(table, options):
            catalog.warnings.append("%s." % ": ".join(filter(None, (str(raw.place_of(warning.option)), title, str(warning)))))
        options.update(shared)
        catalog.items.append(Item(len(catalog.items), raw.kind, raw.index, raw.place, table, options, raw.pairs))


def _cut(message: str, secrets: t.Iterable[str]) -> str:
    """Return a message that may repeat a value of any length, cut without leaving a part of a secret at the cut."""
    return shown(Masker(secrets).data(message) if len(message) > LONGEST_SHOWN else message)


def _split(message: str, given: t.Mapping[str, t.Any]) -> tuple[str, str]:
    """Return an error of the table as (option, message); the error begins with the name of the option."""
    found = _ABOUT.match(message)
    return (found.group(1), found.group(2)) if found and found.group(1) in given else ("", message)


def find_twins(items: t.Sequence[Item]) -> t.Iterator[CatalogError]:
    """Yield an error for each item that certainly identifies the same object as an earlier item; others are found after the platform is read."""
    for item, other, option in twins(items):
        yield CatalogError(item.place, "this is the same %s as %s" % (item.table.title, other), item.label, option, "duplicate")


def twins(items: t.Sequence[Item]) -> t.Iterator[tuple[Item, Item, str]]:
    """Yield pairs of items whose options identify the same object: the later item, the earlier item, and the option."""
    first: dict[t.Any, Item] = {}
    for item in items:
        for option, identity in _identities(item) if not item.wrong.intersection(_identifying(item.table)) else ():
            other = first.setdefault((item.kind, option, identity), item)
            if other is not item and not _differ_in_other_lookup(item, other, option):
                yield item, other, option
                break


def _identifying(table: Resource) -> t.Iterator[str]:
    """Yield the options that distinguish items of a kind."""
    for lookup in table.lookups:
        yield lookup.option
        for option in lookup.scope:
            ref = table.field(option).ref
            yield option
            yield ref.option if ref else option


def _identities(item: Item) -> t.Iterator[tuple[str, t.Any]]:
    for lookup in item.table.lookups:
        value = item.options.get(lookup.option)
        if value is None:
            continue
        scope: list[str] = []
        for option in lookup.scope:
            ref = item.table.field(option).ref
            scope.extend(trim(str(item.options.get(name))) for name in (option, ref.option if ref else option))
        yield lookup.option, (trim(value), *scope)


def _differ_in_other_lookup(item: Item, other: Item, option: str) -> bool:
    """Return whether both items set an option of higher precedence and differ in it."""
    for lookup in item.table.lookups:
        if lookup.option == option:
            return False
        ours, theirs = item.options.get(lookup.option), other.options.get(lookup.option)
        if ours is not None and theirs is not None and trim(ours) != trim(theirs):
            return True
    return False
