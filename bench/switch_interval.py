"""How long gRPC's thread waits for the interpreter while calls compute.

    python bench/switch_interval.py

It is why `isogloss/server.py` sets a shorter switch interval than Python's. Eight threads compute; a ninth
wakes, as gRPC's does at each event of a call, and needs the interpreter. Waiting is told as CPU time of this
process, which other work on the machine does not change. A table, and as the last line one JSON object.
"""

import json
import statistics
import sys
import threading
import time

COMPUTING, EVENTS = 8, 40


def _compute(over: threading.Event) -> None:
    total = 0
    while not over.is_set():
        for number in range(2000):
            total += number * number


def wait_ms(interval_s: float) -> list[float]:
    """Milliseconds until the ninth thread goes on, of each event, the shortest first."""
    sys.setswitchinterval(interval_s)
    over = threading.Event()
    threads = [threading.Thread(target=_compute, args=(over,)) for _ in range(COMPUTING)]
    for thread in threads:
        thread.start()
    waits = []
    for _ in range(EVENTS):
        started = time.process_time()
        time.sleep(0.0005)
        waits.append(1000 * (time.process_time() - started))
    over.set()
    for thread in threads:
        thread.join()
    return sorted(waits)


def main() -> None:
    """See the module."""
    figures = {}
    print("interval, ms   median wait, ms   95 %, ms")
    for interval_ms in (5.0, 0.5):
        waits = wait_ms(interval_ms / 1000)
        median, late = statistics.median(waits), waits[int(0.95 * len(waits))]
        figures[f"{interval_ms:g}"] = {"median_ms": round(median, 2), "late_ms": round(late, 2)}
        print(f"{interval_ms:12g} {median:17.2f} {late:10.2f}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
