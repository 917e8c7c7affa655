# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the unit and playbook tests with each supported version of ansible-core on each version of Python that it supports, and sanity once for each.

The Makefile runs them, and tests/tools/cores.py knows the versions. What this machine cannot run is also noted in .work/left-out/matrix.
"""

from __future__ import annotations

import pathlib
import runpy
import shlex

import nox

ROOT = pathlib.Path(__file__).parent
VERSIONS = runpy.run_path(str(ROOT / "tests" / "tools" / "cores.py"))
CORES: dict[str, tuple[str, ...]] = VERSIONS["CORES"]
# The Makefile creates the environments.
nox.options.default_venv_backend = "none"
WORK = ROOT / ".work"
LEFT_OUT = WORK / "left-out" / "matrix"


def make(session: nox.Session, core: str, versions: tuple[str, ...], target: str) -> None:
    """Run a target of the Makefile with that ansible-core, on the first of these versions of Python that is on this machine."""
    python = VERSIONS["find_python"](*versions)
    if python is None:
        reason = f"{target} with ansible-core {core} on Python {' or '.join(versions)}, which is not on this machine"
        LEFT_OUT.parent.mkdir(parents=True, exist_ok=True)
        with LEFT_OUT.open("a", encoding="utf-8") as file:
            file.write(reason + "\n")
        session.skip(reason)
    session.log(f"ansible-core {core} on {python}")
    name = f"core-{core}" + (f"-python{versions[0]}" if len(versions) == 1 else "")
    # ARGS is set in any case: it would otherwise be inherited from "make matrix ARGS=...", where it is meant for nox.
    variables = [f"CORE={core}", f"PYTHON={python}", f"VENV={WORK / name}", f"ARGS={shlex.join(session.posargs)}"]
    session.run("make", "--no-print-directory", target, *variables, external=True)


each_core = nox.parametrize("core", list(CORES), ids=list(CORES))
PAIRS = [(core, version) for core, versions in CORES.items() for version in versions]
each_pair = nox.parametrize("core,python", PAIRS, ids=[f"{core}-python{version}" for core, version in PAIRS])


@nox.session(python=False)
@each_core
def sanity(session: nox.Session, core: str) -> None:
    """ansible-test sanity"""
    make(session, core, CORES[core], "sanity")


@nox.session(python=False)
@each_pair
def units(session: nox.Session, core: str, python: str) -> None:
    """Unit tests"""
    make(session, core, (python,), "unit")


@nox.session(python=False)
@each_pair
def playbooks(session: nox.Session, core: str, python: str) -> None:
    """Playbook tests against the simulator"""
    make(session, core, (python,), "playbooks")
