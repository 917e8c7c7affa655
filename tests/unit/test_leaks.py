# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No module shows a secret, whatever the server does. The scanner that looks for them finds every kind of leak.

This plays a few cells of the matrix; ``make leaks`` plays all of them.
"""

from __future__ import annotations

import itertools
import json
import pathlib
import random
import shlex

import pytest
import yaml

pytest.importorskip("aiohttp", reason="the simulator needs it")

from leaks import matrix
from leaks.parrot import ANSWERS, CASES, STYLES, Case, Echo
from leaks.scanner import SPELLINGS, Scanner, random_hex, random_secret

from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import Masker

MODULES = pathlib.Path(__file__).parents[2] / "plugins" / "modules"
# Each of these many-th pairs of module and case is played, in parts that run in parallel.
STEP, PARTS = 5, 4
SECRET, SESSION = random_secret(random.Random(7)), random_hex(random.Random(7))
SCANNER = Scanner({"secret": SECRET, "session": SESSION, "code": "860143"})


@pytest.mark.parametrize("part", range(PARTS))
def test_no_module_shows_a_secret(part: int) -> None:
    played = list(itertools.islice(matrix.pairs(), part * STEP // PARTS, None, STEP))[part::PARTS]
    assert len(played) > 40
    assert [(str(cell), hits) for cell, hits in ((cell, matrix.play(cell)) for cell in played) if hits] == []


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
    assert matrix.play(matrix.Cell(*cell)) == []


def test_the_matrix_has_every_module_and_every_pair() -> None:
    # The report is written by an action plugin alone, from the result of another task.
    assert set(matrix.MODULES) == {path.stem for path in MODULES.glob("zstack*.py")} - {"zstack_ai_catalog_report"}
    found = list(matrix.pairs())
    assert len({(cell.module, cell.case) for cell in found}) == len(matrix.MODULES) * len(matrix.ALL_CASES)
    assert {(cell.account, cell.case) for cell in found} == set(itertools.product(matrix.SECRETS.accounts, matrix.ALL_CASES))
    assert {(cell.module, cell.account) for cell in found} == set(itertools.product(matrix.MODULES, matrix.SECRETS.accounts))
    assert {(cell.host, cell.case) for cell in found} == set(itertools.product(matrix.HOSTS, matrix.ALL_CASES))


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
    assert matrix.play(cell) == [] and '"failed"' not in outputs[0] and ('"AddModel"' in outputs[0] or "This account cannot see any model center" in outputs[0])
    for method in ("data", "composed", "outside"):
        monkeypatch.setattr(Masker, method, lambda self, text, *unused: text)
    for style in list(STYLES)[list(matrix.SECRETS.accounts).index(account) % 4::4]:
        leaking = matrix.Cell("zstack_ai_model", account, "answer to a read is a refusal", style, matrix.WORKER)
        names = {hit.split(" (")[0] for hit in matrix.play(leaking)}
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
