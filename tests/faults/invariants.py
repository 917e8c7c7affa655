# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The invariants of every run: the promises of the collection, checked against the state of the simulator."""
from __future__ import annotations

import dataclasses
import typing as t

from .kinds import ABSENT, NONE
from .network import Record
from .tasks import RETRIES, TIMEOUT, WAIT_TIMEOUT, Outcome

LOST = frozenset(("drop_after", "cut_body", "slow", "html_502", "html_503", "html_504", "empty_500", "html_200"))
CREATIONS = frozenset((
    "AddModel", "AddModelCenter", "AddModelService", "CloneModelService", "CreateDataset", "CreateUserProxyConfig", "DeployModelEvalService",
    "DeployModelService"))
# Requests and seconds that no run exceeds.
MOST_REQUESTS = 1500
# Pauses between repeated requests, in seconds.
PAUSES = 20


@dataclasses.dataclass
class Ended:
    """How a schedule has ended.

    :param struck: the run with the faults; `following` and `last` are those without.
    :param sessions: that were open after the first run.
    :param rows_then: the objects after it; `wrong_then` is what they had other than the task wanted.
    :param wrong: the same in the end.
    :param theirs: changes by others that were lost.
    :param others: other runs in the middle of the first.
    :param meddled: number of requests so far, and what somebody else did then.
    """

    struck: Outcome
    following: Outcome
    last: Outcome
    sessions: int
    rows_then: list[dict[str, t.Any]]
    wrong_then: list[str]
    wrong: list[str]
    theirs: list[str]
    others: list[Outcome]
    meddled: list[tuple[int, str]]


def violations(schedule: t.Any, ended: Ended) -> list[str]:
    """Return the promises that were broken, each with what shows it."""
    found: list[str] = []
    runs = [("the run", ended.struck), ("the next run", ended.following), ("the last run", ended.last), *(("the other run", run) for run in ended.others)]
    for name, outcome in runs:
        found += ["%s: %s" % (name, text) for text in (*of_a_run(outcome), *late(outcome.records, outcome.seconds))]
    if len(ended.rows_then) > 1:
        found.append("duplicates: %s" % [row["uuid"] for row in ended.rows_then])
    found += _of_the_struck_run(schedule, ended)
    found += of_sessions([ended.struck, *ended.others], ended.sessions)
    if not ended.following.ok:
        found.append("the next run fails: %s" % ended.following.message)
    elif ended.wrong:
        found.append("the next run does not converge: %s" % "; ".join(ended.wrong))
    if not ended.last.ok or ended.last.changed or ended.last.executed:
        found.append("the last run is not quiet: %s changed=%s %s %s" % (
            ended.last.ended, ended.last.changed, [record.call for record in ended.last.executed], ended.last.message))
    if ended.theirs:
        found.append("lost updates of others: %s" % ", ".join(ended.theirs))
    return found


def of_a_run(outcome: Outcome) -> t.Iterator[str]:
    """Yield the promises that one run broke."""
    if outcome.ended == "crashed":
        yield "an exception that is no error: %s" % outcome.message
    # Whose deletion it was cannot be known if the answer to the own one was lost and the object is gone.
    lost = any(record.method == "DELETE" and record.call != "LogOut" and record.faults for record in outcome.records)
    # Nor whose change it was if the job had not ended, and the object has every value; the task warns then.
    lost = lost or any("is considered successful" in warning for warning in outcome.result.get("warnings", []))
    if outcome.ok and outcome.changed and not outcome.executed and not lost:
        yield "false changed: no call of it was carried out"
    # Nor whether a creation that failed had created an object that somebody else has deleted; the task warns then as well.
    gone = any("that is not reported as changed" in warning for warning in outcome.result.get("warnings", []))
    seen = [record.call for record in outcome.executed if not (gone and record.call in CREATIONS)]
    if outcome.ok and not outcome.changed and seen:
        yield "false unchanged: %s" % seen
    if outcome.ended == "failed":
        if outcome.changed and not outcome.executed and not lost:
            yield "false changed of a failure"
        if not outcome.changed and seen and "job" not in outcome.message:
            yield "a failure hides a change: %s after %s" % (outcome.message, seen)
        error = outcome.result.get("error") or {}
        if len(outcome.message) < 20 or not (error.get("code") or error.get("status")) or "defect" in outcome.message:
            yield "an unclear error: %s" % outcome.message
    if len(outcome.records) > MOST_REQUESTS:
        yield "%d requests" % len(outcome.records)


def late(records: list[Record], seconds: float) -> t.Iterator[str]:
    """Yield the jobs that were waited for beyond their deadline, and the run if it took longer than all its parts may."""
    # A run waits for a job as long as it asks for no other one; what it reads of a job later on is no waiting.
    waits: list[tuple[str, list[Record]]] = []
    for record in records:
        job = record.job or (record.path.rpartition("/")[2] if record.call == "PollJob" else None)
        if job:
            if not waits or waits[-1][0] != job:
                waits.append((job, []))
            waits[-1][1].append(record)
    for job, asked in waits:
        begun, ended = asked[0].begun, asked[-1].ended
        # While another user acts in the middle of a run, the run does not wait.
        took = ended - begun - sum(record.away for record in records if begun <= record.begun <= ended)
        if took > WAIT_TIMEOUT + (RETRIES + 1) * TIMEOUT + PAUSES:
            yield "past its deadline: %.0f seconds for job %s of %s" % (took, job, asked[0].call)
    struck = sum(1 for record in records if record.faults)
    jobs = {job for job, unused in waits}
    if seconds - sum(record.away for record in records) > (len(jobs) + 2) * (WAIT_TIMEOUT + PAUSES) + struck * (RETRIES + 1) * (TIMEOUT + PAUSES):
        yield "past its deadline: %.0f seconds in all" % seconds


def _of_the_struck_run(schedule: t.Any, ended: Ended) -> t.Iterator[str]:
    struck = ended.struck
    meddled = {name.partition(" ")[0] for unused, name in ended.meddled}
    if struck.ok and not meddled - {"foreign_update", "foreign_tag"}:
        if ended.wrong_then:
            yield "false ok: %s" % "; ".join(ended.wrong_then)
        start = ABSENT if schedule.start == NONE else schedule.start
        if struck.changed is not (start != schedule.want):
            yield "changed is %s from %s to %s" % (struck.changed, start, schedule.want)
    if struck.ok and ended.wrong_then and "foreign_delete" not in meddled and all(run.ok for run in ended.others):
        if all(options["want"] == schedule.want for unused, kind, options in schedule.strikes if kind == "other_task"):
            yield "false ok beside another run: %s" % "; ".join(ended.wrong_then)


def of_sessions(runs: list[Outcome], sessions: int) -> t.Iterator[str]:
    """Yield the sessions that remain open, except after a killed process, or if the response to a sign-in or every sign-out was lost."""
    excused = sum(1 for run in runs if run.ended == "killed")
    for run in runs:
        excused += sum(1 for record in run.records if record.call == "LogInByAccount" and LOST.intersection(record.faults))
        excused += any(record.call == "LogOut" and record.faults for record in run.records[-RETRIES - 1:]) and all(
            record.faults for record in run.records if record.call == "LogOut")
        excused += any(set(record.faults) & {"refused", "restarted", "down", "boot"} for record in run.records)
    if sessions > excused:
        yield "%d sessions are left" % sessions
