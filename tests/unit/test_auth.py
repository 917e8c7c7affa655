# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to sign in: the vectors of the protocol page (2.1 and 2.4)."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import locale
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zstack.aios.plugins.module_utils._protocol import auth as _auth
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError

SECRET = "s3cr3tKeyForTestVectors0123456789abcdefG"
DATE = "Wed, 05 Mar 2025 09:08:07 GMT"
U1 = "0f1e2d3c4b5a49788695a4b3c2d1e0f1"
PAGE_SECRET = "XAlrsYvswmnEV3X1KWNs1WfZHD6aBIIphmI0rX9S"
PAGE_DATE = "Thu, 06 Sep 2018 13:54:10 PRC"
UTC = datetime.timezone.utc
# A zone of the tz database, where the machine has one.
SHANGHAI = "Asia/Shanghai"
HAS_ZONES = SHANGHAI in zoneinfo.available_timezones()


def test_the_password_travels_as_sha512():
    assert _auth.hash_password("password") == (
        "b109f3bbbc244eb82441917ed06d618b9008dd09b3befd1b5e07394c706a8bb980b1d7785e5976ec049b46df5f1326af5a2ea6d103fd07c95385ffab0cacbc86")
    assert _auth.hash_password("пароль模型") == hashlib.sha512("пароль模型".encode()).hexdigest()


def test_the_header_of_a_session():
    assert _auth.session_header(U1) == {"Authorization": "OAuth " + U1}


@pytest.mark.parametrize("method, path, date, expected", [
    ("GET", "/v1/zones", DATE, "TEtRp/8SHA9iV0YQb7PaQXwOaXI="),
    ("GET", "/v1/vm-instances/" + U1, DATE, "urUNd0VJQaxgITf6h3ZWcHY0Yic="),
    ("POST", "/v1/zones", DATE, "OWWBR79eD2Wt9hhd8MhL6p15KBY="),
    ("PUT", "/v1/zones/%s/actions" % U1, DATE, "qAgmylq+qd6Abs5BnqE+bTZCEm4="),
    ("DELETE", "/v1/zones/" + U1, DATE, "Y9kuLJ4pUPR523FVj0yStsii7a8="),
    ("GET", "/v1/zones", "Wed, 05 Mar 2025 09:08:07 Asia/Shanghai", "38sxSkKHt5dOIxaRUfuJgLQa8gc="),
    ("GET", "/v1/zones", "2025-03-05T09:08:07+08:00", "Ze03Jk8NxphXztZ36MuQDU12m1A="),
])
def test_signatures_of_the_page(method, path, date, expected):
    assert _auth.signature(SECRET, method, date, path) == expected


@pytest.mark.parametrize("path, expected", [("/v1/zones", "IIZ67hvUq2MoKq/1/+0Q9S/d8ZA="), ("/v1/vm-instances", "HiGQYYbpOokJrEqojpkqP4qNd7E=")])
def test_signatures_of_the_published_example(path, expected):
    assert _auth.signature(PAGE_SECRET, "GET", PAGE_DATE, path) == expected


@pytest.mark.parametrize("rejected", ["dNK/8mhtFYAfGvLnyrAeP9eSCDs=", "RmCz7xYeVNbSF4F/2b2w+D75Ciw="])
def test_neither_context_nor_query_is_signed(rejected):
    key = _auth.AccessKey("AKIDEXAMPLE000000001", SECRET, UTC, lambda: datetime.datetime(2025, 3, 5, 9, 8, 7, tzinfo=UTC))
    headers = key.headers("GET", "/v1/zones")
    assert headers == {"Date": DATE, "Authorization": "ZStack AKIDEXAMPLE000000001:TEtRp/8SHA9iV0YQb7PaQXwOaXI="}
    assert rejected not in headers["Authorization"]
    # The vectors themselves: what would come out if they were signed.
    wrong = {"dNK/8mhtFYAfGvLnyrAeP9eSCDs=": "/zstack/v1/zones", "RmCz7xYeVNbSF4F/2b2w+D75Ciw=": "/v1/zones?limit=1"}[rejected]
    assert _auth.signature(SECRET, "GET", DATE, wrong) == rejected


def test_the_decoded_path_is_signed():
    assert _auth.signature(SECRET, "GET", DATE, "/v1/a%20b%2Fc") == _auth.signature(SECRET, "GET", DATE, "/v1/a b/c")
    plain = hmac.new(SECRET.encode(), ("GET\n%s\n/v1/模 型" % DATE).encode("utf-8"), hashlib.sha1).digest()
    assert _auth.signature(SECRET, "GET", DATE, "/v1/%E6%A8%A1%20%E5%9E%8B") == base64.b64encode(plain).decode()


@given(st.datetimes(datetime.datetime(1970, 1, 1), datetime.datetime(9999, 12, 31)))
def test_the_wall_clock_is_the_text_of_rfc_1123(moment):
    text = _auth.wall_clock(moment)
    assert len(text) == 29 and text.endswith(" GMT")
    # English names whatever the locale is: read back with tables of our own.
    day_name, day, month, year, time, zone = text.replace(",", "").split(" ")
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    hour, minute, second = (int(part) for part in time.split(":"))
    assert datetime.datetime(int(year), months.index(month) + 1, int(day), hour, minute, second) == moment.replace(microsecond=0)
    assert day_name == "Mon Tue Wed Thu Fri Sat Sun".split()[moment.isoweekday() - 1]
    assert (len(day), len(time), zone) == (2, 8, "GMT")


