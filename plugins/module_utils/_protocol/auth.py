# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The ways to sign in. They make headers; they send nothing."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import re
import typing as t
import urllib.parse

from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")


def hash_password(password: str) -> str:
    """The form in which a password travels: lower-case hex SHA-512 (REST protocol page, 2.1)."""
    try:
        # What the environment holds in another character set comes as surrogates, and goes out as the same bytes.
        data = password.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise OptionError("account_password: it has a character that cannot be sent.") from error
    return hashlib.sha512(data).hexdigest()


def login_body(account_name: str, account_password: str) -> dict[str, t.Any]:
    """The body of ``PUT /v1/accounts/login``. Only this wrapper key works (REST protocol page, 2.1)."""
    return {"logInByAccount": {"accountName": account_name, "password": hash_password(account_password)}}


def session_header(session_uuid: str) -> dict[str, str]:
    """The header of a signed-in call (REST protocol page, 2.2)."""
    return {"Authorization": "OAuth " + session_uuid}


def wall_clock(moment: datetime.datetime) -> str:
    """The Date header of an access-key call.

    The server drops the zone and compares the text with its own local time, unless rest/checkTimeZone is set
    (REST protocol page, 2.4). So the text carries the server's local time and the token GMT, which every version parses.
    Not `strftime`: the names must be English whatever the locale is.
    """
    return "%s, %02d %s %04d %02d:%02d:%02d GMT" % (
        _DAYS[moment.weekday()], moment.day, _MONTHS[moment.month - 1], moment.year, moment.hour, moment.minute, moment.second)


def signature(secret: str, method: str, date: str, path: str) -> str:
    """Base64 of HMAC-SHA1 over method, date and decoded path without context and query (REST protocol page, 2.4)."""
    text = "\n".join((method, date, urllib.parse.unquote(path)))
    return base64.b64encode(hmac.new(secret.encode("utf-8"), text.encode("utf-8"), hashlib.sha1).digest()).decode("ascii")


def parse_timezone(text: str) -> datetime.tzinfo:
    """A time zone from ``+08:00``, ``UTC`` or an IANA name such as ``Asia/Shanghai``.

    :raises OptionError: for any other text.
    """
    found = _OFFSET.fullmatch(text)
    if found:
        minutes = int(found.group(2)) * 60 + int(found.group(3))
        if minutes < 24 * 60 and int(found.group(3)) < 60:
            return datetime.timezone(datetime.timedelta(minutes=-minutes if found.group(1) == "-" else minutes))
    if text in ("UTC", "GMT", "Z"):
        return datetime.timezone.utc
    try:
        import zoneinfo

        return zoneinfo.ZoneInfo(text)
    except (ImportError, ValueError, OSError, KeyError) as error:
        raise OptionError(
            "server_timezone: %r is not a time zone known here. Give an offset such as +08:00, or an IANA name such as Asia/Shanghai." % text
        ) from error


class AccessKey:
    """Signs each call with an access key (REST protocol page, 2.4).

    :param key_id: the AccessKeyID.
    :param secret: the AccessKeySecret.
    :param timezone: the zone of the server's wall clock.
    :param now: returns the current moment as an aware datetime; for tests.
    """

    def __init__(self, key_id: str, secret: str, timezone: datetime.tzinfo, now: t.Callable[[], datetime.datetime] | None = None) -> None:
        self._key_id = key_id
        self._secret = secret
        self._timezone = timezone
        self._now = now or (lambda: datetime.datetime.now(datetime.timezone.utc))

    def headers(self, method: str, path: str) -> dict[str, str]:
        """The headers Date and Authorization for one request to ``path`` (from ``/v1`` on)."""
        date = wall_clock(self._now().astimezone(self._timezone))
        return {"Date": date, "Authorization": "ZStack %s:%s" % (self._key_id, signature(self._secret, method, date, path))}
