"""Generate the Python stubs of `protos/` into `isogloss/`, or check that the committed ones are current.

    python tools/gen_protos.py            write isogloss/<package>/v1/*_pb2*.py[i]
    python tools/gen_protos.py --check    exit 1 and name the files that differ

Proto path = Python path, so the import paths in the generated code need no rewriting.
"""

import argparse
import filecmp
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"


def generate(into: Path) -> list[Path]:
    """Run protoc and return the files it wrote, relative to `into`."""
    sources = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
    outputs = [f"--{plugin}_out={into}" for plugin in ("python", "grpc_python")]
    outputs += [f"--{plugin}_out=quiet:{into}" for plugin in ("mypy", "mypy_grpc")]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTOS}", *outputs, *sources]
    scripts = Path(sys.executable).parent  # protoc finds its mypy plugins on the PATH
    subprocess.run(command, check=True, env={"PATH": f"{scripts}:/usr/bin:/bin"}, cwd=ROOT)
    for directory in {path.parent for path in into.rglob("*_pb2.py")}:
        for package in (directory, directory.parent):
            (package / "__init__.py").touch()
    return sorted(path.relative_to(into) for path in into.rglob("*") if path.is_file() and _is_stub(path))


def _is_stub(path: Path) -> bool:
    return "_pb2" in path.name and path.suffix in {".py", ".pyi"}


def check() -> int:
    """Compare the committed stubs with fresh ones: 0 when they are equal."""
    with tempfile.TemporaryDirectory() as scratch:
        fresh = generate(Path(scratch))
        stale = [name for name in fresh if not _same(Path(scratch) / name, ROOT / name)]
        known = {path.relative_to(ROOT) for path in (ROOT / "isogloss").rglob("*_pb2*") if _is_stub(path)}
    for name in [*stale, *sorted(known - set(fresh))]:
        print(f"not current: {name} (run `make protos` and commit)", file=sys.stderr)
    return 1 if stale or known - set(fresh) else 0


def _same(left: Path, right: Path) -> bool:
    return right.exists() and filecmp.cmp(left, right, shallow=False)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--check", action="store_true", help="change nothing; exit 1 when stubs are stale")
    if arguments.parse_args().check:
        sys.exit(check())
    generate(ROOT)
