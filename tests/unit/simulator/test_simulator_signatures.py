# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access keys: the vectors of the protocol page, and the order of the checks."""
from __future__ import annotations

import time

import pytest
from simulator.accesskey import parse_date, signature
from simulator.testing import ACCESS_KEY

SECRET = "s3cr3tKeyForTestVectors0123456789abcdefG"
DATE = "Wed, 05 Mar 2025 09:08:07 GMT"
UUID = "0f1e2d3c4b5a49788695a4b3c2d1e0f1"
KEY_ID = ACCESS_KEY["access_key_id"]


@pytest.mark.parametrize("method, uri, date, expected", [
    ("GET", "/v1/zones", DATE, "TEtRp/8SHA9iV0YQb7PaQXwOaXI="),
    ("GET", f"/v1/vm-instances/{UUID}", DATE, "urUNd0VJQaxgITf6h3ZWcHY0Yic="),
    ("POST", "/v1/zones", DATE, "OWWBR79eD2Wt9hhd8MhL6p15KBY="),
    ("PUT", f"/v1/zones/{UUID}/actions", DATE, "qAgmylq+qd6Abs5BnqE+bTZCEm4="),
    ("DELETE", f"/v1/zones/{UUID}", DATE, "Y9kuLJ4pUPR523FVj0yStsii7a8="),
    ("GET", "/v1/zones", "Wed, 05 Mar 2025 09:08:07 Asia/Shanghai", "38sxSkKHt5dOIxaRUfuJgLQa8gc="),
    ("GET", "/v1/zones", "2025-03-05T09:08:07+08:00", "Ze03Jk8NxphXztZ36MuQDU12m1A="),
    ("GET", "/zstack/v1/zones", DATE, "dNK/8mhtFYAfGvLnyrAeP9eSCDs="),
    ("GET", "/v1/zones?limit=1", DATE, "RmCz7xYeVNbSF4F/2b2w+D75Ciw="),
])
def test_vectors(method, uri, date, expected):
    assert signature(SECRET, method, date, uri) == expected


def test_documented_key():
    secret, date = "XAlrsYvswmnEV3X1KWNs1WfZHD6aBIIphmI0rX9S", "Thu, 06 Sep 2018 13:54:10 PRC"
    assert signature(secret, "GET", date, "/v1/zones") == "IIZ67hvUq2MoKq/1/+0Q9S/d8ZA="
    assert signature(secret, "GET", date, "/v1/vm-instances") == "HiGQYYbpOokJrEqojpkqP4qNd7E="


@pytest.mark.parametrize("ending", ["GMT", "UTC", "Z", "PRC", "Asia/Shanghai", "GMT+08:00", "+08:00", "CST"])
def test_dates_of_both_dialects(ending):
    for dialect in ("classic", "diagnostic"):
        assert parse_date(f"Wed, 05 Mar 2025 09:08:07 {ending}", dialect)


@pytest.mark.parametrize("text", ["Wed, 05 Mar 2025 09:08:07 +0800", "Wed, 05 Mar 2025 09:08:07 +08", "Wed, 5 Mar 2025 09:08:07 GMT",
                                  "2025-03-05T09:08:07Z", "2025-03-05T09:08:07.123+08:00"])
def test_dates_of_the_newer_dialect_only(text):
    assert parse_date(text, "classic") is None
    assert parse_date(text, "diagnostic")


@pytest.mark.parametrize("text", ["Thu, 05 Mar 2025 09:08:07 GMT", "Wed, 05 Mar 2025 09:08:07", "2025-03-05T09:08:07+0800", "yesterday"])
def test_dates_of_no_dialect(text):
    assert parse_date(text, "classic") is None
    assert parse_date(text, "diagnostic") is None


def clock(offset_s: float = 0.0, ending: str = "GMT") -> str:
    """Return a Date header for a moment of the UTC wall clock."""
    return time.strftime("%a, %d %b %Y %H:%M:%S ", time.gmtime(time.time() + offset_s)) + ending


def signed(client, path, date, uri=None, secret=SECRET, key_id=KEY_ID, form="ZStack {}:{}"):
    """Send a signed query."""
    authorization = form.format(key_id, signature(secret, "GET", date, uri or path))
    return client.raw("GET", path + "?limit=1", headers={"Date": date, "Authorization": authorization})


def test_signed_request_without_context_path_and_query(client):
    answer = signed(client, "/v1/zones", clock())
    assert answer.status == 200
    assert [zone["name"] for zone in answer.json["inventories"]] == ["zone-1"]


@pytest.mark.parametrize("uri", ["/zstack/v1/zones", "/v1/zones?limit=1"])
def test_wrong_uri_is_refused(client, uri):
    answer = signed(client, "/v1/zones", clock(), uri)
    assert (answer.status, answer.text) == (403, "wrong accessKey signature")


def test_wall_clock_is_compared_without_zone(client, sim):
    sim.configure(timezone="+08:00")
    assert signed(client, "/v1/zones", clock()).text == "requestTimeTooSkewed"
    assert signed(client, "/v1/zones", clock(8 * 3600)).status == 200
    assert signed(client, "/v1/zones", clock(8 * 3600 + 1000)).status == 403
    sim.configure(check_timezone=True)
    assert signed(client, "/v1/zones", clock()).status == 200
    assert signed(client, "/v1/zones", clock(8 * 3600)).text == "requestTimeTooSkewed"


def test_order_of_checks(client, sim):
    bad = {"key_id": "unknown", "secret": "wrong"}
    missing = client.raw("GET", "/v1/zones", headers={"Authorization": "ZStack a:b:c"})
    assert (missing.status, missing.text) == (400, "'Date' must be incuded in request header")
    assert signed(client, "/v1/zones", "nonsense", form="ZStack {}{}", **bad).status == 400
    assert signed(client, "/v1/zones", clock(4000), form="ZStack {}{}", **bad).text == "requestTimeTooSkewed"
    assert "accessKey format" in signed(client, "/v1/zones", clock(), form="ZStack {}{}", **bad).text
    assert signed(client, "/v1/zones", clock(), **bad).text == "access key id: unknown does not existed or disabled"
    assert signed(client, "/v1/zones", clock(), secret="wrong").text == "wrong accessKey signature"
    sim.configure(access_key_module=False)
    assert signed(client, "/v1/zones", "nonsense", **bad).status == 500


def test_life_of_a_key(client, ids):
    body = {"params": {"accountUuid": "36c27e8ff05c4780bf6d2fa65700f22e"}}
    key = client.do("POST", "/v1/accesskeys", body).inventory
    assert (len(key["AccessKeyID"]), len(key["AccessKeySecret"]), key["state"]) == (20, 40, "Enabled")
    mine = {"key_id": key["AccessKeyID"], "secret": key["AccessKeySecret"]}
    assert signed(client, f"/v1/ai/models/{ids.model}", clock(), **mine).status == 200
    client.do("PUT", f"/v1/accesskeys/{key['uuid']}/actions", {"changeAccessKeyState": {"stateEvent": "disable"}})
    assert signed(client, "/v1/zones", clock(), **mine).status == 403
    client.do("DELETE", f"/v1/accesskeys/{key['uuid']}")
    assert client.get("/v1/accesskeys", f"uuid={key['uuid']}").json["inventories"] == []
