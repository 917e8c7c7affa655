# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the repository of a catalog: a machine with git and Ansible, and the pipelines of GitLab and GitHub."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os
import pathlib
import re
import shutil
import subprocess
import typing as t

import yaml
from simulator.testing import RunningSimulator, patience

ROOT = pathlib.Path(__file__).parents[2]
GITOPS = ROOT / "examples" / "gitops"
# The administrator's password, instead of a word that may occur anywhere
PASSWORD = "s3cr3t-0fAdmin"

Done = subprocess.CompletedProcess  # of text


def build_collection(directory: pathlib.Path) -> pathlib.Path:
    """Return the collection as it is published."""
    command = ["ansible-galaxy", "collection", "build", "--output-path", str(directory), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "ANSIBLE_NOCOLOR": "1"})
    return next(directory.glob("*.tar.gz"))


class Machine:
    """A machine with git, bash and Ansible, its own home, and none of the developer's settings.

    :param directory: an empty one.
    :param variables: environment variables, besides the few that a login has.
    """

    def __init__(self, directory: pathlib.Path, **variables: str) -> None:
        self.directory = directory
        self.home = directory / "home"
        self.home.mkdir(parents=True)
        (self.home / ".gitconfig").write_text(
            "[user]\nname = Test\nemail = test@example.com\n[init]\ndefaultBranch = main\n[advice]\ndetachedHead = false\n", encoding="utf-8")
        self.variables = variables
        self.outputs: list[str] = []

    def environment(self, **changes: str) -> dict[str, str]:
        """Return the environment of a command."""
        return {
            # Installed packages are not looked up on the network.
            "PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8",
            "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore", "NO_PROXY": "127.0.0.1",
            "ANSIBLE_PIPELINING": "true", **self.variables, **changes}

    def run(self, script: str, cwd: pathlib.Path, check: bool = True, **changes: str) -> Done:
        """Run a script with bash, as a pipeline does: it ends with the first command that fails."""
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=cwd, env=self.environment(**changes), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False, timeout=patience(300))
        self.outputs.append(done.stdout)
        assert not check or done.returncode == 0, done.stdout
        return done

    def install(self, tarball: pathlib.Path) -> None:
        """Install the collection where Ansible finds it."""
        self.run("ansible-galaxy collection install '%s'" % tarball, self.home)


class Repository:
    """The sample repository: a bare one to pull from, and a working clone."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.bare = machine.directory / "catalog.git"
        self.clone = machine.directory / "clone"
        machine.run("git init --quiet --bare '%s' && git clone --quiet '%s' '%s'" % (self.bare, self.bare, self.clone), machine.directory)
        shutil.copytree(GITOPS / "repository", self.clone, dirs_exist_ok=True, ignore=shutil.ignore_patterns("reports", "__pycache__"))
        # Another ansible-core may be under test than the one that the sample names, and nothing is downloaded.
        pinned = self.clone / "requirements.txt"
        names = re.findall(r"^([a-z-]+)==", pinned.read_text(encoding="utf-8"), re.MULTILINE)
        pinned.write_text("".join("%s==%s\n" % (name, importlib.metadata.version(name)) for name in names), encoding="utf-8")
        self.commit("The catalog")

    def commit(self, message: str) -> None:
        """Commit everything, and publish it."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        self.git("push", "--quiet", "origin", "HEAD:main")

    def git(self, *arguments: str) -> str:
        """Run git in the clone."""
        return subprocess.run(
            ["git", *arguments], cwd=self.clone, env=self.machine.environment(), check=True, capture_output=True, encoding="utf-8").stdout

    def published(self) -> str:
        """Return the newest published commit."""
        return self.git("rev-parse", "origin/main").strip()

    def edit(self, name: str, before: str, after: str) -> None:
        """Replace a text that occurs once in a file."""
        path = self.clone / name
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1
        path.write_text(text.replace(before, after), encoding="utf-8")

    def checkout(self, directory: pathlib.Path) -> pathlib.Path:
        """Return a fresh checkout of the newest commit, as on a runner."""
        shutil.rmtree(directory, ignore_errors=True)
        self.machine.run("git clone --quiet --depth 1 'file://%s' '%s'" % (self.bare, directory), self.machine.directory)
        return directory


def set_password(simulator: RunningSimulator) -> None:
    """Give the administrator `PASSWORD`."""
    account = next(account for account in simulator.state()["accounts"] if account["name"] == "admin")
    simulator.seed({"accounts": [{"uuid": account["uuid"], "name": "admin", "type": "SystemAdmin", "password": PASSWORD}]})


