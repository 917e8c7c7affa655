# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The options that every module shares: where the server is, and how to sign in."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import typing as t

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import holds_mask, trim

# Option -> environment variable. The first ones are those of the ZStack Terraform provider.
ENVIRONMENT: dict[str, str] = {
    "host": "ZSTACK_HOST",
    "port": "ZSTACK_PORT",
    "account_name": "ZSTACK_ACCOUNT_NAME",
    "account_password": "ZSTACK_ACCOUNT_PASSWORD",
    "access_key_id": "ZSTACK_ACCESS_KEY_ID",
    "access_key_secret": "ZSTACK_ACCESS_KEY_SECRET",
    "session_uuid": "ZSTACK_SESSION_UUID",
    "protocol": "ZSTACK_PROTOCOL",
    "context_path": "ZSTACK_CONTEXT_PATH",
    "validate_certs": "ZSTACK_VALIDATE_CERTS",
    "ca_path": "ZSTACK_CA_PATH",
    "server_timezone": "ZSTACK_SERVER_TIMEZONE",
}
DEFAULTS: dict[str, t.Any] = {"port": 8080, "protocol": "http", "context_path": "/zstack", "validate_certs": True}
PROTOCOLS = ("http", "https")
# The ways to sign in: the options that belong together.
WAYS: tuple[tuple[str, ...], ...] = (("session_uuid",), ("access_key_id", "access_key_secret"), ("account_name", "account_password"))

_HOST = re.compile(r"[A-Za-z0-9._-]+")
# What a header can carry; a colon would end the key's ID (REST protocol page, 2.4).
_IN_HEADER = re.compile(r"[!-9;-~]+")


def connection_spec() -> dict[str, t.Any]:
    """The argument specification of the connection options.

    They have no defaults and no fallbacks here: `Connection.from_params` fills them in, because it has to know
    what was given and what came from the environment to choose the one way to sign in.
    """
    return {
        "host": {"type": "str"},
        "port": {"type": "int"},
        "protocol": {"type": "str", "choices": list(PROTOCOLS)},
        "context_path": {"type": "str"},
        "account_name": {"type": "str"},
        "account_password": {"type": "str", "no_log": True},
        "access_key_id": {"type": "str", "no_log": False},
        "access_key_secret": {"type": "str", "no_log": True},
        "session_uuid": {"type": "str", "no_log": True},
        "validate_certs": {"type": "bool"},
        "ca_path": {"type": "path"},
        "server_timezone": {"type": "str"},
        "timeout": {"type": "int", "default": 60},
        "wait_timeout": {"type": "int", "default": 1800},
        "retries": {"type": "int", "default": 4},
    }


