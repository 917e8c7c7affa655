# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The methods that are compared: the same models, managed by the collection in several ways, by ``uri``, and by a bare script.

The method with ``uri`` is the play of someone who knows Ansible: one sign-in, one query for each model, the comparison in ``changed_when`` of the
same task (the server calls its JSON plain text, so it is parsed there). It is cheaper than what would be needed in earnest, since nothing
updates what differs. All plays run with pipelining.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import sys
import typing as t

import yaml

from benchmark.bare_script import FIELDS
from simulator.testing import RunningSimulator

MODULE = "zstack.aios.zstack_ai_model"
SESSION = "zstack.aios.zstack_session"
SCRIPT = pathlib.Path(__file__).with_name("bare_script.py")
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

Model = dict[str, t.Any]
Task = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Method:
    """One method to manage models.

    :param tasks: the tasks of the play for these models; None for what is not a play.
    :param base: the method without any work, whose time is subtracted.
    :param slow: it starts a process for each model.
    :param execution: the value of the variable ``zstack_aios_execution``.
    """

    name: str
    title: str
    tasks: t.Callable[[list[Model]], list[Task]] | None
    base: str | None = "empty"
    slow: bool = False
    execution: str = "auto"


def options(model: Model | None = None) -> Task:
    """Return the options of the module for one model, or for the item of a loop."""
    names = ("name", "model_center_uuid", *FIELDS)
    return {name: model[name] if model else "{{ item.%s }}" % name for name in names}


def no_tasks(models: list[Model]) -> list[Task]:
    return []


def loop(models: list[Model]) -> list[Task]:
    return [{"name": "Ensure the models are present", MODULE: options(), "loop": "{{ models }}", "loop_control": {"label": "{{ item.name }}"}}]


def separate(models: list[Model]) -> list[Task]:
    return [{"name": "Ensure the model is present: " + model["name"], MODULE: options(model)} for model in models]


def separate_in_session(models: list[Model]) -> list[Task]:
    return [
        {"name": "Sign in", SESSION: {"account_name": "admin", "account_password": "password"}, "register": "zstack"},
        *separate(models),
        {"name": "Sign out", SESSION: {"state": "absent"}},
    ]


def uri(models: list[Model]) -> list[Task]:
    comparison = " or ".join("rows[0].%s != item.%s" % (theirs, ours) for ours, theirs in FIELDS.items())
    body = {"logInByAccount": {"accountName": "admin", "password": "{{ 'password' | hash('sha512') }}"}}
    return [
        {
            "name": "Sign in",
            "ansible.builtin.uri": {
                "url": "{{ url }}/v1/accounts/login", "method": "PUT", "body_format": "json", "body": body, "return_content": True},
            "register": "login",
        },
        {
            "name": "Compare the models",
            "ansible.builtin.uri": {
                "url": "{{ url }}/v1/ai/models?q=name={{ item.name | urlencode }}&q=modelCenterUuid={{ item.model_center_uuid }}",
                "headers": {"Authorization": "OAuth {{ session }}"},
                "return_content": True,
            },
            "loop": "{{ models }}",
            "loop_control": {"label": "{{ item.name }}"},
            "register": "found",
            "vars": {"rows": "{{ (found.content | from_json).inventories }}"},
            "changed_when": "rows | length != 1 or " + comparison,
        },
        {
            "name": "Sign out",
            "ansible.builtin.uri": {"url": "{{ url }}/v1/accounts/sessions/{{ session }}", "method": "DELETE"},
        },
    ]


METHODS = {method.name: method for method in (
    Method("empty", "empty play", no_tasks, None),
    Method("empty_script", "empty script", None, None),
    Method("script", "requests script", None, "empty_script"),
    Method("loop", "loop, in-process", loop),
    Method("tasks_session", "tasks, one session", separate_in_session),
    Method("tasks", "tasks, in-process", separate),
    Method("uri", "loop, uri", uri, slow=True),
    Method("loop_module", "loop, module", loop, slow=True, execution="module"),
    Method("tasks_module", "tasks, module", separate, slow=True, execution="module"),
)}


def models_of(simulator: RunningSimulator) -> list[Model]:
    """Return what the server holds, in the module's own option names, so that nothing differs."""
    rows = sorted(simulator.state()["models"], key=lambda row: row["name"])
    return [
        {"name": row["name"], "model_center_uuid": row["modelCenterUuid"], **{ours: row[theirs] for ours, theirs in FIELDS.items()}}
        for row in rows]


def command_of(method: Method, models: list[Model], simulator: RunningSimulator, directory: pathlib.Path) -> list[str]:
    """Write the files of the method into the directory, and return its command."""
    if method.name == "empty_script":
        return [sys.executable, "-c", "pass"]
    if method.tasks is None:
        file = directory / "models.json"
        file.write_text(json.dumps(models), encoding="utf-8")
        return [sys.executable, str(SCRIPT), str(file), simulator.url]
    connection: Task = {} if method.tasks is not separate_in_session else {
        "session_uuid": "{{ zstack.session_uuid | default(omit) }}", "account_name": None, "account_password": None}
    variables = {
        "models": models, "url": simulator.url, "zstack_aios_execution": method.execution, "session": "{{ (login.content | from_json).inventory.uuid }}"}
    return play_of(method.name, method.tasks(models), simulator, directory, variables, connection)


def play_of(
    name: str, tasks: list[Task], simulator: RunningSimulator, directory: pathlib.Path, variables: Task | None = None, connection: Task | None = None,
) -> list[str]:
    """Write a play into the directory, and return the command that runs it.

    :param name: of the file.
    :param connection: options that replace the default ones; None removes an option.
    """
    defaults = {"host": simulator.host, "port": simulator.port, "account_name": "admin", "account_password": "password", **(connection or {})}
    play = {
        "name": "Measure", "hosts": "localhost", "connection": "local", "gather_facts": False,
        "module_defaults": {"group/zstack.aios.zstack": {option: value for option, value in defaults.items() if value is not None}},
        "vars": variables or {},
        "tasks": tasks,
    }
    file = directory / ("%s.yml" % name)
    file.write_text(yaml.dump([play], Dumper=DUMPER, sort_keys=False), encoding="utf-8")
    return [str(pathlib.Path(sys.executable).with_name("ansible-playbook")), str(file)]
