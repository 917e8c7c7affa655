# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The supported versions of ansible-core with the versions of Python for each, and the interpreters on this machine.

    cores.py CORE            print an interpreter that runs this ansible-core
    cores.py python VERSION  print an interpreter of this version

If there is none, the reason is printed to stderr, and the exit code is 1.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

# The versions of Python on which each ansible-core is tested, the preferred one first. The oldest two also run on 3.10, which the tests do not.
CORES = {
    "2.16": ("3.11", "3.12"),
    "2.17": ("3.11", "3.12"),
    "2.18": ("3.12", "3.13", "3.11"),
    "2.19": ("3.13", "3.12", "3.11"),
    "2.20": ("3.13", "3.12", "3.14"),
    "2.21": ("3.13", "3.12", "3.14"),
}
# The oldest Python that runs the modules. Each of these ansible-core versions supports it on managed hosts.
OLDEST_FOR_MODULES = "3.9"


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
    """Return whether this is a working interpreter of that version: a shim of pyenv need not have one behind it."""
    program = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
    result = subprocess.run([python, "-c", program], check=False, capture_output=True, text=True)
    return result.stdout.strip() == version


def find_python(*versions: str) -> str | None:
    """Return an interpreter of the first of these versions that is on this machine."""
    return next((path for version in versions for path in candidates(version) if runs(path, version)), None)


def main(arguments: list[str]) -> int:
    if arguments[0] == "python":
        subject, versions = "modules", tuple(arguments[1:])
    else:
        subject, versions = f"ansible-core {arguments[0]}", CORES[arguments[0]]
    python = find_python(*versions)
    if python is None:
        print(f"{subject}: no Python {' or '.join(versions)} on this machine", file=sys.stderr)
        return 1
    print(python)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
