# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No module shows a secret, whatever the server does. The scanner that looks for them finds every kind of leak.

This plays a few cells of the matrix; ``make leaks`` plays all of them.
"""

from __future__ import annotations

import itertools
import json
import logging
import pathlib
import random
import shlex
import sys

import pytest
import yaml

pytest.importorskip("aiohttp", reason="the simulator needs it")

from faults.__main__ import STEP
from leaks import matrix
from leaks.parrot import ANSWERS, CASES, STYLES, Case, Echo
from leaks.scanner import SPELLINGS, Scanner, random_hex, random_secret

from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import Masker

MODULES = pathlib.Path(__file__).parents[2] / "plugins" / "modules"
CELLS = matrix.cells()
# So many cells are played, in parts that run in parallel.
PLAYED, PARTS = 190, 4
SECRET, SESSION = random_secret(random.Random(7)), random_hex(random.Random(7))
SCANNER = Scanner({"secret": SECRET, "session": SESSION, "code": "860143"})


@pytest.mark.parametrize("part", range(PARTS))
def test_no_module_shows_a_secret(part: int) -> None:
    played = CELLS[:PLAYED][part::PARTS]
    assert [(str(cell), found) for cell, found in ((cell, matrix.play(cell).found) for cell in played) if found] == []


@pytest.mark.parametrize("cell", [
    ("zstack_ai_model_service_group_info", "ldap with code", "answer to a read has a chunk without a length", "HTML", matrix.WORKER),
    ("zstack_ai_dataset_info", "account with code", "answer to a read has a chunk without a length", "JSON in JSON", matrix.WORKER),
    ("zstack_ai_dataset_info", "account with code", "objects repeat secrets", "hexadecimal", matrix.MODULE),
    ("zstack_ai_call", "account", "no fault", "JSON", matrix.MODULE),
    ("zstack_ai_model_service", "account", "no fault", "plain", matrix.WORKER),
    ("zstack_ai_model_service_group", "account", matrix.OTHERS, "plain", matrix.WORKER),
    ("zstack_ai_catalog_validate", "ldap with code", "options refused: a wrong path", "entities", matrix.WORKER),
    ("zstack_ai_dataset", "iam2 with project", "options refused: a misspelt name", "plain", matrix.MODULE),
], ids=str)
def test_what_showed_a_secret_once(cell: tuple[str, ...]) -> None:
    assert matrix.play(matrix.Cell(*cell)).found == []


def test_the_matrix_has_every_module() -> None:
    # The report is written by an action plugin alone, from the result of another task.
    assert set(matrix.MODULES) == {path.stem for path in MODULES.glob("zstack*.py")} - {"zstack_ai_catalog_report"}


@pytest.mark.parametrize("turn", [0, len(STYLES) + 3])
def test_pairs_of_values_are_played_first_and_then_everything(turn: int) -> None:
    """Check mode sends no write, so it is not combined with the failure of a write or of its job."""
    every = {name: set(values) for name, values in matrix.DIMENSIONS.items()}
    cells = [matrix.turned(cell, turn) for cell in CELLS]
    rows = [vars(cell) for cell in cells]
    assert {name: {row[name] for row in rows[:PLAYED]} for name in every} == every
    pairs = len(every["module"]) * len(every["case"])
    for one, other in itertools.combinations(every, 2):
        expected = set(itertools.product(every[one], every[other]))
        if {one, other} == {"case", "check"}:
            expected -= {(name, True) for name, case in CASES.items() if case.place in ("write", "poll")}
        assert {(row[one], row[other]) for row in rows[:pairs + 100]} == expected, (one, other)
    assert {(cell.module, cell.case, cell.account) for cell in cells[:len(cells) // 2 + pairs]} == set(itertools.product(
        every["module"], every["case"], every["account"]))
    assert {(cell.module, cell.case, cell.account, cell.host) for cell in cells} == set(itertools.product(
        *(every[name] for name in ("module", "case", "account", "host"))))
    assert len(cells) <= pairs * len(every["account"]) * 2 + 100


def test_turns_lead_to_every_spelling_in_both_modes() -> None:
    turns = [matrix.turned(matrix.Cell("zstack_ai_model", "account", "no fault", "URL", matrix.WORKER), turn) for turn in range(2 * len(STYLES))]
    assert {(cell.style, cell.check) for cell in turns} == set(itertools.product(STYLES, (False, True)))
    assert {(cell.module, cell.account, cell.case, cell.host) for cell in turns} == {("zstack_ai_model", "account", "no fault", matrix.WORKER)}


def test_an_interrupted_run_goes_on(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    played: list[matrix.Cell] = []
    interrupted: list[matrix.Cell] = []

    def play(cell: matrix.Cell) -> matrix.Played:
        if len(played) == STEP + 3 and not interrupted:
            interrupted.append(cell)
            raise InterruptedError
        played.append(cell)
        return matrix.Played(["token"] if len(played) == 2 else [], True)

    monkeypatch.setattr(matrix, "play", play)
    monkeypatch.setattr(matrix, "cells", lambda: CELLS)
    monkeypatch.setattr(logging, "disable", lambda level: None)
    monkeypatch.setattr(sys, "argv", ["leaks.matrix", "--state", str(tmp_path / "state.json"), "--count", str(2 * STEP)])
    with pytest.raises(InterruptedError):
        matrix.main()
    del played[STEP:]
    assert matrix.main() == 1
    assert played == CELLS[:2 * STEP] and "%d of %d cells, in %d of them" % (2 * STEP, len(CELLS), 2 * STEP) in capsys.readouterr().out


@pytest.mark.parametrize("account", matrix.SECRETS.accounts)
def test_every_account_signs_in_and_every_planted_leak_is_found(account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same cells without the masking."""
    cell = matrix.Cell("zstack_ai_model", account, "no fault", "plain", matrix.WORKER)
    outputs: list[str] = []
    find = Scanner.find

    def noted(self: Scanner, text: str) -> list[str]:
        outputs.append(text)
        return find(self, text)

    monkeypatch.setattr(Scanner, "find", noted)
    assert matrix.play(cell) == matrix.Played([], True)
    assert '"failed"' not in outputs[0] and ('"AddModel"' in outputs[0] or "This account cannot see any model center" in outputs[0])
    for method in ("data", "composed", "outside"):
        monkeypatch.setattr(Masker, method, lambda self, text, *unused: text)
    for style in list(STYLES)[list(matrix.SECRETS.accounts).index(account) % 4::4]:
        leaking = matrix.Cell("zstack_ai_model", account, "answer to a read is a refusal", style, matrix.WORKER)
        names = {hit.split(" (")[0] for hit in matrix.play(leaking).found}
        assert "token" in names and set(matrix.SECRETS.accounts[account].secrets) <= names | {"two-factor code"}, style


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_scanner_finds_every_part_in_every_spelling(spelling: str) -> None:
    for secret, length in ((SECRET, 8), (SESSION, 12)):
        for place in range(0, len(secret) - length + 1, 3):
            for code in SPELLINGS[spelling](secret[place:place + length]):
                assert SCANNER.find("before" + code + "after"), code
            for code in SPELLINGS[spelling](secret[place:place + length - 3]):
                assert not SCANNER.find("before " + code + " after"), code


