"""Throwaway certificates for a server that proves who it is: an authority of one's own, and what it signed."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

DAYS = 2


class NoCertificates(RuntimeError):
    """Nothing on this machine makes certificates."""


class Authority:
    """An authority in a folder; `root` is the certificate that a client is told to believe."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.root = folder / "root.crt"
        self._key = folder / "root.key"
        try:
            import cryptography  # noqa: F401
        except ImportError:
            self._is_by_program = True
            if shutil.which("openssl") is None:
                raise NoCertificates("neither cryptography nor openssl is here") from None
        else:
            self._is_by_program = False
        self._make(self.root, self._key, "Throwaway authority", None)

    def server(self, host: str) -> ssl.SSLContext:
        """What a server shows that is called `host`, a name or an address."""
        certificate, key = self._folder / f"{host}.crt", self._folder / f"{host}.key"
        if not certificate.exists():
            self._make(certificate, key, host, host)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context

    def _make(self, certificate: Path, key: Path, called: str, host: str | None) -> None:
        made = _by_program if self._is_by_program else _by_library
        made(certificate, key, called, host, None if host is None else (self.root, self._key))


def _by_library(certificate: Path, key: Path, called: str, host: str | None, signer: tuple[Path, Path] | None) -> None:
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    own = ec.generate_private_key(ec.SECP256R1())
    subject = issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, called)])
    signing: ec.EllipticCurvePrivateKey = own
    if signer is not None:
        issuer = x509.load_pem_x509_certificate(signer[0].read_bytes()).subject
        loaded = serialization.load_pem_private_key(signer[1].read_bytes(), None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        signing = loaded
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
    )
    if host is not None:
        name: x509.GeneralName
        try:
            name = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
    made = builder.sign(signing, hashes.SHA256())
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key.write_bytes(own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))


def _by_program(certificate: Path, key: Path, called: str, host: str | None, signer: tuple[Path, Path] | None) -> None:
    asked = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    asked += ["-days", str(DAYS), "-subj", f"/CN={called}", "-keyout", str(key), "-out", str(certificate)]
    if signer is not None:
        assert host is not None
        kind = "IP" if host.replace(".", "").isdigit() or ":" in host else "DNS"
        asked += ["-CA", str(signer[0]), "-CAkey", str(signer[1]), "-addext", f"subjectAltName={kind}:{host}"]
        asked += ["-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run(asked, check=True, capture_output=True)
