"""G2P speed on real sentences: Epitran, espeak-ng, gruut and ours, then our service on loopback.

    python bench/g2p.py [--languages fra,rus] [--sentences 300] [--rounds 5] [--peers PYTHON] [--data MIRROR]

One process a tool, asked in turn (tool after tool, round after round), so that whatever else the machine does
hits all alike; the figure is the median of the rounds, in words (white-space tokens) a CPU second (no tool
uses more than one core, so on an idle machine that is a second). espeak-ng and gruut need phonemizer and
gruut, in this environment or in that of `--peers`; English Epitran needs `lex_lookup` on the PATH, which
Debian does not ship, and is timed on a few sentences, since it starts a process a word; so is gruut. What is
missing is null.

The last line is JSON: per language `epitran`, `espeak`, `cold`, `warm` (words/s) and `service_vs_in_process`,
which stands beside the languages too, as the least of theirs; `gruut` and `service` hold the rest of what is
printed.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from g2p_tools import ROOT, TOOLS  # beside this file

LANGUAGES = ["eng", "fra", "rus", "ita", "hun", "ukr", "kor", "tur", "fin", "hin", "swa", "urd"]
_REPORTED = ("epitran", "espeak", "cold", "warm")
_BATCHES = 10  # of 1,000 sentences, so that client and service work at the same time
_SLOW_SENTENCES = 20  # for gruut, and for Epitran where it starts a process a word


def main() -> None:
    """Measure, print a table and, as the last line, one JSON object."""
    arguments = _arguments()
    print(f"{'words/s':8}" + "".join(f"{name:>11}" for name in TOOLS), flush=True)
    texts = {code: _sentences(arguments.data, code, arguments.sentences) for code in arguments.languages}
    speeds = {code: _compare(code, texts[code], arguments) for code in arguments.languages}
    service = _Service()
    try:
        ratios, facts = service.measure(texts, arguments.rounds)
    finally:
        service.stop()
    result: dict[str, object] = {
        code: {name: found[name] for name in _REPORTED} | {"service_vs_in_process": ratios[code]}
        for code, found in speeds.items()
    }
    result["service_vs_in_process"] = min(ratios.values())
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


class _Service:
    """`python -m services.g2p` on loopback."""

    def __init__(self) -> None:
        from isogloss.clients.g2p import G2PClient

        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        address = f"127.0.0.1:{port}"
        started = time.perf_counter()
        environment = os.environ | {"ISOGLOSS_LISTEN": address, "ISOGLOSS_LOG_LEVEL": "WARNING"}
        self._process = subprocess.Popen([sys.executable, "-m", "services.g2p"], cwd=ROOT, env=environment)
        _until_serving(address)
        self.start_s = time.perf_counter() - started
        self._client = G2PClient(address)

    def measure(self, texts: dict[str, list[str]], rounds: int) -> tuple[dict[str, float], dict[str, object]]:
        """Throughput as a share of the same work in this process; latency of one sentence, start, memory."""
        from isogloss.clients.g2p_types import Options
        from services.g2p.engine.converter import load
        from services.g2p.engine.options import Options as EngineOptions

        none = Options(normalization="none")
        ratios: dict[str, float] = {}
        latencies = []
        for code, sentences in texts.items():
            converter = load(code, EngineOptions(normalization="none"))
            lines = (sentences * (1000 // len(sentences) + 1))[:1000] * _BATCHES
            words = sum(len(line.split()) for line in lines)
            served, inside = [], []
            for _ in range(rounds + 1):  # the first fills the caches
                served.append(_seconds(lambda b=lines, c=code: list(self._client.sequences(b, c, none))))
                inside.append(_seconds(lambda b=lines, e=converter: e.sequences(b)))
            speeds = [words / statistics.median(times[1:]) for times in (served, inside)]
            ratios[code] = round(speeds[0] / speeds[1], 2)
            print(
                f"{code:8}service {speeds[0]:>12,.0f}   in process {speeds[1]:>12,.0f}   {ratios[code]}",
                flush=True,
            )
            for sentence in sentences[:40]:
                latencies.append(_seconds(lambda s=sentence, c=code: self._client.convert(s, c, none)))
        latencies.sort()
        facts: dict[str, object] = {
            "unary_p50_ms": round(1000 * latencies[len(latencies) // 2], 2),
            "unary_p99_ms": round(1000 * latencies[int(len(latencies) * 0.99)], 2),
            "start_to_serving_s": round(self.start_s, 2),
            "memory_mb": round(_resident_bytes(self._process.pid) / 2**20),
        }
        print("  ".join(f"{name} {value}" for name, value in facts.items()))
        return ratios, facts

    def stop(self) -> None:
        """Drain and end."""
        self._client.close()
        self._process.terminate()
        self._process.wait(30)


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


def _until_serving(address: str) -> None:
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    with grpc.insecure_channel(address, options=[("grpc.max_reconnect_backoff_ms", 50)]) as channel:
        health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=60
        )


def _seconds(call: object) -> float:
    start = time.perf_counter()
    call()  # type: ignore[operator]
    return time.perf_counter() - start


def _resident_bytes(pid: int) -> int:
    """Linux only; 0 elsewhere."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


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
    arguments = parser.parse_args()
    if not (arguments.data / "flores").is_dir():
        parser.error(
            f"no flores/ in {arguments.data}: give --data or ISOGLOSS_SHARED_DATA a mirror directory"
        )
    return arguments


if __name__ == "__main__":
    main()
