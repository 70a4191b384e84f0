"""When the local stack's S3 counts as ready."""

from isogloss.store import Store
from stack.readiness import s3_bucket
from tests.conftest import S3Server


def test_a_bucket_that_the_server_did_not_make_when_it_started_is_made(s3: S3Server) -> None:
    settings = s3.settings.model_copy(update={"bucket": "isogloss-late"})
    ready = s3_bucket(settings.s3_endpoint, settings.bucket, s3.access_key, s3.secret_key)
    assert ready(0.0)
    assert [item.name for item in Store.from_settings(settings).objects("")] == [".ready"]


def test_a_server_that_is_away_is_not_ready(s3: S3Server) -> None:
    assert not s3_bucket("127.0.0.1:9", "isogloss", s3.access_key, s3.secret_key)(0.0)
