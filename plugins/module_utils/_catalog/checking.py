# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The checks of a catalog before anything is sent, shared by the plan and the validation without a platform."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.files import CatalogError
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Catalog, Item, read_catalog
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._catalog.order import Before, absent_references, dependencies, in_order
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import current

Options = t.Mapping[str, t.Any]


@dataclasses.dataclass
class Checked:
    """A catalog and its errors.

    :param items: all items, also those with errors.
    :param before: for each item, the items that it refers to.
    :param ordered: the items in the order in which they are planned; not all of them if there is a circular reference.
    :param errors: by file and line.
    """

    catalog: Catalog
    items: list[Item]
    before: Before
    ordered: list[Item]
    errors: list[CatalogError]


def check_source(options: Options) -> None:
    """Refuse a task without a catalog.

    :raises OptionError: naming the options.
    """
    if options["path"] is None and all(options[kind] is None for kind in KINDS):
        raise OptionError("path: no catalog given. Give its directory, or the items in %s." % " or ".join(KINDS))


def check_catalog(options: Options) -> Checked:
    """Read the catalog of a task, and find all of its errors.

    :param options: ``path`` and the lists of items.
    :raises OptionError: if the path does not exist, or PyYAML is missing.
    """
    catalog = read_catalog(options)
    current().add(catalog.secrets)
    # Items with errors are included, so that one run reports all errors.
    items = [dataclasses.replace(item, number=number) for number, item in enumerate([*catalog.items, *catalog.faulty])] if catalog.faulty else catalog.items
    before = dependencies(items)
    ordered, circles = in_order(items, before)
    return Checked(catalog, items, before, ordered, in_file_order([*catalog.errors, *absent_references(items), *circles]))


def in_file_order(errors: t.Iterable[CatalogError]) -> list[CatalogError]:
    """Return errors sorted by file and line; those without a file come last."""
    return sorted(errors, key=lambda error: (error.place.file or "\U0010ffff", error.place.line or 0, error.place.column or 0))


def require_items(options: Options, catalog: Catalog, ending: str = "") -> None:
    """Refuse a catalog without items, and a ``path`` without items even if there are inline items: the checkout is probably incomplete.

    :param ending: what follows the error in the message, with a leading blank.
    :raises OptionError: unless ``allow_empty`` permits it.
    """
    if options["allow_empty"] or (catalog.items and not catalog.nothing_read):
        return
    raise OptionError("%s: the catalog is empty: %s.%s Check that the checkout is complete, or set allow_empty to true "
                      "if it is empty on purpose." % (
                          "path" if catalog.nothing_read else " and ".join(kind for kind in KINDS if options[kind] is not None),
                          catalog.nothing_read or "the lists have no items", ending))


def failed_result(errors: t.Sequence[CatalogError], ending: str = "") -> dict[str, t.Any]:
    """Return the result of a task whose catalog has errors.

    :param ending: what follows the first sentence of the message, with a leading blank.
    """
    count = "1 error" if len(errors) == 1 else "%d errors" % len(errors)
    text = "The catalog has %s.%s\n%s" % (count, ending, "\n".join(map(str, errors)))
    return {
        "msg": text, "changed": False, "error": {"code": OptionError.code, "details": text}, "entries": [],
        "catalog_errors": [error.as_result() for error in errors]}
