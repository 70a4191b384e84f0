"""What a flow run runs in: `python -m stack.engine`, started by the worker.

Prefect's engine with its output in the run's own log, `.isogloss/runs/<flow run>/flow.log`. By default the
output goes through a pipe to the worker; then a worker that is killed takes the flow with it at the next
print.
"""

import os
import runpy
import sys
from pathlib import Path


def main() -> None:
    """Point stdout and stderr to the log and become Prefect's engine."""
    folder = Path(os.environ["ISOGLOSS_STATE_DIR"]) / "runs" / os.environ["PREFECT__FLOW_RUN_ID"]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "flow.log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    sys.argv = sys.argv[:1]
    runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
