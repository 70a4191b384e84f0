"""The local stack as tests use it: driven by the command line, with a state of its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from isogloss.settings import Settings
from isogloss.store import Store
from stack import stack
from stack.checkout import Checkout
from tests.conftest import ROOT, free_ports
from tests.contract.sources.local_hub import LocalHub


class LocalStack:
    """A stack of this checkout with a state and a hub of its own, driven by the command line."""

    def __init__(self, folder: Path, hub: LocalHub) -> None:
        self.hub = hub
        self.reports = folder / "reports"
        # HF_HUB_OFFLINE, which the encoders set where they are imported, must not reach the flow.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        self.environment = kept | {
            "ISOGLOSS_STATE_DIR": str(folder / "state"),
            "ISOGLOSS_REPORTS_DIR": str(self.reports),
            "ISOGLOSS_PREFECT_PORT": str(free_ports(1)[0]),
            "ISOGLOSS_TREEBANK_URL": f"{hub.url}/raw",
            "HF_ENDPOINT": hub.url,
            "HF_HOME": str(folder / "huggingface"),
            "HF_TOKEN": "hf_local",
        }
        self.checkout = Checkout(ROOT, folder / "state")

    def command(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start `isogloss …`."""
        return subprocess.Popen(
            [sys.executable, "-m", "isogloss.cli", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=_hear_ctrl_c,
        )

    def finish(self, process: "subprocess.Popen[str]", limit_s: float = 800) -> str:
        """Wait for a command that must succeed; its output."""
        output, _ = process.communicate(timeout=limit_s)
        assert process.returncode == 0, output
        return output

    @property
    def store(self) -> Store:
        """The stack's store."""
        shared = self._shared().items()
        named: dict[str, Any] = {name.removeprefix("ISOGLOSS_").lower(): value for name, value in shared}
        return Store.from_settings(Settings(**named))

    def setting(self, name: str) -> str:
        """A setting that reaches the running stack."""
        return self._shared()[name]

    def _shared(self) -> dict[str, str]:
        lines = self.checkout.environment.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def forget_results(self) -> None:
        """Remove every artifact: the next run computes all of it."""
        self.store.remove([item.name for item in self.store.objects("")])

    def kill(self, part: str) -> None:
        """kill -9 of the process of a part."""
        status = stack.status(self.checkout)
        assert status is not None
        pid = status.part(part).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    def restarts(self, part: str) -> int:
        """How often the supervisor has started a part again."""
        status = stack.status(self.checkout)
        assert status is not None
        return status.part(part).restarts

    def runs(self) -> set[Path]:
        """The progress files of all runs so far."""
        return set((self.checkout.state / "runs").glob("*/progress.json"))

    def progress(self) -> dict[str, Any]:
        """How far the newest run came."""
        newest = max(self.runs(), key=lambda path: path.stat().st_mtime)
        state: dict[str, Any] = json.loads(newest.read_text())
        return state

    def summary(self) -> list[dict[str, Any]]:
        """Every figure of Tables 1 to 3 in the newest report; `value` is None for what was not run."""
        found: list[dict[str, Any]] = json.loads((self.reports / "latest" / "summary.json").read_text())
        return found

    def numbers(self) -> list[tuple[Any, ...]]:
        """The numbers of the newest report, less what was not run."""
        return [
            (item["table"], item["row"], item["column"], item["value"])
            for item in self.summary()
            if item["value"] is not None
        ]


def _hear_ctrl_c() -> None:
    """A shell has what it starts in the background ignore SIGINT, and so all that this starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
