# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret is in anything that Ansible prints, logs, stores or shows to other users.

One play has a task of every module, every sign-in method and every failure; tests/unit/test_leaks.py combines them. Another one runs every module as a
process of its own.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import pathlib
import random
import socket
import subprocess
import sys
import typing as t

import pytest
import yaml
from leaks.accounts import Secrets
from leaks.echo import PATHS, context_path, repeating
from leaks.matrix import MODULES, mistakes
from leaks.scanner import Scanner, random_secret, sha512
from leaks.watching import Watch
from simulator.testing import RunningSimulator, patience

from ansible_collections.zstack.aios.tests.unit.support.certificates import Authority

from .conftest import CALLBACKS, Collection, reset

SECRETS = Secrets(3)
# Files that the user writes, with secrets in them.
GIVEN = ("secrets.json", "password.txt")
TEMPORARY = ("local", "remote", "async", "tmp")
MODEL = "zstack.aios.zstack_ai_model"
INFO = "zstack.aios.zstack_ai_model_info"
# Who knows the secrets of the tasks with failures
WITH_TOKEN = "ldap with token"
# A password after -e, and who knows it
GIVEN_OPENLY, OPEN = random_secret(random.Random(4)), "password after -e"
Task = dict[str, t.Any]


class Play:
    """The tasks of one play. Their options are variables of a file, as users keep secrets.

    :param simulator: the management node.
    :param echo: the port of a server that repeats secrets, and that of one with TLS.
    """

    def __init__(self, simulator: RunningSimulator, echo: int, echo_tls: int) -> None:
        self.simulator = simulator
        self.echo = {"host": "127.0.0.1", "port": echo, "retries": 0, "timeout": 1}
        self.echo_tls = {**self.echo, "port": echo_tls, "protocol": "https"}
        self.node = {"host": simulator.host, "port": simulator.port, "timeout": int(patience(10)), "wait_timeout": int(patience(20))}
        self.options: list[dict[str, t.Any]] = []
        self.tasks: list[Task] = []

    def add(self, name: str, module: str, options: dict[str, t.Any], **keywords: t.Any) -> None:
        """Add a task whose result is registered."""
        number = len(self.options)
        self.options.append(options)
        templates = {option: "{{ options_%d[%r] }}" % (number, option) for option in options}
        self.tasks.append({"name": name, module: templates, "register": "result_%d" % number, **keywords})

    def account(self, name: str) -> dict[str, t.Any]:
        """Return the options that sign in."""
        options = SECRETS.accounts[name].options
        return {**options, "session_uuid": "{{ session.session_uuid }}"} if "session_uuid" in options else options

    def add_session(self) -> None:
        """Open the session of the account `session`."""
        self.add("open a session", "zstack.aios.zstack_session", {**self.node, **self.account("account")}, register="session")

    def add_accounts(self) -> None:
        """Sign in in every way, with success and with a refusal that repeats the request."""
        for name in SECRETS.accounts:
            self.add("sign in with " + name, INFO, {**self.node, **self.account(name)})
            self.add("be refused with " + name, INFO, {**self.echo, "context_path": context_path("is-a-refusal", name), **self.account(name)})

    def add_modules(self, *accounts: str) -> None:
        """Run every module, the first ones with these accounts, the others with that of the administrator."""
        for module, account in itertools.zip_longest(SECRETS.tasks(), accounts, fillvalue="account"):
            signed = {**self.node, **self.account(account)} if not MODULES[module].offline else {}
            self.add(module, "zstack.aios." + module, {**signed, **SECRETS.tasks()[module]})

    def add_answers(self, *answers: str) -> None:
        """Let the server repeat secrets in answers of `PATHS`."""
        for answer in answers:
            options = {**self.echo, **self.account("ldap"), **SECRETS.tasks()["zstack_ai_model"], "context_path": context_path(answer, WITH_TOKEN)}
            self.add("answer " + answer, MODEL, options)

    def add_failures(self, *answers: str) -> None:
        """Let a task fail in every way."""
        model = SECRETS.tasks()["zstack_ai_model"]
        account = self.account("account")
        self.add_answers(*answers)
        self.add("certificate", MODEL, {**self.echo_tls, **account, **model})
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        self.add("closed port", MODEL, {**self.echo, **account, **model, "port": port})
        known = {"password": account["account_password"]}
        for name, wrong in mistakes({**account, **model}, known).items():
            self.add(name, MODEL, {**self.node, **account, **model, **wrong})
        proxy = "http://u:{{ texts.proxy | urlencode }}@127.0.0.1:%d" % port
        self.add("proxy", INFO, {**self.echo, **account, "host": "192.0.2.1"}, environment={"http_proxy": proxy})
        self.tasks.append({"name": "template", MODEL: {
            **self.node, "account_password": "{{ texts.password }}", "name": "{{ texts.password ~ nothing.at_all }}"}})

    def add_environment(self) -> None:
        """Sign in with the environment of a task, with success and with a refusal that repeats the request."""
        environment = {"ZSTACK_ACCOUNT_NAME": "admin", "ZSTACK_ACCOUNT_PASSWORD": "{{ texts.password }}"}
        self.add("environment", INFO, self.node, environment=environment)
        self.add("environment of a refusal", INFO, {**self.echo, "context_path": context_path("is-a-page-502", "account")}, environment=environment)

    def add_plugins(self) -> None:
        """Look up, apply the roles, and show what was registered."""
        for where in (self.node, {**self.echo, "context_path": context_path("is-a-page-200", "account")}):
            options = {**where, "kind": "model_service", "inventory": True, "account_name": "admin"}
            terms = ", ".join("%s=%r" % pair for pair in options.items())
            self.tasks.append({"name": "look up", "ansible.builtin.debug": {
                "msg": "{{ lookup('zstack.aios.zstack_ai', 'own', account_password=texts.password, %s) }}" % terms}})
        report = "{{ result_%d | zstack.aios.catalog_report }}" % next(
            number for number, task in enumerate(self.tasks) if task["name"] == "zstack_ai_catalog")
        self.tasks.append({"name": "report", "zstack.aios.zstack_ai_catalog_report": {
            "report": report, "files": ["report.md", "report.html", "report.json"], "junit": "report.xml", "sarif": "report.sarif"}})
        number, endpoint = len(self.options), SECRETS.tasks()["zstack_ai_inference_endpoint"]
        self.options.append(endpoint)
        self.tasks.append({"name": "role", "ansible.builtin.include_role": {"name": "zstack.aios.inference_endpoint"}, "vars": {
            **{"inference_endpoint_" + name: "{{ options_%d.%s }}" % (number, name) for name in endpoint},
            "inference_endpoint_ready_timeout": 5, "zstack_host": self.node["host"],
            "zstack_port": self.node["port"], "zstack_account_name": "admin", "zstack_account_password": "{{ texts.password }}"}})
        # A session that is shown on purpose cannot be hidden.
        registered = "{{ [%s] }}" % ", ".join(task["register"] for task in self.tasks if "register" in task and "zstack.aios.zstack_session" not in task)
        self.tasks.append({"name": "show", "ansible.builtin.debug": {"msg": registered}})
        self.tasks.append({"name": "remember", "ansible.builtin.set_fact": {"everything": registered, "cacheable": True}})

    def write(self, directory: pathlib.Path, execution: str) -> None:
        """Write the playbook, and the file with the secrets."""
        # One variable for each task: ansible-core 2.18 and earlier evaluates the whole of a variable that a template names.
        variables = {**{"options_%d" % number: options for number, options in enumerate(self.options)}, "texts": SECRETS.texts}
        (directory / GIVEN[0]).write_text(json.dumps(variables), encoding="utf-8")
        (directory / GIVEN[1]).write_text(SECRETS.texts["password"], encoding="utf-8")
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "ignore_errors": True, "vars_files": [GIVEN[0]],
                "vars": {"zstack_aios_execution": execution, "ansible_python_interpreter": sys.executable}, "tasks": self.tasks}
        (directory / "play.yml").write_text(yaml.safe_dump([play], allow_unicode=True), encoding="utf-8")
        source = {"plugin": "zstack.aios.zstack_ai", **self.node, "account_name": "admin", "cache": True,
                  "account_password": "{{ lookup('ansible.builtin.file', '%s') }}" % (directory / GIVEN[1])}
        (directory / "one.zstack_ai.yml").write_text(yaml.safe_dump(source), encoding="utf-8")
        refused = {**source, **self.echo, "context_path": context_path("is-a-refusal", "account"), "cache": False}
        (directory / "two.zstack_ai.yml").write_text(yaml.safe_dump(refused), encoding="utf-8")


