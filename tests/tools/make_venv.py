# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create a virtual environment, unless it is there already and still matches its requirements.

    make_venv.py DIRECTORY REQUIREMENT [REQUIREMENT ...]

A requirement is a requirements file or a specification such as ansible-core==2.16.*; the environment belongs to the Python that runs
this script.
"""

from __future__ import annotations

import hashlib
import pathlib
import subprocess
import sys
import venv

STAMP = "requirements.sha256"


def read_with_includes(path: pathlib.Path) -> str:
    """Return the text of a requirements file and of the files that it includes."""
    text = path.read_text(encoding="utf-8")
    included = [line.split(maxsplit=1)[1] for line in text.splitlines() if line.startswith("-r ")]
    return text + "".join(read_with_includes(path.parent / name) for name in included)


def fingerprint(directory: pathlib.Path, requirements: list[str]) -> str:
    """Return a digest of all that the environment depends on: a moved checkout or another Python needs a new one."""
    parts = [str(directory), sys.base_prefix, sys.version]
    for requirement in requirements:
        path = pathlib.Path(requirement)
        parts.append(read_with_includes(path) if path.is_file() else requirement)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def main(arguments: list[str]) -> None:
    directory = pathlib.Path(arguments[0]).resolve()
    requirements = arguments[1:]
    stamp = directory / STAMP
    wanted = fingerprint(directory, requirements)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return

    print(f"==> Installing {', '.join(requirements)} into {directory} (once)", flush=True)
    venv.EnvBuilder(clear=True, symlinks=True, with_pip=True).create(directory)
    command = [str(directory / "bin" / "python"), "-m", "pip", "install", "-qq", "--no-compile", "--disable-pip-version-check", "--no-input"]
    # Python compiles what is used; that is a small part of what is installed.
    for requirement in requirements:
        command += ["-r", requirement] if pathlib.Path(requirement).is_file() else [requirement]
    # Only errors are shown; the stamp is written last, so that an interrupted installation is done again.
    if subprocess.run(command, check=False).returncode != 0:
        sys.exit(f"The installation into {directory} failed. An index of Python packages (PyPI) must be reachable.")
    stamp.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
