# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The parts of an inference endpoint: the options of each part, and the references between parts."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import ItemSpec
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import option_errors
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.observe import uuid_of
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.model import MODEL
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_center import MODEL_CENTER
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_evaluation import MODEL_EVALUATION
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service import MODEL_SERVICE
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_clone import MODEL_SERVICE_CLONE
from ansible_collections.zstack.aios.plugins.module_utils._resources.model_service_group import MODEL_SERVICE_GROUP
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Resource

Options = t.Mapping[str, t.Any]

CENTER, SERVICE, CLONE, MODEL_PART, GROUP, EVALUATION = "model_center", "model_service", "model_service_clone", "model", "model_service_group", "evaluation"
# In the order in which they are created.
PARTS: dict[str, Resource] = {
    CENTER: MODEL_CENTER, SERVICE: MODEL_SERVICE, CLONE: MODEL_SERVICE_CLONE, MODEL_PART: MODEL, GROUP: MODEL_SERVICE_GROUP, EVALUATION: MODEL_EVALUATION,
}
IN_PLACE, SIDE_BY_SIDE = "in_place", "side_by_side"
# The suffix of a version is a dash and this many characters: a v and hex digits, so that no commit hash looks like a version.
VERSION_LENGTH = 11


@functools.cache
def spec_of(part: str) -> ItemSpec:
    """Return the specification of the options of a part."""
    return ItemSpec(PARTS[part])


def secrets_in(options: Options) -> set[str]:
    """Return the secret values in the parts, before anything is checked."""
    return {text for part in PARTS if isinstance(options.get(part), dict) for text in spec_of(part).secrets(options[part])}


def read_parts(options: Options) -> dict[str, dict[str, t.Any]]:
    """Return the options of each part that is given, complete and converted.

    :param options: of the module.
    :raises OptionError: with all errors.
    """
    found: dict[str, dict[str, t.Any]] = {}
    wrong: list[str] = []
    for part in PARTS:
        if options.get(part):
            found[part], messages = _read(part, options)
            wrong.extend(messages)
    if not wrong:
        wrong.extend(_rules(options, found))
    if wrong:
        raise OptionError(" ".join(text if text.endswith((".", "?")) else text + "." for text in wrong))
    return found


def warnings_of(options: Options) -> list[str]:
    """Return warnings about values in the parts that YAML may have changed."""
    return ["%s.%s" % (part, text) for part in PARTS if options.get(part) for text in spec_of(part).warnings(options[part])]


def _read(part: str, options: Options) -> tuple[dict[str, t.Any], list[str]]:
    given = dict(options[part])
    if "state" in given:
        return {}, ["%s.state: the state is given once, for the whole endpoint. Remove it here" % part]
    _fill_in(part, given, options)
    completed, messages = spec_of(part).validate({**given, "state": options["state"]})
    if messages:
        return {}, ["%s: %s" % (".".join(filter(None, (part, option))), text) for option, text in messages]
    return {**completed, **shared(options)}, ["%s.%s" % (part, error) for error in option_errors(PARTS[part], completed)]


def _fill_in(part: str, given: dict[str, t.Any], options: Options) -> None:
    """Add the options that a part takes over from another part."""
    group, service = options.get(GROUP) or {}, options.get(SERVICE) or {}
    if part == EVALUATION and not {"name", "uuid"} & given.keys() and group.get("name") is not None:
        given["name"] = "%s-evaluation" % group["name"]
    if part == CLONE and not {"source_service", "source_service_uuid"} & given.keys():
        option, key = ("source_service", "name") if "name" in service else ("source_service_uuid", "uuid")
        if key in service:
            given[option] = service[key]


def shared(options: Options) -> dict[str, t.Any]:
    """Return the options that are given once for all parts."""
    return {"version_check": options["version_check"], "server_side_check": False}


def _rules(options: Options, parts: t.Mapping[str, Options]) -> t.Iterator[str]:
    group, evaluation = parts.get(GROUP), parts.get(EVALUATION)
    if group is None or group.get("name") is None:
        yield "model_service_group.name: the name identifies the endpoint. Give it, also with state absent"
        return
    side_by_side = options["strategy"] == SIDE_BY_SIDE
    for part, values in ((GROUP, group), (EVALUATION, evaluation or {})):
        if values.get("wait") is False:
            yield "%s.wait: an endpoint is checked when it runs, so the task has to wait. Remove the option" % part
        if side_by_side and values.get("uuid") is not None:
            yield "%s.uuid: with strategy side_by_side each version is a separate object. Remove the option, or set strategy to in_place" % part
    limit = (PARTS[GROUP].field("name").longest or 255) - 1 - VERSION_LENGTH
    if side_by_side and len(group["name"]) > limit:
        yield "model_service_group.name: the text has %d characters, and strategy side_by_side appends the version. Give at most %d" % (
            len(group["name"]), limit)
    if options["state"] == "present" and not any(part in parts for part in (SERVICE, CLONE)) and not _names(group, "model_service_uuid"):
        yield "model_service_group.model_service: there is no model service to deploy. Give it, or model_service_clone, or the part model_service"
    model = parts.get(MODEL_PART, {}).get("name")
    if model is not None and group.get("model") is not None and trim(group["model"]) != trim(model):
        yield "model_service_group.model: %r is not the model of the endpoint, which is %r. Remove the option, or the part model" % (group["model"], model)
    if options["ready_timeout"] < 0:
        yield "ready_timeout: %d is too small. Give 0 or more" % options["ready_timeout"]


def _names(options: Options, option: str) -> bool:
    """Return whether an option or its name sibling is given."""
    return options.get(option) is not None or options.get(option[:-len("_uuid")]) is not None


@dataclasses.dataclass(frozen=True)
class Managed:
    """An object of the endpoint that other parts can refer to by name.

    :param path: the path at which its kind is queried.
    """

    path: str
    name: str
    uuid: str


def linked(client: Client, part: str, options: Options, managed: t.Sequence[Managed], later: t.Sequence[Managed] = ()) -> dict[str, t.Any]:
    """Return the options with references to objects of the endpoint replaced by their uuids; in check mode these objects may not exist yet.

    :param later: objects that are created after the part and bind themselves to it; references to them are omitted.
    :raises MissingError, AmbiguousError: for any other name in a list that also names an object of the endpoint.
    """
    result = dict(options)
    for field in PARTS[part].refs():
        ref = field.ref
        given = result.get(ref.option) if ref else None
        if ref is None or given is None:
            continue
        known = {trim(item.name): item.uuid for item in managed if item.path == ref.path}
        coming = {trim(item.name) for item in later if item.path == ref.path}
        entries = [name for name in (given if field.many else [given]) if trim(name) not in coming]
        if len(entries) == (len(given) if field.many else 1) and not any(trim(name) in known for name in entries):
            continue
        uuids = [known.get(trim(name)) or uuid_of(client, field, name) for name in entries]
        result[ref.option] = None
        result[field.option] = (uuids or None) if field.many else uuids[0]
    return result
