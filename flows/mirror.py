"""Fill a mirror with what a profile reads: `isogloss mirror`."""

from collections.abc import Iterator
from dataclasses import replace

from flows import intake
from flows.graph import build
from flows.profile import Profile
from flows.run import options_of
from sources.filling import Filling
from sources.places import open_place
from sources.source import open_raw


def fill(profile: Profile, target: str) -> Iterator[str]:
    """Copy corpora, then models, from the hub and from what the profile's `data:` names to a directory or
    `s3://bucket/prefix`; yields a line for each that is done. What is there already is left alone.

    Whole splits are copied: limits and substitutes are a reader's.
    """
    graph = build(profile).values()
    read = [node.about for node in graph if node.call == "read"]
    own = {task: profile.data[task] for task, _ in read if task in profile.data}
    tasks = [profile.task(name) for name in profile.tasks]
    folder = profile.source.location or profile.source.files or "."
    options = replace(options_of(profile, ""), data=own, folder=folder)
    source, known = open_raw("hub", None, options, None, tasks, [profile.parallel.corpus], profile.registry)
    mirror = Filling(open_place(target), known, profile.registry)
    for task, language in read:
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
