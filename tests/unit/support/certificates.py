# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of every kind for servers of the tests: valid ones of an own CA, and one for each reason to refuse it."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import pathlib
import ssl
import typing as t

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LONG_AGO, SOON_AFTER = datetime.datetime(2020, 1, 1), datetime.datetime(2020, 1, 2)
FAR, FARTHER = datetime.datetime(2120, 1, 1), datetime.datetime(2120, 1, 2)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


class Authority:
    """A certificate authority.

    :param folder: where its files are written.
    :param name: of the authority, and of its file.
    :param issuer: the authority that has signed its certificate; by default itself.
    """

    def __init__(self, folder: pathlib.Path, name: str = "ca", issuer: Authority | None = None) -> None:
        self.folder, self.name, self.issuer = folder, name, issuer
        self.key = ec.generate_private_key(ec.SECP256R1())
        signer = issuer or self
        usage = x509.KeyUsage(**{use: use in ("key_cert_sign", "crl_sign") for use in (
            "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
            "decipher_only")})
        self.certificate = (
            x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name(signer.name)).public_key(self.key.public_key()).serial_number(1)
            .not_valid_before(LONG_AGO).not_valid_after(FAR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), critical=False)
            .sign(signer.key, hashes.SHA256()))
        (folder / (name + ".pem")).write_bytes(_pem(self.certificate))

    @property
    def path(self) -> str:
        """The file with the certificate of the authority."""
        return str(self.folder / (self.name + ".pem"))

    def hashed(self) -> str:
        """Return a directory with the certificate under the hash of its subject, as ``openssl rehash`` names it."""
        text = self.name.encode()
        # OpenSSL hashes the subject without its outer SEQUENCE: SET, SEQUENCE, the object identifier of the common name, UTF8String.
        name = b"\x06\x03\x55\x04\x03\x0c" + bytes([len(text)]) + text
        for kind in (b"\x30", b"\x31"):
            name = kind + bytes([len(name)]) + name
        directory = self.folder / (self.name + ".d")
        directory.mkdir(exist_ok=True)
        digest = int.from_bytes(hashlib.sha1(name, usedforsecurity=False).digest()[:4], "little")
        (directory / ("%08x.0" % digest)).write_bytes(_pem(self.certificate))
        return str(directory)

    def server(
        self, host: str = "127.0.0.1", begin: datetime.datetime = LONG_AGO, end: datetime.datetime = FAR, self_signed: bool = False,
        chain: t.Sequence[Authority] = (),
    ) -> ssl.SSLContext:
        """Return the TLS settings of a server with a certificate of this authority.

        :param host: the name or address that the certificate is for.
        :param self_signed: sign it with its own key.
        :param chain: the authorities whose certificates the server sends along.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            alternative = x509.DNSName(host)
        signing = key if self_signed else self.key
        certificate = (
            x509.CertificateBuilder().subject_name(_name(host)).issuer_name(_name(host if self_signed else self.name)).public_key(key.public_key())
            .serial_number(2).not_valid_before(begin).not_valid_after(end)
            .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
            .sign(signing, hashes.SHA256()))
        path = self.folder / "server.pem"
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path.write_bytes(secret + _pem(certificate) + b"".join(_pem(authority.certificate) for authority in chain))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context
