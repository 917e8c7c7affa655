# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The options that all modules share: the address of the server, and the credentials."""

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
    "login_type": "ZSTACK_LOGIN_TYPE",
    "user_name": "ZSTACK_USER_NAME",
    "project_name": "ZSTACK_PROJECT_NAME",
    "two_factor_code": "ZSTACK_TWO_FACTOR_CODE",
    "protocol": "ZSTACK_PROTOCOL",
    "context_path": "ZSTACK_CONTEXT_PATH",
    "validate_certs": "ZSTACK_VALIDATE_CERTS",
    "ca_path": "ZSTACK_CA_PATH",
    "server_timezone": "ZSTACK_SERVER_TIMEZONE",
}
DEFAULTS: dict[str, t.Any] = {"port": 8080, "protocol": "http", "context_path": "/zstack", "validate_certs": True}
PROTOCOLS = ("http", "https")
# The sign-in methods, each with its options.
_ACCOUNT = ("account_name", "account_password")
SIGN_IN_METHODS: tuple[tuple[str, ...], ...] = (("session_uuid",), ("access_key_id", "access_key_secret"), _ACCOUNT)
# Further options of a sign-in with name and password.
DETAILS = ("login_type", "user_name", "project_name", "two_factor_code")
# The kinds of identity that sign in with a name and a password (REST protocol page, 2.1).
ACCOUNT, USER, LDAP, IAM2, IAM2_LDAP = LOGIN_TYPES = ("account", "user", "ldap", "iam2", "iam2_ldap")
# A directory compares the password itself, so no hash of it can be sent.
CLEAR_TEXT = (LDAP, IAM2_LDAP)
WITH_PROJECT = (IAM2, IAM2_LDAP)

_HOST = re.compile(r"[A-Za-z0-9._-]+")
# Valid characters of a header; a colon would end the ID of the key (REST protocol page, 2.4).
_IN_HEADER = re.compile(r"[!-9;-~]+")
_CODE = re.compile(r"[0-9]{6}")


