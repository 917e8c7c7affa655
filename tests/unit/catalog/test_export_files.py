# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of an export, and what its result contains of them."""

from __future__ import annotations

from ansible_collections.zstack.aios.plugins.module_utils._catalog import export


def test_the_diff_of_a_large_file_is_one_line(tmp_path, monkeypatch):
    """AWX stores the result of an export, which would otherwise contain every file twice."""
    monkeypatch.setattr(export, "MOST_DIFF", 100)
    path = str(tmp_path / "catalog")
    texts = {"models": "models:\n" + "- name: one\n" * 20, "datasets": "datasets: []\n"}
    found = export._deliver(path, True, texts, False, "---\n")
    large, small = sorted(found["diff"], key=lambda diff: len(diff["after"]), reverse=True)
    assert large["after"].startswith("22 lines, SHA-256 ") and len(large["after"]) < 120 and not large["before"]
    assert small["after"] == "---\ndatasets: []\n"
    changed = export._deliver(path, True, {**texts, "models": texts["models"].replace("one", "two")}, True, "---\n")
    assert changed["diff"][0]["before"] != changed["diff"][0]["after"]
    assert (tmp_path / "catalog" / "models.yml").read_text(encoding="utf-8") == "---\n" + texts["models"]
