"""A small checkout for tests: real S3, Prefect and worker; services and a flow that do little."""

from pathlib import Path

SERVICE = """
from isogloss.server import Mounted, serve

if __name__ == "__main__":
    serve("{name}", "isogloss.{name}.v1.Service", 1, lambda settings: Mounted(lambda server: None))
"""

FLOW = '''
import json, os, time
from pathlib import Path

from prefect import flow, runtime


def write(folder, name, content):
    partial = folder / (name + ".partial")
    partial.write_text(content)
    partial.replace(folder / name)


@flow
def replicate(
    profile: str = "sample",
    data: str | None = None,
    tasks: list[str] | None = None,
    languages: list[str] | None = None,
    tables: list[str] | None = None,
    options: dict | None = None,
    max_gpu_hours: float | None = None,
):
    """Takes as many steps of 0.2 s as `max_gpu_hours` says, or fails as the last folder of `data` says."""
    folder = Path(os.environ["ISOGLOSS_STATE_DIR"]) / "runs" / runtime.flow_run.id
    folder.mkdir(parents=True, exist_ok=True)
    steps = int(max_gpu_hours or 1)
    for step in range(steps):
        print("step", step, flush=True)
        progress = {"phase": "counting", "done": step, "total": steps, "reused": 0, "message": ""}
        write(folder, "progress.json", json.dumps(progress))
        time.sleep(0.2)
    if Path(data or "").name == "wrong":
        error = "languages: 'xxx' is unknown. Choose eng."
        write(folder, "outcome.json", json.dumps({"report": None, "error": error}))
        raise ValueError("languages")
    if Path(data or "").name == "broken":
        raise RuntimeError("the flow broke")
    write(folder, "console.txt", f"Table 1: {steps} steps, data {data}, tasks {tasks}\\n")
    write(folder, "outcome.json", json.dumps({"report": "reports/latest/index.html", "error": None}))
'''

DEPLOYMENTS = """
name: isogloss
pull: null
deployments:
  - name: full
    entrypoint: flows/replicate.py:replicate
    work_pool: {name: isogloss}
"""


def make_checkout(root: Path) -> Path:
    """Write the checkout's files below `root`."""
    (root / "services").mkdir(parents=True)
    (root / "services" / "__init__.py").touch()  # without it, the real package on PYTHONPATH would win
    for name in ("g2p", "trainer", "embedder", "metrics"):
        folder = root / "services" / name
        folder.mkdir()
        (folder / "__main__.py").write_text(SERVICE.format(name=name))
    (root / "flows").mkdir()
    (root / "flows" / "replicate.py").write_text(FLOW)
    (root / "prefect.yaml").write_text(DEPLOYMENTS)
    return root