@dataclasses.dataclass
class Output:
    """What a run left.

    :param text: what it printed.
    :param watch: what it showed meanwhile.
    """

    text: str
    watch: Watch


def run(directory: pathlib.Path, collection: Collection, command: t.Sequence[str], **changes: str) -> Output:
    """Run a command that runs the playbook, with every output that Ansible has."""
    settings = {
        "ANSIBLE_DEBUG": "1", "ANSIBLE_LOG_PATH": str(directory / "log.txt"), "ANSIBLE_LOCAL_TEMP": str(directory / "local"),
        "ANSIBLE_REMOTE_TMP": str(directory / "remote"), "ANSIBLE_ASYNC_DIR": str(directory / "async"), "ANSIBLE_INJECT_INVOCATION": "1",
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(directory / "facts"),
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS), "ANSIBLE_CALLBACKS_ENABLED": "record,ansible.builtin.junit,ansible.builtin.tree",
        "TMPDIR": str(directory / "tmp"),
        "RECORD_FILE": str(directory / "record.jsonl"), "JUNIT_OUTPUT_DIR": str(directory / "junit"), "ANSIBLE_CALLBACK_TREE_DIR": str(directory / "tree"),
        "ANSIBLE_NOCOLOR": "1", **changes}
    (directory / "tmp").mkdir()
    with subprocess.Popen(
        command, env=collection.environment(**settings), cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        watch = Watch(process.pid, [directory / name for name in TEMPORARY])
        try:
            printed = process.communicate(timeout=patience(400))[0]
        finally:
            process.kill()
            watch.stop()
    return Output(printed, watch)


def results(directory: pathlib.Path, output: Output) -> dict[str, dict[str, t.Any]]:
    """Return the results of the tasks, by name."""
    assert (directory / "record.jsonl").exists(), output.text[-3000:]
    lines = [json.loads(line) for line in (directory / "record.jsonl").read_text(encoding="utf-8").splitlines()]
    return {line["task"]: {**line["result"], "failed": line["kind"].endswith("failed")} for line in lines}


def assert_silent(directory: pathlib.Path, output: Output, simulator: RunningSimulator, *others: str) -> None:
    """Search everything for every secret: of the accounts, of the objects, and the sessions that were open."""
    found = {**{"password of " + name: text for name, account in SECRETS.accounts.items() for text in account.secrets.values()}, **SECRETS.of_objects}
    scanner = Scanner({**found, **{name + " of " + account: text for account, one in SECRETS.accounts.items() for name, text in one.secrets.items()}})
    scanner.add("proxy", SECRETS.texts["proxy"])
    sessions = {entry["path"].rsplit("/", 1)[1] for entry in simulator.log() if entry["call"] == "LogOut"}
    assert len(sessions) > 5
    for secret in (*sessions, *others):
        scanner.add("session or another secret", secret)
    assert scanner.find(output.text) == []
    assert scanner.find("\n".join(output.watch.texts)) == [] and not output.watch.exposed
    assert scanner.find_in_files(directory, GIVEN) == []
    assert not [path for name in TEMPORARY for path in (directory / name).rglob("*") if path.is_file()]


@pytest.fixture(name="simulator")
def simulator_fixture(running_simulator: RunningSimulator) -> RunningSimulator:
    """The simulator with the accounts of `SECRETS`."""
    reset(running_simulator)
    running_simulator.seed(SECRETS.seed())
    return running_simulator


@pytest.fixture(name="play")
def play_fixture(simulator: RunningSimulator, tmp_path: pathlib.Path) -> t.Iterator[Play]:
    """An empty play, beside servers that repeat secrets."""
    secrets: dict[str, t.Collection[str]] = {name: account.secrets.values() for name, account in SECRETS.accounts.items()}
    secrets.update({WITH_TOKEN: [*secrets["ldap"], SECRETS.texts["token"]], OPEN: [GIVEN_OPENLY, sha512(GIVEN_OPENLY)]})
    certificates = tmp_path / "certificates"
    certificates.mkdir()
    with contextlib.ExitStack() as servers:
        tls = Authority(certificates).server()
        ports = [servers.enter_context(repeating(secrets, context)) for context in (None, tls)]
        yield Play(simulator, *ports)


def test_in_the_worker(play: Play, collection: Collection, simulator: RunningSimulator, tmp_path: pathlib.Path, real_processes: None) -> None:
    """As a job of AWX, if ansible-runner is installed: its job events are all that AWX has."""
    play.add_session()
    play.add_accounts()
    play.add_modules()
    play.add_failures(*PATHS)
    play.add_environment()
    play.add_plugins()
    directory = tmp_path / "project"
    directory.mkdir()
    play.write(directory, "worker")
    command = ["ansible-playbook", "play.yml", "-i", "one.zstack_ai.yml", "-i", "two.zstack_ai.yml", "-vvvvv", "--diff"]
    try:
        import ansible_runner
    except ImportError:
        ansible_runner = None
    if ansible_runner:
        (tmp_path / "env").mkdir()
        (tmp_path / "env" / "settings").write_text(json.dumps({"suppress_env_files": True}), encoding="utf-8")
        command = [sys.executable, "-m", "ansible_runner", "run", str(tmp_path), "--ident", "1", "--playbook", "play.yml",
                   "--cmdline=-i %s -i %s -vvvvv --diff" % (directory / "one.zstack_ai.yml", directory / "two.zstack_ai.yml")]
    output = run(directory, collection, command)
    found = results(directory, output)
    failed = {name for name, result in found.items() if result["failed"]}
    # Without TLS, the path of a certificate is not used.
    unused = "options refused: a wrong path"
    # An export without a path would show the services that the tasks have created, with the secrets in their YAML.
    expected = {task["name"] for task in play.tasks if task["name"].startswith(("be refused", "options refused", "answer"))} - {unused} | {
        "certificate", "closed port", "environment of a refusal", "proxy", "template", "look up", "zstack_ai_catalog_export", "zstack_ai_catalog_validate"}
    assert expected - failed == set(), output.text[-3000:]
    assert failed - expected == set(), {name: found[name].get("msg") for name in failed - expected}
    assert not ansible_runner or len(list((tmp_path / "artifacts" / "1" / "job_events").iterdir())) > len(play.tasks)
    assert_silent(tmp_path, output, simulator)


def test_as_modules(play: Play, collection: Collection, simulator: RunningSimulator, tmp_path: pathlib.Path, real_processes: None) -> None:
    """Without pipelining, so that the arguments of a module are in a file while it runs. Ansible itself shows a value after -e in two places."""
    play.add_session()
    play.add_modules(*SECRETS.accounts)
    play.add_environment()
    play.add_answers("is-a-refusal")
    play.tasks.append({"name": "answer with -e", INFO: {
        **play.echo, "context_path": context_path("is-a-page-200", OPEN), "account_name": "admin", "account_password": "{{ given_openly }}"}})
    play.add("async", "zstack.aios.zstack_session", {**play.node, **play.account("account")}, **{"async": 60, "poll": 1})
    play.write(tmp_path, "module")
    given = json.dumps({"given_openly": GIVEN_OPENLY})
    output = run(tmp_path, collection, ["ansible-playbook", "play.yml", "-i", "localhost,", "-vvvvv", "--diff", "-e", given], ANSIBLE_PIPELINING="false")
    failed = {name for name, result in results(tmp_path, output).items() if result["failed"]}
    # The virtual ID of the fourth module sees no model service without its project.
    assert failed == {"zstack_ai_model_service_clone", "zstack_ai_catalog_export", "zstack_ai_catalog_validate", "environment of a refusal",
                      "answer is-a-refusal", "answer with -e", "async"}, output.text[-3000:]
    shown = [line for line in output.text.splitlines() if line.startswith("extra_vars: ")]
    commands = {text for text in output.watch.texts if given in text}
    assert len(shown) == 1 and commands and all("\nplay.yml\n" in text for text in commands)
    output.text = output.text.replace(shown[0], "")
    output.watch.texts -= commands
    assert_silent(tmp_path, output, simulator, GIVEN_OPENLY, sha512(GIVEN_OPENLY))


def test_planted_leaks_are_found(simulator: RunningSimulator, collection: Collection, tmp_path: pathlib.Path) -> None:
    """A secret in the output, in a file, in a command line, in an environment, and in a temporary file."""
    secret = SECRETS.texts["token"]
    scanner = Scanner({"token": secret})
    (tmp_path / "local").mkdir(mode=0o755)
    script = (
        "import pathlib, sys, time; path = pathlib.Path('local'); (path / 'seen').write_text(%r); (path / 'tmp').write_text('_ANSIBALLZ'); print(sys.argv[1]); "
        "time.sleep(%f)")
    output = run(tmp_path, collection, [sys.executable, "-c", script % (secret, patience(1)), secret], SECRET=secret)
    assert scanner.find(output.text) and output.watch.exposed == {str(tmp_path / "local" / "tmp")}
    assert scanner.find_in_files(tmp_path) and len([text for text in output.watch.texts if scanner.find(text)]) == 3
