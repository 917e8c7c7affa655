# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The sign-in methods. They create headers and send nothing."""

from __future__ import annotations

import base64
import datetime
import difflib
import hashlib
import hmac
import re
import typing as t
import urllib.parse
import zoneinfo

from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import ACCOUNT, CLEAR_TEXT, IAM2, IAM2_LDAP, LDAP, USER, Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import quoted

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Not three digits: -330 may be -3:30, or the result of YAML for -5:30.
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(?:([0-9]{1,2})(?::([0-9]{2}))?|([0-9]{2})([0-9]{2}))", re.I)
_YAML_NUMBER = re.compile(r"-?[0-9]{1,9}")
# The database is searched, as files and as Python packages, for such a name only: Python looks up each part between dots of any other one.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{1,99}")


def hash_password(password: str) -> str:
    """Return the form in which a password is sent: lower-case hex SHA-512 (REST protocol page, 2.1)."""
    try:
        # Bytes of the environment in another character set are represented as surrogates, and sent as the same bytes.
        data = password.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise OptionError("account_password: it contains a character that cannot be sent.") from error
    return hashlib.sha512(data).hexdigest()


def _clear(password: str) -> str:
    """Return the password itself, for a directory."""
    try:
        password.encode("utf-8")
    except UnicodeEncodeError as error:
        raise OptionError("account_password: it contains a character that cannot be sent.") from error
    return password


class Login(t.NamedTuple):
    """One call that signs in.

    :param asked: its name in messages.
    """

    asked: str
    path: str
    body: dict[str, t.Any]


# Kind of identity to the path of its call, the only wrapper key that works, and the member with its name (REST protocol page, 2.1).
_LOGINS = {
    ACCOUNT: ("/v1/accounts/login", "logInByAccount", "accountName"),
    USER: ("/v1/accounts/users/login", "logInByUser", "accountName"),
    LDAP: ("/v1/ldap/login", "logInByLdap", "uid"),
    IAM2: ("/v1/iam2/virtual-ids/login", "loginIAM2VirtualID", "name"),
    IAM2_LDAP: ("/v1/iam2/login/virtual-ids/ldap", "loginIAM2VirtualIDWithLdap", "uid"),
}
_PROJECT_PATH = "/v1/iam2/projects/login"


def login(connection: Connection) -> Login:
    """Return the call that signs in with a name and a password.

    :raises OptionError: for a password that cannot be sent.
    """
    path, wrapper, member = _LOGINS[connection.login_type or ACCOUNT]
    name, password = str(connection.account_name), str(connection.account_password)
    inner: dict[str, t.Any] = {member: name}
    if connection.user_name:
        inner["userName"] = connection.user_name
        name = "%s of the account %s" % (connection.user_name, name)
    inner["password"] = _clear(password) if connection.login_type in CLEAR_TEXT else hash_password(password)
    body: dict[str, t.Any] = {wrapper: inner}
    if connection.two_factor_code:
        body["systemTags"] = ["twofatoken::" + connection.two_factor_code]
    return Login("Signing in as %s (PUT %s)" % (name, path), path, body)


def project_login(project: str) -> Login:
    """Return the call that exchanges the session of a virtual ID for one of a project."""
    return Login("Signing in to the project %s (PUT %s)" % (project, _PROJECT_PATH), _PROJECT_PATH, {"loginIAM2Project": {"projectName": project}})


def session_header(session_uuid: str) -> dict[str, str]:
    """Return the header of a signed-in call (REST protocol page, 2.2)."""
    return {"Authorization": "OAuth " + session_uuid}


def wall_clock(moment: datetime.datetime) -> str:
    """Return the Date header of an access-key call.

    The server ignores the zone and compares the text with its own local time, unless rest/checkTimeZone is set (REST protocol page, 2.4). So the text
    contains the local time of the server and the token GMT, which every version parses.
    Not `strftime`: the names must be English in every locale.
    """
    return "%s, %02d %s %04d %02d:%02d:%02d GMT" % (
        _DAYS[moment.weekday()], moment.day, _MONTHS[moment.month - 1], moment.year, moment.hour, moment.minute, moment.second)


def signature(secret: str, method: str, date: str, path: str) -> str:
    """Base64 of HMAC-SHA1 over method, date and decoded path without context and query (REST protocol page, 2.4)."""
    text = "\n".join((method, date, urllib.parse.unquote(path)))
    return base64.b64encode(hmac.new(secret.encode("utf-8"), text.encode("utf-8"), hashlib.sha1).digest()).decode("ascii")


def parse_timezone(text: str, name: str = "server_timezone") -> datetime.tzinfo:
    """Return the time zone of an offset such as ``+08:00``, ``+8:00``, ``+0800`` or ``UTC+8``, of ``UTC``, or of an IANA name.

    :param name: the option or variable with the text, for messages.
    :raises OptionError: for any other text.
    """
    text = text.strip()
    found = _OFFSET.fullmatch(text)
    if found:
        hours, minutes = int(found.group(2) or found.group(4)), int(found.group(3) or found.group(5) or 0)
        if hours < 24 and minutes < 60:
            offset = datetime.timedelta(hours=hours, minutes=minutes)
            return datetime.timezone(-offset if found.group(1) == "-" else offset)
    if text.upper() in ("UTC", "GMT", "Z"):
        return datetime.timezone.utc
    if not _NAME.fullmatch(text):
        raise OptionError("%s: %s" % (name, _timezone_problem(text)))
    try:
        return zoneinfo.ZoneInfo(text)
    except (ValueError, OSError, KeyError) as error:
        raise OptionError("%s: %s" % (name, _timezone_problem(text))) from error


def _timezone_problem(text: str) -> str:
    """Return why a text is not a time zone, and what to give."""
    if _YAML_NUMBER.fullmatch(text):
        return "%s is a number. YAML reads an offset without quotes as one (+8:00 as 480), so write it in quotes, such as '+08:00'." % text
    known = zoneinfo.available_timezones()
    if not known and _NAME.fullmatch(text):
        return ("%s cannot be looked up, because there is no time zone database where the task runs. Install the system package or the Python library "
                "tzdata, or give an offset such as +08:00." % quoted(text))
    folded = {name.lower(): name for name in known}
    near = [folded[name] for name in difflib.get_close_matches(text.lower(), folded, 3)] if len(text) < 64 else []
    return "%s is not a time zone known here. Give an offset such as +08:00, or an IANA name such as Asia/Shanghai.%s" % (
        quoted(text), " Did you mean %s?" % " or ".join(near) if near else "")


class AccessKey:
    """Signs each call with an access key (REST protocol page, 2.4).

    :param key_id: the AccessKeyID.
    :param secret: the AccessKeySecret.
    :param timezone: the time zone of the server's wall clock.
    :param now: returns the current time as an aware datetime; for tests.
    """

    def __init__(self, key_id: str, secret: str, timezone: datetime.tzinfo, now: t.Callable[[], datetime.datetime] | None = None) -> None:
        self._key_id = key_id
        self._secret = secret
        self._timezone = timezone
        self._now = now or (lambda: datetime.datetime.now(datetime.timezone.utc))

    def headers(self, method: str, path: str) -> dict[str, str]:
        """Return the headers Date and Authorization for one request to ``path`` (from ``/v1`` on)."""
        date = wall_clock(self._now().astimezone(self._timezone))
        return {"Date": date, "Authorization": "ZStack %s:%s" % (self._key_id, signature(self._secret, method, date, path))}
