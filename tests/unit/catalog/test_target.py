# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An export stays in its directory, whatever links are there, and shows nothing from outside."""

from __future__ import annotations

import os
import stat

import pytest
from ansible_collections.zstack.aios.plugins.module_utils._catalog import export, target
from ansible_collections.zstack.aios.plugins.module_utils._catalog.target import Target
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import Masker, masking

TEXTS = {"models": ["models: []\n"], "model_service_clones": ["model_service_clones: []\n"]}


@pytest.fixture
def outside(tmp_path):
    """A file that no export may read or change."""
    (tmp_path / "etc").mkdir()
    path = tmp_path / "etc" / "shadow"
    path.write_text("root:hash", encoding="utf-8")
    return path


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "catalog").mkdir()
    return tmp_path / "catalog"


def refused(path, outside, check=False):
    before = sorted(os.listdir(outside.parent))
    with pytest.raises(OptionError) as caught:
        export._deliver(str(path), True, TEXTS, check)
    assert "hash" not in caught.value.message and outside.read_text(encoding="utf-8") == "root:hash"
    assert sorted(os.listdir(outside.parent)) == before
    return caught.value.message


@pytest.mark.parametrize("check", [True, False])
def test_a_file_that_is_a_link(directory, outside, check):
    (directory / "models.yml").symlink_to(outside)
    assert "models.yml is a link that leads out of the directory" in refused(directory, outside, check)
    assert "models.yml is a link" in refused(directory / "models.yml", outside, check)
    assert os.listdir(directory) == ["models.yml"]
    # A link to nothing would create a file outside.
    (directory / "models.yml").unlink()
    (directory / "models.yml").symlink_to(outside.parent / "new")
    assert "leads out" in refused(directory, outside, check)


@pytest.mark.parametrize("check", [True, False])
def test_a_directory_that_is_a_link(tmp_path, outside, check):
    (tmp_path / "repository").mkdir()
    link = tmp_path / "repository" / "catalog"
    link.symlink_to(outside.parent)
    for path in (link, link / "all.yml", str(link) + "/", str(link) + "/.//"):
        assert "leads out of its directory" in refused(path, outside, check)


def test_a_link_in_the_middle_of_the_path(tmp_path, outside, monkeypatch):
    """Below the current directory, which usually is a checkout, any part can be such a link."""
    (tmp_path / "repository" / "deep").mkdir(parents=True)
    (tmp_path / "repository" / "deep" / "link").symlink_to(outside.parent)
    (tmp_path / "alias").symlink_to("repository")
    monkeypatch.chdir(tmp_path / "repository")
    for path in ("deep/link/new", "./deep/../deep/link/new/all.yml", tmp_path / "repository/deep/link/new", tmp_path / "alias/deep/link/new"):
        assert "deep/link is a link that leads out of its directory" in refused(path, outside)
    # Above it, links are part of the system, as /var/run is.
    monkeypatch.chdir(tmp_path / "repository" / "deep")
    (tmp_path / "repository" / "system").symlink_to(tmp_path / "alias")
    export._deliver(str(tmp_path / "repository/system/new"), True, TEXTS, False)
    assert (tmp_path / "repository" / "new" / "models.yml").exists()
    monkeypatch.chdir("/")
    export._deliver(str(tmp_path / "repository/system/more"), True, TEXTS, False)


def test_links_that_stay_inside_are_followed(directory):
    (directory / "deep").mkdir()
    (directory / "deep" / "all.yml").write_text("old", encoding="utf-8")
    (directory / "models.yml").symlink_to("deep/all.yml")
    result = export._deliver(str(directory), True, TEXTS, False)
    assert [entry["before"] for entry in result["diff"]] == ["old", ""]
    assert (directory / "models.yml").is_symlink()
    assert (directory / "deep" / "all.yml").read_text(encoding="utf-8") == export.HEAD + TEXTS["models"][0]
    (directory.parent / "same").symlink_to("catalog")
    assert export._deliver(str(directory.parent / "same"), True, TEXTS, False)["changed"] is False


@pytest.mark.parametrize("step", ["read", "write"])
def test_a_link_that_appears_meanwhile(directory, outside, monkeypatch, step):
    """Between the look at a path and its use, everything may be exchanged."""
    (directory / "models.yml").write_text("old", encoding="utf-8")
    place = Target(str(directory))
    real = os.path.realpath
    for victim in (directory / "models.yml", directory):
        def exchanged(path, victim=victim):
            found = real(path)
            if not victim.is_symlink():
                victim.rename(str(victim) + ".old")
                victim.symlink_to(outside.parent if victim is directory else outside)
            return found
        with monkeypatch.context() as patch:
            patch.setattr(target.os.path, "realpath", exchanged)
            if step == "read":
                with pytest.raises(OptionError, match="a link or a file has this name"):
                    place.read("models.yml")
            elif victim is directory:
                with pytest.raises(OptionError, match="a link or a file has this name"):
                    place.write("models.yml", "new")
            else:
                with pytest.raises(OptionError, match="is not a regular file"):
                    place.write("models.yml", "new")
        assert outside.read_text(encoding="utf-8") == "root:hash" and os.listdir(outside.parent) == ["shadow"]
        victim.unlink()
        os.rename(str(victim) + ".old", victim)


def test_what_is_no_file_is_refused_at_once(directory, outside):
    os.mkfifo(directory / "models.yml")
    assert "is not a regular file" in refused(directory, outside)
    (directory / "models.yml").unlink()
    (directory / "models.yml").mkdir()
    assert "models.yml" in refused(directory, outside)


def test_files_keep_their_mode_and_new_ones_get_the_usual_one(directory):
    (directory / "models.yml").write_text("old", encoding="utf-8")
    (directory / "models.yml").chmod(0o640)
    export._deliver(str(directory / "models.yml"), True, TEXTS, False)
    export._deliver(str(directory / "new" / "er"), True, TEXTS, False)
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((directory / "models.yml").stat().st_mode) == 0o640
    assert stat.S_IMODE((directory / "new" / "er" / "models.yml").stat().st_mode) == 0o666 & ~mask
    assert sorted(os.listdir(directory)) == ["models.yml", "new"]


@pytest.mark.parametrize(("line", "secret"), [
    ("    description: reset the password by mail", "password"), ("    readme: see https://u:p@h/x", "none"), ("    url: http://h?token=1", "none")])
def test_content_that_would_be_masked_is_refused(line, secret):
    texts = {"models": ["# Our own words: the account_password, password.\nmodels:\n  - name: a\n%s\n" % line]}
    with masking(Masker([secret])):
        with pytest.raises(OptionError, match=r"path: line 6 of the catalog \(.*\*{8}.*Set path"):
            export._deliver(None, True, texts, False)
        assert export._deliver(None, True, {"models": [texts["models"][0].replace(line, "    size: 1")]}, False)["content"]


def test_content_that_is_written_to_a_file_is_not_masked(directory):
    text = "models:\n  - description: reset the password by mail, https://u:p@h/x\n"
    with masking(Masker(["password"])):
        export._deliver(str(directory / "all.yml"), True, {"models": [text]}, False)
    assert (directory / "all.yml").read_text(encoding="utf-8") == export.HEAD + text