def connection_spec() -> dict[str, t.Any]:
    """Return the argument specification of the connection options.

    They have no defaults and no fallbacks here: `Connection.from_params` adds them, because it has to distinguish options from environment variables to
    choose the sign-in method.
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
        "login_type": {"type": "str", "choices": list(LOGIN_TYPES)},
        "user_name": {"type": "str"},
        "project_name": {"type": "str"},
        "two_factor_code": {"type": "str", "no_log": True},
        "validate_certs": {"type": "bool"},
        "ca_path": {"type": "path"},
        "server_timezone": {"type": "str"},
        "timeout": {"type": "int", "default": 60},
        "wait_timeout": {"type": "int", "default": 1800},
        "retries": {"type": "int", "default": 4},
    }


@dataclasses.dataclass(frozen=True)
class Connection:
    """The address of the server and the credentials, complete and checked. Exactly one of `SIGN_IN_METHODS` is set.

    :param timeout: seconds for one request.
    :param wait_timeout: seconds for one job.
    :param retries: maximum number of retries for a retryable request.
    :param names: option to environment variable, for options whose value comes from the environment.
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
    login_type: str | None = None
    user_name: str | None = None
    project_name: str | None = None
    two_factor_code: str | None = dataclasses.field(default=None, repr=False)
    names: t.Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False, compare=False)

    @property
    def base_url(self) -> str:
        """The address, without ``/v1`` and the rest of the path."""
        host = "[%s]" % self.host if ":" in self.host else self.host
        return "%s://%s:%d%s" % (self.protocol, host, self.port, self.context_path)

    @property
    def is_loopback(self) -> bool:
        """Whether requests stay on this machine, for example with a tunnel."""
        name = self.host.lower().rstrip(".")
        if name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(name.partition("%")[0]).is_loopback
        except ValueError:
            return False

    @property
    def warnings(self) -> list[str]:
        """The warnings about this connection. The text is the same for each task, so that Ansible shows it once in a run."""
        if self.protocol == "https":
            return [] if self.validate_certs else [
                "%s: the TLS certificate of %s is not verified, so whoever is in between can read the credentials and act as the account. Set ca_path to the "
                "certificate of the CA instead." % (self.names.get("validate_certs", "validate_certs"), self.host)]
        if not self.account_password or self.is_loopback:
            return []
        sent = "it is sent in clear text to %s over plain http, because a directory compares the password itself." if self.login_type in CLEAR_TEXT else (
            "its hash, which is enough to sign in, is sent to %s over plain http.")
        return ["account_password: %s Set protocol to https, with a proxy that does "
                "TLS in front of the management node, or use an access key, whose secret is never sent." % (sent % self.host)]

    @property
    def secrets(self) -> set[str]:
        """What must never be shown."""
        return {secret for secret in (self.account_password, self.access_key_secret, self.session_uuid, self.two_factor_code) if secret}

    @classmethod
    def from_params(cls, params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> Connection:
        """Return the connection from a module's options and the environment.

        An option takes precedence over its variable. If any option of a sign-in method is given, the variables of the other methods are ignored.

        :raises OptionError: for missing, contradictory and invalid values.
        """
        values: dict[str, t.Any] = {option: params.get(option) for option in connection_spec()}
        for option, variable in ENVIRONMENT.items():
            if option not in _sign_in_options() and values[option] is None and environ.get(variable):
                values[option] = _from_environment(option, environ[variable])
        values.update(_sign_in(params, environ))
        for option, value in DEFAULTS.items():
            if values[option] is None:
                values[option] = value
        if values["session_uuid"]:
            # A value that was read from a file often ends with a line break.
            values["session_uuid"] = trim(values["session_uuid"])
        # A message names what the user set: the option, or the environment variable.
        values["names"] = {option: variable for option, variable in ENVIRONMENT.items() if environ.get(variable) and not _is_given(params, option)}
        _check(values, values["names"])
        if values["host"].startswith("["):
            values["host"] = values["host"][1:-1]
        path = values["context_path"].strip("/")
        values["context_path"] = "/" + path if path else ""
        return cls(**values)


def _is_given(params: t.Mapping[str, t.Any], option: str) -> bool:
    return bool(params.get(option)) if option in _sign_in_options() else params.get(option) is not None


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
    return {*DETAILS, *(option for method in SIGN_IN_METHODS for option in method)}


def _sign_in(params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> dict[str, t.Any]:
    found = {option: environ.get(ENVIRONMENT[option]) or None for option in _sign_in_options()}
    details = [option for option in DETAILS if params.get(option)]
    chosen = [method for method in SIGN_IN_METHODS if any(params.get(option) for option in method)]
    source = "given"
    if details and chosen and _ACCOUNT not in chosen:
        raise OptionError("%s: it needs account_name and account_password, and %s %s given. Choose one sign-in method and omit the others." % (
            details[0], "/".join(chosen[0]), "is" if len(chosen[0]) == 1 else "are"))
    if details and not chosen:
        chosen = [_ACCOUNT]
    if not chosen:
        chosen, source = [method for method in SIGN_IN_METHODS if any(found[option] for option in method)], "set in the environment"
    if not chosen:
        raise OptionError(
            "No credentials given. Give account_name and account_password, or access_key_id and access_key_secret, or session_uuid; "
            "or set the corresponding environment variables, such as ZSTACK_ACCOUNT_NAME and ZSTACK_ACCOUNT_PASSWORD.")
    if len(chosen) > 1:
        raise OptionError("%s are %s together. Choose one sign-in method and omit the others." % (
            ", ".join("/".join(method) for method in chosen), source))
    method = chosen[0]
    values = {option: params.get(option) or found[option] for option in method}
    missing = [option for option, value in values.items() if not value]
    if missing:
        raise OptionError("%s: required with %s. Give it, or set %s." % (
            missing[0], " and ".join([option for option in method if option not in missing] or details), ENVIRONMENT[missing[0]]))
    if method is _ACCOUNT:
        names = {option: option if params.get(option) else ENVIRONMENT[option] for option in DETAILS}
        values.update(_details({option: params.get(option) or found[option] for option in DETAILS}, names))
    return {option: values.get(option) for option in _sign_in_options()}


def _details(values: dict[str, t.Any], names: t.Mapping[str, str]) -> dict[str, t.Any]:
    """Return the further options of a sign-in with name and password.

    :param names: option to what the user set, the option or its environment variable.
    :raises OptionError: for options that the kind of identity requires or does not accept.
    """
    kind = values["login_type"] or ACCOUNT
    if kind not in LOGIN_TYPES:
        # The option has choices, so this is the variable.
        raise OptionError("ZSTACK_LOGIN_TYPE: %r is not one of %s." % (kind, ", ".join(LOGIN_TYPES)))
    if kind == USER and not values["user_name"]:
        raise OptionError("user_name: required with login_type user. Give it, or set ZSTACK_USER_NAME.")
    # If a name were ignored, the task would act as another user.
    for option, kinds in (("user_name", (USER,)), ("project_name", WITH_PROJECT)):
        if values[option] and kind not in kinds:
            raise OptionError("%s: it applies to login_type %s only, and login_type is %s. Remove it, or set login_type." % (
                names[option], " and ".join(kinds), kind))
    if values["two_factor_code"]:
        values["two_factor_code"] = "".join(values["two_factor_code"].split())
        if not _CODE.fullmatch(values["two_factor_code"]) and not holds_mask(values["two_factor_code"]):
            raise OptionError("%s: a code has six digits. Write it in quotes, because YAML reads a number with a leading zero as another one." % (
                names["two_factor_code"]))
    return {**values, "login_type": kind}


def _from_environment(option: str, text: str) -> t.Any:
    try:
        if option == "port":
            return int(text)
        if option == "validate_certs":
            return boolean(text)
    except (TypeError, ValueError) as error:
        raise OptionError("%s: %r is not %s." % (
            ENVIRONMENT[option], text, "an integer" if option == "port" else "a boolean such as true or false")) from error
    return text


def _check(values: t.Mapping[str, t.Any], names: t.Mapping[str, str]) -> None:
    """Refuse invalid values.

    :param names: option to environment variable, for options whose value comes from the environment.
    :raises OptionError: naming the option or the variable.
    """
    def name(option: str) -> str:
        return names.get(option, option)

    masked = next((option for option, value in values.items() if option != "names" and holds_mask(value)), None)
    if masked:
        raise OptionError("%s: ******** is the mask that Ansible shows instead of a secret, not a value. Give the real value." % name(masked))
    if not values["host"]:
        raise OptionError("host: give the address of the management node, or set ZSTACK_HOST.")
    if not _is_address(values["host"]):
        raise OptionError("%s: %r is not a host name or address. Give only that; protocol, port and context_path are separate options." % (
            name("host"), values["host"]))
    if values["protocol"] not in PROTOCOLS:
        raise OptionError("%s: %r is not one of http, https." % (name("protocol"), values["protocol"]))
    if not 0 < values["port"] < 65536:
        raise OptionError("%s: %d is not a port. Give a number from 1 to 65535." % (name("port"), values["port"]))
    for option in ("session_uuid", "access_key_id"):
        if values[option] and not _IN_HEADER.fullmatch(values[option]):
            raise OptionError("%s: the value has characters that a header cannot carry, such as a blank, a colon or a line break." % name(option))
    for option, least in (("timeout", 1), ("wait_timeout", 1), ("retries", 0)):
        if values[option] < least:
            raise OptionError("%s: %d is too small. Give %d or more." % (option, values[option], least))
