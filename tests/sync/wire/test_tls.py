from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sync.wire.errors import Unreachable
from sync.wire.session import WireSession
from tests.sync.wire.server import Server, document
from tests.sync.wire.test_pinning import Names

Open = Callable[..., WireSession]


@dataclass(frozen=True)
class Certificate:
    """A certificate that vouches for itself, and a server context that shows it and notes the names it is asked for."""

    file: Path
    context: ssl.SSLContext
    asked: list[str | None]


def certificate(folder: Path, name: str, *, days: int = 1) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.now(UTC) - timedelta(days=10)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=10 + days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key_file)
    asked: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    return Certificate(file, context, asked)


def test_certificate_is_checked_against_the_name_not_the_address(tmp_path: Path, open_session: Open) -> None:
    shown = certificate(tmp_path, "till.example")
    with Server(tls=shown.context) as server:
        server.on("/stock", document({"ok": 1}))
        session = open_session(f"https://till.example:{server.port}", lookup=Names("127.0.0.1"), ca_file=str(shown.file))
        assert session.get_json("/stock", expect=dict) == {"ok": 1}
        assert server.seen[0].headers["Host"] == f"till.example:{server.port}"
    assert shown.asked == ["till.example"]


def test_certificate_of_another_name_is_refused(tmp_path: Path, open_session: Open, pauses: list[float]) -> None:
    shown = certificate(tmp_path, "other.example")
    with Server(tls=shown.context) as server:
        session = open_session(f"https://till.example:{server.port}", lookup=Names("127.0.0.1"), ca_file=str(shown.file))
        with pytest.raises(Unreachable, match="No secure connection") as caught:
            session.get_json("/stock", expect=dict)
        assert server.seen == []
    assert (caught.value.code, caught.value.may_have_acted, pauses) == ("tls", False, [])


def test_unknown_authority_is_refused(tmp_path: Path, open_session: Open) -> None:
    shown = certificate(tmp_path, "till.example")
    with Server(tls=shown.context) as server:
        session = open_session(f"https://till.example:{server.port}", lookup=Names("127.0.0.1"))
        with pytest.raises(Unreachable) as caught:
            session.get_json("/stock", expect=dict)
    assert caught.value.code == "tls"


def test_expired_certificate_is_refused(tmp_path: Path, open_session: Open) -> None:
    shown = certificate(tmp_path, "till.example", days=-1)
    with Server(tls=shown.context) as server:
        session = open_session(f"https://till.example:{server.port}", lookup=Names("127.0.0.1"), ca_file=str(shown.file))
        with pytest.raises(Unreachable) as caught:
            session.get_json("/stock", expect=dict)
    assert caught.value.code == "tls"


def test_plain_server_under_https_is_no_secure_connection(server: Server, open_session: Open) -> None:
    with pytest.raises(Unreachable) as caught:
        open_session(server.url.replace("http:", "https:")).get_json("/stock", expect=dict)
    assert caught.value.code == "tls"
