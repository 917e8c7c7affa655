# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hostile text in tasks, hostile values in answers: each run succeeds or fails with an error of the collection, in bounded time, and nothing is lost."""

from __future__ import annotations

import json
import random

import pytest

pytest.importorskip("aiohttp", reason="the simulator needs it")

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.zstack.aios.plugins.module_utils._catalog.kinds import KINDS as TABLES
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.checks import option_errors
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import server_date
from ansible_collections.zstack.aios.plugins.module_utils._resources.fields import NameSet, Text
from ansible_collections.zstack.aios.plugins.module_utils._resources.user_proxy_config import USER_PROXY_CONFIG
from faults.kinds import A, KINDS, SEED, differences
from faults.network import Network
from faults.tasks import SPECS, run_task
from simulator.exchange import Answer

PIECES = (
    "'", '"', "\\", "`", "$(id)", "{{ 7*7 }}", "{% raw %}", "!=", ">=", "~=", "?=", "is null", " or 1=1", "%", "_", ",", ";", "\n", "\r\n", "\t",
    "\0", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u202e", "\u200f", "\ufeff", "\u00a0", "模型", "मॉडल", "نموذج", "é", "\u0065\u0301", "\U0001f600",
    "\U0001f468\u200d\U0001f4bb", "\ud800", "<script>", "&amp;", "../..", "a", "Z", "0", " ", "null", "true", "- x", "a: 1", "*x", "&x",
    "!!python/object:os.system", "[", "{",
)
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
FIELDS = {"model": ("name", "vendor"), "dataset": ("name", "description"), "model_service": ("yaml", "start_command"), "clone": ("name", "description")}


def ends_clearly(outcome):
    """Check that the run succeeded or failed with an error that names a reason."""
    assert outcome.ended in ("ok", "failed"), outcome.message
    if outcome.ended == "failed":
        assert len(outcome.message) > 20 and outcome.result["error"] and "defect" not in outcome.message
    assert len(outcome.records) < 200 and outcome.seconds < 300
    json.dumps(outcome.result).encode("utf-8", "surrogatepass")


@settings(max_examples=30)
@given(st.sampled_from(sorted(FIELDS)), TEXTS, TEXTS)
def test_any_text_is_stored_as_it_is_or_refused(name, one, two):
    kind = KINDS[name]
    first, second = FIELDS[name]
    task = {**kind.task(A), first: one, second: two}
    network = Network()
    with network.serving(SEED):
        before = network.world.store.count(kind.rows)
        outcome = run_task(network, 1, kind.module, task)
        ends_clearly(outcome)
        created = network.world.store.count(kind.rows) - before
        assert created == (1 if outcome.executed else 0)
        again = run_task(network, 2, kind.module, task)
        ends_clearly(again)
        assert (again.ok, again.changed) == (outcome.ok, False), again.message
        assert network.world.store.count(kind.rows) - before == created
        assert network.world.sessions.live_count() == 0


@pytest.mark.parametrize("size", [2 ** 20, 10 * 2 ** 20])
def test_a_text_of_megabytes_is_refused_before_the_first_request(size):
    network = Network()
    with network.serving(SEED):
        for option in ("name", "vendor", "install_path"):
            outcome = run_task(network, 1, "zstack_ai_model", {**KINDS["model"].task(A), option: "x" * size})
            ends_clearly(outcome)
            assert option in outcome.message and len(outcome.message) < 2000 and not outcome.records


def table_of(kind):
    return TABLES[kind.catalog] if kind.catalog else USER_PROXY_CONFIG


def text_options(kind):
    """Return the options of a kind that take any text, from its table."""
    return [field for field in table_of(kind).fields if not field.choices and not field.ref and isinstance(field.type, (Text, NameSet))]


def given_as(field, text):
    """Return the value of an option with that text."""
    return [text] if field.many else text


NASTY = "".join(piece for piece in PIECES if piece not in ("\ud800", "\0")) + "x"


