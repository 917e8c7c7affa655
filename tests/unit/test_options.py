# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options: where the server is and how to sign in."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zstack.aios.plugins.module_utils._protocol import connection as _options
from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection, connection_spec
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError

BASE = {"host": "10.0.0.5", "timeout": 60, "wait_timeout": 1800, "retries": 4}
PASSWORD = {"account_name": "admin", "account_password": "s3cret"}
KEY = {"access_key_id": "AKID", "access_key_secret": "keysecret"}
SESSION = {"session_uuid": "7d1c0f3a52e84a6f9b0c1d2e3f405162"}
METHODS = {"password": PASSWORD, "key": KEY, "session": SESSION}
VARIABLES = {
    "host": "ZSTACK_HOST", "port": "ZSTACK_PORT", "account_name": "ZSTACK_ACCOUNT_NAME", "account_password": "ZSTACK_ACCOUNT_PASSWORD",
    "access_key_id": "ZSTACK_ACCESS_KEY_ID", "access_key_secret": "ZSTACK_ACCESS_KEY_SECRET", "session_uuid": "ZSTACK_SESSION_UUID",
}


def connect(environ=None, **params):
    """Return the connection from options, with a host and limits."""
    return Connection.from_params({**BASE, **params}, environ or {})


def in_environment(*methods):
    """Return the options as environment variables."""
    return {VARIABLES[option]: value for method in methods for option, value in method.items()}


def refused(environ=None, **params):
    """Return the message of the refusal."""
    with pytest.raises(OptionError) as caught:
        connect(environ, **params)
    return caught.value.message


def test_the_names_of_the_terraform_provider_are_understood():
    assert {option: _options.ENVIRONMENT[option] for option in VARIABLES} == VARIABLES


def test_the_defaults():
    found = connect(**PASSWORD)
    assert (found.base_url, found.validate_certs, found.ca_path) == ("http://10.0.0.5:8080/zstack", True, None)
    assert (found.access_key_id, found.access_key_secret, found.session_uuid, found.server_timezone) == (None, None, None, None)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@pytest.mark.parametrize("given_as", ["options", "environment", "mixed"])
def test_each_method(method, given_as):
    options = {} if given_as == "environment" else dict(method)
    environ = in_environment(method) if given_as != "options" else {}
    if given_as == "mixed" and len(method) > 1:
        options.popitem()
    found = connect(environ, **options)
    for option in itertools.chain(*(other for other in METHODS.values())):
        assert getattr(found, option) == method.get(option)
    assert found.secrets == {value for option, value in method.items() if option in ("account_password", "access_key_secret", "session_uuid")}


@pytest.mark.parametrize("one, two", list(itertools.permutations(METHODS, 2)))
def test_given_options_hide_the_environment_of_other_methods(one, two):
    found = connect(in_environment(METHODS[two]), **METHODS[one])
    for option, value in METHODS[one].items():
        assert getattr(found, option) == value
    for option in METHODS[two]:
        assert getattr(found, option) is None


@pytest.mark.parametrize("methods", [pair for number in (2, 3) for pair in itertools.combinations(METHODS, number)], ids="+".join)
def test_several_methods_are_refused(methods):
    options = {option: value for method in methods for option, value in METHODS[method].items()}
    message = refused(**options)
    assert "are given together. Choose one sign-in method and omit the others." in message
    assert all("/".join(METHODS[method]) in message for method in methods)
    message = refused(in_environment(*(METHODS[method] for method in methods)))
    assert "are set in the environment together" in message


def test_a_missing_method_lists_all_methods_and_the_environment():
    message = refused()
    for word in ("account_name", "account_password", "access_key_id", "access_key_secret", "session_uuid", "ZSTACK_ACCOUNT_NAME"):
        assert word in message


@pytest.mark.parametrize("option", [option for method in (PASSWORD, KEY) for option in method])
def test_half_a_method_names_the_other_half(option):
    method = PASSWORD if option in PASSWORD else KEY
    missing = next(other for other in method if other != option)
    message = refused(**{option: method[option]})
    assert message == "%s: required with %s. Give it, or set %s." % (missing, option, VARIABLES[missing])
    assert refused({VARIABLES[option]: method[option]}) == message
    assert refused(**{option: method[option], missing: ""}) == message


