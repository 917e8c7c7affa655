# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The options of one object that a server version does not support, as far as this is known without the object. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import parse_version
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Field, Resource

Options = t.Mapping[str, t.Any]


def lacking(table: Resource, options: Options, version: str) -> t.Iterator[tuple[str, str, str]]:
    """Yield the options that a server of a version does not support: the option (empty for the creating call), its name in messages, and the since-version.

    An option is supported from the oldest version that is published for one of its calls; an option without a published version is not reported. A server
    ignores unknown parameters without an error.
    """
    call = (table.delete if options["state"] == "absent" else table.create)
    least = call.since if _is_newer(call.since, version) else None
    if least:
        yield "", "the call %s" % call.name, least
    if options["state"] == "absent":
        return
    for option, field in _given(table, options):
        since = min(_published(table, field), key=_numbers, default=None)
        if _is_newer(since, version) and _is_newer(since, least or "0"):
            yield option, option, str(since)
    if table.restart and options.get("restart") == "always" and _is_newer(table.restart.since, version):
        yield "restart", "the call %s" % table.restart.name, str(table.restart.since)


def late_changes(table: Resource, options: Options, version: str) -> t.Iterator[tuple[str, str]]:
    """Yield the options that a server of that version accepts only for a new object, each with the version that can change them."""
    for option, field in _given(table, options) if options["state"] == "present" else ():
        since = field.update.since if field.update else None
        if _is_newer(since, version) and not _is_newer(min(_published(table, field), key=_numbers), version):
            yield option, str(since)


def _given(table: Resource, options: Options) -> t.Iterator[tuple[str, Field]]:
    """Yield the fields with a value, each with the option that gives it."""
    for field in table.fields:
        for option in (field.option, field.ref.option if field.ref else field.option):
            if options.get(option) is not None:
                yield option, field
                break


def _published(table: Resource, field: Field) -> list[str]:
    """Return the published since-versions of the calls that accept a field."""
    carriers = [param.since for param in (field.create, field.update) if param]
    return [since for since in (*carriers, field.attach.call.since if field.attach else None) if since]


def _is_newer(since: str | None, version: str) -> bool:
    return since is not None and _numbers(since) > _numbers(version)


def _numbers(version: str) -> tuple[int, ...]:
    return parse_version(version) or ()
