# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""From the objects of a running platform to catalog entries. Planning what comes out changes nothing: each entry is tried."""

from __future__ import annotations

import dataclasses
import fnmatch
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import SHARED, ItemSpec
from ansible_collections.zstack.aios.plugins.module_utils._catalog.planning import OF_ITEM
from ansible_collections.zstack.aios.plugins.module_utils._catalog.prune import MARK
from ansible_collections.zstack.aios.plugins.module_utils._catalog.snapshot import Snapshot
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import mistakes
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import observe, read_tags, uuid_of
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import make_plan
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import TEXT
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Field, Observed, Resource

# In the place of a source that nobody knows: no service has this name, so making the clone anew fails and says so.
UNKNOWN_SOURCE = "unknown source"
CLASS_PREFIX = "AI::"


@dataclasses.dataclass
class Entry:
    """One object as an item of a catalog.

    :param options: in the order of the table.
    :param comments: what the options do not say.
    """

    options: dict[str, t.Any]
    comments: list[str]


class Exporter:
    """Makes the entries of one kind.

    :param source: the options that name the source of clones, such as ``{"source_service": "vllm"}``; empty when it is not known.
    """

    def __init__(self, table: Resource, spec: ItemSpec, snapshot: Snapshot, source: t.Mapping[str, str]) -> None:
        self._table = table
        self._spec = spec
        self._snapshot = snapshot
        self._source = source

    def entry(self, row: dict[str, t.Any]) -> Entry:
        """The entry of one object.

        :raises ZStackError: when the object cannot be expressed at all.
        """
        observed = read_tags(self._snapshot, row, self._table.fields)  # type: ignore[arg-type]
        entry = Entry({}, [])
        self._add_source(entry, row)
        for field in self._table.fields:
            if field.readable and not field.secret and field.option != self._table.given_uuid:
                self._add(entry, field, observed)
        self._drop_refused(entry)
        if not self._is_found(entry, observed):
            entry.options[self._table.given_uuid] = observed.uuid
            if not self._is_found(entry, observed):
                raise OF_ITEM[0]("no option tells it from the others")
        self._drop_different(entry)
        first = ("name", self._table.given_uuid)
        entry.options = dict(sorted(entry.options.items(), key=lambda pair: first.index(pair[0]) if pair[0] in first else len(first)))
        return entry

    def _add_source(self, entry: Entry, row: t.Mapping[str, t.Any]) -> None:
        source = self._table.source
        if source is None or source.ref is None:
            return
        own = self._source.get(source.option) == row.get("uuid") or self._source.get(source.ref.option) == row.get("name")
        if self._source and not own:
            entry.options.update(self._source)
        else:
            entry.options[source.ref.option] = UNKNOWN_SOURCE

    def _add(self, entry: Entry, field: Field, observed: Observed) -> None:
        seen = _own_tags(field, observed)
        raw = field.reads(seen) if field.reads else seen.inventory.get(field.inventory)
        if raw is None:
            return
        try:
            value = field.type.express(raw)
        except (TypeError, ValueError, AttributeError):
            value = None
        # A model that was given no id shows its uuid in that place.
        if value is None or value in ("", [], {}) or value == observed.uuid:
            return
        names = [self._name_of(field, uuid) for uuid in (value if field.many else [value])] if field.ref else [None]
        if field.ref and None not in names:
            entry.options[field.ref.option] = names if field.many else names[0]
        else:
            entry.options[field.option] = value

    def _name_of(self, field: Field, uuid: str) -> str | None:
        """The name that means this uuid, if one does."""
        row = self._snapshot.get(field.ref.path, uuid) if field.ref else None
        name = (row or {}).get("name")
        if field.ref is None or not isinstance(name, str) or not name.strip():
            return None
        try:
            return name if uuid_of(self._snapshot, field, name) == uuid else None  # type: ignore[arg-type]
        except ZStackError:
            return None

    def _drop_refused(self, entry: Entry) -> None:
        """Take out what the server holds and the modules do not take."""
        for dummy in range(len(entry.options)):
            options, messages = self._spec.validate(entry.options)
            messages = messages or [(str(mistake).partition(": ")[0], str(mistake)) for mistake in mistakes(self._table, options)]
            told = [(option, message) for option, message in messages if option in entry.options]
            if not told:
                return
            for option, message in told:
                if entry.options.pop(option, None) is not None:
                    entry.comments.append("%s is left out: %s" % (option, message))

    def _full(self, entry: Entry) -> dict[str, t.Any]:
        return {**self._spec.validate(entry.options)[0], **dict.fromkeys(SHARED, False)}

    def _is_found(self, entry: Entry, observed: Observed) -> bool:
        """Whether these options lead back to the object and to no other."""
        try:
            found = observe(self._snapshot, self._table, self._full(entry))[1]  # type: ignore[arg-type]
        except (*OF_ITEM, KeyError):
            return False
        return found is not None and found.uuid == observed.uuid

    def _drop_different(self, entry: Entry) -> None:
        """Take out what would not compare as equal, so that planning the entry changes nothing."""
        resolved, observed = observe(self._snapshot, self._table, self._full(entry))  # type: ignore[arg-type]
        for field in self._table.given(resolved):
            if not field.same(resolved[field.option], observed):
                for option in (field.option, field.ref.option if field.ref else field.option):
                    entry.options.pop(option, None)
                entry.comments.append("%s is left out: the server's value cannot be given in a catalog" % field.option)
        plan = make_plan(self._table, *observe(self._snapshot, self._table, self._full(entry)))  # type: ignore[arg-type]
        if plan.changed or plan.drift:
            raise OF_ITEM[0]("its options contradict each other")


