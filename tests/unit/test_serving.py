# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wait for an endpoint: every instance has to answer, and a group that fails ends the wait."""

from __future__ import annotations

import typing as t
from unittest import mock

import pytest

from ansible_collections.zstack.aios.plugins.module_utils._pipeline import serving as _serving
from ansible_collections.zstack.aios.plugins.module_utils._pipeline.serving import addresses, ask, wait_until_served
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import NotReadyError, UnreachableError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.probe import Probe

READY, STARTING = Probe(True, "/readyz", ("GET /readyz: HTTP 200",)), Probe(False, "/readyz", ("GET /readyz: HTTP 503 (starting)",))


def group(status: str = "Running", *instances: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a group with instances; by default one."""
    rows = instances or ({"uuid": "i1", "url": "http://a", "nodeRank": 0, "status": status},)
    return {"uuid": "g1", "name": "chat", "status": status, "instances": list(rows)}


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch, clock: t.Any) -> t.Iterator[mock.Mock]:
    """A client, and the answers of the endpoints by URL: each list is used up to its last entry."""
    client = mock.Mock()
    client.answers = {"http://a": [READY]}
    client.get.return_value = group()

    def probe(connection: t.Any, url: str, path: str | None) -> Probe:
        client.asked.append((url, path))
        answers = client.answers[url]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    client.asked = []
    monkeypatch.setattr(_serving, "probe", probe)
    monkeypatch.setattr(_serving, "time", clock)
    yield client


def test_an_endpoint_that_answers_at_once_needs_no_other_request(platform: mock.Mock) -> None:
    served = wait_until_served(platform, group(), "/health", 600)
    assert (served.url, platform.asked, platform.get.called) == ("http://a", [("http://a", "/health")], False)


def test_it_waits_until_the_endpoint_is_ready(platform: mock.Mock, clock: t.Any) -> None:
    platform.answers["http://a"] = [STARTING, STARTING, STARTING, READY]
    assert wait_until_served(platform, group(), None, 600).ready
    assert len(platform.asked) == 4 and clock.slept == sorted(clock.slept)


def test_every_instance_has_to_be_ready_and_the_first_is_the_address(platform: mock.Mock) -> None:
    two = group("Running", {"uuid": "i2", "url": "http://b", "nodeRank": 1}, {"uuid": "i1", "url": "http://a", "nodeRank": 0}, {"uuid": "i3", "nodeRank": 2})
    platform.answers["http://b"] = [STARTING, READY]
    platform.get.return_value = two
    served = wait_until_served(platform, two, None, 600)
    assert (served.url, [url for url, _unused in platform.asked]) == ("http://a", ["http://a", "http://b"] * 2)
    assert addresses({"instances": None}) == [] and not ask(platform, {"instances": []}, None).ready


def test_the_url_may_come_late(platform: mock.Mock) -> None:
    assert wait_until_served(platform, group("Running", {"uuid": "i1", "status": "Running"}), None, 600).url == "http://a"


def test_a_group_that_fails_ends_the_wait(platform: mock.Mock, clock: t.Any) -> None:
    platform.answers["http://a"] = [STARTING]
    platform.get.side_effect = [group(), UnreachableError("no route"), group("Failed")]
    with pytest.raises(NotReadyError, match="has failed: status Failed"):
        wait_until_served(platform, group(), None, 600)
    assert sum(clock.slept) < 5


def test_a_group_that_is_gone_ends_the_wait(platform: mock.Mock) -> None:
    platform.answers["http://a"] = [STARTING]
    platform.get.return_value = None
    with pytest.raises(NotReadyError, match="was deleted while the task waited"):
        wait_until_served(platform, group(), None, 600)


@pytest.mark.parametrize("seconds", [0, 7])
def test_when_the_time_is_over_the_error_says_what_was_answered(platform: mock.Mock, clock: t.Any, seconds: int) -> None:
    platform.answers["http://a"] = [STARTING]
    with pytest.raises(NotReadyError, match=r"not ready after %d seconds \(ready_timeout\). http://a: GET /readyz: HTTP 503 \(starting\)\." % seconds):
        wait_until_served(platform, group(), None, seconds)
    assert sum(clock.slept) == pytest.approx(seconds)
    platform.get.return_value = group("Running", {"uuid": "i1"})
    with pytest.raises(NotReadyError, match="no instance has a URL"):
        wait_until_served(platform, group("Running", {"uuid": "i1"}), None, seconds)
