# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The parts of the table of a resource kind. No I/O and no knowledge of specific kinds."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import FormError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import title_of
from ansible_collections.zstack.aios.plugins.module_utils._resources import remembered
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import FieldType


class Self:
    """The placeholder in a body for the uuid of the object itself, which is known only once the object exists."""

    def __repr__(self) -> str:
        return "SELF"


SELF = Self()
# The same in a path, where everything else is percent-encoded.
SELF_IN_PATH = "{uuid}"


# Exceptions of reading a value with an unexpected form.
_OTHER_FORMS = (AttributeError, IndexError, KeyError, TypeError, ValueError)


@dataclasses.dataclass(frozen=True)
class Call:
    """One call of the API.

    :param name: its name in the API, such as ``UpdateModel``.
    :param path: from ``/v1`` on, with ``{variables}``.
    :param wrapper: the key around the parameters in the body; None for a DELETE.
    :param since: the first server version that supports it; None if that is not published.
    :param creates: True if the call creates an object and accepts ``resourceUuid``.
    :param modes: for a deletion: True if it accepts ``deleteMode``.
    """

    name: str
    method: str
    path: str
    wrapper: str | None
    since: str | None = None
    creates: bool = False
    modes: bool = True


@dataclasses.dataclass(frozen=True)
class Param:
    """How one call accepts a field.

    :param since: the first server version that accepts it; None if that is not published.
    :param longest: the maximum length that this call accepts; None if there is no limit.
    :param root: True if it is next to the wrapper and not in it.
    :param tag: the prefix of each value if the values are sent as system tags; empty otherwise.
    :param api: the name of the parameter in this call, if it differs from that of the field.
    """

    since: str | None = None
    longest: int | None = None
    root: bool = False
    tag: str = ""
    api: str = ""


@dataclasses.dataclass(frozen=True)
class Attach:
    """How a separate call adds one missing entry of a field, or removes one unwanted entry.

    :param call: the call; its path may contain ``{value}``, the entry, and ``{uuid}``, the object.
    :param params: returns the parameters for the entry and the server's resource type; `SELF` represents the uuid of the object.
    :param first: True if it is called before an update, which may depend on it.
    :param removes: True if the call removes the entry.
    """

    call: Call
    params: t.Callable[[str, str], dict[str, t.Any]] = lambda value, vo: {}
    first: bool = False
    removes: bool = False


@dataclasses.dataclass(frozen=True)
class Ref:
    """A field with a uuid, or a list of uuids, which the user may give by name.

    :param option: the sibling option that accepts the name, or the list of names.
    :param title: the kind of the named object, for messages.
    :param path: the path at which that kind is queried.
    """

    option: str
    title: str
    path: str


@dataclasses.dataclass(frozen=True)
class Use:
    """Objects of another kind that may use an object; a failed deletion names them.

    :param title: the name of the kind in messages.
    :param path: the path at which that kind is queried.
    :param key: the inventory field with the uuid of the used object.
    :param member: for a list of records under ``key``: the member with the uuid.
    :param lost: True if the server deletes such objects together with the used one instead of refusing.
    """

    title: str
    path: str
    key: str
    member: str = ""
    lost: bool = False

    def uuids(self, row: t.Mapping[str, t.Any]) -> list[str]:
        """Return the uuids of the objects that the object of a row uses."""
        value = row.get(self.key)
        found = value if self.member and isinstance(value, list) else [] if self.member else [{"": value}]
        texts = [record.get(self.member) for record in found if isinstance(record, dict)]
        return [text for text in texts if isinstance(text, str)]

    def holds(self, row: t.Mapping[str, t.Any], uuid: str) -> bool:
        """Return whether the object of a row uses the object with the uuid."""
        return uuid in self.uuids(row)


@dataclasses.dataclass(frozen=True)
class Observed:
    """The state of one object on the server. Tags are None if they were not queried.

    :param others: inventories of the objects that are deleted with it: the other tasks and the older runs of an evaluation.
    """

    inventory: dict[str, t.Any]
    user_tags: list[dict[str, t.Any]] | None = None
    system_tags: list[dict[str, t.Any]] | None = None
    others: tuple[dict[str, t.Any], ...] = ()

    @property
    def uuid(self) -> str:
        """The uuid of the object."""
        return str(self.inventory.get("uuid") or "")


