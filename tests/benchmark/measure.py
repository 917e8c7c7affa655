# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run whole processes against one simulator, and measure time, memory and requests."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys

from simulator.testing import RunningSimulator

LAUNCHER = pathlib.Path(__file__).with_name("launcher.py")
RECAP = re.compile(r"changed=(\d+) .*unreachable=0 .*failed=0 ")
SETTINGS = {
    "ANSIBLE_PIPELINING": "true", "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false", "ANSIBLE_NOCOLOR": "1",
    "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost",
}
# Without compiled files, each module would compile the standard library again, and methods with a process for each item would be too slow.
UNWANTED = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")


@dataclasses.dataclass(frozen=True)
class Run:
    """What one process took.

    :param seconds: from its start to its end.
    :param cpu: seconds of processor time, with all its children.
    :param rss_mb: the peak of its largest process.
    :param differing: how many models it found to differ.
    """

    seconds: float
    cpu: float
    rss_mb: float
    requests: int
    sign_ins: int
    connections: int
    differing: int


class BrokenRun(Exception):
    """A run did not complete its work, so its time is not valid."""


def environment(directory: pathlib.Path) -> dict[str, str]:
    """Return the environment of each run: no settings of the developer, and a separate home."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ZSTACK_") and key not in UNWANTED}
    return {**kept, **SETTINGS, "ANSIBLE_HOME": str(directory / "ansible-home")}


def run_once(command: list[str], simulator: RunningSimulator, directory: pathlib.Path) -> Run:
    """Run a command as a separate process.

    :raises BrokenRun: if it failed, left a session open, or did not report how many models differ.
    """
    output = directory / "output.txt"
    simulator.clear_log()
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(LAUNCHER), str(output), *command], env=environment(directory), cwd=directory,
        stdout=subprocess.PIPE, encoding="utf-8", check=True)
    took = json.loads(done.stdout)
    text = output.read_text(encoding="utf-8", errors="replace")
    stats = simulator.stats()
    if took["exit"] != 0 or stats["sessions"]:
        raise BrokenRun("%s\n%s\nexit code %d, %d sessions left" % (" ".join(command), text[-3000:], took["exit"], stats["sessions"]))
    return Run(
        took["seconds"], took["cpu"], took["rss_kb"] / 1024, stats["requests"], stats["sign_ins"], stats["connections"], _differing(text))


def _differing(text: str) -> int:
    recap = RECAP.search(text)
    if recap:
        return len(re.findall(r"^changed: ", text, re.MULTILINE))
    counted = re.search(r"^(\d+) differ$", text, re.MULTILINE)
    return int(counted.group(1)) if counted else 0
