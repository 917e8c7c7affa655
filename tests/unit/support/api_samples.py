# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values for the parameters of the reference page of the API, written from the page and not from the table of the collection."""

from __future__ import annotations

import typing as t

UUID = "0f1e2d3c4b5a49788695a4b3c2d1e0f1"
MAPS = {"String -> String": {"KEY": "a value"}, "String -> List of String": {"NVIDIA": [UUID]}}
LISTS = {
    "String": ["one", "two"], "Integer": [8080, 9090], "ArchitectureImageMapping": [{"cpuArchitecture": "X86_64", "dockerImage": "repo/a:1"}],
    "ModelService (deployment struct)": [{"nodeRank": 0, "isInitialNode": True, "name": "n", "environmentVariables": {"A": "b"}}],
    "{uuid, usageScenarios, dataType}": [{"uuid": UUID, "usageScenarios": ["App"], "dataType": "Text"}],
}
SIMPLE = {"Integer": 7, "Long": 2 ** 40, "Float": 0.5, "Boolean": True}


def value(page: t.Mapping[str, t.Any]) -> t.Any:
    """Return a value that a parameter of the page takes."""
    if page["name"] in ("uuid", "resourceUuid") or page["in"] == "path":
        return UUID
    if page.get("choices"):
        return [page["choices"][0]] if page["type"] == "List" else page["choices"][0]
    if page["type"] == "List":
        return LISTS[page["items"]]
    if page["type"] == "Map":
        return MAPS[page["items"]]
    if page.get("range"):
        return page["range"][1]
    if page["type"] == "String":
        return "t" * page.get("max_length", 20)
    return SIMPLE[page["type"]]


def wrong(page: t.Mapping[str, t.Any]) -> list[t.Any]:
    """Return values that a parameter of the page does not take."""
    found: list[t.Any] = []
    if page["in"] == "path":
        found += ["", " ", "..", ".", "a/b", "a?b", "a#b", "%2f", "a%2Fb", "a b", "é", "a\n", ["a"], {"a": "b"}, 5]
    elif page["type"] == "String" and page["name"] not in ("parameters", "yaml"):
        found += [["a"], {"a": "b"}]
    if page.get("choices"):
        found.append(["nonsense"] if page["type"] == "List" else "nonsense")
    if page.get("max_length"):
        found.append("t" * (page["max_length"] + 1))
    if page.get("range"):
        low, high = page["range"]
        found += [[number] if page["type"] == "List" else number for number in (low - 1, high + 1)]
    if page["type"] in ("Integer", "Long"):
        found += ["two", 1.5, True, [1], {"a": 1}, 2 ** (31 if page["type"] == "Integer" else 63)]
    if page["type"] == "Float":
        found += ["much", True, [1.0], float("nan"), float("inf")]
    if page["type"] == "Boolean":
        found += ["perhaps", 2, [True]]
    if page["type"] == "List":
        found += [5, True, {"a": "b"}, [None]]
    if page["type"] == "Map":
        found += ["text", ["a"], 5, {"a": None}]
    return found
