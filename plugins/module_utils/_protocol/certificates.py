# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection zstack.aios.
"""The trusted certificates, validated before the first request, and the reasons why a certificate is refused."""

from __future__ import annotations

import os
import re
import ssl
import typing as t

from ansible_collections.zstack.aios.plugins.module_utils._protocol.connection import ENVIRONMENT, Connection
from ansible_collections.zstack.aios.plugins.module_utils._protocol.errors import OptionError
from ansible_collections.zstack.aios.plugins.module_utils._protocol.text import outside

# The variables that requests reads, in this order.
VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
# The names of files in a directory of certificates that OpenSSL reads.
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")
# OpenSSL's codes, X509_V_ERR_*.
_NOT_YET_VALID, _EXPIRED, _SELF_SIGNED, _REVOKED = 9, 10, 18, 23
_UNKNOWN_ISSUER = (2, 19, 20, 21)
_OTHER_HOST = (62, 64)


def trusted(connection: Connection) -> str | bool:
    """Return the trusted certificates, as the argument ``verify`` of requests.

    :raises OptionError: for a file or directory that cannot be used, naming the option or variable that gives it.
    """
    if not connection.validate_certs:
        return False
    source, path = _source(connection)
    if path is None:
        return True
    if connection.protocol == "https":
        _check(source, path)
    return path


def _source(connection: Connection) -> tuple[str, str | None]:
    """Return the option or variable that names the trusted certificates, and their path; without a path, those of requests are trusted."""
    if connection.ca_path:
        variable = ENVIRONMENT["ca_path"]
        return "ca_path (or %s)" % variable if os.environ.get(variable) == connection.ca_path else "ca_path", connection.ca_path
    return next((("The environment variable %s" % name, os.environ[name]) for name in VARIABLES if os.environ.get(name)), ("", None))


def _check(source: str, path: str) -> None:
    if not os.path.exists(path):
        raise OptionError("%s: there is no file or directory %s. Give the path of the CA's certificate where the task runs, or omit it." % (source, path))
    try:
        if not os.path.isdir(path):
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
        elif not any(map(_HASHED.fullmatch, os.listdir(path))):
            raise OptionError(
                "%s: the directory %s contains no certificate under the hash of its subject, and OpenSSL reads no other files. Run \"openssl rehash %s\", "
                "or give a file in PEM format." % (source, path, path))
    except (OSError, ValueError) as error:
        raise OptionError("%s: %s contains no readable certificates: %s. Give a file in PEM format." % (source, path, error)) from error


def is_refusal(cause: BaseException) -> bool:
    """Return whether an error means that the certificate of the server was refused."""
    return isinstance(cause, ssl.SSLCertVerificationError) or getattr(cause, "reason", None) == "CERTIFICATE_VERIFY_FAILED" or _is_of_urllib3(cause)


def _is_of_urllib3(cause: BaseException) -> bool:
    """Return whether the names were compared by urllib3 1.26 itself; OpenSSL would give a code."""
    return getattr(cause, "verify_code", None) is None and (isinstance(cause, ssl.SSLCertVerificationError) or "CertificateError" in type(cause).__name__)


def reason(cause: BaseException) -> str:
    """Return why a certificate was refused, as a clause that begins with "it" or "its"."""
    code = _code(cause)
    known = {
        **dict.fromkeys(_OTHER_HOST, "it was issued for another host name or address"), **dict.fromkeys(_UNKNOWN_ISSUER, "its CA is not trusted"),
        _NOT_YET_VALID: "it is not valid yet", _EXPIRED: "it has expired, or the certificate of its CA has", _REVOKED: "it was revoked",
        _SELF_SIGNED: "it is self-signed and not among the trusted certificates"}
    return known.get(code) or "it does not meet the requirements of OpenSSL (%s)" % outside(str(getattr(cause, "verify_message", "") or cause))[:200]


def refusal(cause: BaseException, where: str, connection: Connection) -> str:
    """Return the message for a certificate that was refused: the reason and what to do.

    :param where: host and port.
    """
    return "The TLS certificate of %s was refused: %s. %s To accept any certificate, set validate_certs to false." % (
        where, reason(cause), _advice(_code(cause), connection))


def _advice(code: int, connection: Connection) -> str:
    host = connection.names.get("host", "host")
    source, path = _source(connection)
    given = "%s %s does not contain" % (source, path) if path else "The certificates of the Python library requests do not contain"
    if code in _OTHER_HOST:
        return "Set %s to a name or address that the certificate contains; it is %s." % (host, connection.host)
    if code == _SELF_SIGNED:
        return "%s it. Set ca_path to a file with this certificate or with the one of a CA." % given
    if code in _UNKNOWN_ISSUER:
        return "%s its issuer. Set ca_path to the certificate of the CA, together with intermediate ones that the server does not send." % given
    if code in (_NOT_YET_VALID, _EXPIRED):
        return "Check the clock of the machine where the task runs, and renew the certificate."
    return "Install another certificate on the server."


def _code(cause: BaseException) -> int:
    return _OTHER_HOST[0] if _is_of_urllib3(cause) else t.cast(int, getattr(cause, "verify_code", None) or 0)
