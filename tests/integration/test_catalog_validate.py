# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook validate: no platform, no credentials, no network; every error with its place, in the terminal and in files."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import typing as t
import xml.etree.ElementTree as ET

import pytest
from simulator.testing import patience

from .conftest import Collection

CATALOG = """
models:
- {name: a, model_center: center-1, size: -1, vender: x}
- {name: b, model_center: center-1, default_model_service: vllm-qwne3}
model_service_clones:
- {name: vllm-qwen3, source_service: vllm-base, cpu_architectures: [x86_64]}
"""
LINES = [
    "! all.yml:3:37: models[0] (a): size: -1 is out of range.", "! all.yml:3:47: models[0] (a): vender: there is no such option, did you mean vendor?",
    "! all.yml:4:37: models[1] (b): default_model_service: the catalog has no model service named 'vllm-qwne3'. Did you mean 'vllm-qwen3' (all.yml:6:3: ",
    "! all.yml:4:37: models[1] (b): default_model_service: it needs version 5.5.22, and server_version is 5.3.20.",
    "! all.yml:6:49: model_service_clones[0] (vllm-qwen3): cpu_architectures: it needs version 5.3.40, and server_version is 5.3.20.",
    "Validation of the catalog catalog: The catalog has 5 errors."]
# Python runs this first in each process: it notes every use of the network, and takes the library for HTTP away.
GUARD = """
import sys

def note(event, arguments):
    # A numeric address needs no server; Ansible itself looks one up when it starts.
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind", "socket.sendto") and arguments[0] != "127.0.0.1":
        family = getattr(arguments[0], "family", None)
        if family is None or family.name in ("AF_INET", "AF_INET6"):
            with open(%r, "a", encoding="utf-8") as file:
                file.write("%%s %%s\\n" %% (event, arguments[1:]))

sys.addaudithook(note)
sys.modules["requests"] = None
"""


class Validation:
    """Runs the playbook in a directory with a catalog, and without a platform."""

    def __init__(self, collection: Collection, directory: pathlib.Path) -> None:
        self.directory = directory
        self.log = directory / "network.log"
        (directory / "guard").mkdir()
        (directory / "guard" / "sitecustomize.py").write_text(GUARD % str(self.log), encoding="utf-8")
        self.environment = collection.environment(ANSIBLE_SHOW_CUSTOM_STATS="true")
        self.environment["PYTHONPATH"] = "%s:%s" % (directory / "guard", self.environment["PYTHONPATH"])
        self.write(CATALOG)

    def write(self, text: str, name: str = "catalog/all.yml") -> None:
        """Write a file."""
        path = self.directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, *arguments: str, expect: int = 0, **variables: t.Any) -> str:
        """Run the playbook; its output."""
        done = subprocess.run(
            ["ansible-playbook", "zstack.aios.validate", *arguments, "-e", json.dumps(variables)], env=self.environment, cwd=self.directory,
            capture_output=True, text=True, check=False, timeout=patience(300))
        output = done.stdout + done.stderr
        assert done.returncode == expect, output
        assert "Traceback" not in output and "Deprecat" not in output, output
        return output


@pytest.fixture
def validation(collection: Collection, tmp_path: pathlib.Path) -> Validation:
    return Validation(collection, tmp_path)


