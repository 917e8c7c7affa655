# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""Any call of the AI API by name: validate it against the call's own table, make it once, and return its result without secrets."""

from __future__ import annotations

import dataclasses
import typing as t
import urllib.parse
import uuid

from ansible.module_utils.common.validation import check_type_dict
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.call_answers import failures, plain_answer, secrets_in
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.call_values import Values, known_call, lacking, refuse_stray
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import (
    FIRST_VERSION, RESOURCE_UUID_RULE, is_resource_uuid, parse_version, refuse_lacking,
)
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.module import ModuleSpec
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.runner import Failure
from ansible_collections.zstack.aios.plugins.module_utils._protocol.client import Client
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import connection_spec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import TAKEN, OptionError, OutcomeUnknownError, ServerError, ZStackError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.jobs import VALIDATION_ONLY, Write
from ansible_collections.zstack.aios.plugins.module_utils._protocol.pages import PAGE
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import holds_mask, trim
from ansible_collections.zstack.aios.plugins.module_utils._resources.calls import ApiCall, secret_names
from ansible_collections.zstack.aios.plugins.module_utils._resources.common import check_tags

Options = t.Mapping[str, t.Any]
# The servlet container accepts about 8 KiB of headers and request line (REST protocol page, 5.5).
LONGEST_ADDRESS = 7000
# Parameters of a query that require a single request; all other queries read every page.
_ONE_PAGE = ("limit", "start", "count", "replyWithCount", "sort", "fields", "filterName", "groupBy")


@dataclasses.dataclass
class Request:
    """The call of one task.

    :param path: with the values of its variables inserted.
    :param query: pairs; a list is a repeated key.
    :param body: the parameters in the wrapper.
    :param tags: ``systemTags`` and ``userTags``, those that were given.
    :param done: whether a call is known to have had its effect although its job has not ended.
    """

    call: ApiCall
    values: Values
    path: str
    query: tuple[tuple[str, str], ...]
    body: dict[str, t.Any]
    tags: dict[str, list[str]]
    done: bool = False

    @property
    def asked(self) -> str:
        """Its name in messages."""
        return "%s (%s %s)" % (self.call.name, self.call.method, self.path)

    @property
    def step(self) -> dict[str, t.Any]:
        """The call in the form of ``steps``."""
        return {"call": self.call.name, "method": self.call.method, "path": self.path, "fields": list(self.values.values)}

    def write(self, created: str | None = None, validate: bool = False, note: t.Callable[[str], None] = lambda job: None) -> Write:
        """Return the write.

        :param created: the uuid of the object that the call creates.
        :param validate: let the server only validate the call.
        """
        tags = {**self.tags, "systemTags": [*self.tags.get("systemTags", ()), VALIDATION_ONLY]} if validate else self.tags
        if self.call.wrapper is None:
            pairs = tuple((key, text) for key, texts in tags.items() for text in texts)
            return Write(self.call.name, self.call.method, self.path, None, self.query + pairs, stored=self.call.job, note=note)
        body = {**self.body, "resourceUuid": created} if created else self.body
        return Write(self.call.name, self.call.method, self.path, {self.call.wrapper: body, **tags}, stored=self.call.job, note=note)


def request_of(options: Options) -> Request:
    """Return the call of a task.

    :raises OptionError: for values that the table of the call does not allow.
    """
    call = known_call(options["call"])
    tags = _tags(call, options)
    values = Values(call, options["parameters"] or {})
    given = values.values.get("resourceUuid")
    if given is not None and not is_resource_uuid(given):
        raise OptionError("parameters.resourceUuid: the server creates no object with this uuid. Give %s, or omit the parameter." % RESOURCE_UUID_RULE)
    template = call.path_one if call.path_one and "uuid" in values.values else call.path
    path = template.format(**values.of("path"))
    query = tuple((name, _query_text(entry)) for name, value in values.of("query").items() for entry in (value if isinstance(value, list) else [value]))
    length = len(path) + len(urllib.parse.urlencode(query, quote_via=urllib.parse.quote, safe=""))
    if length > LONGEST_ADDRESS:
        raise OptionError("parameters: the address of the call would have about %d characters, and the server takes about %d. Split the list "
                          "over several calls." % (length, LONGEST_ADDRESS))
    return Request(call, values, path, query, values.of("body"), tags)


def _check(options: Options) -> None:
    request_of(options)


def _tags(call: ApiCall, options: Options) -> dict[str, list[str]]:
    check_tags(options)
    found = {}
    for option, key in (("system_tags", "systemTags"), ("user_tags", "userTags")):
        tags = options[option] or []
        if tags and call.reads:
            raise OptionError("%s: %s only reads, and takes no tags. Remove the option." % (option, call.name))
        if holds_mask(tags) or not all(trim(tag) for tag in tags):
            raise OptionError("%s: an entry is empty, or ********, which Ansible shows instead of a secret. Give the text of the tag." % option)
        refuse_stray(option, tags)
        if tags:
            found[key] = list(dict.fromkeys(map(trim, tags)))
    return found


