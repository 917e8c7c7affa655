# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Convert the objects of a running platform to catalog entries. Each entry is compared with its object, so that planning the export changes nothing."""

from __future__ import annotations

import dataclasses
import fnmatch
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.files import Place
from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import Item, twins
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS, SHARED, ItemSpec
from ansible_collections.zstack.aios.plugins.module_utils._catalog.planning import OF_ITEM
from ansible_collections.zstack.aios.plugins.module_utils._catalog.prune import MARK
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.snapshot import Snapshot
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import option_errors
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import observe, read_tags, uuid_of, with_related
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import make_plan
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import CENTERS
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import TEXT
from ansible_collections.zstack.aios.plugins.module_utils._resources.remembered import matches
from ansible_collections.zstack.aios.plugins.module_utils._resources.structured import StructuredText
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Field, Observed, Resource

# Written for an unknown source. No service has this name, so creating the clone again fails with this name.
UNKNOWN_SOURCE = "unknown source"
CLASS_PREFIX = "AI::"
# Inventory fields with the uuids of related objects, which options represent in another form.
_READ = ("modelServiceRefs", "datasetRefInventories", "datasetUuid", "evaluatedServiceGroupUuid", "modelServiceGroupUuid")
_INEXPRESSIBLE = "%s is omitted: the server's value cannot be given in a catalog"


@dataclasses.dataclass
class Entry:
    """One object as an item of a catalog.

    :param row: the inventory of the object.
    :param options: in the order of the table.
    :param comments: what the options cannot express.
    """

    row: t.Mapping[str, t.Any]
    options: dict[str, t.Any]
    comments: list[str]

    def identify(self, table: Resource) -> None:
        """Add the uuid of the object as an option."""
        self.options[table.given_uuid] = str(self.row["uuid"])

    def place(self, table: Resource) -> tuple[str, ...]:
        """Return the sort key of the entries. It is the same on every platform, unless entries differ only in the uuid."""
        scopes = [table.field(option) for lookup in table.lookups for option in lookup.scope]
        names = [self.options.get(field.ref.option if field.ref else field.option) or self.options.get(field.option) for field in scopes]
        others = [self.options.get(lookup.option) for lookup in table.lookups if lookup.option not in ("name", table.given_uuid)]
        return tuple(str(part or "") for part in (self.row.get("name"), *names, *others, self.row["uuid"]))

    def ordered(self, table: Resource) -> dict[str, t.Any]:
        """Return the options in the order in which they are written: first those that identify the object."""
        first = ("name", table.given_uuid)
        return dict(sorted(self.options.items(), key=lambda pair: first.index(pair[0]) if pair[0] in first else len(first)))


