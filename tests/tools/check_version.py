# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refuse to build a version that the changelog lacks.

    check_version.py CHECKOUT [--release]

With --release, also refuse a checkout with uncommitted changes, with changelog fragments that are not part of the version, or whose version
is tagged already.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys

import yaml


def git(checkout: pathlib.Path, *arguments: str) -> str:
    """Return what git prints."""
    return subprocess.run(["git", "-C", str(checkout), *arguments], capture_output=True, text=True, check=True).stdout.strip()


def problems(checkout: pathlib.Path, release: bool) -> list[str]:
    """Return why this version cannot be built, or released."""
    version = yaml.safe_load((checkout / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    released = yaml.safe_load((checkout / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]
    found = []
    if version not in released:
        found.append(f"The changelog lacks version {version} of galaxy.yml. Run make changelog.")
    if release:
        fragments = sorted(path.name for path in (checkout / "changelogs" / "fragments").glob("*.yml"))
        if fragments:
            found.append(f"These fragments are not part of the changelog yet: {', '.join(fragments)}. Run make changelog.")
        if git(checkout, "status", "--porcelain"):
            found.append("There are uncommitted changes. Commit them, or remove them.")
        if git(checkout, "tag", "--list", version):
            found.append(f"The tag {version} exists. Set the next version in galaxy.yml.")
    return found


def main(arguments: list[str]) -> int:
    """Print the problems; the number of them is the exit code."""
    found = problems(pathlib.Path(arguments[0]), "--release" in arguments[1:])
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return len(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
