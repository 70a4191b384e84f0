"""`ORIGINS.json` of a mirror that `isogloss mirror` filled: what each file was made of, at which revision."""

import json
from collections.abc import Mapping

from sources.decode import decode_lines
from sources.errors import MalformedFile
from sources.places import Place
from sources.revisions import DATASETS

NAME = "ORIGINS.json"

Origins = Mapping[str, list[dict[str, str | int]]]
"""By path, the files that a mirror's file was made of: name, revision, sha256 and size."""


def read_origins(place: Place) -> Origins:
    """The record of a place; empty where it was not filled by us."""
    if not place.exists(NAME):
        return {}
    label = place.label(NAME)
    try:
        record = json.loads("\n".join(decode_lines(place.read(NAME), label)))
        return {str(path): list(map(dict, files)) for path, files in record.items()}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        problem = f"not the record of a mirror ({str(error)[:80]})"
        raise MalformedFile(label, None, problem, "Fill the mirror anew, or delete the record.") from None


def unpinned(files: list[dict[str, str | int]]) -> str:
    """A sentence for a file of a data set without a pin: the revision that was its newest at filling time."""
    for file in files:
        for dataset_id, pin in DATASETS.items():
            if pin is None and str(file.get("name", "")).startswith(f"{dataset_id}/"):
                revision = file.get("revision", "")
                when = "the newest when the mirror was filled"
                return f"{dataset_id} has no pinned revision; at {revision}, {when}."
    return ""
