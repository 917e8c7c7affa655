# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Write a catalog from a running platform."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.entries import UNKNOWN_SOURCE, Entry, Exporter, Filter, identify, unreadable, unset
from ansible_collections.zstack.aios.plugins.module_utils._catalog.files import find_files
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS, ItemSpec, item_specs
from ansible_collections.zstack.aios.plugins.module_utils._catalog.paths import MOST_BYTES, SUFFIXES
from ansible_collections.zstack.aios.plugins.module_utils._catalog.shares import Shares
from ansible_collections.zstack.aios.plugins.module_utils._catalog.target import Target
from ansible_collections.zstack.aios.plugins.module_utils._catalog.writer import one_line, write_list
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import uuid_of
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.plan import option_names
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.snapshot import TAG_PATHS, Snapshot
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError, ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import current
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import brief, is_hidden
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed, Resource

Options = t.Mapping[str, t.Any]
# Maximum length of a line in a message.
_SHOWN = 60
# Maximum length of a file in the diff: several thousand items.
MOST_DIFF = 1_000_000
# Maximum number of items in one file; each item has up to about 60 values.
MOST_ITEMS = 10_000
# The address of the JSON Schema of catalog files. It is the same for all versions, so that a new version does not change every exported file.
SCHEMA_URL = "https://raw.githubusercontent.com/zstack-aios/zstack.aios/main/schemas/catalog.json"
HEAD = "---\n# Written by zstack.aios.zstack_ai_catalog_export. Planning it against the same platform changes nothing.\n"


@dataclasses.dataclass
class Exported:
    """The objects of one kind.

    :param rows: the inventories of all selected objects.
    :param omitted: the objects that a catalog cannot contain, as in the result.
    """

    rows: list[dict[str, t.Any]]
    entries: list[Entry] = dataclasses.field(default_factory=list)
    omitted: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)


def check_export(options: Options) -> None:
    """Refuse invalid options of the task.

    :raises OptionError: naming the option and the rule.
    """
    _wanted(options)
    if any(character.isspace() or is_hidden(character) for character in options["schema"]):
        raise OptionError("schema: %s contains blanks or invisible characters. Give a URL or a path without them." % brief(options["schema"]))
    if options["path"] is not None and os.path.isdir(options["path"]) and options["path"].endswith(SUFFIXES):
        raise OptionError("path: %s is a directory, but its name has the extension of a file. Give another path." % options["path"])


def _kinds(options: Options) -> list[str]:
    return [kind for kind in KINDS if options["kinds"] is None or kind in options["kinds"]]


def _wanted(options: Options) -> dict[str, t.Any]:
    """Return the filter with its values converted by Ansible."""
    specs: list[ItemSpec] = list(item_specs({kind: KINDS[kind] for kind in _kinds(options)}).values())
    readable = {field.option for kind in _kinds(options) for field in KINDS[kind].fields if field.readable and not field.secret}
    wanted = {}
    for option, value in (options["filter"] or {}).items():
        spec = next((spec for spec in specs if option in spec.options and option in readable), None)
        if spec is None:
            raise OptionError("filter: %s is not an option that can be read back. Supported are: %s." % (option, ", ".join(sorted(readable))))
        wanted[option], messages = spec.convert(option, value)
        if messages:
            raise OptionError("filter: %s: %s." % (option, messages[0]))
    return wanted


def run_export(options: Options, client: Client, check_mode: bool) -> dict[str, t.Any]:
    """Run one task.

    :returns: ``changed``, ``files``, ``content``, ``summary``, ``omitted``, ``diff``, ``warnings``.
    :raises ZStackError: if the server cannot be read, or a file cannot be written.
    """
    kinds = _kinds(options)
    with client.reading_only(True):
        snapshot = Snapshot(client, list(dict.fromkeys(KINDS[kind].vo for kind in kinds)))
        snapshot.prepare([*(KINDS[kind].path for kind in kinds), *TAG_PATHS.values()], options["concurrency"])
        center = options["model_center_uuid"]
        if options["model_center"] is not None:
            center = uuid_of(snapshot, MODEL.field("model_center_uuid"), options["model_center"])  # type: ignore[arg-type]
        exported = _export_kinds(kinds, options, snapshot, Filter(center, _wanted(options)))
    identify({kind: found.entries for kind, found in exported.items()})
    texts = {kind: _texts(kind, found) for kind, found in exported.items()}
    summary = {kind: len(found.entries) for kind, found in exported.items()}
    omitted = [entry for found in exported.values() for entry in found.omitted]
    delivered = _deliver(options["path"], options["overwrite"], texts, check_mode, _schema_line(options["schema"]) + HEAD)
    return {**delivered, "summary": summary, "omitted": omitted}