@pytest.mark.parametrize("name", sorted(KINDS))
def test_hostile_text_in_every_text_option_is_stored_as_it_is_or_refused(name):
    kind = KINDS[name]
    network = Network()
    with network.serving(SEED):
        for number, field in enumerate(text_options(kind), 1):
            text = NASTY[:field.limit or len(NASTY)]
            task = {**kind.task(A), kind.key[0]: "object %d" % number, field.option: given_as(field, text)}
            outcome, again = (run_task(network, 2 * number + more, kind.module, task) for more in (0, 1))
            for one in (outcome, again):
                ends_clearly(one)
                assert "\x1b" not in json.dumps(one.result.get("msg", "")) and "\u202e" not in one.message
            assert (again.ok, again.changed) == (outcome.ok, False), (field.option, again.message)
            # What is no uuid does not become part of an address.
            assert not any(record.target.startswith("/zstack/v1/tags/%27") for record in outcome.records)
        assert network.world.sessions.live_count() == 0


@pytest.mark.parametrize("name", sorted(KINDS))
def test_ten_megabytes_in_any_text_option_are_refused_by_its_limit(name):
    kind = KINDS[name]
    large = "x" * (10 * 2 ** 20)
    for field in text_options(kind):
        options = {**dict.fromkeys(SPECS[kind.module].options), **kind.task(A), field.option: given_as(field, large)}
        found = [error.message for error in option_errors(table_of(kind), options, False) if error.message.startswith(field.option + ": ")]
        of_the_limit = [text for text in found if "characters, and the API takes at most %s" % field.limit in text]
        assert bool(of_the_limit) == (field.limit is not None), field.option
        assert all(text in of_the_limit or "is not a uuid" in text for text in found) and all(len(text) < 2000 for text in found), found


WRONG = (None, True, False, 0, -1, 2 ** 63, 1.5, "", "x", "\0", "null", [], [None], [[]], {}, {"uuid": 7}, {"error": {}}, "Nov 99, 2025 1:00:00 AM",
         [{"uuid": "a" * 32}])


def garbled(random_, value):
    """Return the value with one part of another type."""
    places = []

    def collect(item):
        entries = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
        for key, inner in entries:
            places.append((item, key))
            collect(inner)

    collect(value)
    if not places:
        return random_.choice(WRONG)
    holder, key = random_.choice(places)
    if isinstance(holder, dict) and random_.random() < 0.3:
        del holder[key]
    else:
        holder[key] = random_.choice(WRONG)
    return value


class Garbling(Network):
    """A network in which one answer has a value of another type somewhere.

    :param number: the request.
    """

    def __init__(self, random_, number):
        super().__init__()
        self.random = random_
        self.number = number

    def exchange(self, run, method, target, headers, body, seconds):
        answer, cut = super().exchange(run, method, target, headers, body, seconds)
        if run == 1 and self.counts[run] == self.number and answer is not None:
            try:
                value = json.loads(answer.body)
            except ValueError:
                return answer, cut
            answer = Answer(answer.status, json.dumps(garbled(self.random, value)))
        return answer, cut


@settings(max_examples=40)
@given(st.sampled_from(sorted(KINDS)), st.integers(1, 14), st.integers(0, 10 ** 6))
def test_an_answer_of_another_form_leads_to_a_result_or_an_error_of_ours(name, number, seed):
    kind = KINDS[name]
    network = Garbling(random.Random(seed), number)
    with network.serving(SEED):
        ends_clearly(run_task(network, 1, kind.module, kind.task(A)))
        network.sleep(100)
        following = run_task(network, 2, kind.module, kind.task(A))
        assert following.ok and differences(network.world, kind, A) == [], following.message


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@given(st.datetimes().map(lambda date: date.replace(microsecond=0)), st.sampled_from(("", ",")), st.sampled_from((" ", "\u202f", "\u00a0")))
def test_every_date_of_every_java_is_read(date, comma, blank):
    text = "%s %d, %d%s %d:%02d:%02d%s%s" % (
        MONTHS[date.month - 1], date.day, date.year, comma, date.hour % 12 or 12, date.minute, date.second, blank, "AM" if date.hour < 12 else "PM")
    found = server_date(text)
    assert found == date if date.year >= 1000 and blank != "\u00a0" else found in (date, None)


@given(st.one_of(st.text(), st.lists(st.sampled_from(("Nov", "25", ",", " ", "2025", ":", "1", "AM", "PM", "\u202f", "99", "0")), max_size=14).map("".join)))
def test_any_text_is_a_date_or_none(text):
    found = server_date(text)
    assert found is None or 1 <= found.year <= 9999
