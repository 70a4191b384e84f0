"""Fill a mirror with what a profile reads: `isogloss mirror`."""

from collections.abc import Iterator

from flows import intake
from flows.graph import build
from flows.profile import Profile
from sources import hub_client
from sources.filling import Filling
from sources.places import open_place
from sources.source import RawSource


def fill(profile: Profile, target: str, source: RawSource) -> Iterator[str]:
    """Copy corpora, then models, from `source` and the hub to a directory or `s3://bucket/prefix`; yields a
    line for each that is done. What is there already is left alone.
    """
    hub_client.import_libraries()
    mirror = Filling(open_place(target))
    graph = build(profile).values()
    for task, language in (node.about for node in graph if node.call == "read"):
        added = [
            mirror.add_split(source, task, language, split)
            for split in intake.splits_of(profile, source, task, language)
        ]
        yield f"{task}/{language}: {_said(len(added), sum(path is not None for path in added))}"
    yield from mirror.unpinned
    for choice in (node.about for node in graph if node.call == "fetch"):
        files = mirror.add_model(choice.id, choice.revision)
        yield f"{choice.describe()}: {f'{len(files)} files' if files else 'there'}"


def _said(splits: int, copied: int) -> str:
    if copied == 0:
        return f"{splits} splits, there"
    return f"{splits} splits" if copied == splits else f"{splits} splits, {splits - copied} of them there"
