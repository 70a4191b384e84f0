"""The process that owns a stack: `python -m stack.supervisor --trainers N [--attached]`.

It starts all parts at once, starts again what dies, writes `stack.json` at each change, and takes everything
down when it gets SIGTERM, or, with `--attached`, when its stdin ends, which the death of the foreground
command brings about however that died. If it is itself killed, the kernel ends its children.
"""

import argparse
import logging
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass

from isogloss import logs
from stack.checkout import Checkout
from stack.errors import StackError
from stack.parts import Part, Plan, plan
from stack.ports import Ports
from stack.prefect_api import AUTH, PrefectApi, PrefectApiError, remove_dotenv, write_dotenv
from stack.processes import describe_exit, signal_group, start, sweep
from stack.state import PartStatus, StackStatus, hold_lock, write_private, write_status

log = logging.getLogger(__name__)

START_LIMIT_S = 180.0
"""Seconds until the whole stack must be ready, else it is taken down."""

_FATAL_DEATHS = 3  # deaths before it was ever ready that make a part's start a failure
_FAILED_DEATHS = 5  # deaths in a row that make a part count as failed; it is still tried again
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 30.0
_STEADY_S = 20.0  # a part that has lived this long starts again without a pause
_READY_POLL_S = 0.15


@dataclass
class _Running:
    """A part, its process and its history."""

    part: Part
    status: PartStatus
    process: "subprocess.Popen[bytes] | None" = None
    ready_once: bool = False
    deaths: int = 0  # in a row
    start_at: float = 0.0  # time.monotonic() of the next start


