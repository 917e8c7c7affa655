# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The platform in memory answers what the server answers."""

from __future__ import annotations

import re

import hypothesis.strategies as st
import pytest
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.snapshot import Like, Snapshot
from ansible_collections.zstack.aios.plugins.module_utils._protocol import query as _query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ProtocolError
from hypothesis import given

NAMES = st.text(alphabet="aAb'\\%_=!<> ,~名\U0001f600", max_size=4)


class Server:
    """Counts what is asked."""

    def __init__(self, rows):
        self.rows = rows
        self.asked = []

    def query(self, path, conditions=()):
        self.asked.append((path, list(conditions)))
        return [dict(row) for row in self.rows]


def snapshot(*names):
    server = Server([{"uuid": "%02d" % number, "name": name} for number, name in enumerate(names)])
    return Snapshot(server, ["ModelVO"]), server


@given(st.lists(NAMES, max_size=8), NAMES)
def test_rows_are_found_by_the_rules_of_the_query(names, wanted):
    memory, server = snapshot(*names)
    found = [row for row in memory.query("/v1/x", [_query.equals("name", wanted)]) if _query.matches(row, "name", wanted)]
    assert found == [row for row in server.rows if _query.matches(row, "name", wanted)]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc") | st.none()), max_size=12))
def test_changes_are_seen_by_every_query(changes):
    memory, _unused = snapshot("a", "b")
    rows = {"00": "a", "01": "b"}
    memory.query("/v1/x", ["name=a"])
    for number, name in changes:
        uuid = "%02d" % number
        if name is None:
            memory.drop("/v1/x", uuid)
            rows.pop(uuid, None)
        else:
            memory.put("/v1/x", {"uuid": uuid, "name": name})
            rows[uuid] = name
        for wanted in "abc":
            assert {row["uuid"] for row in memory.query("/v1/x", ["name=" + wanted])} == {key for key, value in rows.items() if value == wanted}
        assert {row["uuid"]: row["name"] for row in memory.query("/v1/x")} == rows


def test_a_path_is_read_once():
    memory, server = snapshot("a", "b", "c")
    memory.prepare(["/v1/x", "/v1/y", "/v1/x"], 4)
    assert sorted(server.asked) == [("/v1/x", []), ("/v1/y", [])]
    assert memory.get("/v1/x", "01")["name"] == "b" and memory.get("/v1/x", "77") is None
    assert [row["uuid"] for row in memory.query("/v1/x", ["uuid?=00,02,05", "name~=_"])] == ["00", "02"]
    assert memory.query("/v1/x", ["name=a", "uuid=02"]) == []
    assert len(server.asked) == 2


def test_only_the_tags_of_the_kinds_are_read():
    memory, server = snapshot()
    memory.query("/v1/user-tags", ["resourceUuid=00"])
    assert server.asked == [("/v1/user-tags", ["resourceType?=ModelVO"])]


def test_a_name_that_was_looked_up_is_looked_up_again_after_a_change():
    memory, _unused = snapshot("a")
    memory.memo[("/v1/x", "a")] = "00"
    memory.put("/v1/x", {"uuid": "05", "name": " a "})
    assert memory.memo == {}


def test_an_unknown_condition_is_a_defect():
    memory, _unused = snapshot("a")
    with pytest.raises(ProtocolError):
        memory.query("/v1/x", ["name!=a"])


@given(st.text(alphabet="aAb_%\n.", max_size=7), st.text(alphabet="aAbB_%\n.", max_size=8))
def test_like_means_what_a_regular_expression_would(pattern, text):
    expected = re.compile("".join(".*" if char == "%" else "." if char == "_" else re.escape(char) for char in pattern), re.S | re.I).fullmatch(text)
    assert Like(pattern).matches(text) == bool(expected)


def test_a_pattern_of_many_wildcards_takes_no_longer_than_its_length():
    """A regular expression would try every division of the text, which are more than there are atoms."""
    memory, _unused = snapshot("\U0001f600" * 500, "a" * 2000)
    assert memory.query("/v1/x", [_query.equals("name", "\U0001f600" * 300 + "b")]) == []
    assert memory.query("/v1/x", ["name~=" + "%a" * 900 + "%b"]) == []
    assert len(memory.query("/v1/x", ["name~=" + "%a" * 900 + "%_"])) == 1