def test_the_wall_clock_knows_no_locale(monkeypatch):
    """The names of the C library's locale are not asked for: `strftime` would."""
    class Moment(datetime.datetime):
        def strftime(self, *args):
            raise AssertionError("the locale decides what this gives")

    assert _auth.wall_clock(Moment(2025, 3, 5, 9, 8, 7)) == DATE
    before = locale.setlocale(locale.LC_TIME)
    for name in ("de_DE.UTF-8", "zh_CN.UTF-8", "ja_JP.UTF-8", "fr_FR.UTF-8"):
        try:
            locale.setlocale(locale.LC_TIME, name)
        except locale.Error:
            continue
        try:
            assert _auth.wall_clock(datetime.datetime(2025, 3, 5, 9, 8, 7)) == DATE
        finally:
            locale.setlocale(locale.LC_TIME, before)


@pytest.mark.parametrize("text, minutes", [
    ("+08:00", 480), ("-03:30", -210), ("+00:00", 0), ("-00:00", 0), ("+14:00", 840), ("-12:00", -720), ("UTC", 0), ("GMT", 0), ("Z", 0),
    ("+23:59", 1439), ("+8:00", 480), ("+0800", 480), ("+8", 480), ("-5", -300), ("+08", 480), ("UTC+8", 480), ("utc-03:30", -210),
    ("GMT+8", 480),
    ("UTC+0530", 330), ("utc", 0), ("+08:00 ", 480),
])
def test_time_zones_by_offset(text, minutes):
    assert _auth.parse_timezone(text).utcoffset(datetime.datetime(2025, 1, 1)) == datetime.timedelta(minutes=minutes)


@pytest.mark.skipif(not HAS_ZONES, reason="this machine has no tz database")
@pytest.mark.parametrize("text, month, minutes",
                         [(SHANGHAI, 1, 480), ("Europe/Berlin", 1, 60), ("Europe/Berlin", 7, 120), ("America/New_York", 1, -300)])
def test_time_zones_by_name(text, month, minutes):
    assert _auth.parse_timezone(text).utcoffset(datetime.datetime(2025, month, 1)) == datetime.timedelta(minutes=minutes)


@pytest.mark.parametrize("text", [
    "", " ", "08:00", "+24:00", "+99:99", "+08:60", "+08:0", "+08000", "UTC8", "UTC+", "+800", "+٠٨", "Mars/Olympus", "../../etc/passwd", "/etc/localtime",
    "Asia",
    "a\0b", "模型", "x" * 5000, "Asia.Shanghai", "a." * 20000, "Asia/" * 20000, "9" * 20000,
])
def test_other_time_zones_are_refused(text):
    with pytest.raises(OptionError, match=r"^server_timezone: .* is not a time zone known here\. Give an offset such as \+08:00"):
        _auth.parse_timezone(text)


@pytest.mark.parametrize("text", ["480", "-330", "28800"])
def test_an_offset_without_quotes_is_recognised(text):
    with pytest.raises(OptionError, match=r"^server_timezone: %s is a number. YAML reads an offset without quotes .* such as '\+08:00'" % text):
        _auth.parse_timezone(text)


@pytest.mark.parametrize("text, name", [("asia/shangai", "Asia/Shanghai"), ("Europe/Berln", "Europe/Berlin")])
def test_a_similar_time_zone_is_suggested(text, name, monkeypatch):
    monkeypatch.setattr(_auth.zoneinfo, "available_timezones", lambda: {"Asia/Shanghai", "Europe/Berlin", "UTC"})
    with pytest.raises(OptionError, match="Did you mean %s\\?$" % name):
        _auth.parse_timezone(text)


def test_a_machine_without_a_time_zone_database(monkeypatch):
    def unknown(name):
        raise zoneinfo.ZoneInfoNotFoundError("No time zone found with key " + name)

    monkeypatch.setattr(_auth.zoneinfo, "available_timezones", set)
    monkeypatch.setattr(_auth.zoneinfo, "ZoneInfo", unknown)
    with pytest.raises(OptionError, match="^server_timezone: 'Asia/Shanghai' cannot be looked up, because there is no time zone database.*tzdata.*\\+08:00"):
        _auth.parse_timezone(SHANGHAI)
    assert _auth.parse_timezone("UTC+8").utcoffset(None) == datetime.timedelta(hours=8)


@pytest.mark.parametrize("zone, date", [
    (UTC, "Tue, 31 Dec 2024 20:00:00 GMT"),
    (datetime.timezone(datetime.timedelta(hours=8)), "Wed, 01 Jan 2025 04:00:00 GMT"),
    (datetime.timezone(datetime.timedelta(hours=-11, minutes=-30)), "Tue, 31 Dec 2024 08:30:00 GMT"),
])
def test_an_access_key_sends_the_wall_clock_of_the_server(zone, date):
    key = _auth.AccessKey("id", SECRET, zone, lambda: datetime.datetime(2024, 12, 31, 20, 0, 0, tzinfo=UTC))
    headers = key.headers("POST", "/v1/zones")
    assert headers == {"Date": date, "Authorization": "ZStack id:" + _auth.signature(SECRET, "POST", date, "/v1/zones")}


def test_an_access_key_uses_the_clock_of_the_machine():
    zone = datetime.timezone(datetime.timedelta(hours=8))
    before = datetime.datetime.now(zone).replace(microsecond=0)
    date = _auth.AccessKey("id", SECRET, zone).headers("GET", "/v1/zones")["Date"]
    after = datetime.datetime.now(zone)
    assert date in {_auth.wall_clock(before + datetime.timedelta(seconds=number)) for number in range(int((after - before).total_seconds()) + 1)}


def test_an_access_key_does_not_show_its_secret():
    key = _auth.AccessKey("id", SECRET, UTC)
    assert SECRET not in repr(key) and SECRET not in str(key)
