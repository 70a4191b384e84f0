"""Write `constraints.txt`: the exact version of every installed distribution, without registry hosts.

python tools/freeze.py
"""

from importlib import metadata
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "constraints.txt"
HEADER = "# Every version that the environment of `make install` holds. Written by `make constraints`.\n"
# Its CPU and CUDA builds carry local version labels (+cpu); the constraint must admit either.
LABELED = {"torch"}
NOT_PINNED = {"isogloss", "pip", "setuptools", "wheel"}


def main() -> None:
    """Collect, sort and write."""
    pins = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"].lower().replace("_", "-")
        version = distribution.version
        pins[name] = version.partition("+")[0] if name in LABELED else version
    lines = [f"{name}=={version}\n" for name, version in sorted(pins.items()) if name not in NOT_PINNED]
    TARGET.write_text(HEADER + "".join(lines))


if __name__ == "__main__":
    main()
