"""A mirror in a real S3 server: read, absent, refused, and unreachable."""

import gzip
import io
from pathlib import Path

import pytest
from pydantic import SecretStr

from isogloss.errors import Denied, Unavailable
from isogloss.s3 import Bucket, connect
from isogloss.settings import Settings
from isogloss.store import Store
from sources.errors import BadLocation, MissingSplit
from sources.mirror import MirrorSource
from sources.places import PATIENCE_S, Prefix
from tests.conftest import S3Server

PREFIX = "mirrors/tiny"


def at(settings: Settings, bucket: str, prefix: str) -> Prefix:
    """A place in S3."""
    return Prefix(Bucket(connect(settings, retries=False), bucket, PATIENCE_S), prefix)


@pytest.fixture
def bucket(s3: S3Server, store: Store) -> Prefix:
    """A prefix with one NER file."""
    store.ensure_bucket()
    data = gzip.compress(b"Kampala\tB-LOC\n")
    name = f"{PREFIX}/wikiann/eng/train-other+name.tsv.gz"
    client = connect(s3.settings, retries=False)
    for target in (name, f"{PREFIX}/wikiann/eng/dev.tsv.gz"):
        client.put_object(
            bucket_name=store.bucket, object_name=target, data=io.BytesIO(data), length=len(data)
        )
    return at(s3.settings, store.bucket, PREFIX)


def test_a_prefix_is_read_like_a_directory(bucket: Prefix, tmp_path: Path) -> None:
    mirror = MirrorSource(bucket)

    assert mirror.location == f"s3://isogloss-test/{PREFIX}"
    assert mirror.splits("ner", "eng") == ("dev",)
    assert mirror.read("ner", "eng", "dev").rows == [{"tokens": ["Kampala"], "labels": ["B-LOC"]}]
    bucket.copy("wikiann/eng/train-other+name.tsv.gz", tmp_path / "copy.gz")
    assert gzip.decompress((tmp_path / "copy.gz").read_bytes()).startswith(b"Kampala")


def test_a_file_is_written_below_the_prefix(bucket: Prefix, tmp_path: Path) -> None:
    (tmp_path / "local").write_text("Habari.\n")
    bucket.write("flores/swh_Latn.devtest", tmp_path / "local")
    assert MirrorSource(bucket).read("flores", "swa", "devtest").rows == [{"text": "Habari."}]


def test_an_absent_split_names_the_objects_that_were_looked_for(bucket: Prefix) -> None:
    with pytest.raises(MissingSplit, match=f"s3://isogloss-test/{PREFIX}/wikiann/fin/dev.tsv.gz"):
        MirrorSource(bucket).read("ner", "fin", "dev")


def test_an_absent_bucket_is_named(s3: S3Server) -> None:
    with pytest.raises(BadLocation, match="no bucket 'absent-bucket'"):
        at(s3.settings, "absent-bucket", "")


def test_a_prefix_cannot_hold_dots(s3: S3Server) -> None:
    with pytest.raises(BadLocation):
        at(s3.settings, "isogloss-test", "mirrors/../other")


@pytest.mark.parametrize("field", ["s3_access_key", "s3_secret_key"])
def test_wrong_credentials_are_denied_and_the_message_names_the_settings(s3: S3Server, field: str) -> None:
    wrong = s3.settings.model_copy(update={field: SecretStr("not-the-right-one")})
    with pytest.raises(Denied, match="ISOGLOSS_S3_ACCESS_KEY") as caught:
        at(wrong, "isogloss-test", PREFIX)
    assert "not-the-right-one" not in str(caught.value)


def test_missing_credentials_are_denied(s3: S3Server) -> None:
    with pytest.raises(Denied, match="credentials are missing"):
        at(s3.settings.model_copy(update={"s3_access_key": None}), "isogloss-test", PREFIX)


def test_a_server_that_is_away_is_unavailable_within_seconds(s3: S3Server) -> None:
    away = s3.settings.model_copy(update={"s3_endpoint": "127.0.0.1:9"})
    with pytest.raises(Unavailable, match="ISOGLOSS_S3_ENDPOINT"):
        at(away, "isogloss-test", PREFIX)
