# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides and other pages with commands, as their readers work through them: in one shell, with the output that the page shows."""

from __future__ import annotations

import dataclasses
import pathlib
import re
import shutil
import typing as t

import pytest
from ansible.release import __version__
from simulator.testing import RunningSimulator

from .pipelines import PASSWORD, ROOT, Machine, build_collection, connection, set_password

# In the recap of earlier versions, the task that includes a role is missing.
COUNTS_INCLUDES = tuple(map(int, __version__.split(".")[:2])) >= (2, 18)
BLOCK = re.compile(r"^(?P<mark><!-- not run: [^\n]+ -->\n)?```(?P<kind>console|diff|yaml)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclasses.dataclass
class Command:
    """A command, and the output that the guide shows; three dots stand for any lines, or for any part of one."""

    text: str
    line: int
    output: list[str] = dataclasses.field(default_factory=list)


def commands(text: str) -> list[Command]:
    """Return the commands of the guide in their order; a file that it shows with its name, and an edit, are commands as well."""
    found: list[Command] = []
    for block in BLOCK.finditer(text):
        number = text.count("\n", 0, block.start("text")) + 1
        lines = block["text"].splitlines()
        name = re.match(r"# (\S+\.ya?ml)\n", block["text"]) if block["kind"] == "yaml" else None
        if block["kind"] == "diff":
            found.append(Command(edit(lines), number))
        elif name and not block["mark"]:
            found.append(Command("cat > '%s' <<'EOF'\n%sEOF" % (name.group(1), block["text"]), number))
        elif block["kind"] == "console" and not block["mark"]:
            for offset, line in enumerate(lines):
                if line.startswith("$ "):
                    found.append(Command(line[2:], number + offset))
                elif line.startswith("> ") and not found[-1].output:
                    found[-1].text += "\n" + line[2:]
                else:
                    found[-1].output.append(line)
    return found


def edit(lines: list[str]) -> str:
    """Return a command that replaces one line of a file."""
    header, before, after = lines
    assert (header[:4], before[0], after[0]) == ("--- ", "-", "+")
    program = (
        "import pathlib, sys; path = pathlib.Path(sys.argv[1]); text = path.read_text(); "
        "assert text.count(sys.argv[2]) == 1; path.write_text(text.replace(*sys.argv[2:]))")
    return "python3 -c '%s' '%s' '%s' '%s'" % (program, header[4:], before[1:], after[1:])


def fits(expected: list[str], printed: list[str]) -> bool:
    """Return whether a command printed what the guide shows."""
    if not COUNTS_INCLUDES:
        expected = [re.sub(r" ok=\d+ ", " ok=... ", line) for line in expected]
    pattern = "".join("(?:.*\n)*?" if line == "..." else re.escape(line).replace(re.escape("..."), ".*") + "\n" for line in expected)
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


@pytest.fixture(scope="module", name="installed")
def installed_fixture(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The directory ~/.ansible of a machine on which the collection is installed."""
    directory = tmp_path_factory.mktemp("installed")
    machine = Machine(directory)
    machine.install(build_collection(directory))
    return machine.home / ".ansible"


class Run(t.NamedTuple):
    """How a page is run.

    :param least: its number of commands, so that none of them is lost by a change of the format.
    :param prepare: commands before the first one, for what the page takes for granted.
    """

    least: int
    prepare: str = ""


INSTALLED = "~/.ansible/collections/ansible_collections/zstack/aios"
PAGES = {
    "docs/guides/gitops.md": Run(26),
    "docs/guides/serve-a-model.md": Run(10),
    "docs/guides/evaluation-gate.md": Run(8),
    "docs/guides/first-playbook.md": Run(8),
    "docs/guides/adopt-a-platform.md": Run(11),
    "docs/guides/offline-trial.md": Run(11),
    "docs/guides/troubleshooting.md": Run(5),
    "docs/catalog.md": Run(2, "mkdir catalog\n%s" % "\n".join("printf '%s' > catalog/%s.yml" % (text, name) for name, text in {
        "models": "models:\\n  - name: a\\n    model_center: center-1\\n\\n  - name: qwen3-8b\\n    model_center: center-1\\n    vender: x\\n",
        "services": "\\n\\n\\n\\n\\nmodel_service_clones:\\n  - name: vllm-qwen3\\n    source_service: vllm-base\\n    cpu_architectures: [X86_64]\\n",
    }.items())),
    "docs/playbooks.md": Run(5, "cp -r %s/examples/platform catalog" % INSTALLED),
    "examples/catalog/README.md": Run(3, "cp -r %s/examples ." % INSTALLED),
    "examples/platform/README.md": Run(3, "cp -r %s/examples ." % INSTALLED),
    "roles/catalog/README.md": Run(4, "cp -r %s/examples/catalog ." % INSTALLED),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_page(simulator: RunningSimulator, installed: pathlib.Path, tmp_path: pathlib.Path, name: str) -> None:
    set_password(simulator)
    machine = Machine(tmp_path, **connection(simulator))
    shutil.copytree(installed, machine.home / ".ansible", symlinks=True)
    steps = commands((ROOT / name).read_text(encoding="utf-8"))
    assert len(steps) >= PAGES[name].least
    script = "".join("%s\necho \"<<%d:$?>>\"\n" % (step.text, number) if step.text != "echo $?" else "" for number, step in enumerate(steps))
    printed = machine.run("%s\nset +e\n%s" % (PAGES[name].prepare, script), tmp_path).stdout
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
