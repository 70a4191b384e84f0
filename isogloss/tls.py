"""Mutual TLS: each part shows a certificate of the installation's authority and accepts no other.

The three files (`ISOGLOSS_TLS_CERT`, `…_KEY`, `…_CA`) are what cert-manager puts into a Secret. A server
reads them for each new connection, so that it uses a renewed certificate without a restart.

gRPC's credentials are made here; a client of S3 shows the same files (`isogloss.s3`).
"""

from pathlib import Path

import grpc

from isogloss.errors import InvalidInput
from isogloss.settings import Settings


def server_credentials(settings: Settings) -> grpc.ServerCredentials | None:
    """What a server shows and demands; None when TLS is off. `InvalidInput` names a file that is missing."""
    paths = files(settings)
    if paths is None:
        return None
    last = _read(*paths)

    def renewed() -> grpc.ServerCertificateConfiguration | None:
        nonlocal last
        now = _read(*paths)
        if now == last:
            return None
        last = now
        return _server_side(now)

    return grpc.dynamic_ssl_server_credentials(
        _server_side(last),
        renewed,  # type: ignore[arg-type]  # None keeps the last one, says gRPC; its type stubs lack that
        require_client_authentication=True,
    )


def channel_credentials(settings: Settings) -> grpc.ChannelCredentials | None:
    """What a client shows and demands; None when TLS is off. `InvalidInput` names a file that is missing."""
    paths = files(settings)
    if paths is None:
        return None
    certificate, key, authority = _read(*paths)
    return grpc.ssl_channel_credentials(authority, key, certificate)


def files(settings: Settings) -> tuple[Path, Path, Path] | None:
    """(certificate, key, authority); None when TLS is off. `InvalidInput` names a file that is missing."""
    chosen = {
        "ISOGLOSS_TLS_CERT": settings.tls_cert,
        "ISOGLOSS_TLS_KEY": settings.tls_key,
        "ISOGLOSS_TLS_CA": settings.tls_ca,
    }
    if not any(chosen.values()):
        return None
    for name, path in chosen.items():
        if path is None:
            raise InvalidInput(name, "not set, but another of the three is", "Set all three, or none.")
        if not path.is_file():
            raise InvalidInput(name, f"no file {path}", "Mount the certificate's Secret there.")
    certificate, key, authority = chosen.values()
    assert certificate is not None
    assert key is not None
    assert authority is not None
    return certificate, key, authority


def _read(certificate: Path, key: Path, authority: Path) -> tuple[bytes, bytes, bytes]:
    return certificate.read_bytes(), key.read_bytes(), authority.read_bytes()


def _server_side(contents: tuple[bytes, bytes, bytes]) -> grpc.ServerCertificateConfiguration:
    certificate, key, authority = contents
    return grpc.ssl_server_certificate_configuration([(key, certificate)], root_certificates=authority)
