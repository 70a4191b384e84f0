"""The layout of a mirror: which file is read, checksums, and paths that must not leave it."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from isogloss.errors import DataLoss, Denied
from sources import open_source
from sources.errors import BadLocation, MalformedFile, MissingSplit
from sources.mirror import MirrorSource
from sources.options import ReadOptions
from sources.places import Directory

CONLLU = "1\tRun\trun\tVERB\t_\t_\t0\troot\t_\t_\n\n"


def write(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode()
    path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize(
    ("name", "text", "cell"),
    [
        ("ud/pos/eng/dev.tsv", "Run\tVERB\n", ("pos", "eng", "dev")),
        ("ud/pos/eng/dev.tsv.gz", "Run\tVERB\n", ("pos", "eng", "dev")),
        ("ud/conllu/en_ewt-ud-dev.conllu", CONLLU, ("pos", "eng", "dev")),
        ("ud/conllu/en_ewt-ud-dev.conllu.gz", CONLLU, ("pos", "eng", "dev")),
        ("wikiann/eng/test.tsv.gz", "Ada\tB-PER\n", ("ner", "eng", "test")),
        ("xnli/swa.test.tsv.gz", "a\tb\tneutral\n", ("xnli", "swa", "test")),
        ("flores/swh_Latn.devtest", "Habari.\n", ("flores", "swa", "devtest")),
        ("flores/swh_Latn.dev.gz", "Habari.\n", ("flores", "swa", "dev")),
    ],
)
def test_each_file_is_found_plain_or_gzipped(
    tmp_path: Path, name: str, text: str, cell: tuple[str, str, str]
) -> None:
    stored = write(tmp_path, name, text).read_bytes()
    source = open_source("mirror", str(tmp_path))
    dataset = source.read(*cell)

    assert dataset.sentences == 1
    assert source.splits(*cell[:2]) == (cell[2],)
    (file,) = dataset.files
    assert (file.name, file.size) == (name, len(stored))
    assert file.sha256 == hashlib.sha256(stored).hexdigest()


def test_the_uniform_file_is_preferred_to_conllu(tmp_path: Path) -> None:
    write(tmp_path, "ud/conllu/en_ewt-ud-dev.conllu", CONLLU)
    write(tmp_path, "ud/pos/eng/dev.tsv", "Walk\tVERB\n")
    assert open_source("mirror", str(tmp_path)).read("pos", "eng", "dev").rows[0]["tokens"] == ["Walk"]


def test_a_file_that_differs_from_the_list_of_checksums_is_not_read(tmp_path: Path) -> None:
    path = write(tmp_path, "wikiann/eng/test.tsv", "Ada\tB-PER\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    write(tmp_path, "SHA256SUMS", f"{digest}  wikiann/eng/test.tsv\n")

    read = open_source("mirror", str(tmp_path)).read("ner", "eng", "test")
    assert read.files[0].revision.startswith("sha256sums:")

    path.write_text("Eva\tB-PER\n")
    with pytest.raises(DataLoss, match="SHA256SUMS says"):
        open_source("mirror", str(tmp_path)).read("ner", "eng", "test")


def test_a_broken_list_of_checksums_is_named(tmp_path: Path) -> None:
    write(tmp_path, "wikiann/eng/test.tsv", "Ada\tB-PER\n")
    write(tmp_path, "SHA256SUMS", "not a checksum\n")
    with pytest.raises(MalformedFile, match=r"SHA256SUMS:1: no checksum line"):
        open_source("mirror", str(tmp_path)).read("ner", "eng", "test")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../b", "a\\..\\b", "a\x00b", ""])
def test_a_path_cannot_leave_the_mirror(tmp_path: Path, name: str) -> None:
    inside = Directory(tmp_path)
    for ask in (inside.exists, inside.read, lambda path: inside.copy(path, tmp_path / "x")):
        with pytest.raises(BadLocation, match="leaves the data directory"):
            ask(name)


def test_the_name_of_another_treebank_cannot_leave_the_mirror_either(tmp_path: Path) -> None:
    write(tmp_path, "secret.tsv", "a\tX\n")
    source = open_source("mirror", str(tmp_path), ReadOptions(other_treebanks={"tur": "../../../secret"}))
    with pytest.raises(BadLocation):
        source.read("pos", "tur", "train")


def test_a_file_that_may_not_be_read_is_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "wikiann/eng/test.tsv", "Ada\tB-PER\n")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError  # chmod would not do: the tests may run as root

    place = Directory(tmp_path)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(Denied, match="permissions"):
        place.read("wikiann/eng/test.tsv")


@pytest.mark.parametrize(
    ("kind", "location", "problem"),
    [
        ("mirror", "/no/such/directory", "no directory"),
        ("mirror", "https://example.org/data", "cannot read from"),
        ("mirror", None, "source.location: is missing"),
        ("hub", "/tmp", "but hub has none"),
        ("archive", None, "unknown source 'archive'"),
    ],
)
def test_a_place_that_cannot_be_one_is_named(kind: str, location: str | None, problem: str) -> None:
    with pytest.raises(BadLocation, match=problem):
        open_source(kind, location)


def test_a_whole_split_that_is_absent_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(MissingSplit) as caught:
        MirrorSource(Directory(tmp_path)).read("pos", "eng", "dev")
    assert [Path(path).relative_to(tmp_path).as_posix() for path in caught.value.tried] == [
        "ud/pos/eng/dev.tsv",
        "ud/pos/eng/dev.tsv.gz",
        "ud/conllu/en_ewt-ud-dev.conllu",
        "ud/conllu/en_ewt-ud-dev.conllu.gz",
    ]


def test_what_a_mirror_holds_of_a_data_set_without_a_pin_says_its_revision(tmp_path: Path) -> None:
    """WikiAnn has no public pin: `isogloss mirror` records the newest revision, and each reading says it."""
    write(tmp_path, "wikiann/eng/dev.tsv", "Bonn\tB-LOC\n")
    write(tmp_path, "xnli/eng.dev.tsv", "a\tb\tneutral\n")
    revision = "c" * 40
    origin = {"name": "unimelb-nlp/wikiann/en/validation.parquet", "revision": revision}
    pinned = {"name": "facebook/xnli/en/validation.parquet", "revision": "d" * 40}
    record = {"wikiann/eng/dev.tsv": [origin], "xnli/eng.dev.tsv": [pinned]}
    write(tmp_path, "ORIGINS.json", json.dumps(record))
    source = open_source("mirror", str(tmp_path))
    (note,) = source.read("ner", "eng", "dev").notes
    assert note == (
        f"unimelb-nlp/wikiann has no pinned revision; at {revision}, the newest when the mirror was filled."
    )
    assert source.read("xnli", "eng", "dev").notes == ()


@pytest.mark.parametrize("record", ["[]", "{", '{"wikiann/eng/dev.tsv": 7}', '{"a": ["b"]}'])
def test_a_record_of_origins_that_is_none(tmp_path: Path, record: str) -> None:
    write(tmp_path, "wikiann/eng/dev.tsv", "Bonn\tB-LOC\n")
    write(tmp_path, "ORIGINS.json", record)
    with pytest.raises(MalformedFile, match="not the record of a mirror"):
        open_source("mirror", str(tmp_path)).read("ner", "eng", "dev")
