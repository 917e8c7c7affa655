# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Install the collection into an empty home, and use it there as its README describes.

    check_installed.py TARBALL

The playbook is the first one of the installed README.md. The simulator is started by the command of the installed tests/simulator/README.md, and
the playbook signs in with the variables that the simulator prints. The first run creates the model, and the second run changes nothing.
"""

from __future__ import annotations

import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile

COLLECTION = pathlib.PurePath(".ansible/collections/ansible_collections/zstack/aios")
PLAYBOOK = re.compile(r"^```yaml\n(- name: .*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(rf"^ *(python3 ~/{re.escape(str(COLLECTION))}/\S+)$", re.MULTILINE)
EXPORT = re.compile(r"^export (ZSTACK_\w+)=(.*)$")
# The last line of what the simulator prints when it is ready
READY = "export ZSTACK_ACCOUNT_PASSWORD="


def first(pattern: re.Pattern[str], page: pathlib.Path) -> str:
    """Return the first example of this form on a page.

    :raises ValueError: the page has none.
    """
    found = pattern.search(page.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{page} has no example of the form {pattern.pattern!r}")
    return found.group(1)


def settings_of_a_new_user(home: pathlib.Path) -> dict[str, str]:
    """Return the environment of a user who has Ansible and the requirements of the simulator, and no settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON", "ZSTACK_"))}
    path = os.pathsep.join((str(pathlib.Path(sys.executable).parent), os.environ["PATH"]))
    return {**inherited, "HOME": str(home), "TMPDIR": str(home), "PATH": path}


def run(command: list[str], home: pathlib.Path, environment: dict[str, str]) -> str:
    """Run a command in the home, show its output, and return it.

    :raises subprocess.CalledProcessError: the command fails.
    """
    print("$ " + shlex.join(command), flush=True)
    done = subprocess.run(command, cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)
    print(done.stdout, flush=True)
    done.check_returncode()
    return done.stdout


def sign_in_variables(simulator: subprocess.Popen[str]) -> dict[str, str]:
    """Return the variables that the simulator prints for the user's shell.

    :raises RuntimeError: it ends before it is ready.
    """
    variables: dict[str, str] = {}
    for line in simulator.stdout or ():
        print(line, end="", flush=True)
        found = EXPORT.match(line)
        if found:
            variables[found.group(1)] = shlex.split(found.group(2))[0]
        if line.startswith(READY):
            return variables
    raise RuntimeError("The simulator ended before it was ready")


def use(home: pathlib.Path, environment: dict[str, str]) -> list[str]:
    """Run the playbook of the README twice, and return what is not as expected."""
    collection = home / COLLECTION
    playbook = home / "playbook.yml"
    playbook.write_text(first(PLAYBOOK, collection / "README.md"), encoding="utf-8")
    # Any free port, as another process may have the one of the documentation.
    command = first(COMMAND, collection / "tests" / "simulator" / "README.md") + " --port 0"
    print("$ " + command, flush=True)
    with subprocess.Popen(["sh", "-c", "exec " + command], cwd=home, env=environment, stdout=subprocess.PIPE, encoding="utf-8") as simulator:
        try:
            signed_in = {**environment, **sign_in_variables(simulator)}
            outputs = [run(["ansible-playbook", str(playbook)], home, signed_in) for _unused in range(2)]
        finally:
            simulator.send_signal(signal.SIGTERM)
    expected = ("changed=1 ", "changed=0 ")
    return [f"Run {number} of the playbook: expected {text}" for number, (text, output) in enumerate(zip(expected, outputs), 1) if text not in output]


def main(arguments: list[str]) -> int:
    """Return the number of problems."""
    tarball = pathlib.Path(arguments[0]).resolve()
    with tempfile.TemporaryDirectory() as directory:
        home = pathlib.Path(directory)
        environment = settings_of_a_new_user(home)
        run(["ansible-galaxy", "collection", "install", "--offline", str(tarball)], home, environment)
        problems = use(home, environment)
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    return len(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
