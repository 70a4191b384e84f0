"""The report of a run: fill a `RunRecord` (`report.record`), then `write_report` and `publish` it."""

from report.atlas import atlas_lines
from report.compare import compare
from report.console import console_comparison, console_tables
from report.manifests import with_manifests
from report.paper import printed_figures, printed_sizes
from report.record import RunRecord
from report.write import publish, write_comparison, write_report

__all__ = [
    "RunRecord",
    "atlas_lines",
    "compare",
    "console_comparison",
    "console_tables",
    "printed_figures",
    "printed_sizes",
    "publish",
    "with_manifests",
    "write_comparison",
    "write_report",
]
