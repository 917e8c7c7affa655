# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mirror the checkout into a directory where ansible finds it as a collection.

    sync_tree.py CHECKOUT TARGET

Ansible wants a collection at <root>/ansible_collections/<namespace>/<name>, refuses a link, and a checkout may be called anything.
So every file that git tracks or would track is copied; what did not change is not touched, and what is gone here goes there.

The copy is a git repository of its own, without commits: it lies in an ignored directory of the checkout, so the tools that ask git what
to check would otherwise find nothing, and pass.
"""

from __future__ import annotations

import filecmp
import os
import pathlib
import shutil
import subprocess
import sys

# Not from the checkout: the repository of the copy, and the results that ansible-test leaves there
KEPT = {pathlib.PurePath(".git"), pathlib.PurePath("tests/output")}


def wanted_files(checkout: pathlib.Path) -> set[pathlib.PurePath]:
    """Return the tracked and the new files, without the ignored and the deleted ones."""
    listing = subprocess.run(
        # The checkout may belong to another user, as it does in some containers.
        ["git", "-c", f"safe.directory={checkout}", "-C", str(checkout), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
    ).stdout
    paths = {pathlib.PurePath(os.fsdecode(name)) for name in listing.split(b"\0") if name}
    return {path for path in paths if os.path.lexists(checkout / path) and not (checkout / path).is_dir()}


def remove_others(target: pathlib.Path, wanted: set[pathlib.PurePath]) -> int:
    """Delete what is not wanted, and directories that have become empty."""
    removed = 0
    for folder, directories, files in os.walk(target, topdown=False):
        here = pathlib.Path(folder)
        if KEPT & {here.relative_to(target), *here.relative_to(target).parents}:
            continue
        for name in files + [name for name in directories if (here / name).is_symlink()]:
            if (here / name).relative_to(target) not in wanted:
                (here / name).unlink()
                removed += 1
        if here != target and not any(here.iterdir()):
            here.rmdir()
    return removed


def copy_changed(checkout: pathlib.Path, target: pathlib.Path, wanted: set[pathlib.PurePath]) -> int:
    """Copy what differs in content or mode."""
    copied = 0
    for path in wanted:
        source, copy = checkout / path, target / path
        if copy.is_file() and source.stat().st_mode == copy.stat().st_mode and filecmp.cmp(source, copy, shallow=False):
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, copy)
        copied += 1
    return copied


def main(arguments: list[str]) -> None:
    checkout, target = (pathlib.Path(argument).resolve() for argument in arguments)
    wanted = wanted_files(checkout)
    target.mkdir(parents=True, exist_ok=True)
    if not (target / ".git").is_dir():
        subprocess.run(["git", "init", "--quiet", str(target)], check=True)
    removed = remove_others(target, wanted)
    copied = copy_changed(checkout, target, wanted)
    # Files that git does not know hide what is ignored among them from some tools.
    subprocess.run(["git", "-C", str(target), "add", "--all"], check=True)
    if copied or removed:
        print(f"==> Copied {copied} changed files to {target}, removed {removed}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
