"""The check of the paper without a service: `python -m services.metrics.paper_check paper.json`."""

import json
import sys
from pathlib import Path

from services.metrics.engine.paper import check_paper


def main() -> None:
    """Print one line per derived figure; the exit status is 0 whatever the paper says."""
    for item in check_paper(json.loads(Path(sys.argv[1]).read_text())):
        mark = "agrees " if item.agrees else "DIFFERS"
        place = f"{item.table} {item.row} {item.column}"
        print(f"{mark} {place:45} printed {item.printed:<8g} recomputed {item.recomputed:<10.5g} {item.note}")


if __name__ == "__main__":
    main()