class Exporter:
    """Creates the entries of one kind.

    :param source: the options that name the source of clones, such as ``{"source_service": "vllm"}``; empty if it is unknown.
    :param source_row: the inventory of that source.
    :param written: the uuids of the objects that already have an entry, by path.
    """

    def __init__(
        self, table: Resource, spec: ItemSpec, snapshot: Snapshot, source: t.Mapping[str, str], source_row: t.Mapping[str, t.Any] | None = None,
        written: t.Mapping[str, t.AbstractSet[str]] | None = None,
    ) -> None:
        self._table = table
        self._spec = spec
        self._snapshot = snapshot
        self._source = source
        self._source_row = source_row
        self._written = written or {}

    def entry(self, row: dict[str, t.Any], source: str | None = None) -> Entry:
        """Return the entry of one object.

        :param source: the uuid of the object that it was created from, if known.
        :raises ZStackError: if no entry can express the object.
        """
        row = with_related(self._snapshot, self._table, row)  # type: ignore[arg-type]
        observed = read_tags(self._snapshot, row, self._table.fields)  # type: ignore[arg-type]
        entry = Entry(row, {}, [])
        source_row = self._add_source(entry, row, source)
        for option, value in self._values(entry, observed, source_row).items():
            field = self._table.field(option)
            names = [self._name_of(field, uuid) for uuid in (value if field.many else [value])] if field.ref else [None]
            if field.ref and None not in names:
                # By name, because the order of uuids differs between platforms.
                entry.options[field.ref.option] = sorted(map(str, names)) if field.many else names[0]
            else:
                entry.options[option] = value
        self._accept_failure(entry, row)
        self._drop_refused(entry)
        if not self._is_found(entry, observed):
            if not self._table.given_uuid:
                raise OF_ITEM[0]("a newer %s has this name, and only the newest is used" % self._table.title)
            entry.identify(self._table)
            if not self._is_found(entry, observed):
                raise OF_ITEM[0]("no option distinguishes it from the others")
        self._drop_different(entry)
        self._note_missing(entry)
        return entry

    def _accept_failure(self, entry: Entry, row: t.Mapping[str, t.Any]) -> None:
        """Keep an object that has failed as it is, so that planning the entry changes nothing."""
        failure = self._table.ready(row).failure if self._table.ready else ""
        if failure:
            entry.options["wait"] = False
            entry.comments.append("it has failed (%s); with wait: true, the default, a task fails as well" % failure)

    def _note_missing(self, entry: Entry) -> None:
        """Note the options that creating the object requires and that it does not show."""
        for option in self._table.required:
            field = next((field for field in self._table.fields if field.option == option), None)
            if field and field.readable and option not in entry.options and (field.ref is None or field.ref.option not in entry.options):
                entry.comments.append("%s is not set here; to create the object on another platform, give it" % option)

    def _add_source(self, entry: Entry, row: t.Mapping[str, t.Any], known: str | None) -> t.Mapping[str, t.Any] | None:
        """Add the source of a clone; returns its inventory, or None if it is unknown."""
        if self._table.source is None or self._table.source.ref is None:
            return None
        if known is not None and (self._source_row is None or self._source_row["uuid"] != known):
            name = self._name_of(self._table.source, known)
            entry.options.update({self._table.source.option: known} if name is None else {self._table.source.ref.option: name})
            return self._snapshot.get(self._table.source.ref.path, known)
        if self._source_row is None or self._source_row["uuid"] == row["uuid"]:
            entry.options[self._table.source.ref.option] = UNKNOWN_SOURCE
            return None
        entry.options.update(self._source)
        return self._source_row

    def _values(self, entry: Entry, observed: Observed, source_row: t.Mapping[str, t.Any] | None) -> dict[str, t.Any]:
        """Return the values of the object's options, with the uuids of its references."""
        values = {}
        for field in self._table.fields:
            if field.readable and not field.secret and not field.type.command and field.option != self._table.given_uuid:
                value = self._value(entry, field, observed, source_row)
                if value is not None:
                    values[field.option] = value
        for option in [option for option, value in values.items() if isinstance(value, list)]:
            # A value that another option implies is omitted, such as the binding of the default service.
            others = {other: value for other, value in values.items() if other != option}
            implied = self._table.complete({**others, "state": "present"}).get(option) or []
            left = [part for part in values[option] if part not in implied]
            values = {**values, option: left} if left else others
        return values

    def _value(self, entry: Entry, field: Field, observed: Observed, source_row: t.Mapping[str, t.Any] | None) -> t.Any:
        """Return the value to write for a field; None if the option is omitted."""
        if field.remembered:
            return self._remembered(entry, field, observed)
        raw = field.raw(_own_tags(field, observed))
        value = _express(field, raw)
        if field.mirrors and isinstance(value, list):
            # Written on both sides, the relation would be a circular reference.
            value = [uuid for uuid in value if uuid not in self._written.get(field.mirrors, ())]
            raw = value
        if value is None and not _is_empty(raw):
            entry.comments.append(_INEXPRESSIBLE % field.option)
        elif _is_empty(value):
            return self._empty(entry, field, raw, source_row)
        # A model without an id shows its uuid instead.
        return None if value == observed.uuid or (field.default is not None and value == field.default) else value

    def _remembered(self, entry: Entry, field: Field, observed: Observed) -> t.Any:
        """Return the value to write for a field that is not always shown; None if only a digest is known, or if the value is the one of the service."""
        shown, tags = field.found(observed) or [], field.digests(observed)
        if tags:
            known = [value for value in shown if any(matches(str(row["tag"]), field.option, value) for row in tags)]
            if not known:
                entry.comments.append("%s is omitted: a task has set it, and only its digest is known" % field.option)
            return known[0] if known else None
        inherited = [
            value for parent in self._table.fields if parent.ref and "{%s}" % parent.option in self._table.create.path
            for value in field.found(Observed(self._snapshot.get(parent.ref.path, str(parent.found(observed))) or {})) or []]
        return shown[0] if shown and shown[0] not in inherited else None

    def _empty(self, entry: Entry, field: Field, raw: t.Any, source_row: t.Mapping[str, t.Any] | None) -> t.Any:
        """Return the value to write for an empty field: a new clone takes over the value of its source, unless the option is given."""
        table = self._table
        if table.source is None or not field.create or not field.inventory or field.default is not None or field.option in table.required:
            return None
        empty = None if field.choices else field.type.empty
        if source_row is None:
            # A null may also be the value of the source.
            return None if raw is None else empty
        if _is_empty(_express(field, field.raw(Observed(dict(source_row))))):
            return None
        if empty is None:
            entry.comments.append("%s is empty here, which the API cannot express: a new clone takes it from its source" % field.option)
        return empty

    def _name_of(self, field: Field, uuid: str) -> str | None:
        """Return the name of the object with this uuid, if the name is unique."""
        row = self._snapshot.get(field.ref.path, uuid) if field.ref else None
        name = (row or {}).get("name")
        if field.ref is None or not isinstance(name, str) or not name.strip():
            return None
        try:
            return name if uuid_of(self._snapshot, field, name) == uuid else None  # type: ignore[arg-type]
        except ZStackError:
            return None

    def _drop_refused(self, entry: Entry) -> None:
        """Remove values that the modules do not accept."""
        for _unused in range(len(entry.options)):
            options, messages = self._spec.validate(entry.options)
            messages = messages or [(str(error).partition(": ")[0], str(error)) for error in option_errors(self._table, options)]
            refused = [(option, message) for option, message in messages if option in entry.options]
            if messages and not refused:
                raise OF_ITEM[0]("a catalog does not accept it: %s" % messages[0][1])
            if not refused:
                return
            for option, message in refused:
                if entry.options.pop(option, None) is not None:
                    entry.comments.append("%s is omitted: %s" % (option, message))

    def _full(self, entry: Entry) -> dict[str, t.Any]:
        return {**self._spec.validate(entry.options)[0], **dict.fromkeys(SHARED, False)}

    def _is_found(self, entry: Entry, observed: Observed) -> bool:
        """Return whether these options identify the object and no other."""
        try:
            found = observe(self._snapshot, self._table, self._full(entry))[1]  # type: ignore[arg-type]
        except (*OF_ITEM, KeyError):
            return False
        return found is not None and found.uuid == observed.uuid

    def _drop_different(self, entry: Entry) -> None:
        """Remove the options that would not compare as equal, so that planning the entry changes nothing."""
        resolved, observed = observe(self._snapshot, self._table, self._full(entry))  # type: ignore[arg-type]
        for field in self._table.given(resolved):
            if not field.same(resolved[field.option], observed):
                for option in (field.option, field.ref.option if field.ref else field.option):
                    entry.options.pop(option, None)
                entry.comments.append(_INEXPRESSIBLE % field.option)
        plan = make_plan(self._table, *observe(self._snapshot, self._table, self._full(entry)))  # type: ignore[arg-type]
        if plan.changed or plan.drift:
            raise OF_ITEM[0]("its options contradict each other")


