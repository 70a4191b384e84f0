"""What long texts and short deadlines do to G2P.

    python bench/g2p_limits.py [--languages fra,rus] [--rounds 5] [--data MIRROR]

First, microseconds of CPU a character, by the length of the text, with an empty cache: of running text, in
which words come again, and of words that never do. Median of the rounds, each on another stretch of text.

Then a service that takes one call at a time gets calls whose deadline is 50 ms and whose texts take seconds:
how long until the caller has its answer, and until the only worker is free again. The next call tells, which
is refused until then.

The last line is one JSON object.
"""

import argparse
import json
import os
import random
import statistics
import time
from pathlib import Path

from g2p_equality import tokens  # beside this file; puts the checkout on the path
from g2p_service import ROOT, ServiceProcess

from isogloss.languages import LANGUAGES

_LENGTHS = (64, 256, 1_024, 4_096, 16_384, 64_000)  # characters
_DEADLINE_S = 0.05
_LONG_TEXTS, _LONG_TEXT = 10, 100_000  # texts, and characters a text: the most that a text may have
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"


def main() -> None:
    """Measure, print tables and, as the last line, one JSON object."""
    arguments = _arguments()
    print(f"{'µs a character':24}" + "".join(f"{length:>9,}" for length in _LENGTHS), flush=True)
    result: dict[str, object] = {}
    for code in arguments.languages:
        result[code] = _by_length(code, arguments)
    result["deadline"] = _deadline(arguments.rounds)
    print(json.dumps(result))


def _by_length(code: str, arguments: argparse.Namespace) -> dict[str, list[float]]:
    running = list(tokens(arguments.data, code))
    different = random.Random(code).sample(sorted(set(running)), len(set(running)))
    found = {}
    for name, words in (("running text", running), ("no word twice", different)):
        found[name] = [_microseconds(code, words, length, arguments.rounds) for length in _LENGTHS]
        print(f"{code:8}{name:16}" + "".join(f"{value:>9.2f}" for value in found[name]), flush=True)
    return found


def _microseconds(code: str, words: list[str], length: int, rounds: int) -> float:
    """Of CPU, a character of texts of `length`; short ones are timed some hundred at a time."""
    from isogloss.g2p.engine.catalog import resolve
    from isogloss.g2p.engine.converter import Converter
    from isogloss.g2p.engine.options import Options

    times = []
    texts = _cut(words, length, max(_LENGTHS) * rounds)
    together = max(1, len(texts) // rounds)
    for at in range(0, len(texts), together):
        converters = [(Converter(resolve(code), Options("none")), text) for text in texts[at : at + together]]
        start = time.process_time()
        for converter, text in converters:
            converter.sequence(text)
        seconds = time.process_time() - start
        times.append(1e6 * seconds / sum(len(text) for _, text in converters))
    return round(statistics.median(times), 2)


def _cut(words: list[str], length: int, most: int) -> list[str]:
    """Texts of `length` characters or a word more from the head of the words, `most` characters in all; 200
    texts at most, or making their converters would take longer than the measurement.
    """
    texts, text, size = [], [], 0
    for word in words:
        text.append(word)
        size += len(word) + 1
        if size >= length:
            texts.append(" ".join(text))
            text, size = [], 0
            if len(texts) == 200 or len(texts) * length >= most:
                break
    return texts


def _deadline(rounds: int) -> dict[str, object]:
    import grpc

    from isogloss import client
    from isogloss.g2p.v1 import g2p_pb2 as pb
    from isogloss.g2p.v1.g2p_pb2_grpc import G2PServiceStub

    draw = random.Random(0)
    short = pb.ConvertRequest(language="rus", texts=["да"])
    answered, freed = [], []
    with ServiceProcess(ISOGLOSS_MAX_CALLS="1") as service, client.connect(service.address) as channel:
        stub = G2PServiceStub(channel)
        stub.Convert(short, timeout=10)
        for _ in range(4 * rounds):
            texts = [_invented(draw) for _ in range(_LONG_TEXTS)]
            long = pb.ConvertRequest(language="rus", texts=texts, compact=True)
            start = time.perf_counter()
            code = _code(stub, long, _DEADLINE_S)
            answered.append(1000 * (time.perf_counter() - start))
            assert code is grpc.StatusCode.DEADLINE_EXCEEDED, code
            while _code(stub, short, 10) is grpc.StatusCode.RESOURCE_EXHAUSTED:
                time.sleep(0.0005)
            freed.append(1000 * (time.perf_counter() - start))
        start = time.perf_counter()
        stub.Convert(long, timeout=60)
        whole = time.perf_counter() - start
    facts: dict[str, object] = {
        "deadline_ms": 1000 * _DEADLINE_S,
        "without_deadline_s": round(whole, 2),
        "answered_ms": {"median": round(statistics.median(answered), 1), "most": round(max(answered), 1)},
        "worker_free_ms": {"median": round(statistics.median(freed), 1), "most": round(max(freed), 1)},
    }
    print("  ".join(f"{name} {value}" for name, value in facts.items()))
    return facts


def _code(stub: object, request: object, timeout_s: float) -> object:
    import grpc

    try:
        stub.Convert(request, timeout=timeout_s)  # type: ignore[attr-defined]
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def _invented(draw: random.Random) -> str:
    """A text of words of nine letters that no cache holds."""
    letters = draw.choices(_CYRILLIC, k=_LONG_TEXT)
    letters[9::10] = " " * (_LONG_TEXT // 10)
    return "".join(letters)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    data = Path(os.environ.get("ISOGLOSS_SHARED_DATA", ROOT.parent / "shared" / "data"))
    parser.add_argument("--languages", type=lambda text: text.split(","), default=list(LANGUAGES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=data, help="mirror directory, for real texts")
    arguments = parser.parse_args()
    if not (arguments.data / "flores").is_dir():
        parser.error(
            f"no flores/ in {arguments.data}: give --data or ISOGLOSS_SHARED_DATA a mirror directory"
        )
    return arguments


if __name__ == "__main__":
    main()