def test_errors_are_shown_and_written_without_any_network(validation: Validation, simulator) -> None:
    output = validation.run(
        expect=2, catalog_server_version="5.3.20", catalog_junit="reports/validate.xml", catalog_sarif="reports/validate.sarif", catalog_report_dir="reports")
    block = output.partition("catalog : Report]")[2].splitlines()[1:]
    assert [line[:len(expected)] for line, expected in zip(block, LINES)] == LINES
    assert "The catalog has 5 errors." in output.partition("fatal: ")[2] and "CUSTOM STATS" not in output

    (run,) = json.loads((validation.directory / "reports" / "validate.sarif").read_text(encoding="utf-8"))["runs"]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert [(place["artifactLocation"]["uri"], place["region"]["startLine"]) for place in places] == [("catalog/all.yml", line) for line in (3, 3, 4, 4, 6)]
    root = ET.parse(validation.directory / "reports" / "validate.xml").getroot()
    assert (root.get("tests"), root.get("failures")) == ("3", "3") and str(validation.directory) not in ET.tostring(root, encoding="unicode")
    report = json.loads((validation.directory / "reports" / "plan.json").read_text(encoding="utf-8"))
    assert report["action"] == "validate" and report["failed"] and [entry["rule"] for entry in report["catalog_errors"]] == [
        "value", "unknown-option", "reference", "version", "version"]
    assert "Nothing was sent" not in (validation.directory / "reports" / "plan.html").read_text(encoding="utf-8")

    assert not validation.log.exists(), validation.log.read_text(encoding="utf-8")
    assert simulator.log() == []
    # The guard works.
    program = "import socket; socket.socket().connect_ex(('127.0.0.1', 9)); socket.getaddrinfo('localhost', 1); socket.getaddrinfo('127.0.0.1', 22)"
    subprocess.run([sys.executable, "-c", program], env=validation.environment, check=True)
    assert [line.split()[0] for line in validation.log.read_text(encoding="utf-8").splitlines()] == ["socket.connect", "socket.getaddrinfo"]
    done = subprocess.run([sys.executable, "-c", "import requests"], env=validation.environment, check=False, capture_output=True)
    assert done.returncode != 0


def test_a_valid_catalog_ends_well_in_check_mode_and_from_another_directory(validation: Validation) -> None:
    validation.write(CATALOG.replace(", size: -1, vender: x", "").replace("qwne3", "qwen3"))
    (validation.directory / "outside").write_text("kept", encoding="utf-8")
    for name in ("v.xml", "v.sarif"):
        (validation.directory / name).symlink_to("outside")
    output = validation.run("--check", catalog_junit="v.xml", catalog_sarif="v.sarif")
    assert (validation.directory / "outside").read_text(encoding="utf-8") == "kept"
    assert "The catalog is valid (3 items in 1 file)." in output and "changed=0" in output
    assert json.loads((validation.directory / "v.sarif").read_text(encoding="utf-8"))["runs"][0]["results"] == []
    assert ET.parse(validation.directory / "v.xml").getroot().get("failures") == "0"
    # An error message that no terminal, XML or JSON takes for more than text
    validation.write('models: [{name: "<b>\\u202e&", "vender\\x1b": 1}]', "elsewhere/<a>&.yml")
    validation.run(expect=2, catalog_path=str(validation.directory / "elsewhere"), catalog_junit="w.xml", catalog_sarif="w.sarif")
    (case,) = ET.parse(validation.directory / "w.xml").getroot().iter("testcase")
    assert case.get("classname") == "elsewhere/<a>&.yml" and case.get("name") == "models[0] (<b>\\u202e&)" and "vender\\x1b: there is no" in case[0].text
    (result,) = json.loads((validation.directory / "w.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "elsewhere/%3Ca%3E%26.yml"
    assert "could not be validated" in validation.run(expect=2, catalog_path="none")


def test_worker_and_module_find_the_same(collection: Collection, tmp_path: pathlib.Path, simulator) -> None:
    (tmp_path / "c.yml").write_text(CATALOG, encoding="utf-8")
    task = {"zstack.aios.zstack_ai_catalog_validate": {"path": str(tmp_path / "c.yml"), "server_version": "5.3.20"}, "ignore_errors": True}
    secret = {"zstack.aios.zstack_ai_catalog_validate": {
        "models": [{"name": "m", "model_center": "c", "token": "s3cr3t-tok3n", "vendor": "s3cr3t-tok3n"}], "datasets": []}}
    found, hidden = collection.worker_and_module(task, secret)
    assert found["failed"] and len(found["catalog_errors"]) == 5 and not hidden["failed"] and not hidden["changed"]
    assert "s3cr3t" not in json.dumps([found, hidden])
    assert simulator.log() == []
