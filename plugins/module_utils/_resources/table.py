# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""What the table of a resource kind is made of. No I/O and no knowledge of any one kind."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import FormError
from ansible_collections.zstack.aios.plugins.module_utils._resources import remembered
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import FieldType


class Self:
    """The placeholder in a body for the uuid of the object itself, which is known only when the object exists."""

    def __repr__(self) -> str:
        return "SELF"


SELF = Self()
# The same in a path, where everything else is percent-encoded.
SELF_IN_PATH = "{uuid}"


# What reading a value of a form that the API does not have may raise.
_OTHER_FORMS = (AttributeError, IndexError, KeyError, TypeError, ValueError)


@dataclasses.dataclass(frozen=True)
class Call:
    """One call of the API.

    :param name: its name in the API, such as ``UpdateModel``.
    :param path: from ``/v1`` on, with ``{variables}``.
    :param wrapper: the key around the parameters in the body; None for a DELETE.
    :param since: the first server version that has it; None when that is not published.
    :param creates: True when the call makes an object and takes ``resourceUuid``.
    :param modes: for a deletion: True when it takes ``deleteMode``.
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
    """How one call takes a field.

    :param since: the first server version that takes it; None when that is not published.
    :param longest: the most characters that this call takes; None when there is no such limit.
    :param root: True when it stands beside the wrapper and not in it.
    :param tag: the text before each value when the values travel as system tags; empty when they do not.
    :param api: the parameter's name in this call, where it differs from the field's.
    """

    since: str | None = None
    longest: int | None = None
    root: bool = False
    tag: str = ""
    api: str = ""


@dataclasses.dataclass(frozen=True)
class Attach:
    """How one missing entry of a field is added, or one unwanted entry removed, by a separate call.

    :param call: the call; its path may hold ``{value}``, the entry, and ``{uuid}``, the object.
    :param params: makes the parameters from the entry and the server's resource type; `SELF` represents the object's uuid.
    :param first: True when it comes before an update, which may rely on it.
    :param removes: True when the call removes the entry.
    """

    call: Call
    params: t.Callable[[str, str], dict[str, t.Any]] = lambda value, vo: {}
    first: bool = False
    removes: bool = False


@dataclasses.dataclass(frozen=True)
class Ref:
    """A field that holds a uuid, or a list of uuids, which the user may give by name.

    :param option: the sibling option that takes the name, or the list of names.
    :param title: what is named, for messages.
    :param path: where that kind is queried.
    """

    option: str
    title: str
    path: str


@dataclasses.dataclass(frozen=True)
class Use:
    """Objects of another kind that may use an object, which a failed deletion then names.

    :param title: how messages call such an object.
    :param path: where that kind is queried.
    :param key: the inventory field that holds the uuid of the used object.
    :param member: for a list of records under ``key``: the member that holds it.
    :param lost: True when the server deletes such objects together with the used one and does not refuse.
    """

    title: str
    path: str
    key: str
    member: str = ""
    lost: bool = False

    def uuids(self, row: t.Mapping[str, t.Any]) -> list[str]:
        """Return the uuids of what the object of a row uses."""
        value = row.get(self.key)
        found = value if self.member and isinstance(value, list) else [] if self.member else [{"": value}]
        texts = [record.get(self.member) for record in found if isinstance(record, dict)]
        return [text for text in texts if isinstance(text, str)]

    def holds(self, row: t.Mapping[str, t.Any], uuid: str) -> bool:
        """Return whether the object of a row uses the one with the uuid."""
        return uuid in self.uuids(row)


@dataclasses.dataclass(frozen=True)
class Observed:
    """What the server holds of one object. Tags are None when they were not asked for.

    :param others: inventories of what goes with it when it is deleted: the other tasks and the older runs of an evaluation.
    """

    inventory: dict[str, t.Any]
    user_tags: list[dict[str, t.Any]] | None = None
    system_tags: list[dict[str, t.Any]] | None = None
    others: tuple[dict[str, t.Any], ...] = ()

    @property
    def uuid(self) -> str:
        """The object's uuid."""
        return str(self.inventory.get("uuid") or "")


