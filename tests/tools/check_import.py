# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Import a tarball as Galaxy does, and fail on warnings as well as on errors.

    check_import.py TARBALL

It runs in the environment of galaxy-importer. The importer's own calls of ansible-lint and of ansible-test are left out: other steps run them, and
the importer ends ansible-lint after three minutes.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tempfile

SETTINGS = {
    "GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "false",
    "GALAXY_IMPORTER_RUN_ANSIBLE_TEST": "false",
    "GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true",
    "GALAXY_IMPORTER_REQUIRE_V1_OR_GREATER": "true",
}
# The importer passes after a finding of these levels.
LEVELS = ("WARNING:", "ERROR:", "CRITICAL:")


def main(arguments: list[str]) -> int:
    """Return 0 if the import has neither errors nor warnings, otherwise 1."""
    tarball = pathlib.Path(arguments[0]).resolve()
    path = os.pathsep.join((str(pathlib.Path(sys.executable).parent), os.environ["PATH"]))
    command = [sys.executable, "-m", "galaxy_importer.main", str(tarball)]
    # The importer writes its result into the current directory.
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run(
            command, cwd=directory, env={**os.environ, **SETTINGS, "PATH": path}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
            check=False)
    # It lists every file that it reads.
    lines = [line for line in done.stdout.splitlines() if not line.startswith("Loading ")]
    print("\n".join(lines), flush=True)
    return int(done.returncode != 0 or any(line.startswith(LEVELS) for line in lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
