# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the lookup and the inventory read: what they report, and when they sign out."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import textwrap
import threading
import types

import pytest
from ansible.errors import AnsibleError
from simulator.testing import patience

pytest.importorskip("aiohttp", reason="the simulator needs it")

from ansible_collections.zstack.aios.plugins.module_utils._protocol.ending import SIGNALS
from ansible_collections.zstack.aios.plugins.plugin_utils import _reader
from ansible_collections.zstack.aios.plugins.plugin_utils._reader import Reader, check_names
from ansible_collections.zstack.aios.plugins.plugin_utils._sessions import REGISTER
from ansible_collections.zstack.aios.tests.unit.support.actions import Tasks
from ansible_collections.zstack.aios.tests.unit.support.local_server import answer, serving
from faults.kinds import SEED
from faults.network import Network
from faults.plugins import connection_of

SECRET = "zebra-crossing-9"
MODELS = "/v1/ai/models"


def reader(warnings=None, **options):
    display = types.SimpleNamespace(warning=[].append if warnings is None else warnings.append)
    return Reader({**connection_of(1, "password"), **options}.get, display)


@pytest.fixture(name="network")
def network_fixture(tmp_path):
    network = Network()
    with network.serving(SEED), Tasks(network, tmp_path).working():
        yield network


@pytest.mark.parametrize("options, shown", [
    ({"host": "http://admin:%s@mn/" % SECRET}, "host: 'http://********@mn/' is not a host name or address."),
    ({"host": SECRET + "/x"}, "host: '********/x' is not a host name or address."),
    ({"protocol": "https:" + SECRET}, "protocol: 'https:********' is not one of http, https."),
    ({"ca_path": "/nowhere/" + SECRET, "protocol": "https"}, "ca_path: there is no file or directory /nowhere/********"),
    ({"access_key_id": SECRET, "access_key_secret": "x"}, "are given together"),
])
def test_no_message_contains_a_secret(options, shown):
    """Nor does what ansible-core appends to a message."""
    with pytest.raises(AnsibleError) as caught:
        with reader(account_password=SECRET, **options).client() as (client, _unused):
            client.query(MODELS)
    assert shown in str(caught.value) and SECRET not in str(caught.value)


def test_a_reader_signs_out_and_leaves_the_signals_as_they_were(network):
    handlers, warnings = [signal.getsignal(number) for number in SIGNALS], []
    with reader(warnings).client() as (client, connection):
        assert client.query(MODELS) and connection.account_name == "admin"
        assert len(REGISTER._left()) == network.world.sessions.live_count() == 1
        assert [signal.getsignal(number) for number in SIGNALS] != handlers
    assert REGISTER._left() == [] and network.world.sessions.live_count() == 0
    assert [signal.getsignal(number) for number in SIGNALS] == handlers
    assert len(warnings) == 1 and warnings[0].startswith("account_password: its hash, which is enough to sign in, is sent to mn.example")


def test_another_thread_does_not_touch_the_signals(network):
    found = []

    def read():
        handlers = [signal.getsignal(number) for number in SIGNALS]
        with reader().client() as (client, _unused):
            found.append((len(client.query(MODELS)) > 0, [signal.getsignal(number) for number in SIGNALS] == handlers))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert found == [(True, True)] and network.world.sessions.live_count() == 0


def test_in_a_worker_the_client_is_that_of_its_tasks(network, monkeypatch):
    monkeypatch.setattr(_reader.multiprocessing, "parent_process", lambda: True)
    monkeypatch.setattr(_reader, "at_work", contextlib.nullcontext)
    clients = []
    for _time in range(2):
        with reader().client() as (client, _unused):
            clients.append(client)
            client.query(MODELS)
    assert clients[0] is clients[1] and network.world.sessions.live_count() == 1
    assert [record.call for record in network.records] == ["LogInByAccount", "QueryModel", "QueryModel"]


def test_a_signal_ends_the_reading_and_then_has_its_effect():
    code = """
        import os, signal, sys
        from ansible.errors import AnsibleError
        signal.signal(signal.SIGTERM, lambda number, frame: (print("at the end", flush=True), sys.exit(3)))
        from ansible_collections.zstack.aios.plugins.plugin_utils._reader import Reader
        options = {"host": "127.0.0.1", "port": int(sys.argv[1]), "account_name": "admin", "account_password": "p", "timeout": 30, "wait_timeout": 30,
                   "retries": 0}
        display = type("Display", (), {"warning": lambda self, text: None})()
        try:
            with Reader(options.get, display).client() as (client, connection):
                client.query("/v1/ai/models")
                os.kill(os.getpid(), signal.SIGTERM)
                print("continues")
                client.query("/v1/ai/models")
        except AnsibleError as error:
            print("not reached", error)
    """
    with serving(answer({"inventory": {"uuid": "5" * 32}}), answer({"inventories": []}), answer({})) as seen:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code), str(seen.port)], capture_output=True, encoding="utf-8", timeout=patience(30), check=False)
    assert (done.stdout, done.returncode) == ("continues\nat the end\n", 3), done.stderr
    assert [line.split()[0] for line in seen.requests] == ["PUT", "GET", "DELETE"]


def test_without_requests_the_message_names_the_library(monkeypatch):
    monkeypatch.setattr(_reader, "REQUESTS_TRACEBACK", "ImportError")
    with pytest.raises(AnsibleError, match=r"Failed to import the required Python library \(requests >= 2.25 with urllib3 >= 1.26\)"):
        with reader().client():
            pass


@pytest.mark.parametrize("name, message", [
    ("knid", "knid: there is no such option. Did you mean kind?"),
    ("zzz", "zzz: there is no such option. The options are host, kind."),
])
def test_an_option_that_does_not_exist(name, message):
    check_names(["kind"], ["kind", "host"])
    with pytest.raises(AnsibleError) as caught:
        check_names(["host", name], ["kind", "host"])
    assert str(caught.value) == message