class Supervisor:
    """Runs a plan until told to stop, in the main thread; other threads only watch for readiness."""

    def __init__(self, checkout: Checkout, whole: Plan, status: StackStatus, attached: bool) -> None:
        self._checkout = checkout
        self._plan = whole
        self._status = status
        self._running = [_Running(part, PartStatus(part.name, part.address)) for part in whole.parts]
        status.parts = [running.status for running in self._running]
        status.notes, status.ui = whole.notes, whole.ui
        self._became_ready: queue.Queue[tuple[_Running, int]] = queue.Queue()
        self._wake_in, self._wake_out = os.pipe()
        os.set_blocking(self._wake_out, False)
        self._attached = attached
        self._told_to_stop = False

    def run(self) -> None:
        """Start everything, keep it running, and take it down in the end."""
        self._listen_for_signals()
        give_up = time.monotonic() + START_LIMIT_S
        write_private(self._checkout.environment, _as_lines(self._plan.shared))
        write_dotenv(self._checkout, self._plan.shared)
        try:
            while not self._told_to_stop and self._status.phase != "failed":
                self._start_due()
                self._wait()
                self._reap()
                self._note_ready()
                self._judge(give_up)
        finally:
            self._take_down()

    # --- The loop

    def _listen_for_signals(self) -> None:
        signal.set_wakeup_fd(self._wake_out, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only wakes the loop
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)

    def _stop(self, *_: object) -> None:
        self._told_to_stop = True

    def _wait(self) -> None:
        """Sleep until a signal, a part's readiness, the end of stdin, or the time of the next start."""
        now = time.monotonic()
        starts = [running.start_at for running in self._running if running.process is None]
        limit = 1.0 if self._status.phase == "starting" else 60.0
        timeout = max(0.0, min([limit, *(at - now for at in starts)]))
        watched = [self._wake_in, sys.stdin.fileno()] if self._attached else [self._wake_in]
        readable, _, _ = select.select(watched, [], [], timeout)
        if self._wake_in in readable:
            os.read(self._wake_in, 4096)
        if self._attached and sys.stdin.fileno() in readable and not os.read(sys.stdin.fileno(), 4096):
            log.info("the foreground command is gone")
            self._told_to_stop = True

    def _start_due(self) -> None:
        for running in self._running:
            if running.process is None and time.monotonic() >= running.start_at:
                self._start(running)

    def _start(self, running: _Running) -> None:
        part, status = running.part, running.status
        environment = part.environment | {"ISOGLOSS_RESTARTS": str(status.restarts)}
        part = Part(**{**vars(part), "environment": environment})
        process = start(part, self._checkout.root, self._checkout.log(part.name), sys.executable)
        running.process = process
        status.pid, status.started = process.pid, time.time()
        status.phase = "starting"
        log.info("started", extra={"part": part.name, "pid": process.pid})
        self._publish()
        threading.Thread(target=self._watch, args=(running, process), daemon=True).start()

    def _watch(self, running: _Running, process: "subprocess.Popen[bytes]") -> None:
        """In a thread of its own: report when this process of the part is ready."""
        started = running.status.started or 0.0
        while running.process is process:
            try:
                if running.part.ready(started):
                    self._became_ready.put((running, process.pid))
                    os.write(self._wake_out, b"r")
                    return
            except Exception:
                log.exception("readiness check failed", extra={"part": running.part.name})
            time.sleep(_READY_POLL_S)

    def _note_ready(self) -> None:
        while not self._became_ready.empty():
            running, pid = self._became_ready.get()
            if running.process is not None and running.process.pid == pid:
                running.status.phase, running.ready_once = "ready", True
                log.info("ready", extra={"part": running.part.name})
                self._publish()

    def _reap(self) -> None:
        for running in self._running:
            if running.process is not None and (code := running.process.poll()) is not None:
                self._note_death(running, describe_exit(code))

    def _note_death(self, running: _Running, reason: str) -> None:
        status = running.status
        lived = time.time() - (status.started or 0.0)
        running.process = None
        running.deaths = 1 if lived >= _STEADY_S and status.phase == "ready" else running.deaths + 1
        pause = 0.0 if running.deaths == 1 else min(_FIRST_PAUSE_S * 2**running.deaths, _LONGEST_PAUSE_S)
        running.start_at = time.monotonic() + pause
        running.part.clean()
        status.phase = "failed" if running.deaths >= _FAILED_DEATHS else "waiting"
        status.pid, status.started, status.last_exit = None, None, reason
        status.restarts += 1
        log.warning(
            "died",
            extra={"part": status.name, "reason": reason, "lived_s": round(lived, 1), "pause_s": pause},
        )
        self._publish()

    def _judge(self, give_up: float) -> None:
        """While the stack starts: is it ready, or has it failed?"""
        if self._status.phase != "starting":
            return
        late = [running for running in self._running if running.status.phase != "ready"]
        hopeless = [running for running in late if not running.ready_once and running.deaths >= _FATAL_DEATHS]
        if not late:
            self._status.phase = "ready"
            log.info("stack ready")
            self._publish()
        elif hopeless:
            name = hopeless[0].part.name
            self._fail(name, f"{name} does not start: {hopeless[0].status.last_exit}.")
        elif time.monotonic() > give_up:
            names = ", ".join(running.part.name for running in late)
            self._fail(late[0].part.name, f"not ready after {START_LIMIT_S:.0f} s: {names}.")

    def _fail(self, part: str, problem: str) -> None:
        self._status.phase, self._status.failed_part, self._status.problem = "failed", part, problem
        self._status.fix = f"The whole log is {self._checkout.log(part)}"
        log.error("stack failed", extra={"part": part, "problem": problem})
        self._publish()

    # --- The end

    def _take_down(self) -> None:
        """Flow runs and their worker, then the services, then S3 and Prefect, which the others still need."""
        failed = self._status.phase == "failed"
        if not failed:
            self._status.phase = "stopping"
            self._publish()
        self._checkout.environment.unlink(missing_ok=True)
        remove_dotenv(self._checkout)
        self._cancel_runs()
        for stage in sorted({running.part.stage for running in self._running}):
            self._stop_stage([running for running in self._running if running.part.stage == stage])
        left = sweep(self._status.token)
        log.info("stack stopped", extra={"swept_processes": left})
        if failed:
            self._publish()  # stays, for whoever asks why
        else:
            self._checkout.status.unlink(missing_ok=True)

    def _cancel_runs(self) -> None:
        """A run must not stay RUNNING in Prefect's database, to be found there by the next stack."""
        prefect = next(running for running in self._running if running.part.name == "prefect")
        if prefect.status.phase != "ready":
            return
        api = PrefectApi(self._plan.shared["PREFECT_API_URL"], self._plan.shared[AUTH], timeout_s=2)
        try:
            for run in api.active_runs():
                api.set_state(run["id"], "CANCELLED", "the local stack was stopped")
        except PrefectApiError as error:
            log.warning("could not cancel flow runs", extra={"problem": error.problem})

    def _stop_stage(self, stage: list[_Running]) -> None:
        live = [running for running in stage if running.process is not None]
        for running in live:
            assert running.process is not None
            signal_group(running.process, signal.SIGTERM)
        ends_at = time.monotonic()
        for running in live:
            process = running.process
            assert process is not None
            try:
                process.wait(max(0.0, ends_at + running.part.grace_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("killed", extra={"part": running.part.name, "grace_s": running.part.grace_s})
                signal_group(process, signal.SIGKILL)
                process.wait()
            running.process = None
            running.part.clean()
            running.status.phase, running.status.pid, running.status.started = "stopped", None, None

    def _publish(self) -> None:
        write_status(self._checkout, self._status)


def _as_lines(environment: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in environment.items())


def main() -> None:
    """Plan and run a stack; a plan that cannot be made is reported in `stack.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trainers", type=int, required=True)
    parser.add_argument("--attached", action="store_true", help="stop when stdin ends")
    options = parser.parse_args()
    logs.configure("supervisor", os.environ.get("ISOGLOSS_LOG_LEVEL", "INFO"))
    checkout = Checkout.find()
    lock = hold_lock(checkout)
    if lock is None:
        sys.exit("another supervisor runs in this checkout")
    with lock, Ports() as ports:
        status = StackStatus(token=uuid.uuid4().hex, pid=os.getpid())
        try:
            whole = plan(checkout, options.trainers, status.token, ports)
        except StackError as error:
            status.phase, status.problem, status.fix = "failed", error.problem, error.fix
            write_status(checkout, status)
            return
        Supervisor(checkout, whole, status, options.attached).run()


if __name__ == "__main__":
    main()