@pytest.mark.parametrize("style", STYLES)
def test_the_scanner_finds_what_the_server_repeats(style: str) -> None:
    echo = Echo([SECRET], style, "request")
    assert SCANNER.find(echo.text) and SCANNER.find(json.dumps(echo.text)) and SCANNER.find(yaml.safe_dump([echo.text], width=10 ** 6))


@pytest.mark.parametrize("text, expected", [
    ("a 860143 b", 1), ('"860143"', 1), ("code=860143&x", 1), ("1860143", 0), ("860143.5", 0), ("x860143", 0), ("a-860143", 0), ("", 0),
])
def test_a_short_secret_is_found_as_a_whole_word(text: str, expected: int) -> None:
    assert len(SCANNER.find(text)) == expected


def test_the_scanner_finds_secrets_in_files_and_their_names(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "binary").write_bytes(b"\xff\x00" + SECRET.encode() + b"\xff")
    (tmp_path / "a" / SESSION).write_text("", encoding="utf-8")
    (tmp_path / "a" / "command").write_text("PASSWORD=%s python" % shlex.quote(SECRET), encoding="utf-8")
    (tmp_path / "a" / "own").write_text(SECRET, encoding="utf-8")
    found = SCANNER.find_in_files(tmp_path, ["own"])
    assert {pathlib.Path(hit.partition(": ")[0]).name for hit in found} == {"binary", SESSION, "command"}


def test_every_answer_has_a_case() -> None:
    acts = {case.act for case in CASES.values()}
    assert not [name for name, act in ANSWERS.items() if act not in acts]
    assert Case().place == "" and {case.place for case in CASES.values()} == {"", "all", "connect", "poll", "read", "sign-in", "sign-out", "write"}
