"""cert-manager in miniature: the Secrets that it makes of the `Certificate`s of rendered manifests."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Object = dict[str, Any]

_USAGES = {"server auth": ExtendedKeyUsageOID.SERVER_AUTH, "client auth": ExtendedKeyUsageOID.CLIENT_AUTH}


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def secret(self, authority: x509.Certificate) -> dict[str, str]:
        """The files of its Secret."""
        return {
            "tls.crt": self.certificate.public_bytes(Encoding.PEM).decode(),
            "tls.key": self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
            "ca.crt": authority.public_bytes(Encoding.PEM).decode(),
        }


def issue(objects: Sequence[Object]) -> dict[str, dict[str, str]]:
    """The Secrets of all certificates, by name; one of them is the authority of the others."""
    specs = [item["spec"] for item in objects if item["kind"] == "Certificate"]
    if not specs:
        return {}
    (root,) = [spec for spec in specs if spec.get("isCA")]
    authority = _sign(root, None)
    return {
        spec["secretName"]: _sign(spec, authority).secret(authority.certificate)
        for spec in specs
        if spec is not root
    }


def _sign(spec: Object, authority: Issued | None) -> Issued:
    assert (spec["privateKey"]["algorithm"], spec["privateKey"]["size"]) == ("ECDSA", 256)
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.NameAttribute(NameOID.COMMON_NAME, spec["commonName"])] if "commonName" in spec else []
    subject = x509.Name(names)
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.certificate.subject if authority else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=int(spec["duration"].removesuffix("h"))))
        .add_extension(x509.BasicConstraints(ca=spec.get("isCA", False), path_length=None), critical=True)
    )
    if "usages" in spec:
        usages = x509.ExtendedKeyUsage([_USAGES[usage] for usage in spec["usages"]])
        builder = builder.add_extension(usages, critical=False)
    alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in spec.get("dnsNames", [])]
    alternatives += [x509.IPAddress(ipaddress.ip_address(one)) for one in spec.get("ipAddresses", [])]
    if alternatives:
        # Critical where there is no subject (RFC 5280, 4.2.1.6).
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=not names)
    return Issued(builder.sign(authority.key if authority else key, SHA256()), key)