@pytest.mark.parametrize("option, variable, text, expected", [
    ("host", "ZSTACK_HOST", "mn.example", "mn.example"), ("port", "ZSTACK_PORT", "443", 443), ("protocol", "ZSTACK_PROTOCOL", "https", "https"),
    ("context_path", "ZSTACK_CONTEXT_PATH", "api/zs", "/api/zs"), ("validate_certs", "ZSTACK_VALIDATE_CERTS", "no", False),
    ("validate_certs", "ZSTACK_VALIDATE_CERTS", "True", True), ("ca_path", "ZSTACK_CA_PATH", "/etc/ca.pem", "/etc/ca.pem"),
    ("server_timezone", "ZSTACK_SERVER_TIMEZONE", "+08:00", "+08:00"),
])
def test_the_environment_fills_in_and_an_option_beats_it(option, variable, text, expected):
    params = {**BASE, **PASSWORD, option: None}
    params["host"] = None if option == "host" else BASE["host"]
    assert getattr(Connection.from_params(params, {variable: text, "ZSTACK_OTHER": "x"}), option) == expected
    other = {"host": "other", "port": 1, "protocol": "http", "context_path": "/o", "validate_certs": True, "ca_path": "/o",
             "server_timezone": "UTC"}[option]
    assert getattr(Connection.from_params({**params, option: other}, {variable: text}), option) == other


def test_an_empty_variable_is_none():
    found = connect({"ZSTACK_PORT": "", "ZSTACK_VALIDATE_CERTS": "", "ZSTACK_CONTEXT_PATH": "", "ZSTACK_SESSION_UUID": ""}, **PASSWORD)
    assert found.base_url == "http://10.0.0.5:8080/zstack" and found.validate_certs is True


@pytest.mark.parametrize("option, variable, text", [
    ("port", "ZSTACK_PORT", "http"), ("port", "ZSTACK_PORT", "80.5"), ("validate_certs", "ZSTACK_VALIDATE_CERTS", "perhaps"),
])
def test_a_variable_that_does_not_fit_is_named(option, variable, text):
    kind = "an integer" if option == "port" else "a boolean such as true or false"
    assert refused({variable: text}, **PASSWORD) == "%s: %r is not %s." % (variable, text, kind)


@pytest.mark.parametrize("option, variable, text, given", [
    ("port", "ZSTACK_PORT", "99999", 99999), ("host", "ZSTACK_HOST", "http://mn", "http://mn"), ("protocol", "ZSTACK_PROTOCOL", "ftp", "ftp"),
    ("access_key_id", "ZSTACK_ACCESS_KEY_ID", "a b", "a b"), ("account_password", "ZSTACK_ACCOUNT_PASSWORD", "********", "********"),
])
def test_a_message_names_what_the_value_was_given_in(option, variable, text, given):
    access_key = {"access_key_id": "a", "access_key_secret": "b"}
    others = access_key if option.startswith("access_key") else PASSWORD
    params = {name: value for name, value in {**BASE, **others}.items() if name != option}
    for message, name in (
        (_message({**params, option: given}, {}), option),
        (_message(params, {variable: text, **{"ZSTACK_" + key.upper(): value for key, value in others.items() if key != option}}
                  if option in others else {variable: text}), variable),
        (_message({**params, option: given}, {variable: "1"}), option),
    ):
        assert message.startswith(name + ": "), message


def _message(params, environ):
    with pytest.raises(OptionError) as caught:
        Connection.from_params({**dict.fromkeys(connection_spec()), "timeout": 1, "wait_timeout": 1, "retries": 0, **params}, environ)
    return caught.value.message


@pytest.mark.parametrize("host", [
    "http://10.0.0.5", "https://mn.example/", "mn.example/zstack", "mn.example:8080", "user@mn.example", "mn example", "mn\nexample", "mn.example?x",
    "мн",
    "mn\\example", "[::1]:8080", "a#b", "$(x)",
])
def test_a_host_is_a_host_alone(host):
    message = refused(host=host, **PASSWORD)
    assert message.startswith("host: %r is not a host name or address." % host)
    assert "protocol, port and context_path are separate options" in message


