# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Checks before the first request or the first write: values, lengths, versions. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError, VersionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import IDENTIFIER, brief, holds_mask, stray_surrogate, trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Field, Resource

# The first AIOS version: its parameters require no query of the version (AI API page, section 8).
FIRST_VERSION = "5.1.8"
# The server creates objects only with such a uuid (REST protocol page, 4.5).
RESOURCE_UUID_RULE = "32 lower-case hex digits of a UUID of version 1 to 5, such as uuidgen prints it without the dashes"
_UUID = re.compile(r"[0-9a-f]{12}[1-5][0-9a-f]{3}[89ab][0-9a-f]{15}")
_MASK = re.compile(r"(?<!\*)\*{8}(?!\*)")
# Python limits the digits of the numbers that it reads.
_VERSION = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})*")


def validate(table: Resource, options: t.Mapping[str, t.Any]) -> None:
    """Refuse invalid values before the first request.

    :raises OptionError: naming the option, the rule and the solution.
    """
    for error in option_errors(table, options):
        raise error


def option_errors(table: Resource, options: t.Mapping[str, t.Any], with_rules: bool = True) -> t.Iterator[OptionError]:
    """Yield all errors that `validate` would raise.

    :param with_rules: False if options are missing because they are invalid, so that rules over several options cannot be checked.
    """
    given = [option for option in table.options if options.get(option) is not None]
    checks: t.Iterable[tuple[t.Callable[..., None], t.Any]] = (
        *((check, option) for option in given for check in (_check_mask, _check_characters)),
        *((_check_field, field) for field in table.given(options)), *((_check_lookup, lookup) for lookup in table.lookups),
        *((_check_identifiers, option) for option in given if option.endswith(("uuid", "uuids"))),
        *([(_check_rules, None)] if with_rules else []),
    )
    for check, subject in checks:
        try:
            check(table, subject, options)
        except OptionError as error:
            yield error


def _check_mask(table: Resource, option: str, options: t.Mapping[str, t.Any]) -> None:
    if holds_mask(options[option]):
        raise OptionError(
            "%s: ******** is the mask that Ansible shows instead of a secret, not a value. Give the real value, or omit the option to keep that of the %s." % (
                option, table.title))


def _check_characters(table: Resource, option: str, options: t.Mapping[str, t.Any]) -> None:
    """Refuse text that cannot be sent: Ansible represents bytes that are not UTF-8 as surrogates."""
    found = stray_surrogate(options[option])
    if found:
        raise OptionError(
            "%s: the text contains %s, which is not a character but a byte that is not UTF-8, or half of a surrogate pair. Convert it to UTF-8." % (
                option, "U+%04X" % ord(found)))


def _check_identifiers(table: Resource, option: str, options: t.Mapping[str, t.Any]) -> None:
    """Refuse an invalid uuid: it becomes part of an address, in which ``..`` would address another call. Empty text is checked separately."""
    for value in options[option] if isinstance(options[option], list) else [options[option]]:
        if trim(str(value)) and not IDENTIFIER.fullmatch(trim(str(value))) and not holds_mask(value):
            raise OptionError("%s: %s is not a uuid. Give the 32 hex digits without dashes." % (option, brief(value)))


class MaskWarning(t.NamedTuple):
    """Text that seems to be partly masked."""

    option: str

    def __str__(self) -> str:
        return "%s contains ********, which Ansible shows instead of a secret. Check that the text does not come from a masked result" % self.option


def mask_warnings(table: Resource, options: t.Mapping[str, t.Any]) -> list[MaskWarning]:
    """Return warnings about texts that contain a mask between other words. Eight asterisks on their own line are a horizontal rule in Markdown."""
    return [MaskWarning(option) for option in table.options if isinstance(options.get(option), str) and _is_masked_in_part(options[option])]


def _is_masked_in_part(text: str) -> bool:
    for found in _MASK.finditer(text):
        start, end = found.span()
        before, after = text[text.rfind("\n", 0, start) + 1:start], text[end:].partition("\n")[0]
        if before.strip() or after.strip():
            return True
    return False


def _check_field(table: Resource, field: t.Any, options: t.Mapping[str, t.Any]) -> None:
    value = options[field.option]
    field.type.check(field.option, value)
    for text in value if field.many else [value]:
        if field.choices and text not in field.choices:
            raise OptionError("%s: %r is not one of the values that the API accepts: %s." % (field.option, text, ", ".join(field.choices)))
    if field.limit is not None:
        check_length(field, value, field.limit, "the API")


def _check_lookup(table: Resource, lookup: t.Any, options: t.Mapping[str, t.Any]) -> None:
    value = options.get(lookup.option)
    if value is not None and not trim(value):
        raise OptionError("%s: the text is empty. Omit the option, or give a value that identifies the %s." % (lookup.option, table.title))


def _check_rules(table: Resource, _unused: t.Any, options: t.Mapping[str, t.Any]) -> None:
    table.rules(options)


def check_length(field: Field, value: t.Any, longest: int, taker: str) -> None:
    length = field.type.length(value)
    if length is not None and length > longest:
        raise OptionError("%s: the text has %d characters, and %s takes at most %d. Shorten it." % (field.option, length, taker, longest))


def is_resource_uuid(text: str) -> bool:
    """Return whether the server creates an object with that uuid."""
    return bool(_UUID.fullmatch(text))


def check_given_uuid(table: Resource, options: t.Mapping[str, t.Any]) -> None:
    given = options.get(table.given_uuid)
    if given is not None and not is_resource_uuid(given):
        raise OptionError("%s: there is no %s with the uuid %r, and the server cannot create one with it. Give %s, or omit the option." % (
            table.given_uuid, table.title, given, RESOURCE_UUID_RULE))


def parse_version(text: str) -> tuple[int, ...] | None:
    """``5.5.22`` as (5, 5, 22); any suffix is ignored. None for text without a number."""
    found = _VERSION.match(text or "")
    return tuple(int(number) for number in found.group(0).split(".")) if found else None


def check_version(needed: t.Mapping[str, str], running: str) -> None:
    """Refuse options that the running server does not support.

    :param needed: from `plan.newest_needed`.
    :param running: the version reported by the server; text without a number refuses nothing.
    :raises VersionError: naming each option, the version that it requires and the running version.
    """
    have = parse_version(running)
    if have is not None:
        refuse_lacking(running, ["%s needs %s" % (name, since) for name, since in needed.items() if (parse_version(since) or ()) > have])


def refuse_lacking(running: str, lacking: t.Sequence[str]) -> None:
    """Refuse a task that requires a newer server.

    :param lacking: clauses such as ``model_id needs 5.5.22``; an empty list refuses nothing.
    :raises VersionError: naming all of them and the running version.
    """
    if lacking:
        raise VersionError(
            "The server runs version %s: %s. Omit these options, upgrade the server, or set version_check to false "
            "if its versions are numbered otherwise. Nothing was changed." % (running, ", ".join(lacking)))
