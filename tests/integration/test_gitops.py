# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A catalog in Git: pulled by a machine, and run by the pipelines of GitLab and GitHub, with their very scripts."""

from __future__ import annotations

import http.server
import json
import pathlib
import shutil
import threading
import typing as t
import urllib.parse

import pytest
from simulator.testing import RunningSimulator

from .pipelines import PASSWORD, Job, Machine, Repository, build_collection, connection, github_jobs, gitlab_jobs, set_password

GITHUB = {"repository": "team/catalog", "event.pull_request.head.repo.full_name": "team/catalog"}
GITLAB = {
    "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_BRANCH": "", "CI_PROJECT_ID": "7", "CI_MERGE_REQUEST_IID": "",
    "CI_MERGE_REQUEST_PROJECT_ID": "", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": ""}
MERGE_REQUEST = {
    "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": "3", "CI_MERGE_REQUEST_PROJECT_ID": "7", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "7"}
SERVICE = "vllm-qwen3"


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The collection as it is published."""
    return build_collection(tmp_path_factory.mktemp("dist"))


@pytest.fixture
def machine(simulator: RunningSimulator, tmp_path: pathlib.Path, tarball: pathlib.Path) -> Machine:
    """A machine that knows the simulator's address and account."""
    set_password(simulator)
    return Machine(tmp_path, ZSTACK_AIOS_SOURCE=str(tarball), **connection(simulator))


def objects(simulator: RunningSimulator, kind: str) -> dict[str, dict[str, t.Any]]:
    """Return what the server holds, by name."""
    return {row["name"]: row for row in simulator.state()[kind]}


def calls(simulator: RunningSimulator) -> list[str]:
    """Return the writes since the last time, by their names."""
    made = [entry["call"] for entry in simulator.writes()]
    simulator.clear_log()
    return made


def test_ansible_pull(simulator: RunningSimulator, machine: Machine, tarball: pathlib.Path) -> None:
    repository = Repository(machine)
    machine.install(tarball)
    command = "ansible-pull --url 'file://%s' --checkout main --directory '%s/pulled'" % (repository.bare, machine.directory)

    def pull() -> list[str]:
        machine.run(command, machine.home)
        return calls(simulator)

    first = pull()
    assert first.count("AddModel") == 2 and first.count("CloneModelService") == 1
    service = objects(simulator, "model_services")[SERVICE]
    assert (service["requestCpu"], service["description"]) == (8, "vLLM for the Qwen3 models")

    repository.edit("catalog/model_service_clones.yml", "request_cpu: 8", "request_cpu: 16")
    repository.commit("More processors for the Qwen3 models")
    simulator.fault("error", {"call": "UpdateModelService"}, code="SYS.1006", details="no")
    assert machine.run(command, machine.home, check=False).returncode == 2
    simulator.clear_log()
    # A failed apply is retried without a new commit.
    machine.run(command, machine.home)
    (write,) = simulator.writes()
    assert write["call"] == "UpdateModelService" and set(write["body"]["updateModelService"]) - {"resourceUuid", "uuid"} == {"requestCpu"}
    assert {**objects(simulator, "model_services")[SERVICE], "requestCpu": 8, "lastOpDate": ""} == {**service, "lastOpDate": ""}
    simulator.clear_log()

    repository.git("revert", "--no-edit", "HEAD")
    repository.git("push", "--quiet", "origin", "HEAD:main")
    assert pull() == ["UpdateModelService"]
    assert objects(simulator, "model_services")[SERVICE]["requestCpu"] == 8


def check_discretion(machine: Machine, simulator: RunningSimulator) -> None:
    """No password was shown, and no session is left."""
    assert not any(PASSWORD in output for output in machine.outputs)
    assert simulator.stats()["sessions"] == 0


def check_planned_commit(pipeline: Pipeline, simulator: RunningSimulator) -> None:
    """Check that a commit that arrives after the plan is not applied."""
    planned = pipeline.repository.published()

    def push() -> None:
        pipeline.repository.edit("catalog/model_service_clones.yml", "request_cpu: 8", "request_cpu: 32")
        pipeline.repository.commit("Nobody planned this")

    code, _reports = pipeline.run("push", "plan", "apply", between=push)
    output = "".join(pipeline.machine.outputs)
    assert code != 0 and calls(simulator) == [] and planned in output and pipeline.repository.published() in output
    pipeline.repository.git("revert", "--no-edit", "HEAD")
    pipeline.repository.git("push", "--quiet", "origin", "HEAD:main")


class Notes(http.server.BaseHTTPRequestHandler):
    """The part of GitLab's API that keeps comments, two on a page."""

    user: t.ClassVar[int] = 5
    notes: t.ClassVar[list[dict[str, t.Any]]] = []
    requests: t.ClassVar[list[tuple[str, str, str]]] = []

    @classmethod
    def add(cls, author: int, body: str) -> dict[str, t.Any]:
        """Add a comment."""
        cls.notes.append({"id": 100 + len(cls.notes), "author": {"id": author}, "body": body})
        return cls.notes[-1]

    def _answer(self) -> None:
        address = urllib.parse.urlsplit(self.path)
        path = address.path.replace("/api/v4", "")
        self.requests.append((self.command, path, self.headers["PRIVATE-TOKEN"]))
        text = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
        following, answer = "", {}
        if self.command == "GET" and path.endswith("/notes"):
            page = int(urllib.parse.parse_qs(address.query)["page"][0])
            answer = self.notes[2 * page - 2:2 * page]
            following = str(page + 1) if len(self.notes) > 2 * page else ""
        elif self.command == "GET":
            answer = {"id": self.user}
        elif self.command == "POST":
            answer = self.add(self.user, text["body"])
        else:
            answer = next(note for note in self.notes if path.endswith("/notes/%d" % note["id"]))
            answer["body"] = text["body"]
        content = json.dumps(answer).encode()
        self.send_response(201 if self.command == "POST" else 200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Next-Page", following)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = _answer

    def log_message(self, *arguments: t.Any) -> None:
        """Print nothing."""


@pytest.fixture
def notes() -> t.Iterator[str]:
    """The address of an API that takes comments."""
    Notes.notes.clear()
    Notes.requests.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Notes) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield "http://127.0.0.1:%d/api/v4" % server.server_port
        server.shutdown()


class Pipeline:
    """The events of a catalog's life, for one of the two services.

    :param jobs: the jobs for `merge_request`, `push` and `schedule`.
    :param commit: the variable that holds the commit.
    """

    def __init__(self, machine: Machine, jobs: t.Callable[[str], list[Job]], commit: str) -> None:
        self.machine = machine
        self._commit = commit
        self.repository = Repository(machine)
        self._jobs = jobs

    def run(self, event: str, *expected: str, between: t.Callable[[], None] = lambda: None, **variables: str) -> tuple[int, pathlib.Path]:
        """Run what an event starts, which has to be the jobs of these names; the exit code, and the reports of the last job.

        Each job has a checkout of its own, with the artifacts that it needs. A job that fails ends the pipeline.

        :param between: what happens after each job but the last one.
        """
        jobs = self._jobs(event)
        assert [job.name for job in jobs] == list(expected)
        kept: dict[str, pathlib.Path] = {}
        for job in jobs:
            checkout = self.repository.checkout(self.machine.directory / ("checkout-" + job.name))
            for name, directory in job.needs.items():
                shutil.copytree(kept[name] / "reports", checkout / directory, dirs_exist_ok=True)
            code = job.run(self.machine, checkout, **{self._commit: self.repository.published()}, **variables)
            assert all((checkout / path).is_dir() for path in job.artifacts)
            kept[job.name] = checkout
            if code or job is jobs[-1]:
                break
            between()
        return code, checkout / "reports"


@pytest.fixture
def change_by_hand(collection: t.Any) -> t.Callable[[], None]:
    """Someone gives the service another description."""
    def change() -> None:
        collection.task(
            "zstack_ai_model_service_clone", source_service="vllm-base", name=SERVICE, description="Changed by hand", account_password=PASSWORD)
    return change


def test_gitlab(simulator: RunningSimulator, machine: Machine, notes: str, change_by_hand: t.Callable[[], None]) -> None:
    events = {
        "merge_request": MERGE_REQUEST, "push": {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main"},
        "branch": {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "feature"},
        "schedule": {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main"}}
    pipeline = Pipeline(machine, lambda event: gitlab_jobs({**GITLAB, **events[event]}), "CI_COMMIT_SHA")
    assert gitlab_jobs({**GITLAB, **events["branch"]}) == []
    # In the parent project, and in the fork itself
    for project in ("7", "8"):
        jobs = gitlab_jobs({**GITLAB, **MERGE_REQUEST, "CI_PROJECT_ID": project, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "8"})
        assert [job.name for job in jobs] == ["validate"]

    # Others write comments as well, and someone repeats the mark.
    others = [dict(Notes.add(author, text)) for author, text in ((6, "Fine"), (6, "<!-- zstack.aios: plan -->\nMine"), (5, "Hello"))]
    code, reports = pipeline.run("merge_request", "validate", "plan", CI_API_V4_URL=notes, GITLAB_NOTE_TOKEN="s3cr3t-0fNotes")
    assert code == 0 and calls(simulator) == []
    plan = (reports / "plan.md").read_text(encoding="utf-8")
    assert SERVICE in plan
    path = "/projects/7/merge_requests/3/notes"
    assert [(note["author"]["id"], note["body"].partition("\n")[2]) for note in Notes.notes[3:]] == [(5, plan)]
    assert [request[:2] for request in Notes.requests] == [("GET", "/user"), ("GET", path), ("GET", path), ("POST", path)]
    pipeline.repository.edit("catalog/model_service_clones.yml", "request_cpu: 8", "request_cpu: 4")
    pipeline.repository.commit("Fewer processors")
    code, reports = pipeline.run("merge_request", "validate", "plan", CI_API_V4_URL=notes, GITLAB_NOTE_TOKEN="s3cr3t-0fNotes")
    second = (reports / "plan.md").read_text(encoding="utf-8")
    assert code == 0 and second != plan
    assert [note["body"].partition("\n")[2] for note in Notes.notes[3:]] == [second] and Notes.notes[:3] == others
    assert Notes.requests[-1][:2] == ("PUT", "%s/103" % path) and {request[2] for request in Notes.requests} == {"s3cr3t-0fNotes"}
    pipeline.repository.git("revert", "--no-edit", "HEAD")
    pipeline.repository.git("push", "--quiet", "origin", "HEAD:main")
    asked = len(Notes.requests)
    assert not any("s3cr3t-0fNotes" in output for output in machine.outputs)

    check_planned_commit(pipeline, simulator)
    code, reports = pipeline.run("push", "plan", "apply", CI_API_V4_URL=notes, GITLAB_NOTE_TOKEN="s3cr3t-0fNotes")
    assert code == 0 and "AddModel" in calls(simulator) and len(Notes.requests) == asked

    change_by_hand()
    simulator.clear_log()
    code, reports = pipeline.run("schedule", "drift")
    assert code != 0 and calls(simulator) == []
    assert SERVICE in (reports / "drift.md").read_text(encoding="utf-8")
    check_discretion(machine, simulator)


def test_github(simulator: RunningSimulator, machine: Machine) -> None:
    names = {"merge_request": "pull_request", "push": "push", "schedule": "schedule"}
    # A runner has only the variables that the workflow passes.
    given = {name: machine.variables.pop(name) for name in [name for name in machine.variables if name.startswith("ZSTACK_")]}
    settings = {("secrets." if "ACCOUNT" in name else "vars.") + name: value for name, value in given.items()}
    shown = machine.directory / "summary.md"
    machine.variables["GITHUB_STEP_SUMMARY"] = str(shown)
    pipeline = Pipeline(machine, lambda event: github_jobs({**GITHUB, "event_name": names[event]}, settings), "GITHUB_SHA")
    fork = {**GITHUB, "event_name": "pull_request", "event.pull_request.head.repo.full_name": "someone/catalog"}
    (job,) = github_jobs(fork, settings)
    assert job.name == "validate" and not set(job.environment) & (set(given) - {"ZSTACK_AIOS_SOURCE"})

    pipeline.repository.edit("catalog/model_service_clones.yml", "request_cpu", "request_cpus")
    pipeline.repository.commit("An error")
    code, reports = pipeline.run("merge_request", "validate", "plan")
    assert code != 0 and calls(simulator) == [] and [entry["path"] for entry in simulator.log()] == []
    assert "did you mean" in shown.read_text(encoding="utf-8")
    (run,) = json.loads((reports / "validate.sarif").read_text(encoding="utf-8"))["runs"]
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    assert places == ["catalog/model_service_clones.yml"] and "request_cpus" in (reports / "validate.xml").read_text(encoding="utf-8")

    shown.unlink()
    pipeline.repository.git("revert", "--no-edit", "HEAD")
    pipeline.repository.git("push", "--quiet", "origin", "HEAD:main")
    code, reports = pipeline.run("merge_request", "validate", "plan")
    assert code == 0 and calls(simulator) == []
    plan = shown.read_text(encoding="utf-8")
    # Each job adds its report to the summary of the run.
    assert SERVICE in plan and plan.startswith("## Validation of") and plan.endswith((reports / "plan.md").read_text(encoding="utf-8"))

    check_planned_commit(pipeline, simulator)
    code, reports = pipeline.run("push", "plan", "apply")
    assert code == 0 and "AddModel" in calls(simulator)
    code, reports = pipeline.run("schedule", "drift")
    assert code == 0 and calls(simulator) == []
    check_discretion(machine, simulator)
