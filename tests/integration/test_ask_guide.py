# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide docs/guides/ask-the-platform.md: each of its snippets runs, and gives the answer that the guide shows."""

from __future__ import annotations

import pathlib
import re
import subprocess
import typing as t

import yaml
from simulator.testing import patience

from ansible_collections.zstack.aios.tests.integration.conftest import Collection

from .pipelines import ROOT

GUIDE = ROOT / "docs" / "guides" / "ask-the-platform.md"
BLOCK = re.compile(r"^```(yaml|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SERVICE, DIFFUSERS = "d76744cb53f9378abf42b907df3efb6e", "c0a1e5d37b2f4c869d0e1f2a3b4c5d6e"
MODEL, SDXL = "059d19eb310f36d4a7f43f51eaab87b8", "2c8e4b0a6d1f4e5c9a3b7d5f1e0c2a4b"


def seed(collection: Collection) -> None:
    """Seed the platform of the guide: the demo with three deployments and a second model with the same name."""
    running = {"type": "Container", "modelServiceType": "Endpoint", "status": "Running"}
    collection.simulator.seed({
        "instance_groups": [
            {**running, "uuid": "1" * 32, "name": "chat", "modelServiceUuid": SERVICE, "modelUuid": MODEL, "instances": [
                {"uuid": "4" * 32, "name": "chat-1", "status": "Running"}]},
            {**running, "uuid": "2" * 32, "name": "chat-old", "modelServiceUuid": SERVICE, "modelUuid": MODEL, "status": "Failed", "instances": [
                {"uuid": "5" * 32, "name": "chat-old-1", "status": "Failed"}]},
            {**running, "uuid": "3" * 32, "name": "pictures", "modelServiceUuid": DIFFUSERS, "modelUuid": SDXL, "instances": [
                {"uuid": "6" * 32, "name": "pictures-1", "status": "Running"}]}],
        "models": [{
            "uuid": "7" * 32, "name": "system-embedding", "installPath": "/models/copy", "modelCenterUuid": "ebf96ce1de2c46fa8af9d503c29bb93d",
            "modelServiceRefs": [{"modelServiceUuid": SERVICE, "isDefault": True}]}]})


def test_the_guide(collection: Collection, tmp_path: pathlib.Path) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    sections = re.split(r"^## (\d+)\. .*\?$", text, flags=re.MULTILINE)[1:]
    assert sections[::2] == [str(number) for number in range(1, 11)]
    blocks: dict[int, list[tuple[str, str]]] = {
        int(number): [(found.group(1), found.group(2)) for found in BLOCK.finditer(section)] for number, section in zip(sections[::2], sections[1::2])}
    seed(collection)
    tasks: list[dict[str, t.Any]] = []
    answers: dict[int, t.Any] = {}
    for number, ((kind, snippet), (other, answer)) in list(blocks.items())[1:]:
        assert (kind, other) == ("yaml", "yaml"), number
        tasks += yaml.safe_load(snippet)
        answers[len(tasks) - 1] = (number, yaml.safe_load(answer))
    environment = {
        "ZSTACK_HOST": collection.simulator.host, "ZSTACK_PORT": str(collection.simulator.port), "ZSTACK_ACCOUNT_NAME": "admin",
        "ZSTACK_ACCOUNT_PASSWORD": "password"}
    results = collection.play(*tasks, module_defaults={}, environment=environment)
    assert not [result["msg"] for result in results if result["failed"]] and len(results) == len(tasks)
    assert {number: results[place]["msg"] for place, (number, _unused) in answers.items()} == dict(answers.values())

    (_unused, source), (kind, console) = blocks[1]
    (tmp_path / "endpoints.zstack_ai.yml").write_text(source, encoding="utf-8")
    command, _unused, expected = console.partition("\n")
    done = subprocess.run(
        command[2:].split(), cwd=tmp_path, env=collection.environment(**environment), capture_output=True, text=True, check=False, timeout=patience(120))
    assert (kind, done.stdout) == ("console", expected), done.stderr
    assert collection.simulator.stats()["sessions"] == 0 and not collection.simulator.writes()
