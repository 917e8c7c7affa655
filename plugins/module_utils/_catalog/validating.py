# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Validate a catalog without a platform: the checks of a plan, and checks that a plan leaves to the server."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.checking import (
    Checked, check_catalog, check_source, failed_result, in_file_order, require_items,
)
from ansible_collections.zstack.aios.plugins.module_utils._catalog.files import CatalogError
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Item
from ansible_collections.zstack.aios.plugins.module_utils._catalog.spelling import Spellings
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import parse_version
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.since import late_changes, lacking
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Field

Options = t.Mapping[str, t.Any]


def check_validation(options: Options) -> None:
    """Refuse invalid options of the task.

    :raises OptionError: naming the option and the rule.
    """
    check_source(options)
    version = options["server_version"]
    if version is not None and parse_version(trim(version)) is None:
        raise OptionError("server_version: %r does not begin with a number. Give a version such as 5.5.22." % version)


def run_validation(options: Options, client: None, check_mode: bool) -> dict[str, t.Any]:
    """Run one task.

    :param options: the validated options of the module.
    :param client: unused, since nothing is sent.
    :returns: ``changed`` (false), ``entries``, ``warnings``.
    :raises Failure: with every error of the catalog.
    """
    checked = check_catalog(options)
    catalog = checked.catalog
    errors, warnings = list(checked.errors), list(catalog.warnings)
    if catalog.complete:
        errors.extend(_misspelt_references(checked, frozenset(map(trim, options["external_names"]))))
    if options["server_version"] is not None:
        version = trim(options["server_version"])
        errors.extend(_too_new(checked.items, version))
        warnings.extend(_late_changes(checked.items, version))
    entries = [_entry(item) for item in catalog.items]
    if errors:
        raise Failure({**failed_result(in_file_order(errors)), "entries": entries, "warnings": warnings})
    require_items(options, catalog)
    return {"changed": False, "entries": entries, "warnings": warnings}


def _entry(item: Item) -> dict[str, t.Any]:
    return {"kind": item.kind, "name": item.name, "item": item.label, "file": item.place.file, "line": item.place.line}


def _misspelt_references(checked: Checked, external: t.AbstractSet[str]) -> t.Iterator[CatalogError]:
    """Yield the references that are almost certainly misspelled names of items.

    Any other name may belong to an object on the platform.
    """
    spellings: dict[str, Spellings] = {}
    for item in checked.items:
        for field, text in _named(item) if item.present else ():
            ref = t.cast(t.Any, field.ref)
            path = ref.path.rstrip("/")
            names = checked.catalog.names.get(path, {})
            if text in names or text in external:
                continue
            near = spellings.setdefault(path, spellings.get(path) or Spellings(names)).nearest(text)
            if near:
                yield CatalogError(
                    item.place_of(ref.option), "the catalog has no %s named %r. Did you mean %r (%s)? If the platform has one of that name, list it in "
                    "external_names (role variable catalog_external_names)" % (ref.title, text, near, names[near]), item.label, ref.option, "reference")


def _named(item: Item) -> t.Iterator[tuple[Field, str]]:
    """Yield the names that an item refers to."""
    for field in item.table.refs():
        value = item.options.get(field.ref.option) if field.ref else None
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                yield field, trim(text)


def _too_new(items: t.Iterable[Item], version: str) -> t.Iterator[CatalogError]:
    """Yield the options that a server of that version does not support."""
    for item in items:
        for option, name, since in lacking(item.table, item.options, version):
            name = "it" if name == option else name
            yield CatalogError(
                item.place_of(option), "%s needs version %s, and server_version is %s. %s" % (
                    name, since, version, "Remove the option, or upgrade the server" if option else "Remove the item, or upgrade the server"),
                item.label, option, "version")


def _late_changes(items: t.Iterable[Item], version: str) -> t.Iterator[str]:
    """Yield a warning for each option that a server of that version accepts only for a new object."""
    found: dict[tuple[str, str, str], list[Item]] = {}
    for item in items:
        for option, since in late_changes(item.table, item.options, version):
            found.setdefault((item.table.title, option, since), []).append(item)
    for (title, option, since), users in found.items():
        more = " and %d more" % (len(users) - 1) if len(users) > 1 else ""
        yield "%s: a server of version %s accepts it for a new %s, and cannot change it before version %s. It is given in %s%s." % (
            option, version, title, since, users[0], more)
