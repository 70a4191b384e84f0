"""Small files that unfold to gigabytes are refused by every reader of the services, not decoded first."""

import io
import resource
import struct
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from isogloss.errors import InvalidInput
from isogloss.g2p.engine.converter import load
from isogloss.g2p.engine.options import Options
from isogloss.metrics import formats
from isogloss.safetensors_header import check_header
from services.g2p.corpus import CorpusConverter, read_vocabulary
from tests.conftest import ROOT

WORD = "x" * 2**20


def bomb(columns: dict[str, Any]) -> bytes:
    """Parquet in which one long string is named thousands of times."""
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, compression="zstd", use_dictionary=True)
    assert len(out.getvalue()) < 100_000
    return out.getvalue()


def repeated(count: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), pa.array([WORD]))


def measured(read: Callable[[], object]) -> int:
    """How many bytes the process grew by at most while it refused."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InvalidInput):
        read()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024


def test_g2p_and_metrics_refuse_a_parquet_bomb() -> None:
    corpus = bomb({"text": repeated(4000)})  # 4 GB
    convert = CorpusConverter(load("swa", Options("standard")), "text", (), lambda share: None)
    assert measured(lambda: convert.convert(corpus)) < 2**28
    predictions = bomb({"label": repeated(2000), "prediction": repeated(2000)})
    assert measured(lambda: formats.read_items(predictions, "accuracy", "items")) < 2**28


def test_encoders_refuse_a_parquet_bomb(tmp_path: Path) -> None:
    (tmp_path / "bomb.parquet").write_bytes(bomb({"text": repeated(4000)}))
    script = """
        import sys
        from pathlib import Path
        from isogloss.errors import InvalidInput
        from isogloss.inputs import INPUTS
        from services.encoders.corpus import read_text
        try:
            read_text(Path(sys.argv[1]), INPUTS["character"], "corpus")
        except InvalidInput as error:
            print(error.field, error.problem)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "bomb.parquet")]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("corpus unfolds to more than")


def test_json_of_any_depth_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="vocabulary"):
        read_vocabulary(b"[" * 200_000)


@pytest.mark.parametrize("size", [2**62, 2**27, 0xFFFFFFFFFFFFFFFF])
def test_a_safetensors_header_that_announces_too_much_is_refused(size: int) -> None:
    with pytest.raises(InvalidInput, match="header"):
        formats.read_sentences(struct.pack("<Q", size) + b"{}", "vectors")
    with pytest.raises(InvalidInput):
        check_header(b"1234", "vectors")


def test_a_deep_safetensors_header_is_an_error_with_a_name() -> None:
    header = b'{"vectors":' + b"[" * 100_000
    with pytest.raises(InvalidInput, match="vectors"):
        formats.read_sentences(struct.pack("<Q", len(header)) + header, "vectors")
