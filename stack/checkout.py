"""Where a checkout keeps the state of its stack: everything is below one directory, and goes with it."""

import os
from dataclasses import dataclass
from pathlib import Path

from stack.errors import StackError


@dataclass(frozen=True)
class Checkout:
    """A checkout of Isogloss and its state directory (`.isogloss/`, or `ISOGLOSS_STATE_DIR`)."""

    root: Path
    state: Path

    @classmethod
    def find(cls, start: Path | None = None) -> "Checkout":
        """The checkout around a directory (default: the current one); `StackError` outside of one."""
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            if (folder / "prefect.yaml").is_file() and (folder / "services").is_dir():
                return cls(folder, _state_directory(folder))
        raise StackError(
            f"{start} is not inside a checkout of Isogloss (no prefect.yaml and services/ here or above).",
            "The local stack runs from a checkout: cd into one, or clone the repository.",
        )

    @property
    def lock(self) -> Path:
        """Locked by the supervisor for as long as it lives."""
        return self.state / "lock"

    @property
    def status(self) -> Path:
        """What the supervisor says about itself and its parts (`stack.state`)."""
        return self.state / "stack.json"

    @property
    def environment(self) -> Path:
        """settings with which others reach the running stack; holds the S3 credentials, mode 0600."""
        return self.state / "env"

    @property
    def credentials(self) -> Path:
        """The S3 credentials of this checkout, mode 0600."""
        return self.state / "credentials.json"

    @property
    def prefect_password(self) -> Path:
        """User and password of this checkout's Prefect server, mode 0600."""
        return self.state / "prefect-password"

    @property
    def logs(self) -> Path:
        """One log per part."""
        return self.state / "logs"

    @property
    def s3(self) -> Path:
        """SeaweedFS's data."""
        return self.state / "s3"

    @property
    def prefect(self) -> Path:
        """Prefect's home with its SQLite database."""
        return self.state / "prefect"

    def log(self, part: str) -> Path:
        """The log of one part."""
        return self.logs / f"{part}.log"

    def run(self, flow_run: str) -> Path:
        """What one flow run leaves: progress.json, console.txt, outcome.json, flow.log."""
        return self.state / "runs" / flow_run

    def prepare(self) -> None:
        """Create the directories, readable by their owner only: logs and databases are nobody else's
        business.
        """
        try:
            self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self.logs, self.s3, self.prefect, self.state / "runs"):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            fix = "Set ISOGLOSS_STATE_DIR to a directory that you can write to."
            raise StackError(f"cannot keep the stack's state: {error}.", fix) from error


def _state_directory(root: Path) -> Path:
    named = os.environ.get("ISOGLOSS_STATE_DIR")
    return Path(named).expanduser().resolve() if named else root / ".isogloss"
