# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access-key signatures (REST page, 2.4)."""
from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from .errors import RestError
from .options import Config
from .store import Store

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CLASSIC = re.compile(r"^(\w{3}), (\d{2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) (\S+)$")
RFC1123 = re.compile(r"^(\w{3}), (\d{1,2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) (\S+)$")
ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$")
# Zone names as Java reads them; PRC and the region ids come from the zone database, with a fallback where it is missing.
ABBREVIATIONS = {"GMT": 0, "UTC": 0, "UT": 0, "Z": 0, "CST": -6, "EST": -5, "MST": -7, "PST": -8, "CET": 1, "EET": 2, "MSK": 3, "JST": 9,
                 "KST": 9, "HKT": 8, "SGT": 8, "IST": 5.5}
FALLBACK_REGIONS = {"PRC": 8, "Asia/Shanghai": 8}
OFFSET = re.compile(r"^(?:GMT|UTC)?([+-]\d{2}):(\d{2})$")
LOOSE_OFFSET = re.compile(r"^([+-]\d{2})(\d{2})?$")


def signature(secret: str, method: str, date: str, uri: str) -> str:
    """Return Base64(HMAC-SHA1(secret, METHOD \\n date \\n uri)).

    :param uri: decoded path without context path and without query string.
    """
    message = f"{method}\n{date}\n{uri}".encode()
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha1).digest()).decode()


@lru_cache(maxsize=1)
def regions() -> frozenset[str]:
    """Return the names of the zone database."""
    return frozenset(available_timezones())


def zone_of(token: str, loose: bool) -> tzinfo | None:
    """Return the zone of a token, or None when the server cannot read it; `loose` adds +0800 and +08."""
    if token in ABBREVIATIONS:
        return timezone(timedelta(hours=ABBREVIATIONS[token]))
    matched = OFFSET.match(token) or (LOOSE_OFFSET.match(token) if loose else None)
    if matched:
        hours, minutes = int(matched.group(1)), int(matched.group(2) or 0)
        return timezone(timedelta(hours=hours, minutes=-minutes if token.startswith("-") else minutes))
    if token in regions() and (("/" in token) or token.isupper()):
        return ZoneInfo(token)
    return timezone(timedelta(hours=FALLBACK_REGIONS[token])) if token in FALLBACK_REGIONS else None


def parse_date(text: str, dialect: str) -> datetime | None:
    """Return the moment of a Date header with its zone, or None when the dialect does not accept the text."""
    loose = dialect == "diagnostic"
    matched = (RFC1123 if loose else CLASSIC).match(text)
    try:
        if matched:
            day, number, month, year, *clock, token = matched.groups()
            zone = zone_of(token, loose)
            if zone is None or month not in MONTHS:
                return None
            moment = datetime(int(year), MONTHS.index(month) + 1, int(number), *(int(part) for part in clock), tzinfo=zone)
            return moment if DAYS[moment.weekday()] == day else None
        matched = ISO.match(text) if loose else None
        if matched:
            zone = zone_of(matched.group(7), loose)
            return datetime(*(int(part) for part in matched.groups()[:6]), tzinfo=zone)
    except ValueError:
        return None
    return None


class AccessKeys:
    """Checks signed requests, in the order of the page: module, Date, form, key, signature."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store = store
        self.config = config

    def account_of(self, authorization: str, date: str | None, method: str, uri: str, now: datetime) -> str:
        """Return the uuid of the account of a signed request; raise RestError.

        :param now: the server's time with its zone.
        """
        if not self.config.access_key_module:
            raise RestError(500, "RestAuthenticationType type: ZStack was not registered by any RestAuthenticationBackend")
        self.check_date(date, now)
        parts = authorization[len("ZStack"):].strip().split(":")
        if len(parts) != 2 or not all(parts):
            raise RestError(400, "accessKey format is 'ZStack AccessKeyId:Signature'")
        key_id, given = parts
        row = next((item for item in self.store.find("access_keys", "AccessKeyID", key_id) if item["AccessKeyID"] == key_id), None)
        if row is None or row.get("state") != "Enabled":
            raise RestError(403, f"access key id: {key_id} does not existed or disabled")
        if not hmac.compare_digest(signature(row["AccessKeySecret"], method, date, uri), given):
            raise RestError(403, "wrong accessKey signature")
        return row["accountUuid"]

    def check_date(self, date: str | None, now: datetime) -> None:
        """Check presence, form and distance of the Date header; the zone is compared only if checkTimeZone is on."""
        if not date:
            raise RestError(400, "'Date' must be incuded in request header")
        moment = parse_date(date, self.config.dialect)
        if moment is None:
            raise RestError(400, f"'Date' format error: {date}, it must be like 'EEE, dd MMM yyyy HH:mm:ss z'")
        distance = moment - now if self.config.check_timezone else moment.replace(tzinfo=None) - now.replace(tzinfo=None)
        if abs(distance.total_seconds()) > self.config.date_window_s:
            raise RestError(403, "requestTimeTooSkewed")
