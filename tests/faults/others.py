# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules for the plugins that do not manage one object of a kind: those that read, single calls, sessions, endpoints, the lookup, the inventory."""
from __future__ import annotations

import dataclasses
import json
import pathlib
import tempfile
import typing as t

from .invariants import late, of_a_run, of_sessions
from .kinds import A, KINDS, SEED
from .network import Network
from .plugins import read_inventory, read_lookup, run_module
from .schedules import LAST, NEXT, PREPARING, STRUCK, Play, Written
from .tasks import Outcome

Options = dict[str, t.Any]
EXPORT = "zstack_ai_catalog_export"
UUID = "6f0e2d9c8b7a4e5f9d1c3b2a1f0e9d8c"


@dataclasses.dataclass(frozen=True)
class Other:
    """One task of such a plugin.

    :param plugin: the name of the module, or ``lookup`` or ``inventory``.
    :param kind: whose object is created before, and which others change or delete.
    :param options: of the task.
    :param reads: True if the result is all that matters: it has to be the one of a run without faults.
    :param wrong: what the platform has other than the task wants, after a run that has succeeded.
    :param prepared: whether that object is created.
    """

    plugin: str
    kind: str
    options: Options
    reads: bool = True
    wrong: t.Callable[[Network, Outcome], list[str]] = lambda network, outcome: []
    prepared: bool = True


def _datasets(network: Network, name: str) -> list[dict[str, t.Any]]:
    return [row for row in network.world.store.all("datasets") if row["name"] == name]


def _created(network: Network, unused: Outcome) -> list[str]:
    found = _datasets(network, "called")
    return [] if len(found) == 1 else ["%d objects" % len(found)]


def _updated(network: Network, unused: Outcome) -> list[str]:
    found = [row.get("description") for row in _datasets(network, "questions")]
    return [] if found == ["called"] else ["description is %s" % found]


def _deleted(network: Network, unused: Outcome) -> list[str]:
    return ["it exists"] if _datasets(network, "news") else []


def _opened(network: Network, outcome: Outcome) -> list[str]:
    return [] if network.world.store.get("sessions", outcome.result["session_uuid"]) else ["the session is not open"]


def _closed(network: Network, unused: Outcome) -> list[str]:
    return ["the session is open"] if network.world.store.get("sessions", UUID) else []


def _served(network: Network, unused: Outcome) -> list[str]:
    world = network.world
    groups = [row for row in world.store.all("instance_groups") if str(row.get("name", "")).startswith("served")]
    clones = [row for row in world.store.all("model_services") if row["name"] == KINDS["clone"].name]
    found = [] if len(groups) == 1 and groups[0]["status"] == "Running" else ["groups: %s" % [row["status"] for row in groups]]
    return found + ([] if len(clones) == 1 else ["%d clones" % len(clones)])


def _removed(network: Network, unused: Outcome) -> list[str]:
    world = network.world
    # The clone stays, because a model that the endpoint has not created is bound to it.
    left = [row["name"] for row in world.store.all("instance_groups") if str(row.get("name", "")).startswith("served")]
    return ["it exists: %s" % left] if left else []


ENDPOINT: Options = {
    "model_service_clone": {"name": KINDS["clone"].name, "source_service": "vllm-base"},
    "model_service_group": {"name": "served", "model": "qwen2.5-7b", "zone": "zone-1", "type": "Container", "docker_image": "i:1", "cpu_num": 4,
                            "memory_size": 4096},
}
INFO = {"model": "zstack_ai_model_info", "model_center": "zstack_ai_model_center_info", "model_service": "zstack_ai_model_service_info",
        "group": "zstack_ai_model_service_group_info", "dataset": "zstack_ai_dataset_info", "evaluation": "zstack_ai_model_evaluation_task_info"}