def _own_tags(field: Field, observed: Observed) -> Observed:
    """The object as a field of tags sees it: without tags that another option stands for, that the server makes, or that are our mark."""
    if field.option not in ("user_tags", "tag_uuids", "system_tags"):
        return observed
    by_pattern = field.option == "tag_uuids"
    user_tags = [
        row for row in observed.user_tags or []
        if bool(row.get("tagPatternUuid")) == by_pattern and not str(row.get("tag") or "").startswith((MARK, CLASS_PREFIX))
        and not str((row.get("tagPattern") or {}).get("name") or "").startswith(CLASS_PREFIX)]
    return Observed(observed.inventory, user_tags, [row for row in observed.system_tags or [] if not row.get("inherent")])


def unreadable(table: Resource) -> list[str]:
    """The options whose values no one can read back."""
    return sorted(field.option for field in table.fields if field.secret or not field.readable)


def unset(table: Resource, rows: t.Iterable[t.Mapping[str, t.Any]]) -> list[str]:
    """What the inventories show and no option sets."""
    known = {field.inventory for field in table.fields} | {"uuid", "createDate", "lastOpDate", "modelServiceRefs", "modelCenterUuid"}
    return sorted({key for row in rows for key, value in row.items() if value is not None and key[:1].islower()} - known)


class Filter:
    """Which objects are exported.

    :param center: the uuid of the model center that they have to be in, if any.
    :param wanted: option to value; texts may hold ``*`` and ``?``.
    """

    def __init__(self, center: str | None, wanted: t.Mapping[str, t.Any]) -> None:
        self._center = center
        self._wanted = wanted

    def takes(self, table: Resource, row: dict[str, t.Any], snapshot: Snapshot) -> bool:
        """Whether an object of that kind is exported."""
        if self._center is not None and row.get("modelCenterUuid") != self._center:
            return False
        fields = {field.option: field for field in table.fields if field.readable}
        if not self._wanted.keys() <= fields.keys():
            return False
        asked = [fields[option] for option in self._wanted]
        observed = read_tags(snapshot, row, asked)  # type: ignore[arg-type]
        return all(_agrees(field, self._wanted[field.option], observed) for field in asked)


def _agrees(field: Field, value: t.Any, observed: Observed) -> bool:
    if field.type is TEXT:
        return fnmatch.fnmatchcase(str(field.found(observed) or ""), str(value))
    return field.same(value, observed)
