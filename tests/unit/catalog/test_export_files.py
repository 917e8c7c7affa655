# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of an export, and what its result contains of them."""

from __future__ import annotations

import types

import pytest
import yaml

from ansible_collections.zstack.aios.plugins.module_utils._catalog import export
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError


def test_the_diff_of_a_large_file_is_one_line(tmp_path, monkeypatch):
    """AWX stores the result of an export, which would otherwise contain every file twice."""
    monkeypatch.setattr(export, "MOST_DIFF", 100)
    path = str(tmp_path / "catalog")
    texts = {"models": ["models:\n" + "- name: one\n" * 20], "datasets": ["datasets: []\n"]}
    found = export._deliver(path, True, texts, False, "---\n")
    large, small = sorted(found["diff"], key=lambda diff: len(diff["after"]), reverse=True)
    assert large["after"].startswith("22 lines, SHA-256 ") and len(large["after"]) < 120 and not large["before"]
    assert small["after"] == "---\ndatasets: []\n"
    changed = export._deliver(path, True, {**texts, "models": [texts["models"][0].replace("one", "two")]}, True, "---\n")
    assert changed["diff"][0]["before"] != changed["diff"][0]["after"]
    assert (tmp_path / "catalog" / "models.yml").read_text(encoding="utf-8") == "---\n" + texts["models"][0]


def exported(count, size=10):
    entries = [types.SimpleNamespace(comments=[], ordered=lambda table, n=n: {"name": "%05d" % n, "description": "x" * size}) for n in range(count)]
    found = export.Exported([])
    found.entries.extend(entries)
    found.omitted.append({"name": "gone", "uuid": "u", "reason": "why"})
    return found


def names_in(texts):
    return [item["name"] for text in texts for item in yaml.safe_load(text)["models"]]


def test_a_long_list_is_divided_into_files_that_a_catalog_reads(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "MOST_ITEMS", 4)
    texts = export._texts("models", exported(10))
    assert names_in(texts) == ["%05d" % number for number in range(10)] and [text.count("- ") for text in texts] == [4, 4, 2]
    assert [text.count("Omitted") for text in texts] == [0, 0, 1]
    found = export._deliver(str(tmp_path), True, {"models": texts}, False)
    assert [entry["path"].rpartition("/")[2] for entry in found["files"]] == ["models.yml", "models-2.yml", "models-3.yml"]
    assert not export._deliver(str(tmp_path), True, {"models": texts}, False)["changed"]


def test_no_file_is_larger_than_a_catalog_reads(monkeypatch):
    monkeypatch.setattr(export, "MOST_BYTES", 4000)
    texts = export._texts("models", exported(20, 300))
    assert len(texts) > 3 and all(len(text) <= 4000 for text in texts) and names_in(texts) == ["%05d" % number for number in range(20)]
    for path in (None, "x.yml"):
        with pytest.raises(OptionError, match="^path: .* Give a directory"):
            export._deliver(path, True, {"models": texts}, True)


def test_an_empty_list_is_a_file():
    found = export.Exported([])
    assert export._texts("models", found)[0].endswith("models: []\n")
