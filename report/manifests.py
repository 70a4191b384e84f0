"""Put what the manifests say into the record, so that the report shows it long after the stack is down."""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from isogloss.manifests import Manifest
from isogloss.store import Store
from report.provenance import manifest_uris
from report.record import ManifestRow, RunRecord

READERS = 8  # a manifest is one small object: reading waits on the network


def with_manifests(record: RunRecord, store: Store) -> RunRecord:
    """The record with a `ManifestRow` for each manifest that it names and that this store has, and with the
    hardware that its models were trained on.

    Raises what the store raises when it cannot be reached or a manifest cannot be read.
    """
    with ThreadPoolExecutor(READERS) as pool:
        rows = pool.map(lambda uri: _row(uri, store), manifest_uris(record))
        found = tuple(row for row in rows if row)
    return replace(record, manifests=found, hardware=_trained_on(found))


def _trained_on(rows: Iterable[ManifestRow]) -> str:
    """Each device of the trainers with its system: "NVIDIA H100, Linux-…"."""
    machines = (row.hardware for row in rows if row.kind == "train")
    return "; ".join(
        dict.fromkeys(f"{machine.get('device', '')}, {machine['system']}" for machine in machines)
    )


def _row(uri: str, store: Store) -> ManifestRow | None:
    place = re.fullmatch(rf"s3://{re.escape(store.bucket)}/([^/]+)/([^/]+)/manifest\.json", uri)
    manifest = store.manifest(place[1], place[2]) if place else None
    return manifest_row(uri, manifest) if manifest else None


def manifest_row(uri: str, manifest: Manifest) -> ManifestRow:
    """A manifest as the report shows it; files and inputs by their sha256 alone."""
    return ManifestRow(
        uri,
        manifest.kind,
        manifest.code_version,
        manifest.started,
        manifest.finished,
        manifest.seed,
        {name: artifact.sha256 for name, artifact in manifest.inputs.items()},
        {name: artifact.sha256 for name, artifact in manifest.files.items()},
        manifest.libraries,
        manifest.hardware,
        manifest.request,
    )