@dataclasses.dataclass(frozen=True)
class Field:
    """One option of a resource kind.

    :param option: the option's name.
    :param api: the parameter's name in the API.
    :param type: how its values behave.
    :param create: how the creating call takes it; None when it does not.
    :param update: how the updating call takes it; None when an update cannot change it.
    :param attach: how one missing entry is added by a call of its own, for tags.
    :param inventory: the key of the inventory that shows it; empty when none does.
    :param reads: reads the raw value back where it is not simply a key of the inventory.
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
        """Whether the option takes a list."""
        return bool(self.type.argument["type"] == "list")

    @functools.cached_property
    def limit(self) -> int | None:
        """The most characters that any call takes; None when one takes any number."""
        limits = [param.longest or self.longest for param in (self.create, self.update) if param]
        return None if None in limits else max((limit for limit in limits if limit), default=None)

    @property
    def readable(self) -> bool:
        """Whether the server shows it at all."""
        return bool(self.inventory or self.reads)

    def raw(self, observed: Observed) -> t.Any:
        """Return what the server shows of this field, unchanged."""
        try:
            return self.reads(observed) if self.reads else observed.inventory.get(self.inventory)
        except _OTHER_FORMS as error:
            raise self._form_error(observed) from error

    def found(self, observed: Observed | None) -> t.Any:
        """The canonical form of what the server holds; None when there is no object or no way to read it.

        :raises FormError: for a value of a form that the API does not have.
        """
        if observed is None or not self.readable:
            return None
        raw = self.raw(observed)
        try:
            return self.type.read(raw)
        except _OTHER_FORMS as error:
            raise self._form_error(observed) from error

    def _form_error(self, observed: Observed) -> FormError:
        # No context manager: every field of every object passes here.
        return FormError(
            "%s: the answer shows it in a form that the API does not have (object with uuid %s). This is not an answer of a ZStack management node. "
            "Check host, port and context_path, and any proxy in between." % (self.option, observed.uuid))

    def same(self, value: t.Any, observed: Observed | None) -> bool:
        """Whether the object already has the option's value; a field without a way to read it never differs."""
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
        """Return whether it can be known if the object has the value: the server shows it, or a digest is there."""
        shown = t.cast(remembered.Shown, self.type)
        found = self.found(observed) or []
        return bool(self.digests(observed)) or shown.verdict(self.type.want(value), found) is not None or shown.shows_all(self.type.want(value), found)

    def _remembers(self, wanted: t.Any, observed: Observed | None) -> bool:
        shown, found = t.cast(remembered.Shown, self.type), self.found(observed) or []
        verdict = shown.verdict(wanted, found)
        if verdict is not None:
            return verdict
        tags = self.digests(observed)
        # Several digests are left by a run that was interrupted: then nothing is certain.
        return len(tags) == 1 and remembered.matches(str(tags[0]["tag"]), self.option, wanted) if tags else shown.shows_all(wanted, found)

    def digest_to_compare(self, value: t.Any, observed: Observed | None) -> tuple[str, str, t.Any] | None:
        """Return the digest that `same` compares with the value, as `remembered.matches` takes it; None where it needs none."""
        if not self.remembered:
            return None
        wanted, tags = self.type.want(value), self.digests(observed)
        decided = len(tags) != 1 or t.cast(remembered.Shown, self.type).verdict(wanted, self.found(observed) or []) is not None
        return None if decided else (str(tags[0]["tag"]), self.option, wanted)

    def param(self, call: Call, table: Resource) -> Param | None:
        """How a call of the table takes this field."""
        return self.create if call is table.create else self.update if call is table.update else None


@dataclasses.dataclass(frozen=True)
class Readiness:
    """How far an object is that goes on working after its call has ended.

    :param status: the status on the server, for messages.
    :param done: True when it is ready.
    :param failure: why it will never be ready; empty when it still may.
    """

    status: str
    done: bool = False
    failure: str = ""


@dataclasses.dataclass(frozen=True)
class Related:
    """Another object that shows more of an object.

    :param key: the inventory field with the uuid of the other object.
    :param path: where that is queried.
    :param fields: the fields that are taken from it.
    :param listed: the path of another kind in whose list the other object appears as well.
    """

    key: str
    path: str
    fields: tuple[str, ...]
    listed: str = ""


@dataclasses.dataclass(frozen=True)
class Lookup:
    """One way to find the object.

    :param option: the option whose value is looked for.
    :param api: the inventory field that has to equal it.
    :param scope: options that narrow the search when they are given.
    :param final: True when nothing else is tried after a miss.
    """

    option: str
    api: str
    scope: tuple[str, ...] = ()
    final: bool = False


@dataclasses.dataclass(frozen=True)
class Resource:
    """The table of a resource kind.

    :param kind: its name in results, such as ``model``.
    :param title: how messages call it.
    :param path: where it is queried.
    :param vo: the server's resource type, as tags name it.
    :param required: options that a creation needs.
    :param lookups: the ways to find an object, in order; the last one is that by name.
    :param seed: makes the text from which the uuid of a new object is derived, from the resolved options.
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
        """Return how an object is found by its name, or by the field that names it in a kind without names."""
        return self.lookups[-1]

    def field(self, option: str) -> Field:
        """The field of an option."""
        return next(field for field in self.fields if field.option == option)

    def given(self, options: t.Mapping[str, t.Any]) -> list[Field]:
        """The fields that the user manages: those with a value."""
        return [field for field in self.fields if options.get(field.option) is not None]

    def refs(self) -> list[Field]:
        """The fields that may be given by name."""
        return self._refs

    @functools.cached_property
    def _refs(self) -> list[Field]:
        source = [self.source] if self.source else []
        return [field for field in (*source, *self.fields) if field.ref]