def _query_text(value: t.Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _secrets(options: Options) -> set[str]:
    """Return the secrets in the options, for any call and in any spelling."""
    given = options.get("parameters")
    try:
        given = check_type_dict(given) if isinstance(given, str) else given
    except (TypeError, ValueError):
        return {t.cast(str, given)}
    return secrets_in(given)


def _run(options: Options, client: Client, check_mode: bool) -> dict[str, t.Any]:
    request = request_of(options)
    with client.reading_only(check_mode):
        if options["version_check"]:
            _check_version(request, client)
        if request.call.reads:
            result: dict[str, t.Any] = {"changed": False, "result": plain_answer(_read(request, client)), "job_uuid": None, "steps": [request.step]}
            rows = result["result"].get("inventories")
            if "limit" not in request.values.values and isinstance(rows, list) and len(rows) == PAGE and dict(request.query):
                request.values.warnings.append(
                    "%s returned %d objects, which is the server's own limit, so there may be more. Give limit and start, or only conditions (q) to get "
                    "all of them." % (request.call.name, PAGE))
        elif check_mode:
            result = _predicted(request, client, options)
        else:
            result = _written(request, client)
    return {**result, "warnings": request.values.warnings}


def _check_version(request: Request, client: Client) -> None:
    values = request.values
    first = parse_version(FIRST_VERSION) or ()
    if values.newer or any((parse_version(since) or ()) > first for since in (*values.since.values(), *values.inferred.values())):
        running = client.version()
        have = parse_version(running)
        if have is not None:
            refuse_lacking(running, lacking(values, have, parse_version))
            for name, since in values.inferred.items():
                if (parse_version(since) or ()) > have:
                    values.warnings.append("%s: the server runs version %s, and in another call this parameter needs %s. The server may ignore it." % (
                        name, running, since))


def _read(request: Request, client: Client) -> dict[str, t.Any]:
    """Return the response to a read; a query that has only conditions reads all pages."""
    values = request.values.values
    if request.call.path_one and "uuid" in values:
        found = client.get(request.path.rpartition("/")[0], values["uuid"])
        return {"inventories": [found] if found else []}
    if request.call.path_one and not any(name in values for name in _ONE_PAGE):
        return {"inventories": client.query(request.call.path, values.get("q") or ())}
    return client.read(request.path, request.query)


def _predicted(request: Request, client: Client, options: Options) -> dict[str, t.Any]:
    """Return the result of check mode: the call is not sent, or sent only for validation by the server."""
    message = "Check mode: %s was not sent." % request.asked
    if options["server_side_check"] and request.call.job:
        client.write(request.write(str(uuid.uuid4().hex) if _creates(request) else None, validate=True))
        message = "Check mode: %s was validated by the server and not executed." % request.asked
    elif options["server_side_check"]:
        request.values.warnings.append("server_side_check: the server validates only calls that run as jobs. Not validated: %s." % request.call.name)
    return {"changed": True, "result": None, "job_uuid": None, "steps": [request.step], "msg": message}


def _creates(request: Request) -> bool:
    """Return whether the call creates an object whose uuid the task does not specify."""
    return request.call.found is not None and "resourceUuid" not in request.body


def _written(request: Request, client: Client) -> dict[str, t.Any]:
    jobs: list[str] = []
    try:
        answer = _send(request, client, jobs.append)
    except ZStackError as error:
        raise Failure({
            "msg": error.message, "error": error.error, "changed": request.done, "result": None, "job_uuid": jobs[-1] if jobs else None,
            "steps": [request.step] if request.done else []}) from error
    result = {"changed": True, "result": plain_answer(answer), "job_uuid": jobs[-1] if jobs else None, "steps": [request.step]}
    failed = failures(request.asked, answer)
    if failed:
        raise Failure({**result, "msg": failed.message, "error": failed.error, "changed": failed.some_done})
    return result


def _send(request: Request, client: Client, note: t.Callable[[str], None]) -> dict[str, t.Any]:
    """Make the call once and return its response. A creation carries its own uuid, by which the outcome of a lost response is found."""
    call = request.call
    if call.found is None:
        return client.write(request.write(note=note))
    ours = uuid.uuid4().hex if _creates(request) else None
    chosen = ours or request.body["resourceUuid"]

    def find() -> dict[str, t.Any] | None:
        return client.get(str(call.found), chosen)

    try:
        return client.write(request.write(ours, note=note), find)
    except ServerError as error:
        found = error.resolved(find) if error.server_code == TAKEN else None
        if found is None:
            raise
        if ours:
            # Nobody else knows this uuid, so an earlier attempt of this call has created the object.
            return {"inventory": found}
        error.add("There is an object with the uuid %s already." % chosen)
        raise
    except OutcomeUnknownError as error:
        found = error.resolved(find)
        if found and not error.running:
            request.values.warnings.append(error.considered_successful("The object exists"))
            return {"inventory": found}
        request.done = bool(found)
        raise error.of_creation(chosen, request.done) from error


CALL = ModuleSpec(
    arguments={
        "argument_spec": {
            **connection_spec(),
            "call": {"type": "str", "required": True},
            "parameters": {"type": "dict", "default": {}},
            "system_tags": {"type": "list", "elements": "str"},
            "user_tags": {"type": "list", "elements": "str"},
            "version_check": {"type": "bool", "default": True},
            "server_side_check": {"type": "bool", "default": False},
        },
        "supports_check_mode": True,
    },
    check=_check,
    run=_run,
    secrets=_secrets,
    secret_members=secret_names(),
)
