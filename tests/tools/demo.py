# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Implement ``make demo``: start the simulator, run the example three times, show the server, serve a model, ask it, stop everything."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import typing as t

import requests
import yaml
from simulator.testing import RunningSimulator

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE, SERVE = "examples/demo.yml", "examples/serving/serve.yml"
ADDRESS = re.compile(r"is served at (http://[^\s\"]+)")
QUESTION = {"messages": [{"role": "user", "content": "Who serves this model?"}]}
RUNS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("1. Plan: what would change, and nothing is written", ("--check", "--diff"), r"changed=2 "),
    ("2. Apply: exactly that", (), r"changed=2 "),
    ("3. Apply again: nothing is left to do", (), r"changed=0 "),
)


def say(text: str) -> None:
    """Print a headline."""
    print("\n== %s" % text, flush=True)


def run_example(simulator: RunningSimulator, playbook: str, arguments: t.Sequence[str], expected: str) -> str:
    """Run a playbook and pass its output through; the output if the result matches the headline, otherwise an empty text."""
    environment = {
        **os.environ, "ZSTACK_HOST": simulator.host, "ZSTACK_PORT": str(simulator.port), "ZSTACK_ACCOUNT_NAME": "admin",
        "ZSTACK_ACCOUNT_PASSWORD": "password", "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    }
    command = ["ansible-playbook", *arguments, str(ROOT / playbook)]
    print("$ %s" % " ".join([*command[:-1], playbook]), flush=True)
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)
    print(done.stdout, flush=True)
    return done.stdout if done.returncode == 0 and re.search(expected, done.stdout) and "failed=0 " in done.stdout else ""


def show(simulator: RunningSimulator) -> None:
    """Print what the server holds and which writes it got."""
    state = simulator.state()
    model = next(row for row in state["models"] if row["name"] == "example")
    clone = next(row for row in state["model_services"] if row["name"] == "example")
    kept = ("uuid", "name", "vendor", "description", "type", "framework", "requestCpu", "requestMemory", "cpuArchitectures")
    for title, row in (("model", model), ("model service", clone)):
        print(yaml.safe_dump({title: {key: row[key] for key in kept if key in row}}, sort_keys=False), end="")
    images = [{key: image[key] for key in ("cpuArchitecture", "vmImageUuid", "dockerImage")} for image in clone["modelServiceImages"]]
    print(yaml.safe_dump({"images of the model service": images}, sort_keys=False), end="")
    writes = [entry for entry in simulator.log() if entry["write"]]
    print("writes that the server got in all three runs:")
    for entry in writes:
        print("  %s %s (%s)" % (entry["method"], entry["path"], entry["call"]))
    print("sessions left open: %d" % simulator.stats()["sessions"])


def ask(output: str) -> bool:
    """Send a request to the model that a playbook has served, and print the answer; True when the model has answered."""
    address = ADDRESS.search(output)
    if address is None:
        return False
    url = address.group(1) + "/v1/chat/completions"
    print("$ curl %s --json '%s'" % (url, json.dumps(QUESTION)))
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(url, json=QUESTION, timeout=10)
    print(json.dumps(answer.json(), indent=2), flush=True)
    return answer.status_code == 200 and bool(answer.json()["choices"])


def main() -> int:
    """Run the demo; 0 if the result of each run matches its headline."""
    good = True
    say("Starting the simulator, a management node for trying things out")
    with tempfile.TemporaryDirectory() as directory, RunningSimulator(db=os.path.join(directory, "demo.sqlite3")) as simulator:
        print(simulator.url)
        for headline, arguments, expected in RUNS:
            say(headline)
            good = bool(run_example(simulator, EXAMPLE, arguments, expected)) and good
        if good:
            say("On the server")
            show(simulator)
        say("4. Serve a model: clone a service, add a model, deploy it, and wait until it answers")
        output = run_example(simulator, SERVE, (), r"changed=1 ")
        say("5. Ask the model")
        good = ask(output) and good
    say("The simulator is stopped. " + ("All runs did what they should." if good else "A run did not do what it should, see above."))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
