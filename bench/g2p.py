"""G2P speed on real sentences: Epitran, espeak-ng, gruut and ours, then our service on loopback.

    python bench/g2p.py [--languages fra,rus] [--rounds 5] [--peers PYTHON] [--data MIRROR] [--service]

One process a tool, asked in turn (tool after tool, round after round), so that whatever else the machine does
hits all alike; the figure is the median of the rounds, in words (white-space tokens) a CPU second (no tool
uses more than one core, so on an idle machine that is a second). espeak-ng and gruut need phonemizer and
gruut, in this environment or in that of `--peers`; English Epitran needs `lex_lookup` on the PATH, which
Debian does not ship, and is timed on a few sentences, since it starts a process a word; so is gruut. What is
missing is null.

Then lists of strings become lists of strings through `G2PClient` and in this process, both warm. That ratio
is by the clock, so it means what it says on a machine with two idle cores; beside it stands the CPU that this
process needs for them, as a share of what the service and the client need.

The last line is JSON: per language `epitran`, `espeak`, `cold`, `warm` (words/s) and `service_vs_in_process`,
which stands beside the languages too, as the least of theirs; `service_vs_in_process_cpu`, `gruut` and
`service` hold the rest of what is printed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from g2p_service import ROOT, ServiceProcess  # beside this file
from g2p_tools import TOOLS

LANGUAGES = ["eng", "fra", "rus", "ita", "hun", "ukr", "kor", "tur", "fin", "hin", "swa", "urd"]
_REPORTED = ("epitran", "espeak", "cold", "warm")
_BATCHES = 10  # of 1,000 sentences, so that client and service work at the same time
_SERVICE_ROUNDS = 3  # a round: one takes a twentieth of a second, and needs two cores at once
_SLOW_SENTENCES = 20  # for gruut, and for Epitran where it starts a process a word


def main() -> None:
    """Measure, print a table and, as the last line, one JSON object."""
    arguments = _arguments()
    texts = {code: _sentences(arguments.data, code, arguments.sentences) for code in arguments.languages}
    speeds = {}
    if not arguments.service:
        print(f"{'words/s':8}" + "".join(f"{name:>11}" for name in TOOLS), flush=True)
        speeds = {code: _compare(code, texts[code], arguments) for code in arguments.languages}
    ratios, facts = _measure_service(texts, arguments.rounds)
    result: dict[str, object] = {
        code: {name: found[name] for name in _REPORTED} | {"service_vs_in_process": ratios[code]["clock"]}
        for code, found in speeds.items()
    }
    result["service_vs_in_process"] = min(found["clock"] for found in ratios.values())
    result["service_vs_in_process_cpu"] = ratios
    result["gruut"] = {code: found["gruut"] for code, found in speeds.items() if found["gruut"]}
    result["service"] = facts | _process()
    print(json.dumps(result, ensure_ascii=False))


def _compare(code: str, sentences: list[str], arguments: argparse.Namespace) -> dict[str, int | None]:
    workers = {}
    for name in TOOLS:
        peer = name in ("espeak", "gruut")
        few = name == "gruut" or (name == "epitran" and code == "eng")
        workers[name] = _Worker(
            arguments.peers if peer else sys.executable,
            name,
            code,
            sentences[: _SLOW_SENTENCES if few else None],
        )
    rounds: dict[str, list[float]] = {name: [] for name in workers}
    for _ in range(arguments.rounds):
        for name, worker in workers.items():
            rounds[name].append(worker.words_per_second())
    speeds = {}
    for name, worker in workers.items():
        worker.stop()
        speed = statistics.median(rounds[name])
        speeds[name] = round(speed) or None
    print(
        f"{code:8}" + "".join(f"{speed or '-':>11,}" if speed else f"{'-':>11}" for speed in speeds.values()),
        flush=True,
    )
    return speeds


class _Worker:
    """bench/g2p_tools.py in a process of its own."""

    def __init__(self, python: str, tool: str, code: str, sentences: list[str]) -> None:
        command = [python, str(ROOT / "bench" / "g2p_tools.py"), tool, code, "0"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._ask(json.dumps(sentences))
        self._words = json.loads(self._answer() or "{}").get("words", 0)

    def words_per_second(self) -> float:
        """One round; 0 when the tool is missing or has ended, as English Epitran does at a failed process."""
        if not self._words or self._process.poll() is not None:
            return 0.0
        self._ask("go")
        answer = self._answer()
        return self._words / float(answer) if answer else 0.0

    def stop(self) -> None:
        """End the process."""
        self._process.communicate()

    def _ask(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def _measure_service(
    texts: dict[str, list[str]], rounds: int
) -> tuple[dict[str, dict[str, float]], dict[str, object]]:
    """Throughput as a share of the same work in this process; latency of one sentence, start, memory."""
    from isogloss.clients.g2p import G2PClient
    from isogloss.clients.g2p_types import Options

    none = Options(normalization="none")
    with ServiceProcess() as service, G2PClient(service.address) as client:
        ratios = {code: _ratios(service, client, code, texts[code], rounds) for code in texts}
        latencies = sorted(
            _seconds(lambda s=sentence, c=code: client.convert(s, c, none))
            for code, sentences in texts.items()
            for sentence in sentences[:40]
        )
        facts: dict[str, object] = {
            "unary_p50_ms": round(1000 * latencies[len(latencies) // 2], 2),
            "unary_p99_ms": round(1000 * latencies[int(len(latencies) * 0.99)], 2),
            "start_to_serving_s": round(service.start_s, 2),
            "memory_mb": round(service.resident_bytes() / 2**20),
        }
    print("  ".join(f"{name} {value}" for name, value in facts.items()))
    return ratios, facts


def _ratios(
    service: ServiceProcess, client: object, code: str, sentences: list[str], rounds: int
) -> dict[str, float]:
    """Both ways take a list of strings and give one, of sentences that they have converted before."""
    from isogloss.clients.g2p_types import Options
    from isogloss.g2p.engine.converter import load
    from isogloss.g2p.engine.options import Options as EngineOptions

    converter, none = load(code, EngineOptions(normalization="none")), Options(normalization="none")
    lines = (sentences * (1000 // len(sentences) + 1))[:1000] * _BATCHES
    words = sum(len(line.split()) for line in lines)

    def served() -> list[str]:
        return list(client.sequences(lines, code, none))  # type: ignore[attr-defined]

    def inside() -> list[str]:
        return converter.sequences(lines)

    assert served() == inside()  # and fills the caches
    clock: dict[str, list[float]] = {"served": [], "inside": []}
    cpu = dict.fromkeys(("service", "client", "inside"), 0.0)
    for _ in range(_SERVICE_ROUNDS * rounds):
        service_before, before = service.cpu_seconds(), time.process_time()
        clock["served"].append(_seconds(served))
        between = time.process_time()
        cpu["service"] += service.cpu_seconds() - service_before
        cpu["client"] += between - before
        clock["inside"].append(_seconds(inside))
        cpu["inside"] += time.process_time() - between
    speeds = {name: words / statistics.median(times) for name, times in clock.items()}
    ratios = {
        "clock": round(speeds["served"] / speeds["inside"], 2),
        "service_cpu": round(cpu["inside"] / cpu["service"], 2) if cpu["service"] else 0.0,
        "client_cpu": round(cpu["inside"] / cpu["client"], 2),
    }
    print(
        f"{code:8}served {speeds['served']:>11,.0f}   in process {speeds['inside']:>11,.0f}   {ratios}",
        flush=True,
    )
    return ratios


def _process() -> dict[str, object]:
    """What the serving process imports, and how long that takes."""
    code = (
        "import sys, time; start = time.perf_counter(); import services.g2p.__main__;"
        "seconds = time.perf_counter() - start; import json;"
        "names = {name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names);"
        "print(json.dumps([round(seconds, 3), sorted(name for name in names if not name.startswith('_'))]))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds, modules = json.loads(answer.stdout)
    print(f"import {seconds} s; packages: {' '.join(modules)}")
    return {"import_s": seconds, "modules": modules}


def _seconds(call: object) -> float:
    start = time.perf_counter()
    call()  # type: ignore[operator]
    return time.perf_counter() - start


def _sentences(data: Path, code: str, count: int) -> list[str]:
    name = {"swa": "swh"}.get(code, code)
    (path,) = (data / "flores").glob(f"{name}_*.devtest")
    return path.read_text(encoding="utf-8").splitlines()[:count]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    data = Path(os.environ.get("ISOGLOSS_SHARED_DATA", ROOT.parent / "shared" / "data"))
    parser.add_argument("--languages", type=lambda text: text.split(","), default=LANGUAGES)
    parser.add_argument("--sentences", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", default=sys.executable, help="python that has phonemizer and gruut")
    parser.add_argument("--data", type=Path, default=data, help="mirror directory that holds flores/")
    parser.add_argument("--service", action="store_true", help="measure the service alone, not the tools")
    arguments = parser.parse_args()
    if not (arguments.data / "flores").is_dir():
        parser.error(
            f"no flores/ in {arguments.data}: give --data or ISOGLOSS_SHARED_DATA a mirror directory"
        )
    return arguments


if __name__ == "__main__":
    main()
