# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that reads text or values of others, with generated input: ``python -m faults.parsers [--count N] [--page FILE]``.

Each example has to end with a value or an error of the collection. Inputs are small pieces that matter to the reader, and the same ones up to
20,000 times, because many slow readers are fast with short texts.
"""
from __future__ import annotations

import argparse
import contextlib
import dataclasses
import functools
import json
import logging
import pathlib
import random
import re
import sys
import tempfile
import time
import tracemalloc
import typing as t

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from ansible_collections.zstack.aios.plugins.module_utils._catalog.items import read_catalog
from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import parse_version
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.texts import accept, expand_lists
from ansible_collections.zstack.aios.plugins.module_utils._protocol import answers, auth, proxies, query
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import ZStackError, describe
from ansible_collections.zstack.aios.plugins.module_utils._protocol.http import excerpt
from ansible_collections.zstack.aios.plugins.module_utils._protocol.masking import Masker, masking
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import outside, server_date
from ansible_collections.zstack.aios.plugins.module_utils._resources import remembered
from ansible_collections.zstack.aios.plugins.module_utils._resources.structured import JSON_TEXT, YAML_TEXT
from ansible_collections.zstack.aios.plugins.module_utils._resources.table import Observed

# Characters of one generated text at most.
LONGEST = 2 ** 17
TIMES = (1, 1, 1, 2, 30, 1000, 20_000)
BEGIN, END = "<!-- begin: written by make fuzz -->", "<!-- end: written by make fuzz -->"

# Making a failing text of a megabyte smaller takes far longer than to find it.
PHASES = (Phase.explicit, Phase.generate)

Act = t.Callable[[t.Any], t.Any]


class Case:
    """One input; its representation is short enough for a report."""

    def __init__(self, value: t.Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return re.sub(r"(.{1,20}?)\1{9,}", lambda found: "<%d times %s>" % (len(found.group()) // len(found.group(1)), found.group(1)), repr(self.value))[:2000]


@dataclasses.dataclass(frozen=True)
class Parser:
    """Something that reads input of others.

    :param name: what it reads, for the page.
    :param inputs: generates the input.
    :param act: reads it; returns a value, or raises one of ``errors``.
    :param errors: the exceptions that are part of its contract.
    """

    name: str
    inputs: st.SearchStrategy[t.Any]
    act: Act
    errors: tuple[type[Exception], ...] = (ZStackError,)

    @property
    def cases(self) -> st.SearchStrategy[Case]:
        """Generates inputs."""
        return self.inputs.map(Case)

    def read(self, case: Case) -> None:
        """Read one input; raise whatever the reader must not raise."""
        with contextlib.suppress(*self.errors):
            self.act(case.value)


def shortened(value: t.Any, longest: int) -> t.Any:
    """Return an input with at most so many characters in each text."""
    if isinstance(value, str):
        return value[:longest]
    if isinstance(value, dict):
        return {key[:longest]: shortened(item, longest) for key, item in value.items()}
    return type(value)(shortened(item, longest) for item in value) if isinstance(value, (list, tuple)) else value


def texts(*pieces: str) -> st.SearchStrategy[str]:
    """Texts of these pieces, each up to 20,000 times, and of any characters."""
    piece = st.one_of(st.sampled_from(pieces), st.sampled_from(pieces), st.text(st.characters(), max_size=5))
    repeated = st.tuples(piece, st.sampled_from(TIMES)).map(lambda found: (found[0] * found[1])[:LONGEST])
    return st.lists(repeated, max_size=9).map(lambda parts: "".join(parts)[:LONGEST])


# Strong enough to be masked inside other words as well.
SECRET = "s3cret-Passw0rd"
HOSTILE = (
    "'", '"', "\\", "?=", "~=", "!=", "=", "%", "_", ",", "\n", "\r", "\t", "\0", "\x1b[2J", "\x9b31m", "\u202e", "\u200d", "\u2028", "\ud800",
    "é", "模型", "नमस्ते", "\U0001f468\u200d\U0001f4bb", "<", ">", "&", "{{ x }}", "../", "a", "0", " ", SECRET, SECRET[:7], SECRET[7:], "token=",
    "https://u:p@h/", "*" * 8)
JSON_PIECES = (
    "{", "}", "[", "]", ",", ":", '"', '"a"', '"a":1', '{"a":', '"error":', '{"error":{"code":"SYS.1006"', '"inventories":[',
    '{"uuid":"u1"}', "null", "true", "NaN", "-Infinity", "1e999", "9" * 50, "1.5", "\\ud800", "\\u0000", "\\", " ", "\ufeff", "\0", "é")
YAML_PIECES = (
    "a: 1\n", "- ", "- b\n", "a: ", "? ", "[", "]", "{", "}", ", ", "&a ", "*a", "*a, ", "<<: *a\n", "<<: [*a, *a]\n",
    "!!python/object:os.system", "!!binary ", "!!set ", "!!omap ", "!vault |\n", "--- ", "...\n", "%YAML 9.9\n", "|\n", ">-\n", "'", '"', "\\x",
    "\\ud800", "# c\n", "1:30:00", "0x", "9", "1e9", ".nan", "-.inf", "~", "2025-13-45", "2025-11-25 10:00:00", "null", "\t", "\n", "  ", ": ", "\0",
    "\x85", "\u2028", "\ufeff", "\U0001f600", "=", "models:\n- ", "name: x\n", "model_center: c\n", "yaml: ")
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-2 ** 70, 2 ** 70), st.floats(), texts(*HOSTILE),
    st.sampled_from(("", "u1", "a" * 32, "1,2,x", "AI::x", "x86_64", "Nov 25, 2025 1:00:00 PM", "5.5")))
KEYS = st.sampled_from((
    "uuid", "name", "tag", "tagPattern", "tagPatternUuid", "type", "inventory", "inventories", "results", "total", "version", "location", "error", "code",
    "cause", "causes", "details", "cpuArchitecture", "dockerImage", "modelServiceUuid", "isDefault", "services", "env"))
VALUES = st.recursive(LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5)), max_leaves=12)
OBJECTS = st.dictionaries(st.sampled_from(("inventory", "inventories", "results", "total", "version", "location", "error", "uuid")), VALUES, max_size=5)
FIELDS = [(kind, field) for kind in KINDS.values() for field in kind.fields]


def _forms(body: t.Any) -> None:
    """Validate an answer as each call does."""
    single = functools.partial(answers.single, uuid="u1")
    for check in (answers.inventories, single, answers.total, answers.session, answers.result, answers.version):
        with contextlib.suppress(ZStackError):
            check("GET /v1/x", body)
    answers.job(body)
    if isinstance(body.get("error"), dict):
        assert len(describe("GET /v1/x", body["error"], 503)) < 200_000


def _field(case: tuple[t.Any, t.Any, t.Any, t.Any]) -> None:
    """Read a value of an inventory and of tags as a field does, then compare and show it."""
    (_unused, field), value, tags, others = case
    rows = [tag if isinstance(tag, dict) else {"tag": str(tag)} for tag in tags]
    observed = Observed({"uuid": "a" * 32, **others, **({field.inventory: value} if field.inventory else {})}, rows, rows)
    found = field.found(observed)
    if field.readable and found is not None and not field.remembered:
        json.dumps(field.type.show(found))


def _option(case: tuple[t.Any, t.Any]) -> None:
    """Take an option of a task as the user gave it."""
    (_unused, field), value = case
    spec = {field.option: field.type.argument}
    taken = expand_lists(spec, {field.option: value})
    accept(spec, taken)
    if taken[field.option] is not None and not isinstance(value, str):
        with contextlib.suppress(AttributeError, TypeError):  # of another type, which Ansible refuses or converts
            field.type.check(field.option, taken[field.option])


def _catalog(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "c.yml")
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        shared = {"version_check": True, "server_side_check": False}
        catalog = read_catalog({"path": str(path), **dict.fromkeys(KINDS), **shared})
        assert all(len(str(error)) < 10_000 for error in catalog.errors)


def _structured(text: str) -> None:
    for kind in (YAML_TEXT, JSON_TEXT):
        with contextlib.suppress(ZStackError):
            kind.check("yaml", text)
        wanted = kind.want(text)
        assert kind.same(wanted, kind.read(text))
        json.dumps(kind.show(wanted))


def _variables(text: str) -> None:
    remembered.variables_in(text)
    remembered.variables_of({"yaml": text, "k8sResourceYaml": text})


def _shown(text: str) -> None:
    """Show a text of a server, in which a secret may be."""
    with masking(Masker({SECRET, "1", "é" * 3})):
        for found in (outside(text), excerpt(text), excerpt("<html>" + text)):
            assert SECRET not in found and "\x1b" not in found and "\u202e" not in found


def _conditions(text: str) -> None:
    query.split(text)
    for operator in query.OPERATORS:
        with contextlib.suppress(ZStackError):
            found = query.condition("name", operator, text)
            assert query.split(found) == ("name", operator, found[len("name") + len(operator):]) or " " in operator
    for conditions in (lambda: [query.equals("name", text)], lambda: [query.contains("name", text)], lambda: list(query.one_of("name", [text] * 3))):
        with contextlib.suppress(ZStackError):
            assert conditions()
    query.matches({"name": text}, "name", text)


PARSERS = (
    Parser("body of an answer", texts(*JSON_PIECES), answers.parse, (answers.Unusable,)),
    Parser("form of an answer", OBJECTS, _forms),
    Parser("address of a job", texts("/", "http://", "v1/api-jobs/", "a" * 32, "?", "#", "..", "%2f", *HOSTILE).map(
        lambda text: {"location": text}), answers.job),
    Parser("version", texts("5", ".", "5.5.22", "-", "v", "٥", *HOSTILE), lambda text: (parse_version(text), answers.version("x", {"version": text}))),
    Parser("date", texts("Nov", " ", "25", ",", "2025", ":", "1", "00", "AM", "PM", "\u202f", "\u00a0", "99", "٢"), server_date),
    Parser("value of an inventory, and its tags", st.tuples(st.sampled_from(FIELDS), VALUES, st.lists(VALUES, max_size=4), OBJECTS), _field),
    Parser("query condition", texts("is null", "not null", "in", "not in", ">", "<", ">=", *HOSTILE), _conditions),
    Parser("option of a task", st.tuples(st.sampled_from(FIELDS), st.one_of(VALUES, texts(*JSON_PIECES))), _option),
    Parser("file of a catalog", texts(*YAML_PIECES), _catalog),
    Parser("`yaml` and `parameters`", st.one_of(texts(*YAML_PIECES), texts(*JSON_PIECES)), _structured),
    Parser("`yaml` of a deployment", texts("services:\n- ", "env:\n- ", "env: [", "A:b", "A=b", "containers:\n", *YAML_PIECES), _variables),
    Parser("text in a message", texts("<script>", "</script>", "<!doctype html>", "<", ">", *HOSTILE), _shown),
    Parser("time zone", texts("UTC", "+", "-", "8", ":", "00", "Asia/Shanghai", "GMT", "/", "..", "٨"), lambda text: auth.parse_timezone(
        text, "server_timezone")),
    Parser("`no_proxy`", texts("10.0.0.0/8", ",", "*", ".", ":", "[", "]", "::1", "8080", "/", "mn.example", "%", "٨"), lambda text: [
        proxies.is_excepted(host, 8080, text) for host in ("mn.example", "10.0.0.5", "fd00::5")]),
)


@dataclasses.dataclass
class Figures:
    """What a run took: the number of examples, and the worst of them in seconds and bytes."""

    examples: int = 0
    seconds: float = 0.0
    size: int = 0


def measure(parser: Parser, count: int, number: int) -> Figures:
    """Read many examples, and measure each.

    :param number: the seed.
    """
    figures = Figures()

    @seed(number)
    @settings(max_examples=count, deadline=None, phases=PHASES, database=None, suppress_health_check=list(HealthCheck))
    @given(parser.cases)
    def play(case: Case) -> None:
        begun = time.process_time()
        parser.read(case)
        figures.seconds = max(figures.seconds, time.process_time() - begun)
        figures.examples += 1
        # Tracing makes every allocation slow, so it is not done for each example.
        if random.Random(figures.examples).random() < 0.1:
            tracemalloc.start()
            parser.read(case)
            figures.size = max(figures.size, tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()

    play()
    return figures


def table(results: t.Mapping[str, Figures]) -> str:
    """Return the figures as a table of Markdown."""
    lines = ["| Input | Examples | Slowest (s) | Most memory (MB) |", "|---|---:|---:|---:|"]
    lines.extend("| %s | %d | %.2f | %.1f |" % (name, found.examples, found.seconds, found.size / 2 ** 20) for name, found in results.items())
    return "\n".join(lines)


def main() -> int:
    """Measure all readers; return 0, or raise for an input that one of them cannot handle."""
    parser = argparse.ArgumentParser(prog="faults.parsers", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="examples of each reader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=pathlib.Path, help="page to write the table to")
    parser.add_argument("--only", default="", help="part of the name of a reader")
    chosen = parser.parse_args()
    logging.disable(logging.ERROR)
    results = {}
    for reader in PARSERS:
        if chosen.only in reader.name:
            results[reader.name] = measure(reader, chosen.count, chosen.seed)
            print(table({reader.name: results[reader.name]}).splitlines()[-1], flush=True)
    if chosen.page:
        text = chosen.page.read_text(encoding="utf-8")
        written = "%s\n\n%s\n\n%s" % (BEGIN, table(results), END)
        chosen.page.write_text(re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _found: written, text, flags=re.S), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
