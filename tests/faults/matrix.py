# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix: every fault at every request of every module, and the page that shows it.

``python -m faults.matrix --page docs/faults.md --state FILE`` plays what the state does not have yet, and writes the page.
"""
from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import logging
import os
import pathlib
import re
import sys
import typing as t

from . import catalogs, others, schedules
from .__main__ import load, save
from .kinds import A, ABSENT, B, KINDS, NONE
from .others import OTHERS
from .plugins import is_silent, modules
from .tasks import Outcome

Strike = tuple[int, str, dict[str, t.Any]]
OK, ERROR = "ok", "error"
BEGIN, END = "<!-- begin: written by make faults -->", "<!-- end: written by make faults -->"
ACTIONS = {"create": (NONE, A), "update": (B, A), "delete": (A, ABSENT)}
CATALOG = "catalog"
WHOLE_HEADING = "Faults of a whole run"
# What every kind of the catalog is before and after: something is created, changed, deleted and pruned.
CATALOG_START = {"clone": B, "dataset": B, "group": A, "model": NONE, "model_center": B, "model_service": A, "evaluation": NONE}
CATALOG_WANT = {"clone": A, "dataset": A, "group": NONE, "model": A, "model_center": A, "model_service": ABSENT, "evaluation": A}
# Results without and with the fault at once; more than a page of messages helps nobody.
PARALLEL = max(1, (os.cpu_count() or 1))


@dataclasses.dataclass(frozen=True)
class Fault:
    """One row of the matrix: the name of a fault, the fault, and the state of the platform."""

    title: str
    kind: str
    options: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    config: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    sign_in: str = "password"

    def strike(self, request: int, kind: str) -> tuple[Strike, ...]:
        """Return the strike at a request."""
        options = dict(self.options)
        if self.kind == "ignore_fields":
            options["fields"] = KINDS[kind].droppable if kind in KINDS else sorted({name for item in KINDS.values() for name in item.droppable})
        if kind == CATALOG and self.kind.startswith("foreign"):
            options["kind"] = "clone"
        if self.kind == "other_task":
            options["want"] = {**CATALOG_WANT, "clone": B, "dataset": B} if kind == CATALOG else B
        return ((request, self.kind, options),) if self.kind else ()


AFTER = {"after": True}
FAULTS = (
    Fault("Connection lost before the work", "drop_before"),
    Fault("Connection lost after the work", "drop_after"),
    Fault("Body cut off", "cut_body"),
    Fault("Answer after the timeout", "slow", {"ms": 15000}),
    Fault("Job stays at 202, work done", "stuck_job", {"work": True}),
    Fault("Job stays at 202, work not done", "stuck_job", {"work": False}),
    Fault("Job forgotten", "forget_jobs"),
    Fault("Management node restarts (4 s)", "restarted", {"seconds": 4}),
    Fault("Management node restarts (60 s)", "restarted", {"seconds": 60}),
    Fault("Connection refused (1 s)", "refused", {"seconds": 1}),
    Fault("Session expired", "expire_sessions"),
    Fault("HTTP 429", "rate_limit"),
    Fault("HTTP 503, SYS.1010", "not_ready"),
    Fault("HTTP 404, no api mapping", "boot_404"),
    Fault("HTTP 500 before the work", "empty_500"),
    Fault("HTTP 500 after the work", "empty_500", AFTER),
    Fault("Proxy page 502 before the work", "html_502"),
    Fault("Proxy page 504 after the work", "html_504", AFTER),
    Fault("Sign-in page of a proxy (200)", "html_200"),
    Fault("Redirect", "redirect"),
    Fault("Refused, SYS.1006", "error", {"code": "SYS.1006"}),
    Fault("Field dropped without a word", "ignore_fields"),
    Fault("Somebody changes another field", "foreign_update"),
    Fault("Somebody adds a tag", "foreign_tag"),
    Fault("Somebody deletes the object", "foreign_delete"),
    Fault("Another run with other values", "other_task"),
)
# Of the whole run, not of one request. The address in job locations is foreign in every run of this page.
WHOLE = (
    Fault("Tags attached late", "", config={"tag_delay_ms": 1500}),
    Fault("Server in another time zone, access key", "", config={"timezone": "+08:00"}, sign_in="access_key"),
    Fault("Server in an unknown time zone, access key", "", config={"timezone": "+05:45"}, sign_in="access_key"),
    Fault("Job takes 20 s", "", config={"job_ms": 20000}),
    Fault("Diagnostic dialect, dates of Java 20", "", config={"dialect": "diagnostic", "timestamp_style": "narrow"}),
)


@dataclasses.dataclass(frozen=True)
class Column:
    """One request of one action: the first of its call.

    :param request: its number in a run without faults.
    """

    kind: str
    action: str
    call: str
    request: int

    def schedule(self, fault: Fault) -> t.Any:
        """Return the schedule of a cell."""
        strikes = fault.strike(self.request, self.kind)
        if self.kind == CATALOG:
            return catalogs.Schedule(_listed(CATALOG_START), _listed(CATALOG_WANT), strikes, dict(fault.config), fault.sign_in)
        if self.kind not in KINDS:
            return others.Schedule(heading(self.kind, self.action), strikes, dict(fault.config), fault.sign_in)
        start, want = ACTIONS[self.action]
        return schedules.Schedule(self.kind, start, want, strikes, dict(fault.config), fault.sign_in)

    def key(self, fault: Fault) -> str:
        """Return the name of a cell."""
        return "%s/%s/%s/%s" % (self.kind, self.action, self.call, fault.title)


def _listed(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name in catalogs.LISTED}


def actions() -> list[tuple[str, str]]:
    """Return every task of the page: the kind or the plugin, and what it does."""
    rest = [t.cast(tuple[str, str], tuple(name.split(", "))) for name in OTHERS]
    return [*((kind, action) for kind in sorted(KINDS) for action in ACTIONS), (CATALOG, "apply"), *rest]


def silent() -> list[str]:
    """Return the modules that send no request."""
    return [name for name in modules() if is_silent(name)]


def columns() -> list[Column]:
    """Return the requests of every action, from runs without faults: the first one of each call."""
    found = []
    for kind, action in actions():
        first: dict[str, int] = {}
        for record in played(Column(kind, action, "", 0).schedule(Fault("", "")))[0].records:
            first.setdefault(str(record.call), record.number)
        found += [Column(kind, action, call, number) for call, number in first.items()]
    return found


def played(schedule: t.Any) -> tuple[Outcome, list[str]]:
    """Return the run under the fault, and the promises that were broken."""
    module = next(family for family in (catalogs, others, schedules) if isinstance(schedule, family.Schedule))
    ended = module.play(schedule)
    return ended.struck, module.violations(schedule, ended)


def cell(job: tuple[str, t.Any]) -> tuple[str, list[t.Any]]:
    """Return the name of a cell and what it holds: the result, the message of an error, and the broken promises."""
    logging.disable(logging.ERROR)
    name, schedule = job
    outcome, broken = played(schedule)
    return name, [OK if outcome.ok else ERROR, shape(outcome.message) if not outcome.ok else "", broken]


def shape(message: str) -> str:
    """Return a message of an error without what differs from run to run, cut to its first sentences."""
    text = re.sub(r"[0-9a-f]{32}", "<uuid>", message.splitlines()[1] if message.startswith("1 of") else message)
    text = re.sub(r"port \d+", "port <port>", re.sub(r"mn\.example(:\d+)?", "<host>", text))
    text = re.sub(r"\b[A-Z][A-Za-z]+ \((GET|PUT|POST|DELETE) [^)]*\)", "<call>", re.sub(r"(GET|PUT|POST|DELETE) http\S+", "<request>", text))
    text = re.sub(r'"[^"]*" \(uuid <uuid>\)|\b[a-z ]+\[\d+\] \([^)]*\)', "<object>", text)
    return text if len(text) <= 300 else text[:300].rsplit(" ", 1)[0] + " ..."


def jobs_of(places: list[Column]) -> dict[str, t.Any]:
    """Return every cell with its schedule."""
    found = {place.key(fault): place.schedule(fault) for place in places for fault in FAULTS}
    for place in {(place.kind, place.action): place for place in reversed(places)}.values():
        found.update({dataclasses.replace(place, call="whole run").key(fault): place.schedule(fault) for fault in WHOLE})
    return found


def page(places: list[Column], cells: dict[str, list[t.Any]]) -> str:
    """Return the generated part of the page."""
    groups: dict[tuple[str, str], list[Column]] = {}
    for place in places:
        groups.setdefault((place.kind, place.action), []).append(place)
    count = {result: sum(1 for value in cells.values() if value[0] == result) for result in (OK, ERROR)}
    broken = sum(1 for value in cells.values() if value[2])
    summary = "%d cells: in %d the task succeeds, in %d it fails with an error. Promises broken: %d." % (len(cells), count[OK], count[ERROR], broken)
    lines = [BEGIN, "", summary, "", "Modules that send no request: %s." % ", ".join(silent()), ""]
    lines += ["## " + WHOLE_HEADING, "", "| Task | %s |" % " | ".join(fault.title for fault in WHOLE), "|---%s|" % ("|---" * len(WHOLE))]
    for kind, action in groups:
        values = [cells[Column(kind, action, "whole run", 0).key(fault)][0] for fault in WHOLE]
        lines.append("| %s | %s |" % (heading(kind, action), " | ".join(values)))
    for (kind, action), group in groups.items():
        head = "| Fault | %s |" % " | ".join(place.call for place in group)
        lines += ["", "## " + heading(kind, action), "", head, "|---%s|" % ("|---" * len(group))]
        lines += ["| %s | %s |" % (fault.title, " | ".join(cells[place.key(fault)][0] for place in group)) for fault in FAULTS]
    messages = sorted({value[1] for value in cells.values() if value[1]})
    lines += ["", "## Errors", "", "Every message of the cells above, shortened.", "", *("* `%s`" % text.replace("`", "'") for text in messages)]
    return "\n".join([*lines, "", END])


def heading(kind: str, action: str) -> str:
    """Return the heading of a table."""
    return "%s, %s" % (KINDS[kind].module if kind in KINDS else "zstack_ai_catalog" if kind == CATALOG else kind, action)


def read_page(text: str) -> dict[tuple[str, str, str], str]:
    """Return the results that a page shows: by heading, fault and call."""
    found, heading, head = {}, "", []
    for line in text.splitlines():
        cells = [part.strip() for part in line.strip("|").split("|")]
        if line.startswith("## "):
            heading, head = line[3:], []
        elif line.startswith("| ") and not head:
            head = cells[1:]
        elif line.startswith("| "):
            found.update({(heading, cells[0], call): value for call, value in zip(head, cells[1:])})
    return found


def main() -> int:
    """Play the missing cells, and write the page."""
    parser = argparse.ArgumentParser(prog="faults.matrix", description=__doc__)
    parser.add_argument("--state", type=pathlib.Path, required=True)
    parser.add_argument("--page", type=pathlib.Path, required=True)
    given = parser.parse_args()
    cells = load(given.state)
    places = columns()
    jobs = jobs_of(places)
    left = [(name, schedule) for name, schedule in jobs.items() if name not in cells]
    print("%d cells, %d to play" % (len(jobs), len(left)), flush=True)
    with concurrent.futures.ProcessPoolExecutor(PARALLEL) as pool:
        for number, (name, value) in enumerate(pool.map(cell, left, chunksize=5), 1):
            cells[name] = value
            if value[2]:
                print("%s\n    %s\n    %s" % (name, jobs[name].as_text(), "\n    ".join(value[2])), flush=True)
            if number % 100 == 0:
                save(given.state, cells)
                print(number, flush=True)
    save(given.state, cells)
    cells = {name: cells[name] for name in jobs}
    text = given.page.read_text(encoding="utf-8")
    given.page.write_text(text[:text.index(BEGIN)] + page(places, cells) + text[text.index(END) + len(END):], encoding="utf-8")
    return 1 if any(value[2] for value in cells.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