@dataclasses.dataclass(frozen=True)
class Connection:
    """Where the server is and how to sign in, complete and checked. Exactly one of `WAYS` is set.

    :param timeout: seconds for one request.
    :param wait_timeout: seconds for one job.
    :param retries: how often a request that may be repeated is repeated.
    """

    host: str
    port: int
    protocol: str
    context_path: str
    validate_certs: bool
    timeout: int
    wait_timeout: int
    retries: int
    ca_path: str | None = None
    server_timezone: str | None = None
    account_name: str | None = None
    account_password: str | None = dataclasses.field(default=None, repr=False)
    access_key_id: str | None = None
    access_key_secret: str | None = dataclasses.field(default=None, repr=False)
    session_uuid: str | None = dataclasses.field(default=None, repr=False)

    @property
    def base_url(self) -> str:
        """The address up to and without ``/v1``."""
        host = "[%s]" % self.host if ":" in self.host else self.host
        return "%s://%s:%d%s" % (self.protocol, host, self.port, self.context_path)

    @property
    def is_loopback(self) -> bool:
        """Whether requests stay on this machine, as with a tunnel."""
        name = self.host.lower().rstrip(".")
        if name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(name.partition("%")[0]).is_loopback
        except ValueError:
            return False

    @property
    def warnings(self) -> list[str]:
        """What a user should know of this connection. The same text for each task, so that Ansible shows it once in a run."""
        if not self.account_password or self.protocol != "http" or self.is_loopback:
            return []
        return ["account_password: its hash, which is enough to sign in, is sent to %s over plain http. Set protocol to https, with a proxy that does "
                "TLS in front of the management node, or use an access key, whose secret is never sent." % self.host]

    @property
    def secrets(self) -> set[str]:
        """What must never be shown."""
        return {secret for secret in (self.account_password, self.access_key_secret, self.session_uuid) if secret}

    @classmethod
    def from_params(cls, params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> Connection:
        """The connection from a module's options and the environment.

        An option beats its variable. When any option of a way to sign in is given, the variables of the other ways do
        not count.

        :raises OptionError: for what is missing, contradicts itself or cannot be.
        """
        values = {option: params.get(option) for option in connection_spec()}
        for option, variable in ENVIRONMENT.items():
            if option not in _sign_in_options() and values[option] is None and environ.get(variable):
                values[option] = _from_environment(option, environ[variable])
        values.update(_sign_in(params, environ))
        for option, value in DEFAULTS.items():
            if values[option] is None:
                values[option] = value
        if values["session_uuid"]:
            # The line break at the end of a file is a common companion.
            values["session_uuid"] = trim(values["session_uuid"])
        _check(values)
        if values["host"].startswith("["):
            values["host"] = values["host"][1:-1]
        path = values["context_path"].strip("/")
        values["context_path"] = "/" + path if path else ""
        return cls(**values)


def _is_address(host: str) -> bool:
    if ":" not in host:
        return bool(_HOST.fullmatch(host))
    inner = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        ipaddress.IPv6Address(inner.partition("%")[0])
    except ValueError:
        return False
    return "%" not in inner or bool(_HOST.fullmatch(inner.partition("%")[2]))


def _sign_in_options() -> set[str]:
    return {option for way in WAYS for option in way}


def _sign_in(params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> dict[str, t.Any]:
    found = {option: environ.get(ENVIRONMENT[option]) or None for option in _sign_in_options()}
    chosen = [way for way in WAYS if any(params.get(option) for option in way)]
    source = "given"
    if not chosen:
        chosen, source = [way for way in WAYS if any(found[option] for option in way)], "set in the environment"
    if not chosen:
        raise OptionError(
            "There is no way to sign in. Give account_name and account_password, or access_key_id and access_key_secret, or session_uuid; "
            "or set the environment variables that go with them, such as ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD.")
    if len(chosen) > 1:
        raise OptionError("%s are %s together. Choose one way to sign in and leave the others out." % (
            ", ".join("/".join(way) for way in chosen), source))
    way = chosen[0]
    values = {option: params.get(option) or found[option] for option in way}
    missing = [option for option, value in values.items() if not value]
    if missing:
        raise OptionError("%s: needed with %s. Give it, or set %s." % (
            missing[0], " and ".join(option for option in way if option not in missing), ENVIRONMENT[missing[0]]))
    return {option: values.get(option) for option in _sign_in_options()}


def _from_environment(option: str, text: str) -> t.Any:
    try:
        if option == "port":
            return int(text)
        if option == "validate_certs":
            return boolean(text)
    except (TypeError, ValueError) as error:
        raise OptionError("%s: the environment variable %s holds %r, which does not fit." % (option, ENVIRONMENT[option], text)) from error
    return text


def _check(values: t.Mapping[str, t.Any]) -> None:
    masked = next((option for option, value in values.items() if holds_mask(value)), None)
    if masked:
        raise OptionError("%s: ******** is what Ansible shows instead of a secret, and no value. Give the real value." % masked)
    if not values["host"]:
        raise OptionError("host: give the address of the management node, or set ZSTACK_HOST.")
    if not _is_address(values["host"]):
        raise OptionError("host: %r is not a host name or address. Give it alone; protocol, port and context_path are options of their own." % values["host"])
    if values["protocol"] not in PROTOCOLS:
        raise OptionError("protocol: %r is not one of http, https (from ZSTACK_PROTOCOL)." % values["protocol"])
    if not 0 < values["port"] < 65536:
        raise OptionError("port: %d is not a port. Give a number from 1 to 65535." % values["port"])
    for option in ("session_uuid", "access_key_id"):
        if values[option] and not _IN_HEADER.fullmatch(values[option]):
            raise OptionError("%s: the value has characters that a header cannot carry, such as a blank, a colon or a line break." % option)
    for option, least in (("timeout", 1), ("wait_timeout", 1), ("retries", 0)):
        if values[option] < least:
            raise OptionError("%s: %d is too small. Give %d or more." % (option, values[option], least))