def connection(simulator: RunningSimulator) -> dict[str, str]:
    """Return the variables that a pipeline needs for the simulator."""
    return {
        "ZSTACK_HOST": simulator.host, "ZSTACK_PORT": str(simulator.port), "ZSTACK_ACCOUNT_NAME": "admin", "ZSTACK_ACCOUNT_PASSWORD": PASSWORD}


@dataclasses.dataclass
class Job:
    """A job of a pipeline, ready to be run.

    :param scripts: name, text, and whether it runs although something failed before.
    :param artifacts: directories that are kept.
    :param needs: the jobs whose artifacts it gets, each with the directory they are put in.
    """

    name: str
    scripts: list[tuple[str, str, bool]]
    environment: dict[str, str]
    artifacts: list[str]
    needs: dict[str, str] = dataclasses.field(default_factory=dict)

    def run(self, machine: Machine, checkout: pathlib.Path, **variables: str) -> int:
        """Run the scripts one after the other; the exit code of the first that fails."""
        code = 0
        for name, text, always in self.scripts:
            if not code or always:
                done = machine.run(text, checkout, check=False, **variables, **self.environment)
                # In GitLab, steps after the job itself cannot fail it.
                code = code or (0 if name == "after_script" else done.returncode)
        return code


def holds(condition: str, values: t.Mapping[str, str]) -> bool:
    """Return whether a condition of a pipeline holds: comparisons for equality, joined with `&&`, and those with `||`. `always()` holds."""
    def value(text: str) -> str:
        quoted = re.fullmatch(r"""(["'])(.*)\1""", text)
        return quoted.group(2) if quoted else values[text]

    alternatives = [
        [[value(side.strip()) for side in part.split("==")] for part in text.split("&&") if part.strip() != "always()"] for text in condition.split("||")]
    return any(all(left == right for left, right in sides) for sides in alternatives)


def gitlab_jobs(event: t.Mapping[str, str]) -> list[Job]:
    """Return the jobs of the GitLab pipeline for an event, which is given as GitLab's variables."""
    document = yaml.safe_load((GITOPS / "gitlab-ci.yml").read_text(encoding="utf-8"))
    values = {"$" + name: value for name, value in event.items()}
    found = []
    for name in document["stages"]:
        job = document[name]
        assert job["stage"] == name
        if any(holds(rule["if"], values) for rule in job["rules"]):
            # before_script and script run in one shell, after_script in another one.
            scripts = [("script", "\n".join([*document["default"]["before_script"], *job["script"]]), False)]
            scripts.extend([("after_script", "\n".join(job["after_script"]), True)] if "after_script" in job else [])
            found.append(Job(name, scripts, {**document["variables"], **event}, job["artifacts"]["paths"], dict.fromkeys(job.get("needs", []), "reports")))
    return found


def github_jobs(event: t.Mapping[str, str], settings: t.Mapping[str, str]) -> list[Job]:
    """Return the jobs of the GitHub workflow for an event.

    :param event: values of the `github` context.
    :param settings: secrets and variables, such as `secrets.X`.
    """
    document = yaml.safe_load((GITOPS / "github-actions.yml").read_text(encoding="utf-8"))
    values = {"github." + name: value for name, value in event.items()}
    # YAML 1.1 reads the key `on` as a boolean.
    if event["event_name"] not in document[True]:
        return []

    def filled(text: str) -> str:
        return re.sub(r"\$\{\{ (\S+) \}\}", lambda match: settings.get(match.group(1), ""), text)

    found = []
    for name, job in document["jobs"].items():
        if holds(job["if"], values):
            here = {**values, "github.job": name}
            steps = [step for step in job["steps"] if step.get("if", "always()") == "always()" or holds(step["if"], here)]
            scripts = [(step["name"], step["run"], step.get("if") == "always()") for step in steps if "run" in step]
            kept = [step["with"]["path"] for step in steps if step.get("uses", "").startswith("actions/upload-artifact@")]
            fetched = [step["with"] for step in steps if step.get("uses", "").startswith("actions/download-artifact@")]
            needs = {source["name"]: source["path"] for source in fetched}
            assert list(needs) == ([job["needs"]] if "needs" in job else [])
            environment = {**{key: filled(value) for key, value in job["env"].items()}, "GITHUB_JOB": name}
            found.append(Job(name, scripts, environment, kept, needs))
    return found