@pytest.mark.parametrize("host, url", [
    ("mn.example", "http://mn.example:8080/zstack"), ("10.0.0.5", "http://10.0.0.5:8080/zstack"), ("::1", "http://[::1]:8080/zstack"),
    ("[fe80::1]", "http://[fe80::1]:8080/zstack"), ("2001:db8::5", "http://[2001:db8::5]:8080/zstack"), ("mn_1-a", "http://mn_1-a:8080/zstack"),
    ("fe80::1%eth0", "http://[fe80::1%eth0]:8080/zstack"), ("::ffff:10.0.0.5", "http://[::ffff:10.0.0.5]:8080/zstack"),
])
def test_the_address_of_names_and_of_both_kinds_of_numbers(host, url):
    assert connect(host=host, **PASSWORD).base_url == url


@pytest.mark.parametrize("path, ending", [("/zstack", "/zstack"), ("zstack/", "/zstack"), ("/", ""), ("", ""), ("/a/b/", "/a/b")])
def test_the_context_path_is_brought_into_form(path, ending):
    assert connect(context_path=path, protocol="https", port=443, **PASSWORD).base_url == "https://10.0.0.5:443" + ending


@pytest.mark.parametrize("options, start", [
    ({"host": None}, "host: give the address of the management node, or set ZSTACK_HOST."),
    ({"host": ""}, "host: give the address"),
    ({"port": 0}, "port: 0 is not a port. Give a number from 1 to 65535."),
    ({"port": 65536}, "port: 65536 is not a port."),
    ({"port": -1}, "port: -1 is not a port."),
    ({"timeout": 0}, "timeout: 0 is too small. Give 1 or more."),
    ({"wait_timeout": 0}, "wait_timeout: 0 is too small. Give 1 or more."),
    ({"retries": -1}, "retries: -1 is too small. Give 0 or more."),
    ({"protocol": "ftp"}, "protocol: 'ftp' is not one of http, https"),
])
def test_what_cannot_be_is_refused_by_name(options, start):
    assert refused(**{**PASSWORD, **options}).startswith(start)


def test_the_least_that_is_taken():
    found = connect(port=65535, timeout=1, wait_timeout=1, retries=0, **PASSWORD)
    assert (found.port, found.timeout, found.wait_timeout, found.retries) == (65535, 1, 1, 0)


secrets = st.text(st.sampled_from("abcXYZ0189!$%&/()=?{}[]^~#'\"\\ "), min_size=12, max_size=24)


# A session is part of a header, so it cannot contain some characters.
sessions = st.text(st.sampled_from("abcXYZ0189!$%&/()=?{}[]^~#'\"\\"), min_size=12, max_size=24)


@given(secrets, secrets, sessions)
def test_no_secret_is_shown(password, key_secret, session):
    for method in ({"account_name": "admin", "account_password": password}, {"access_key_id": "id", "access_key_secret": key_secret},
                   {"session_uuid": session}):
        found = connect(**method)
        secret = list(method.values())[-1]
        assert secret in found.secrets
        assert secret not in repr(found) and secret not in str(found)
    for broken in ({"host": "http://x"}, {"port": 0}, {"host": None}):
        assert password not in refused(account_name="admin", account_password=password, **broken)
    together = refused(account_name="admin", account_password=password, access_key_id="id", access_key_secret=key_secret, session_uuid=session)
    assert not [secret for secret in (password, key_secret, session) if secret in together]


def test_the_specification_masks_what_is_secret_and_has_every_field():
    spec = connection_spec()
    assert {option for option, entry in spec.items() if entry.get("no_log")} == {
        "account_password", "access_key_secret", "session_uuid", "two_factor_code"}
    assert {*spec, "names"} == set(Connection.__dataclass_fields__)
    assert set(_options.ENVIRONMENT) | {"timeout", "wait_timeout", "retries"} == set(spec)
    assert {option: entry["default"] for option, entry in spec.items() if "default" in entry} == {"timeout": 60, "wait_timeout": 1800, "retries": 4}
