"""The newest report, for who has no access to S3."""

import io
import tarfile
import tempfile
from pathlib import Path

from isogloss.errors import NotFound
from isogloss.settings import settings
from isogloss.store import Store
from report import RunRecord, write_report


def newest_report() -> bytes:
    """The newest run's report as a tar archive, drawn from its record in the store; `NotFound` when there is
    none.
    """
    store = Store.from_settings(settings())
    keys = {item.name.split("/")[1] for item in store.objects("record/")}
    manifests = [manifest for key in keys if (manifest := store.manifest("record", key)) is not None]
    if not manifests:
        raise NotFound(f"no report in bucket {store.bucket!r}: has a run finished?")
    newest = max(manifests, key=lambda manifest: manifest.finished)
    record = RunRecord.from_json(store.get(newest.files["run.json"]))
    archive = io.BytesIO()
    with tempfile.TemporaryDirectory(dir=settings().scratch_dir) as folder:
        target = Path(folder, record.run_id)
        write_report(record, target)
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.add(target, arcname=record.run_id)
    return archive.getvalue()
