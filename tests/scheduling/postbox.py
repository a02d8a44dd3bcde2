"""A mail server on loopback that keeps what it gets, with a certificate of a small authority of its own."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests import engines

USER, PASSWORD = "reports", "p@ss:w/o rd"


@dataclass
class Postbox:
    """What came in: envelopes, and the sentences it answers otherwise.

    Attributes:
        refuses: recipient -> what the server answers for it.
        after: messages after which the line goes dead; None is never.
    """

    port: int = 0
    letters: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    refuses_data: str = ""
    after: int | None = None

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.after is not None and len(self.letters) >= self.after:
            server.transport.abort()
            return "421 gone"
        if self.refuses_data:
            return self.refuses_data
        letter = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append((envelope.mail_from, list(envelope.rcpt_tos), letter))
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    def check(self, server, session, envelope, mechanism, data):
        assert isinstance(data, LoginPassword)
        self.users.append(data.login.decode())
        right = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=right, handled=False)


@contextmanager
def postbox(certificate: Path | None, *, secure: bool = False, sign_in: bool = True) -> Iterator[Postbox]:
    """A running server.

    Args:
        certificate: file with certificate and key; None offers no encryption.
        secure: TLS from the first byte.
        sign_in: whether it takes mail only after a sign-in.
    """
    box, context = Postbox(), None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    words = {"auth_required": sign_in, "authenticator": box.check, "auth_require_tls": not secure and bool(certificate)}
    words |= {"tls_context": context, "require_starttls": bool(certificate)} if not secure else {}
    box.port = engines.free_port()
    server = Controller(box, hostname="127.0.0.1", port=box.port, ssl_context=context if secure else None, **words)
    server._trigger_server = lambda: socket.create_connection(("127.0.0.1", box.port)).close()  # theirs fails with TLS
    server.start()
    try:
        yield box
    finally:
        server.stop(no_assert=True)


def authority(folder: Path, name: str = "127.0.0.1") -> tuple[Path, Path]:
    """An authority, and a certificate that it has signed for this machine: two PEM files."""
    issuer, issuer_key = _signed("authority", None, None)
    found, key = _signed(name, issuer, issuer_key)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    paths = folder / "authority.pem", folder / "server.pem"
    paths[0].write_bytes(issuer.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(found.public_bytes(serialization.Encoding.PEM) + private)
    return paths


def _signed(name: str, issuer: x509.Certificate | None, issuer_key: ec.EllipticCurvePrivateKey | None):
    key, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    day, now = timedelta(days=1), datetime.now(UTC)
    made = x509.CertificateBuilder(issuer.subject if issuer else subject, subject, key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day)
    made = made.add_extension(x509.BasicConstraints(issuer is None, None), critical=True)
    if issuer is not None:
        here = x509.SubjectAlternativeName(
            [x509.IPAddress(ip_address(name))] if name[0].isdigit() else [x509.DNSName(name)]
        )
        made = made.add_extension(here, critical=False)
    return made.sign(issuer_key or key, hashes.SHA256()), key
