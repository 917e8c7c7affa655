# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The proxy of the environment, validated before the first request."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import typing as t
import urllib.parse
import urllib.request

from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError

SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")


def proxy_for(connection: Connection) -> str | None:
    """Return the address of the proxy for a management node, or None for direct requests.

    :raises OptionError: for an environment variable that does not name a usable proxy.
    """
    found = urllib.request.getproxies()
    scheme = next((scheme for scheme in (connection.protocol, "all") if found.get(scheme)), None)
    if scheme is None or is_excepted(connection.host, connection.port, found.get("no") or ""):
        return None
    variable = _variable(scheme)
    text = found[scheme].strip()
    # A proxy without a scheme is an HTTP proxy, as in curl.
    address = text if "://" in text else "http://" + text
    try:
        parts = urllib.parse.urlsplit(address)
        usable = bool(parts.hostname) and parts.port != 0 and not any(char.isspace() for char in address)
    except ValueError:
        usable = False
    if not usable:
        raise OptionError("The environment variable %s does not contain the address of a proxy: %s. Give it as http://HOST:PORT, or add %s to no_proxy." % (
            variable, shown(address), connection.host))
    if parts.scheme.lower() not in SCHEMES:
        raise OptionError("The environment variable %s names a proxy with the protocol %s, which is not one of %s. Give it as http://HOST:PORT, or put "
                          "%s to no_proxy." % (variable, parts.scheme, ", ".join(SCHEMES), connection.host))
    if parts.scheme.lower().startswith("socks") and importlib.util.find_spec("socks") is None:
        raise OptionError("The environment variable %s names a SOCKS proxy (%s), which needs the Python library PySocks where the task runs. Install it, "
                          "use an HTTP proxy, or add %s to no_proxy." % (variable, shown(address), connection.host))
    return address


def shown(address: str) -> str:
    """Return an address without its credentials."""
    scheme, separator, rest = address.partition("://")
    credentials, at, place = rest.rpartition("@")
    return "%s%s%s%s" % (scheme, separator, "***@" if at else "", place)


def _variable(scheme: str) -> str:
    """Return the name of the variable as it is set, in lower or upper case."""
    name = scheme + "_proxy"
    return name if name in os.environ else name.upper()


def is_excepted(host: str, port: int, exceptions: str) -> bool:
    """Return whether ``no_proxy`` names a host.

    :param exceptions: the value: names, which include their subdomains, addresses, networks, and ``*``, each with an optional port.
    """
    return any(_excepts(entry.lower(), host.lower().rstrip("."), port) for entry in exceptions.replace(",", " ").split())


def _excepts(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    address = _address(host)
    if address is not None and "/" in entry:
        network = _network(entry)
        return network is not None and address.version == network.version and address in network
    name, own_port = _split_port(entry)
    if own_port is not None and own_port != port:
        return False
    if address is not None:
        return _address(name) == address
    name = name.strip(".") if not name.startswith("*.") else name[2:]
    return bool(name) and (host == name or host.endswith("." + name))


def _split_port(entry: str) -> tuple[str, int | None]:
    """Return name and port of ``host:port``, ``[address]:port``, ``[address]`` or a bare address."""
    if entry.startswith("["):
        name, bracket, rest = entry[1:].partition("]")
        return name, int(rest[1:]) if rest.startswith(":") and rest[1:].isdigit() and rest.isascii() else None
    name, colon, port = entry.rpartition(":")
    if colon and ":" not in name and port.isdigit() and port.isascii():
        return name, int(port)
    return entry, None


def _address(text: str) -> t.Any:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _network(entry: str) -> t.Any:
    try:
        return ipaddress.ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return None
