# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the make targets sanity, unit and playbooks once for each supported version of ansible-core.

The Makefile knows how to run them; this file knows the versions and finds an interpreter for each.
"""

from __future__ import annotations

import os
import pathlib
import shlex
import shutil
import subprocess

import nox

# The Makefile makes the environments.
nox.options.default_venv_backend = "none"

# The versions of Python that can be the controller (3.10 could for the oldest ones, but is too old for our tests), the preferred one first
CORES = {
    "2.16": ("3.11", "3.12"),
    "2.17": ("3.11", "3.12"),
    "2.18": ("3.12", "3.13", "3.11"),
    "2.19": ("3.13", "3.12", "3.11"),
    "2.20": ("3.13", "3.12", "3.14"),
    "2.21": ("3.13", "3.12", "3.14"),
}


def candidates(version: str) -> list[str]:
    """Return where an interpreter of that version may be: on the path, or installed by pyenv or uv without being on the path."""
    found = [shutil.which(f"python{version}") or ""]
    homes = (
        pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv") / "versions",
        pathlib.Path.home() / ".local" / "share" / "uv" / "python",
    )
    found += [str(path) for home in homes for path in sorted(home.glob(f"*{version}*/bin/python{version}"))]
    return [path for path in found if path]


def runs(python: str, version: str) -> bool:
    """Tell whether this is a working interpreter of that version: a shim of pyenv need not have one behind it."""
    program = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
    result = subprocess.run([python, "-c", program], check=False, capture_output=True, text=True)
    return result.stdout.strip() == version


def find_python(core: str) -> str | None:
    """Return an interpreter on which this ansible-core runs."""
    for version in CORES[core]:
        for path in candidates(version):
            if runs(path, version):
                return path
    return None


def make(session: nox.Session, core: str, target: str) -> None:
    """Run a target of the Makefile with that ansible-core."""
    python = find_python(core)
    if python is None:
        session.skip(f"ansible-core {core} needs one of Python {', '.join(CORES[core])}, and none of them is here")
    session.log(f"ansible-core {core} on {python}")
    # ARGS is set in any case: it would otherwise be inherited from "make matrix ARGS=...", where it is meant for nox.
    variables = [f"CORE={core}", f"PYTHON={python}", f"ARGS={shlex.join(session.posargs)}"]
    session.run("make", "--no-print-directory", target, *variables, external=True)


each_core = nox.parametrize("core", list(CORES), ids=list(CORES))


@nox.session(python=False)
@each_core
def sanity(session: nox.Session, core: str) -> None:
    """ansible-test sanity"""
    make(session, core, "sanity")


@nox.session(python=False)
@each_core
def units(session: nox.Session, core: str) -> None:
    """Unit tests"""
    make(session, core, "unit")


@nox.session(python=False)
@each_core
def playbooks(session: nox.Session, core: str) -> None:
    """Playbook tests against the simulator"""
    make(session, core, "playbooks")