IN_CENTER = ("model", "model_service", "dataset")
OTHERS: dict[str, Other] = {
    **{"%s, read" % module: Other(module, kind, {"tags": True, **({"model_center": "center-1"} if kind in IN_CENTER else {})})
       for kind, module in INFO.items()},
    "zstack_ai_trained_model_record_info, read": Other("zstack_ai_trained_model_record_info", "dataset", {}),
    "zstack_ai_catalog_export, read": Other(EXPORT, "clone", {"concurrency": 1}),
    "zstack_ai_call, query": Other("zstack_ai_call", "dataset", {"call": "QueryDataset", "parameters": {"q": ["name=news"]}}),
    "zstack_ai_call, create": Other(
        "zstack_ai_call", "dataset", {"call": "CreateDataset", "parameters": {
            "name": "called", "url": "http://192.0.2.60/c", "modelCenterUuid": "ebf96ce1de2c46fa8af9d503c29bb93d", "resourceUuid": UUID},
            "system_tags": ["dataset::datatype::Text", "dataset::usage::scenarios::ModelEval"]}, False, _created),
    "zstack_ai_call, update": Other(
        "zstack_ai_call", "model", {"call": "UpdateDataset", "parameters": {"uuid": SEED["datasets"][0]["uuid"], "description": "called"}}, False, _updated),
    "zstack_ai_call, delete": Other("zstack_ai_call", "dataset", {"call": "DeleteDataset", "parameters": {"uuid": ""}}, False, _deleted),
    "zstack_session, open": Other("zstack_session", "dataset", {}, False, _opened, False),
    "zstack_session, close": Other("zstack_session", "dataset", {"state": "absent", "session_uuid": UUID}, False, _closed, False),
    "zstack_ai_inference_endpoint, create": Other("zstack_ai_inference_endpoint", "clone", ENDPOINT, False, _served, False),
    "zstack_ai_inference_endpoint, delete": Other("zstack_ai_inference_endpoint", "clone", {**ENDPOINT, "state": "absent"}, False, _removed, False),
    "lookup zstack_ai, read": Other("lookup", "dataset", {"kind": "dataset", "inventory": True, "model_center": "center-1"}),
    "inventory zstack_ai, read": Other("inventory", "group", {}),
}


@dataclasses.dataclass(frozen=True)
class Schedule(Written):
    """What happens to one task.

    :param task: a key of `OTHERS`.
    """

    task: str
    strikes: tuple[tuple[int, str, dict[str, t.Any]], ...]
    config: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    sign_in: str = "password"
    start: str = A
    want: str = A


@dataclasses.dataclass
class Ended:
    """How a schedule has ended.

    :param before: the run before the faults, if the task only reads.
    :param wrong_then: what the platform had other than wanted after the run with the faults; `wrong` after the next one.
    """

    struck: Outcome
    before: Outcome | None
    following: Outcome
    last: Outcome
    others: list[Outcome]
    sessions: int
    wrong_then: list[str]
    wrong: list[str]
    meddled: set[str]


class OtherPlay(Play):
    """One running schedule."""

    @property
    def other(self) -> Other:
        """The task."""
        return OTHERS[self.schedule.task]

    @property
    def kind(self) -> t.Any:
        """The kind of the object that others change."""
        return KINDS[self.other.kind]

    def once(self, run: int, sign_in: str = "password") -> Outcome:
        """Run the task."""
        options = dict(self.other.options)
        if options.get("call") == "DeleteDataset":
            options["parameters"] = {"uuid": self.uuid}
        if self.other.plugin == "zstack_session":
            sign_in = "password"
        if self.other.plugin == "lookup":
            return read_lookup(self.network, run, [self.kind.name], options, sign_in)
        if self.other.plugin == "inventory":
            return read_inventory(self.network, run, options, sign_in)
        if self.other.plugin != EXPORT:
            return run_module(self.network, run, self.other.plugin, options, sign_in)
        with tempfile.TemporaryDirectory() as place:
            outcome = run_module(self.network, run, self.other.plugin, {**options, "path": place}, sign_in)
            outcome.result = json.loads(json.dumps(outcome.result).replace(place, "."))
            files = sorted(pathlib.Path(place).rglob("*.y*ml"))
            outcome.result["written"] = {str(path.relative_to(place)): path.read_text(encoding="utf-8") for path in files}
        return outcome

    def play(self) -> Ended:
        """Prepare the platform, run the task under the faults, then twice without."""
        schedule, network, other = self.schedule, self.network, self.other
        if other.prepared:
            prepared = self.task(PREPARING, A)
            assert prepared.ok, prepared.message
            self.uuid = self.rows()[0]["uuid"]
        if other.options.get("session_uuid"):
            network.world.store.put("sessions", self._session())
        if self.schedule.task.endswith("inference_endpoint, delete"):
            created = run_module(network, PREPARING, other.plugin, ENDPOINT)
            assert created.ok, created.message
        network.simulator.world.config.merge(schedule.config)
        before = self.once(PREPARING + 100) if other.reads else None
        kept = network.world.sessions.live_count()
        network.strikes[STRUCK] = [self.strike(*strike) for strike in schedule.strikes]
        struck = self.once(STRUCK, schedule.sign_in)
        sessions = network.world.sessions.live_count() - (kept if not other.options.get("session_uuid") else 0)
        wrong_then = other.wrong(network, struck) if struck.ok else []
        self.settle()
        following = self.once(NEXT)
        network.sleep(300)
        wrong = other.wrong(network, following) if following.ok or other.plugin == "zstack_ai_call" else []
        last = self.once(LAST)
        return Ended(struck, before, following, last, self.others, sessions, wrong_then, wrong, {name.partition(" ")[0] for unused, name in self.meddled})

    def _session(self) -> dict[str, t.Any]:
        """Return a session that was opened for the task."""
        opened = run_module(self.network, PREPARING, "zstack_session", {}).result["session_uuid"]
        row = self.network.world.store.get("sessions", opened)
        self.network.world.store.delete("sessions", opened)
        return {**row, "uuid": UUID}


