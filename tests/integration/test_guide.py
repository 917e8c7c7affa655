# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides, as their readers work through them: the commands in one shell, and what they print."""

from __future__ import annotations

import dataclasses
import pathlib
import re

import pytest
from simulator.testing import RunningSimulator

from .pipelines import PASSWORD, ROOT, Machine, build_collection, connection, set_password

GUIDES = ROOT / "docs" / "guides"
BLOCK = re.compile(r"^(?P<mark><!-- not run: [^\n]+ -->\n)?```(?P<kind>console|diff)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclasses.dataclass
class Command:
    """A command, and what the guide says it prints; three dots stand for any lines, or for any part of one."""

    text: str
    line: int
    output: list[str] = dataclasses.field(default_factory=list)


def commands(text: str) -> list[Command]:
    """The commands of the guide in their order; an edit that it shows is a command as well."""
    found: list[Command] = []
    for block in BLOCK.finditer(text):
        number = text.count("\n", 0, block.start("text")) + 1
        lines = block["text"].splitlines()
        if block["kind"] == "diff":
            found.append(Command(edit(lines), number))
        elif not block["mark"]:
            for offset, line in enumerate(lines):
                if line.startswith("$ "):
                    found.append(Command(line[2:], number + offset))
                elif line.startswith("> ") and not found[-1].output:
                    found[-1].text += "\n" + line[2:]
                else:
                    found[-1].output.append(line)
    return found


def edit(lines: list[str]) -> str:
    """A command that replaces one line of a file."""
    header, before, after = lines
    assert (header[:4], before[0], after[0]) == ("--- ", "-", "+")
    program = (
        "import pathlib, sys; path = pathlib.Path(sys.argv[1]); text = path.read_text(); "
        "assert text.count(sys.argv[2]) == 1; path.write_text(text.replace(*sys.argv[2:]))")
    return "python3 -c '%s' '%s' '%s' '%s'" % (program, header[4:], before[1:], after[1:])


def fits(expected: list[str], printed: list[str]) -> bool:
    """Whether a command printed what the guide shows."""
    pattern = "".join("(?:.*\n)*?" if line == "..." else re.escape(line).replace(re.escape("..."), ".*") + "\n" for line in expected)
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


@pytest.mark.parametrize("name, least", [("gitops.md", 26), ("serve-a-model.md", 10), ("evaluation-gate.md", 8)])
def test_the_guide(simulator: RunningSimulator, tmp_path: pathlib.Path, name: str, least: int) -> None:
    guide = GUIDES / name
    set_password(simulator)
    machine = Machine(tmp_path, **connection(simulator))
    machine.install(build_collection(tmp_path))
    steps = commands(guide.read_text(encoding="utf-8"))
    assert len(steps) >= least
    script = "".join("%s\necho \"<<%d:$?>>\"\n" % (step.text, number) if step.text != "echo $?" else "" for number, step in enumerate(steps))
    printed = machine.run("set +e\n" + script, tmp_path).stdout
    assert PASSWORD not in printed
    position, problems = 0, []
    for number, step in enumerate(steps):
        if step.text == "echo $?":
            continue
        end = re.compile(r"<<%d:(\d+)>>\n" % number).search(printed, position)
        assert end, "%s:%d: the shell ended" % (name, step.line)
        output = printed[position:end.start()]
        position = end.end()
        following = steps[number + 1] if number + 1 < len(steps) else None
        code = following.output[0] if following and following.text == "echo $?" else "0"
        if end.group(1) != code or (step.output and not fits(step.output, output.splitlines())):
            problems.append("%s:%d: %s\n%s" % (name, step.line, step.text, output))
    assert not problems, "\n".join(problems)
    assert simulator.stats()["sessions"] == 0