def _express(field: Field, raw: t.Any) -> t.Any:
    try:
        return None if raw is None else field.type.express(raw)
    except (TypeError, ValueError, AttributeError):
        return None


def _is_empty(value: t.Any) -> bool:
    return value is None or value is False or value in ("", [], {})


def identify(kinds: t.Mapping[str, t.Sequence[Entry]]) -> None:
    """Add the uuid to the entries that would be ambiguous on an empty platform.

    These are objects of the same name that only the uuid distinguishes, and objects that other entries refer to by uuid. With the uuid, each of them can be
    created, and found, on another platform.
    """
    referred = {
        text for entries in kinds.values() for entry in entries for value in entry.options.values()
        for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)}
    for kind, entries in kinds.items():
        table = KINDS[kind]
        for entry in entries if table.given_uuid else ():
            if entry.row["uuid"] in referred:
                entry.identify(table)
        spec = ItemSpec(table)
        items = [Item(number, kind, number, Place(), table, spec.validate(entry.options)[0]) for number, entry in enumerate(entries)]
        for pair in list(twins(items)):
            for item in pair[:2] if table.given_uuid else ():
                entries[item.number].identify(table)


def _own_tags(field: Field, observed: Observed) -> Observed:
    """Return the object as a field of tags reads it: without tags of other options, tags that the server creates, and owner tags."""
    if field.option not in ("user_tags", "tag_uuids", "system_tags"):
        return observed
    by_pattern = field.option == "tag_uuids"
    user_tags = [
        row for row in observed.user_tags or []
        if bool(row.get("tagPatternUuid")) == by_pattern and not str(row.get("tag") or "").startswith((MARK, CLASS_PREFIX))
        and not str((row.get("tagPattern") or {}).get("name") or "").startswith(CLASS_PREFIX)]
    return Observed(observed.inventory, user_tags, [row for row in observed.system_tags or [] if not row.get("inherent")])