def filter_warnings(options: Options) -> list[str]:
    """Return warnings about values of the filter that YAML has changed."""
    specs = item_specs({kind: KINDS[kind] for kind in _kinds(options)}).values()
    return list(dict.fromkeys("filter: %s" % warning for spec in specs for warning in spec.warnings(options["filter"] or {})))


def _export_kinds(kinds: t.Sequence[str], options: Options, snapshot: Snapshot, chosen: Filter) -> dict[str, Exported]:
    """Return the entries of all kinds, each object once."""
    sources = {KINDS[kind].vo: _source(KINDS[kind], options, snapshot) for kind in kinds if KINDS[kind].source}

    def sourced(table: Resource, row: dict[str, t.Any]) -> bool:
        _unused, source = sources[table.vo]
        return source is not None and source["uuid"] != row["uuid"]

    shares = Shares(kinds, snapshot, sourced)
    exported: dict[str, Exported] = {}
    written: dict[str, set[str]] = {}
    for kind in kinds:
        table = KINDS[kind]
        rows = [row for row in shares.of(kind) if chosen.takes(table, row, snapshot)]
        exporter = Exporter(table, ItemSpec(table), snapshot, *(sources[table.vo] if table.source else ({}, None)), written)
        exported[kind] = _export_kind(kind, rows, lambda row, kind=kind, make=exporter.entry: make(row, shares.source_of(kind, row)))  # type: ignore[misc]
        written.setdefault(table.path, set()).update(str(entry.row["uuid"]) for entry in exported[kind].entries)
    return exported


def _export_kind(kind: str, rows: list[dict[str, t.Any]], make: t.Callable[[dict[str, t.Any]], Entry]) -> Exported:
    """Return the entries of some objects of one kind."""
    table = KINDS[kind]
    found = Exported(rows)
    for row in rows:
        try:
            reason = table.keeps(Observed(row))
            entry = None if reason else make(row)
        except ZStackError as error:
            reason, entry = error.message, None
        if entry is None:
            found.omitted.append({"kind": kind, "name": row.get("name"), "uuid": row["uuid"], "reason": reason})
        else:
            found.entries.append(entry)
    found.entries.sort(key=lambda entry: entry.place(table))
    return found