def play(schedule: Schedule) -> Ended:
    """Run a schedule on a platform of its own."""
    network = Network()
    with network.serving(SEED):
        return OtherPlay(schedule, network).play()


def violations(schedule: Schedule, ended: Ended) -> list[str]:
    """Return the promises that were broken, each with what shows it."""
    other = OTHERS[schedule.task]
    found = []
    for name, outcome in (("the run", ended.struck), ("the next run", ended.following), ("the last run", ended.last)):
        # What an export changes is files.
        ran = dataclasses.replace(outcome, result={**outcome.result, "changed": False}) if other.plugin == EXPORT else outcome
        found += ["%s: %s" % (name, text) for text in (*of_a_run(ran), *late(outcome.records, outcome.seconds))]
        if other.reads and outcome.executed:
            found.append("%s: a task that reads has written: %s" % (name, [record.call for record in outcome.executed]))
    found += _of_results(schedule, ended) if other.reads else _of_effects(schedule, ended)
    open_ended = other.plugin == "zstack_session" and "state" not in other.options and ended.struck.ok
    found += of_sessions([ended.struck, *ended.others], ended.sessions - open_ended)
    return found


def _of_results(schedule: Schedule, ended: Ended) -> t.Iterator[str]:
    """Yield results that are neither those from before a change of another user nor those from after it."""
    if not ended.following.ok:
        # The lookup names an object, and it may be gone.
        if not (OTHERS[schedule.task].plugin == "lookup" and "foreign_delete" in ended.meddled):
            yield "the next run fails: %s" % ended.following.message
        return
    right = shown(t.cast(Outcome, ended.before))
    # Several reads are not a snapshot: a part may be from before the change of another user, and another part from after it.
    if not ended.meddled:
        # An export writes the uuid where it cannot read the name, and says so.
        if ended.struck.ok and shown(ended.struck) != right and not _without_names(schedule, ended):
            yield "a wrong result: %s instead of %s" % (shown(ended.struck), right)
        if shown(ended.following) != right:
            yield "the next run has another result"
    if shown(ended.last) != shown(ended.following) or (ended.last.changed and OTHERS[schedule.task].plugin != EXPORT):
        yield "the last run has another result: %s instead of %s" % (shown(ended.last), shown(ended.following))


def _without_names(schedule: Schedule, ended: Ended) -> bool:
    return OTHERS[schedule.task].plugin == EXPORT and any(record.call == "QueryL3Network" and record.faults for record in ended.struck.records)


def _of_effects(schedule: Schedule, ended: Ended) -> t.Iterator[str]:
    """Yield differences between the platform and the task, and work that the next run does not complete."""
    other = OTHERS[schedule.task]
    meddled = ended.meddled - {"foreign_update", "foreign_tag"}
    # A single call is sent as given, and nothing is compared.
    dropped = other.plugin == "zstack_ai_call" and any(kind == "ignore_fields" for unused, kind, unused_options in schedule.strikes)
    if ended.struck.ok and ended.wrong_then and not meddled and not dropped:
        yield "false ok: %s" % "; ".join(ended.wrong_then)
    if other.plugin == "zstack_session":
        if not ended.following.ok and not ended.struck.ok:
            yield "the next run fails: %s" % ended.following.message
        return
    # It deletes the object of a uuid, and not the one that another run has created since.
    recreated = schedule.task == "zstack_ai_call, delete" and "other_task" in meddled
    if ended.wrong and not recreated:
        yield "the next run does not converge: %s" % "; ".join(ended.wrong)
    if other.plugin == "zstack_ai_call":
        # A call is made each time; one that creates an object with a given uuid, or deletes it, is refused when it was done.
        if not ended.following.ok and schedule.task.endswith("update"):
            yield "the next run fails: %s" % ended.following.message
        return
    if not ended.following.ok:
        yield "the next run fails: %s" % ended.following.message
    if not ended.last.ok or ended.last.changed or ended.last.executed:
        yield "the last run is not quiet: %s %s" % (ended.last.ended, ended.last.message)


def shown(outcome: Outcome) -> str:
    """Return the result of a task that reads, as text."""
    return json.dumps({key: value for key, value in outcome.result.items() if key not in ("warnings", "path")}, sort_keys=True, default=str)


def broken(schedule: Schedule) -> list[str]:
    """Return the promises that a schedule breaks."""
    return violations(schedule, play(schedule))