def unreadable(table: Resource) -> list[str]:
    """Return the options whose values cannot be read back."""
    return sorted(field.option for field in table.fields if field.secret or not field.readable)


def unset(table: Resource, rows: t.Iterable[t.Mapping[str, t.Any]]) -> list[str]:
    """Return the inventory fields that no option sets."""
    known = {field.inventory for field in table.fields} | {"uuid", "createDate", "lastOpDate", "modelCenterUuid", *_READ}
    if any(field.remembered for field in table.fields):
        known.add("yaml")
    return sorted({key for row in rows for key, value in row.items() if value is not None and key[:1].islower()} - known)


class Filter:
    """The filter for the objects that are exported.

    :param center: the uuid of the model center that has to contain them, if any.
    :param wanted: option to value; texts may contain ``*`` and ``?``.
    """

    def __init__(self, center: str | None, wanted: t.Mapping[str, t.Any]) -> None:
        self._center = center
        self._wanted = wanted

    def takes(self, table: Resource, row: dict[str, t.Any], snapshot: Snapshot) -> bool:
        """Return whether an object of that kind is exported."""
        if self._center is not None and self._center not in _centers(table, row, snapshot):
            return False
        fields = {field.option: field for field in table.fields if field.readable}
        if not self._wanted.keys() <= fields.keys():
            return False
        asked = [fields[option] for option in self._wanted]
        observed = read_tags(snapshot, row, asked)  # type: ignore[arg-type]
        return all(_agrees(field, self._wanted[field.option], observed) for field in asked)


def _centers(table: Resource, row: dict[str, t.Any], snapshot: Snapshot) -> set[str]:
    """Return the uuids of the model centers that an object belongs to: itself, its own model center, or that of the objects that it refers to."""
    if table.path == CENTERS:
        return {str(row["uuid"])}
    if row.get("modelCenterUuid"):
        return {row["modelCenterUuid"]}
    row = with_related(snapshot, table, row)  # type: ignore[arg-type]
    pairs = [(field.ref.path, row[field.inventory]) for field in table.refs() if field.ref and field.inventory and isinstance(row.get(field.inventory), str)]
    return {str((snapshot.get(path, uuid) or {}).get("modelCenterUuid")) for path, uuid in pairs}


def _agrees(field: Field, value: t.Any, observed: Observed) -> bool:
    if field.type is TEXT:
        return fnmatch.fnmatchcase(field.found(observed) or "", value)
    if isinstance(field.type, StructuredText) and isinstance(value, str):
        # A pattern is compared with the text; a structure, and text that contains one, also by meaning.
        return fnmatch.fnmatchcase(field.type.express(observed.inventory.get(field.inventory)) or "", value) or field.same(value, observed)
    return field.same(value, observed)
