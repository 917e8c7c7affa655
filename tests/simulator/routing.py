# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From path and verb to the call (REST page, 3.9)."""
from __future__ import annotations

from dataclasses import dataclass, field

from .apis import Api
from .errors import RestError

VERBS = ("POST", "PUT", "DELETE", "GET", "HEAD")


@dataclass
class Entry:
    """One path of the server: the calls which own it, each with its names of the variables."""

    segments: tuple[str, ...]
    owners: list[tuple[Api, tuple[str, ...]]] = field(default_factory=list)


def normalise(path: str) -> tuple[str, ...]:
    """Return the segments of a path; variables become '{}'."""
    return tuple("{}" if part.startswith("{") else part for part in path.split("/"))


def variables(path: str) -> tuple[str, ...]:
    """Return the names of the variables of a path."""
    return tuple(part[1:-1] for part in path.split("/") if part.startswith("{"))


class Router:
    """Finds the call for a request.

    :param apis: the calls that this server has.
    """

    def __init__(self, apis: list[Api]) -> None:
        self.literal: dict[tuple[str, ...], Entry] = {}
        self.patterns: dict[int, list[Entry]] = {}
        for api in apis:
            for path in (api.path, api.single):
                if path:
                    self._add(api, path)

    def _add(self, api: Api, path: str) -> None:
        segments = normalise(path)
        if "{}" not in segments:
            self.literal.setdefault(segments, Entry(segments)).owners.append((api, ()))
            return
        entries = self.patterns.setdefault(len(segments), [])
        entry = next((item for item in entries if item.segments == segments), None)
        if entry is None:
            entry = Entry(segments)
            entries.append(entry)
        entry.owners.append((api, variables(path)))

    def match(self, path: str) -> tuple[Entry, tuple[str, ...]] | None:
        """Return the entry of a decoded path and the values of its variables, or None."""
        segments = tuple(path.split("/"))
        entry = self.literal.get(segments)
        if entry is not None:
            return entry, ()
        for candidate in self.patterns.get(len(segments), ()):
            if all(pattern == part or (pattern == "{}" and part) for pattern, part in zip(candidate.segments, segments)):
                return candidate, tuple(part for pattern, part in zip(candidate.segments, segments) if pattern == "{}")
        return None

    def route(self, method: str, path: str, body: object, has_body: bool) -> tuple[Api, dict[str, str]]:
        """Return the call and its path variables; raise RestError as the server answers it.

        A path of a single call takes every verb; a shared path goes by the verb and, for PUT, by the key in the body.
        """
        found = self.match(path)
        if found is None:
            raise RestError(404, f"no api mapping to {path}", "ORG_ZSTACK_CORE_REST_10015")
        entry, values = found
        if len(entry.owners) == 1:
            api, names = entry.owners[0]
            return api, dict(zip(names, values))
        owners = [(api, names) for api, names in entry.owners if api.method == method]
        if method == "PUT":
            owners = self._by_action(owners, path, body, has_body)
        if not owners:
            raise self._refusal(method, path)
        api, names = owners[0]
        return api, dict(zip(names, values))

    @staticmethod
    def _by_action(owners: list, path: str, body: object, has_body: bool) -> list:
        if not has_body or not isinstance(body, dict):
            raise RestError(500, "")
        chosen = [(api, names) for api, names in owners if api.wrapper in body]
        if not chosen:
            raise RestError(400, f"the body doesn't contain action mapping to the URL[{path}]")
        return chosen

    @staticmethod
    def _refusal(method: str, path: str) -> RestError:
        texts = {
            "POST": f"No creational API found for the path[{path}]",
            "GET": f"No query API found for the path[{path}]",
            "DELETE": f"No delete API found for the path[{path}]",
        }
        if method in texts:
            return RestError(500, texts[method])
        return RestError(405, f"The method[{method}] is not allowed for the path[{path}]")
