# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The parts of a plan: steps, drift, and before and after. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Call


@dataclasses.dataclass(frozen=True)
class Step:
    """One call to make.

    :param fields: the options that it sends.
    :param params: the content of the wrapper; `Self` represents the uuid of the object.
    :param root: the members next to the wrapper, or the query of a DELETE.
    :param path: the path of the call; with ``{uuid}`` if the object does not exist yet.
    :param entry: for a call that adds one entry of a field: that entry.
    :param tags: for a call that keeps a digest: ``write``, ``probe`` (what follows of the field depends on it) or ``forget``; empty for others.
    :param after: for a creation that replaces an older object which stays: the uuid of that one.
    """

    call: Call
    path: str
    fields: tuple[str, ...] = ()
    params: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    root: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    entry: str | None = None
    tags: str = ""
    after: str = ""

    def as_result(self) -> dict[str, t.Any]:
        """Return the step in the form of the result: ``call``, ``method``, ``path``, ``fields``."""
        return {"call": self.call.name, "method": self.call.method, "path": self.path, "fields": list(self.fields)}


@dataclasses.dataclass(frozen=True)
class Drift:
    """One field that differs and that no call of this plan repairs; ``before`` and ``after`` as in the diff."""

    field: str
    before: t.Any
    after: t.Any

    def as_result(self) -> dict[str, t.Any]:
        """Return the drift in the form of the result: ``field``, ``before``, ``after``."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Plan:
    """The steps, and the changes that they make. ``before`` and ``after`` use option names."""

    steps: tuple[Step, ...] = ()
    before: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    after: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    drift: tuple[Drift, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the plan contains a call."""
        return bool(self.steps)

    @property
    def carried(self) -> set[str]:
        """The options that the steps send."""
        return {option for step in self.steps for option in step.fields}
