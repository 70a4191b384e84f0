"""Reads from the hub in a process of its own, since `HF_ENDPOINT` counts at import; prints JSON.

python -m tests.contract.sources.hub_reader '{"read": [["ner", "eng", "dev"]], "snapshot": "owner/name", ...}'
"""

import json
import sys
from pathlib import Path
from typing import Any

from isogloss.errors import IsoglossError
from sources import PickledSnapshot, ReadOptions, fetch_snapshot
from sources.hub import HubSource
from sources.prepared import PreparedSource
from sources.revisions import Treebank


def main(job: dict[str, Any]) -> dict[str, Any]:
    """Do one job; an error of ours is a result as well."""
    try:
        if model := job.get("snapshot"):
            snapshot = fetch_snapshot(model, Path(job["folder"]), revision=job["revision"])
            files = {name: path.read_bytes().hex() for name, path in snapshot.files.items()}
            return {"pickled": isinstance(snapshot, PickledSnapshot), "files": files}
        treebanks = {code: Treebank(*fields) for code, fields in job.get("treebanks", {}).items()}
        raw = HubSource(job.get("treebank_url", ""), job.get("revisions"), treebanks)
        source = PreparedSource(raw, ReadOptions())
        datasets = [source.read(*cell) for cell in job["read"]]
        return {
            "rows": [dataset.rows for dataset in datasets],
            "notes": [note for dataset in datasets for note in dataset.notes],
            "provenance": source.describe().to_json(),
        }
    except IsoglossError as error:
        return {"error": type(error).__name__, "message": error.message}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