@dataclasses.dataclass(frozen=True)
class Field:
    """One option of a resource kind.

    :param option: the name of the option.
    :param api: the name of the parameter in the API.
    :param type: the type of its values.
    :param create: how the creating call accepts it; None if it does not.
    :param update: how the updating call accepts it; None if an update cannot change it.
    :param attach: for tags: how a separate call adds one missing entry.
    :param inventory: the key of the inventory that shows it; empty if none does.
    :param reads: reads the raw value if it is not simply a key of the inventory.
    :param needs: which tags have to be read for that: ``user_tags``, ``system_tags`` or nothing.
    :param ref: set when the field may also be given by name.
    :param longest: what the server's storage holds, in characters, where no call has a limit of its own.
    :param alone: True when an update with this field may hold no other field.
    :param follows: the option whose repair changes this field as well.
    :param label: the name in a diff, where that is not the option's.
    :param default: what the creating call stores when the field is left out; None when that is nothing, or what the source has.
    :param mirrors: the path of other objects whose inventories show the same relation; an export writes it there.
    :param remembered: True when no inventory shows it for certain, so that a digest in a user tag of ours holds what was sent.
        Its type is a `remembered.Shown`.
    """

    option: str
    api: str
    type: FieldType
    create: Param | None = None
    update: Param | None = None
    attach: Attach | None = None
    inventory: str = ""
    reads: t.Callable[[Observed], t.Any] | None = None
    needs: str = ""
    ref: Ref | None = None
    choices: tuple[str, ...] = ()
    longest: int | None = None
    secret: bool = False
    alone: bool = False
    follows: str = ""
    label: str = ""
    default: t.Any = None
    mirrors: str = ""
    remembered: bool = False

    @property
    def shown_as(self) -> str:
        """The key of this field in a diff."""
        return self.label or self.option

    @property
    def many(self) -> bool:
        """Whether the option accepts a list."""
        return bool(self.type.argument["type"] == "list")

    @functools.cached_property
    def limit(self) -> int | None:
        """The maximum length that any call accepts; None if one of them has no limit."""
        limits = [param.longest or self.longest for param in (self.create, self.update) if param]
        return None if None in limits else max((limit for limit in limits if limit), default=None)

    @property
    def readable(self) -> bool:
        """Whether the server shows it."""
        return bool(self.inventory or self.reads)

    def raw(self, observed: Observed) -> t.Any:
        """Return the value of this field on the server, unchanged."""
        try:
            return self.reads(observed) if self.reads else observed.inventory.get(self.inventory)
        except _OTHER_FORMS as error:
            raise self._form_error(observed) from error

    def found(self, observed: Observed | None) -> t.Any:
        """Return the canonical form of the value on the server; None if there is no object, or the value cannot be read.

        :raises FormError: for a value with an unexpected form.
        """
        if observed is None or not self.readable:
            return None
        raw = self.raw(observed)
        try:
            return self.type.read(raw)
        except _OTHER_FORMS as error:
            raise self._form_error(observed) from error

    def _form_error(self, observed: Observed) -> FormError:
        # Not a context manager, for speed: this runs for every field of every object.
        return FormError(
            "%s: the answer shows it in a form that the API does not have (object with uuid %s). This is not an answer of a ZStack management node. "
            "Check host, port and context_path, and any proxy in between." % (self.option, observed.uuid))

    def same(self, value: t.Any, observed: Observed | None) -> bool:
        """Return whether the object already has the value of the option; a field that cannot be read never differs."""
        if not self.readable:
            return True
        if self.remembered:
            return self._remembers(self.type.want(value), observed)
        # Equal texts are equal for every type, and parsing (YAML, for example) can be slow.
        if observed is not None and isinstance(value, str) and self.raw(observed) == value:
            return True
        return self.type.same(self.type.want(value), self.found(observed))

    def digests(self, observed: Observed | None) -> list[dict[str, t.Any]]:
        """Return the user tags that hold digests of this option."""
        prefix = remembered.prefix_of(self.option)
        return [row for row in (observed.user_tags if observed else None) or [] if str(row.get("tag")).startswith(prefix)]

    def detectable(self, value: t.Any, observed: Observed | None) -> bool:
        """Return whether the value of the object is known: the server shows it, or a digest exists."""
        shown = t.cast(remembered.Shown, self.type)
        found = self.found(observed) or []
        return bool(self.digests(observed)) or self.is_shown(value, observed) or shown.shows_all(self.type.want(value), found)

    def is_shown(self, value: t.Any, observed: Observed | None) -> bool:
        """Return whether the server itself shows if the object has the value of a remembered field."""
        return t.cast(remembered.Shown, self.type).verdict(self.type.want(value), self.found(observed) or []) is not None

    def _remembers(self, wanted: t.Any, observed: Observed | None) -> bool:
        shown, found = t.cast(remembered.Shown, self.type), self.found(observed) or []
        verdict = shown.verdict(wanted, found)
        if verdict is not None:
            return verdict
        tags = self.digests(observed)
        # Digests of several values are left by a run that was interrupted or overtaken: then nothing is certain.
        return all(remembered.matches(str(row["tag"]), self.option, wanted) for row in tags) if tags else shown.shows_all(wanted, found)

    def digests_to_compare(self, value: t.Any, observed: Observed | None) -> list[tuple[str, str, t.Any]]:
        """Return the digests that `same` compares with the value, as `remembered.matches` takes them; none where the server shows it."""
        wanted, tags = self.type.want(value), self.digests(observed)
        return [] if not tags or self.is_shown(value, observed) else [(str(row["tag"]), self.option, wanted) for row in tags]

    def param(self, call: Call, table: Resource) -> Param | None:
        """Return how a call of the table accepts this field."""
        return self.create if call is table.create else self.update if call is table.update else None


