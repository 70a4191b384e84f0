"""What a user mistypes or lacks ends with one error that names the field and the fix, and no stack trace."""

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import grpc
import pytest

from isogloss import client
from isogloss.errors import InvalidInput, Unavailable
from isogloss.g2p.v1 import g2p_pb2, g2p_pb2_grpc
from isogloss.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from tests.conftest import ROOT, free_ports
from tests.local_stack import LocalStack

SAMPLE = ROOT / "sources" / "sample"


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A mirror that a test can damage: a copy of the sample's data."""
    for name in ("ud", "wikiann", "xnli", "flores"):
        shutil.copytree(SAMPLE / name, tmp_path / name)
    return tmp_path


def replicate(local_stack: LocalStack, *arguments: str, code: int = 1) -> str:
    """The output of a run that must fail."""
    process = local_stack.command("replicate", "--tasks", "pos", *arguments)
    output, _ = process.communicate(timeout=800)
    assert process.returncode == code, output
    assert "Traceback" not in output
    return " ".join(output.split())


@pytest.mark.parametrize(
    ("mistyped", "said"),
    [
        (("--languages", "en,kor"), "languages: unknown language 'en'. Use eng."),
        (("--tasks", "parsing"), "unknown task parsing. Use: ner, pos, xnli."),
        (("--profile", "large"), "paper, sample, small"),
        (("--set", "gaps.replicate=5"), "gaps"),
    ],
)
def test_what_is_mistyped_is_said_before_a_stack_is_started(
    mistyped: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    output = subprocess.run(
        [sys.executable, "-m", "isogloss.cli", "replicate", *mistyped],
        cwd=ROOT,
        env=os.environ | {"ISOGLOSS_STATE_DIR": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        timeout=800,
    )
    assert output.returncode == 1
    assert said in " ".join(output.stderr.split())
    assert not (tmp_path / "state").exists()


def test_a_data_directory_that_lacks_a_split(local_stack: LocalStack, mirror: Path) -> None:
    (mirror / "ud/pos/kor/train.tsv").unlink()
    output = replicate(local_stack, "--languages", "eng,kor", "--data", str(mirror))
    assert "ud/pos/kor/train.tsv" in output
    assert "substitutes" in output, "the option that would let something else stand in"


def test_malformed_conllu_names_file_and_line(local_stack: LocalStack, mirror: Path) -> None:
    (mirror / "ud/pos/kor/dev.tsv").unlink()
    (mirror / "ud/conllu").mkdir()
    text = "1\tIt\tit\tPRON\t_\t_\t2\tnsubj\t_\t_\n2\tbroke\tVERB\n\n"
    (mirror / "ud/conllu/ko_kaist-ud-dev.conllu.gz").write_bytes(gzip.compress(text.encode()))
    # The other language is trained: a broken file costs its own cells (tests/e2e/test_runs_that_fail.py).
    output = replicate(local_stack, "--languages", "eng,kor", "--data", str(mirror), code=4)
    assert "ko_kaist-ud-dev.conllu.gz" in output
    assert "line 2" in output or ":2" in output


def test_no_text_is_refused_by_the_g2p_service(local_stack: LocalStack) -> None:
    """A blank one among others, or alone, is a blank line of somebody's file, and answered as such."""
    stub = g2p_pb2_grpc.G2PServiceStub(client.connect(local_stack.setting("ISOGLOSS_G2P_TARGET")))
    with pytest.raises(InvalidInput) as raised:
        client.call(stub.Convert, g2p_pb2.ConvertRequest(language="eng", texts=[]))
    assert raised.value.field == "texts"


def test_an_unknown_language_is_refused_by_the_g2p_service(local_stack: LocalStack) -> None:
    stub = g2p_pb2_grpc.G2PServiceStub(client.connect(local_stack.setting("ISOGLOSS_G2P_TARGET")))
    with pytest.raises(InvalidInput) as raised:
        client.call(stub.Convert, g2p_pb2.ConvertRequest(language="tlh", texts=["nuqneH"]))
    assert raised.value.field == "language"


def test_an_empty_training_request_names_its_first_bad_field(local_stack: LocalStack) -> None:
    stub = trainer_pb2_grpc.TrainerServiceStub(client.connect(local_stack.setting("ISOGLOSS_TRAINER_TARGET")))
    with pytest.raises(InvalidInput) as raised:
        client.work(stub.Train, trainer_pb2.TrainRequest())
    assert raised.value.field == "task.name"


def test_a_service_that_is_down_is_named_after_a_bounded_time() -> None:
    stub = g2p_pb2_grpc.G2PServiceStub(grpc.insecure_channel(f"127.0.0.1:{free_ports(1)[0]}"))
    with pytest.raises(Unavailable, match="no answer within 2 s"):
        client.call(stub.Convert, g2p_pb2.ConvertRequest(language="eng", texts=["x"]), patience_s=2)