def _texts(kind: str, found: Exported) -> list[str]:
    """Return the text of one kind's list, divided into parts that a catalog can read as files."""
    table = KINDS[kind]
    items = [(entry.comments, entry.ordered(table)) for entry in found.entries]
    remarks = ["Omitted: %s (uuid %s): %s" % (entry["name"], entry["uuid"], entry["reason"]) for entry in found.omitted]
    notes = _notes(table, found.rows, items)
    # An empty list is written as well.
    parts = [items[start:start + MOST_ITEMS] for start in range(0, max(len(items), 1), MOST_ITEMS)]
    texts = []
    while parts:
        part = parts.pop(0)
        text = notes + write_list(kind, part, [] if parts else remarks)
        if len(part) > 1 and len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES // 2:
            parts[:0] = [part[:len(part) // 2], part[len(part) // 2:]]
        else:
            texts.append(text)
    return texts


def _source(table: Resource, options: Options, snapshot: Snapshot) -> tuple[dict[str, str], dict[str, t.Any] | None]:
    """Return the options for the source of clones, and its inventory. Errors are found here and not only when a clone is created."""
    if table.source is None or table.source.ref is None:
        return {}, None
    given = {name: options[name] for name in (table.source.option, table.source.ref.option) if options.get(name) is not None}
    if not given:
        return {}, None
    uuid = given.get(table.source.option) or uuid_of(snapshot, table.source, given[table.source.ref.option])  # type: ignore[arg-type]
    row = snapshot.get(table.source.ref.path, uuid)
    if row is None:
        raise OptionError("%s: there is no %s with the uuid %s." % (table.source.option, table.source.ref.title, uuid))
    return given, row


def _notes(table: Resource, rows: t.Sequence[dict[str, t.Any]], items: t.Sequence[t.Any]) -> str:
    """Return the comments for the list that follows."""
    notes = []
    hidden, extra = unreadable(table), unset(table, rows)
    if hidden:
        notes.append("Not included, because the server does not show it: %s." % ", ".join(hidden))
    needed = [option for option in table.required if option in hidden]
    if needed and items:
        notes.append("To create the objects on another platform, also give: %s." % ", ".join(option_names(table, needed)))
    if extra:
        notes.append("Shown by the server, but set by no option: %s." % ", ".join(extra))
    used = {option for _unused, given in items for option in given}
    own = sorted(used & {"model_service_uuids", "tag_uuids", "vendor_to_spec_uuids_map", "architecture_images"})
    if own:
        notes.append("UUIDs in %s belong to this platform. To create the objects on another platform, replace them." % ", ".join(own))
    ref = table.source.ref if table.source else None
    if ref and any(given.get(ref.option) == UNKNOWN_SOURCE for _unused, given in items):
        notes.append(
            "The server does not show the source of a clone. To clone it again, replace %r with the name of its source." % UNKNOWN_SOURCE)
    return "".join("# %s\n" % one_line(note) for note in notes)


def _schema_line(schema: str) -> str:
    """Return the comment from which the language server for YAML learns the schema of a file."""
    return "# yaml-language-server: $schema=%s\n" % schema if schema else ""


def _deliver(path: str | None, overwrite: bool, texts: t.Mapping[str, t.Sequence[str]], check_mode: bool, head: str = HEAD) -> dict[str, t.Any]:
    """Write the files that differ."""
    if path is None or path.endswith(SUFFIXES):
        files = {path or "catalog.yml": head + "".join(text for parts in texts.values() for text in parts)}
        _refuse_length(files, any(len(parts) > 1 for parts in texts.values()))
    else:
        files = {
            os.path.join(path, "%s%s.yml" % (kind, "-%d" % number if number > 1 else "")): head + text
            for kind, parts in texts.items() for number, text in enumerate(parts, 1)}
    if path is None:
        content = "".join(files.values())
        _refuse_masking(content)
        return {"changed": False, "files": [], "content": content, "diff": [], "warnings": []}
    target = Target(os.path.dirname(path) if path.endswith(SUFFIXES) else path)
    found = {name: target.read(os.path.basename(name)) for name in files}
    differing = [name for name, text in files.items() if found[name] != text]
    kept = [name for name in differing if found[name] is not None and not overwrite]
    if kept:
        raise OptionError("overwrite: %s would change. Nothing was written." % ", ".join(kept))
    if not check_mode:
        for name in differing:
            target.write(os.path.basename(name), files[name])
    others = [] if path.endswith(SUFFIXES) or not os.path.isdir(path) else [name for name in find_files(path) if name not in files]
    warnings = ["%s is a file of the same catalog and was not changed. An object that is listed in both files is an error." % name for name in others]
    diff = [
        {"before": _for_diff(found[name] or ""), "after": _for_diff(files[name]), "before_header": name, "after_header": name} for name in differing]
    listed = [{"path": name, "changed": name in differing} for name in files]
    return {"changed": bool(differing), "files": listed, "content": None, "diff": diff, "warnings": warnings}


def _refuse_length(files: t.Mapping[str, str], divided: bool) -> None:
    """Refuse a single file that exceeds the limits of a catalog or contains a list twice.

    :raises OptionError: with the solution.
    """
    for text in files.values():
        if divided or len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
            raise OptionError(
                "path: the platform has more objects than one catalog file may list (%d of a kind, %d MiB). Give a directory, in which the export writes "
                "several files, or limit the export with kinds, model_center or filter." % (MOST_ITEMS, MOST_BYTES // 2 ** 20))


def _for_diff(text: str) -> str:
    """Return the text of a file for the diff, or one line about it if the text is too long: AWX stores results in a database."""
    if len(text) <= MOST_DIFF:
        return text
    return "%d lines, SHA-256 %s; too long for a diff\n" % (text.count("\n"), hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def _refuse_masking(content: str) -> None:
    """Refuse to return a text in which Ansible would mask values, because the masks would be applied as values later.

    :raises OptionError: naming the first line.
    """
    if current().data(content) == content:
        return
    for number, line in enumerate(content.split("\n"), 1):
        # Only the comments of the export begin in the first column, and they contain no values of the platform.
        if not line.startswith("#") and current().data(line) != line:
            raise OptionError(
                "path: line %d of the catalog (%s) contains a secret of this task, or a credential in a URL, which would be masked in the result. "
                "Set path to write the catalog to files, where nothing is masked." % (number, current().data(line.strip())[:_SHOWN]))