@dataclasses.dataclass(frozen=True)
class Readiness:
    """The state of an object whose operation continues after its call has ended.

    :param status: the status on the server, for messages.
    :param done: True if it is ready.
    :param failure: why it will never be ready; empty if it still may.
    """

    status: str
    done: bool = False
    failure: str = ""


@dataclasses.dataclass(frozen=True)
class Related:
    """Another object that shows further fields of an object.

    :param key: the inventory field with the uuid of the other object.
    :param path: the path at which it is queried.
    :param fields: the fields that are taken from it.
    :param listed: the path of another kind whose list also contains the other object.
    """

    key: str
    path: str
    fields: tuple[str, ...]
    listed: str = ""


@dataclasses.dataclass(frozen=True)
class Lookup:
    """One way to find the object.

    :param option: the option whose value is searched.
    :param api: the inventory field that has to be equal to it.
    :param scope: options that limit the search if they are given.
    :param final: True if no other lookup is tried after this one finds nothing.
    """

    option: str
    api: str
    scope: tuple[str, ...] = ()
    final: bool = False


@dataclasses.dataclass(frozen=True)
class Resource:
    """The table of a resource kind.

    :param kind: its name in results, such as ``model``.
    :param title: its name in messages.
    :param path: the path at which it is queried.
    :param vo: the server's resource type, as tags name it.
    :param required: options that a creation requires.
    :param lookups: the lookups of an object, in order; the last one is by name.
    :param seed: returns the text from which the uuid of a new object is derived, from the resolved options.
    :param given_uuid: the option that sets the uuid of a new object.
    :param source: for a kind that is made from another object: the option with that object's uuid.
    :param adopts: whether a row found by a later lookup is the object that an earlier one missed.
    :param keeps: a sentence why an object may not be deleted, or None.
    :param on_drift: whether the kind has the option ``on_drift``; otherwise what cannot be repaired is reported.
    :param users: what may use such an object, nearest first.
    :param rules: checks over several options; raise OptionError.
    :param complete: adds what the resolved options imply.
    :param inherits: inventory fields that a new object takes over from its source, and that no option sets.
    """

    kind: str
    title: str
    path: str
    vo: str
    fields: tuple[Field, ...]
    lookups: tuple[Lookup, ...]
    create: Call
    update: Call
    delete: Call
    required: tuple[str, ...]
    seed: t.Callable[[t.Mapping[str, t.Any]], str]
    given_uuid: str
    adopts: t.Callable[[t.Mapping[str, t.Any], t.Mapping[str, t.Any]], bool]
    rules: t.Callable[[t.Mapping[str, t.Any]], None]
    complete: t.Callable[[dict[str, t.Any]], dict[str, t.Any]] = lambda options: options
    source: Field | None = None
    inherits: tuple[str, ...] = ()
    keeps: t.Callable[[Observed], str | None] = lambda observed: None
    on_drift: bool = False
    users: tuple[Use, ...] = ()
    ready: t.Callable[[t.Mapping[str, t.Any]], Readiness] | None = None
    restart: Call | None = None
    recreates: bool = False
    reruns: bool = False
    created_key: str = "uuid"
    related: Related | None = None
    accepts: t.Callable[[t.Mapping[str, t.Any], t.Mapping[str, t.Any]], None] = lambda options, inventory: None
    extra: t.Mapping[str, t.Mapping[str, t.Any]] = dataclasses.field(default_factory=dict)
    hides: t.Callable[[t.Mapping[str, t.Any]], set[str]] = lambda inventory: set()

    @property
    def named_by(self) -> Lookup:
        """Return the lookup by name, or by the identifying field of a kind without names."""
        return self.lookups[-1]

    def title_of(self, inventory: t.Mapping[str, t.Any]) -> str:
        """Return how a message names an object: its name and uuid."""
        return title_of(inventory, self.named_by.api)

    def field(self, option: str) -> Field:
        """Return the field of an option."""
        return next(field for field in self.fields if field.option == option)

    def given(self, options: t.Mapping[str, t.Any]) -> list[Field]:
        """Return the managed fields: those with a value."""
        return [field for field in self.fields if options.get(field.option) is not None]

    @functools.cached_property
    def options(self) -> tuple[str, ...]:
        """Return the names of the options that can contain a value of the object."""
        sources = [self.source] if self.source else []
        refs = [field.ref.option for field in self.refs() if field.ref]
        return tuple(dict.fromkeys([lookup.option for lookup in self.lookups] + [field.option for field in (*sources, *self.fields)] + refs))

    def refs(self) -> list[Field]:
        """Return the fields that may be given by name."""
        return self._refs

    @functools.cached_property
    def _refs(self) -> list[Field]:
        source = [self.source] if self.source else []
        return [field for field in (*source, *self.fields) if field.ref]
