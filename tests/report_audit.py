"""Does every number in a report's tables have a manifest, and an interval or a reason for having none?"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "input", "img", "link", "hr"}
# What stands in these is no figure of its own: the paper's, ours again as an interval or a difference, words.
NOT_OURS = {"paper", "interval", "difference", "bounds", "none", "text", "code"}


@dataclass
class _Cell:
    text: str = ""
    links: list[dict[str, str]] = field(default_factory=list)


def unaccounted(html: str) -> list[str]:
    """The numbers that stand in tables without an account of themselves; empty in a good report.

    A measured number is a link `a.value` to an entry under Provenance with `data-interval`, or with
    `data-exact`, the reason for having none. Counts and settings may have theirs in the table's caption.
    """
    page = _Page()
    page.feed(html)
    return page.found + [
        f"{where}: {href} leads nowhere" for where, href in page.targets if href[1:] not in page.ids
    ]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.targets: list[tuple[str, str]] = []
        self.ids: set[str] = set()
        self._open: list[tuple[str, set[str]]] = []
        self._table = ""
        self._caption = ""
        self._cell: _Cell | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        classes = set(attributes.get("class", "").split())
        self.ids.add(attributes.get("id", ""))
        if tag == "table":
            self._caption = ""
        elif attributes.get("role") == "region":
            self._table = attributes["aria-label"]
        elif tag == "td":
            self._cell = _Cell()
        elif tag == "a" and "value" in classes and self._cell:
            self._cell.links.append(attributes)
        if tag not in VOID:
            self._open.append((tag, classes))

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()
        if tag == "td" and self._cell:
            self._check(self._cell)
            self._cell = None

    def handle_data(self, data: str) -> None:
        names = set().union(*(classes for _, classes in self._open))
        tags = {tag for tag, _ in self._open}
        if "caption" in tags and "exact" in names:
            self._caption += data
        elif self._cell and not names & NOT_OURS and "sup" not in tags:
            self._cell.text += data

    def _check(self, cell: _Cell) -> None:
        where = f"{self._table}: {' '.join(cell.text.split())}"
        for link in cell.links:
            self.targets.append((where, link["href"]))
            if not link.get("data-interval") and not _says_why(link.get("data-exact", "")):
                self.found.append(f"{where}: no interval, and no reason")
        if re.search(r"\d", cell.text) and not cell.links and not _says_why(self._caption):
            self.found.append(f"{where}: no manifest")


def _says_why(text: str) -> bool:
    return "no interval" in " ".join(text.split()).lower()
