# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A version that the changelog lacks is not built, and a release needs more than that."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

TOOL = pathlib.Path(__file__).parents[1] / "tools" / "check_version.py"
IDENTITY = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]


@pytest.fixture
def checkout(tmp_path):
    """A checkout of version 1.2.3 that can be released."""
    (tmp_path / "changelogs" / "fragments").mkdir(parents=True)
    (tmp_path / "galaxy.yml").write_text("version: 1.2.3\n", encoding="utf-8")
    (tmp_path / "changelogs" / "changelog.yaml").write_text("releases: {1.2.3: {}}\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "add", "."], check=True)
    subprocess.run(["git", "-C", str(tmp_path), *IDENTITY, "commit", "-qm", "Release"], check=True)
    return tmp_path


def check(checkout, *arguments):
    """Return the exit code, and what is printed."""
    done = subprocess.run([sys.executable, str(TOOL), str(checkout), *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_a_version_of_the_changelog_is_built(checkout):
    assert check(checkout) == check(checkout, "--release") == (0, "")


def test_a_version_that_the_changelog_lacks_is_refused(checkout):
    (checkout / "galaxy.yml").write_text("version: 1.2.4\n", encoding="utf-8")
    assert check(checkout) == (1, "The changelog lacks version 1.2.4 of galaxy.yml. Run make changelog.\n")


def test_a_release_is_complete_committed_and_new(checkout):
    (checkout / "changelogs" / "fragments" / "late.yml").write_text("bugfixes: [late]\n", encoding="utf-8")
    subprocess.run(["git", "-C", str(checkout), "tag", "1.2.3"], check=True)
    assert check(checkout) == (0, "")
    code, printed = check(checkout, "--release")
    assert code == 3 and "late.yml" in printed and "uncommitted" in printed and "The tag 1.2.3 exists" in printed
