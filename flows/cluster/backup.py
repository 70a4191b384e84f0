"""The bucket as one tar archive, out through `kubectl exec` and back in: for who has no other way to its S3.

Manifests come last, as when they were first written: an archive that breaks off in the middle restores to
results that are whole and others that are not there. Checkpoints are left out: they are of work that goes on.
"""

import json
import logging
import mimetypes
import tarfile
import tempfile
from pathlib import Path
from typing import IO

from isogloss.errors import InvalidInput, NotFound
from isogloss.settings import settings
from isogloss.store import Store, object_name

log = logging.getLogger(__name__)

_MANIFEST = "manifest.json"
_CHECKPOINT = "checkpoint"
_MAX_MANIFEST_BYTES = 16 * 2**20


def back_up(store: Store, archive: IO[bytes]) -> int:
    """Write every object that a result may name to a stream; how many there were."""
    kept = [item for item in store.objects("") if _CHECKPOINT not in item.name.split("/")[:-1]]
    kept.sort(key=lambda item: (item.name.endswith(f"/{_MANIFEST}"), item.name))
    written = 0
    with (
        tarfile.open(fileobj=archive, mode="w|") as tar,
        tempfile.TemporaryDirectory(dir=settings().scratch_dir) as folder,
    ):
        for item in kept:
            local = Path(folder, "object")
            try:
                store.s3.download(item.name, local)
            except NotFound:  # swept since it was listed: no manifest names it
                continue
            tar.add(local, arcname=item.name)
            local.unlink()
            written += 1
    log.info("backed up", extra={"objects": written})
    return written


def restore(store: Store, archive: IO[bytes]) -> int:
    """Put the objects of an archive back; what is there already is written again. How many there were.

    `InvalidInput` when a manifest names a file that neither the archive nor the store has.
    """
    store.ensure_bucket()
    there = {item.name for item in store.objects("")}
    restored = 0
    with (
        tarfile.open(fileobj=archive, mode="r|") as tar,
        tempfile.TemporaryDirectory(dir=settings().scratch_dir) as folder,
    ):
        for member in tar:
            stream = tar.extractfile(member)
            if stream is None:
                raise InvalidInput("archive", f"{member.name!r} is no file", "Give what `backup` wrote.")
            name = object_name(*member.name.split("/"))
            local = Path(folder, "object")
            with local.open("wb") as file:
                while block := stream.read(2**20):
                    file.write(block)
            if name.endswith(f"/{_MANIFEST}"):
                _check_whole(name, local, store, there)
            store.s3.put_file(name, local, mimetypes.guess_type(name)[0] or "application/octet-stream")
            there.add(name)
            restored += 1
    log.info("restored", extra={"objects": restored})
    return restored


def _check_whole(name: str, local: Path, store: Store, there: set[str]) -> None:
    if local.stat().st_size > _MAX_MANIFEST_BYTES:
        raise InvalidInput("archive", f"{name} is too large for a manifest", "Give what `backup` wrote.")
    files = json.loads(local.read_text()).get("files", {})
    prefix = store.uri("")
    for file in files.values():
        if file["uri"].removeprefix(prefix) not in there:
            fix = "The archive broke off or was put together by hand: make another."
            raise InvalidInput("archive", f"{name} names {file['uri']}, which is not in it", fix)
