"""Links between pages, and from pages to sources, lead somewhere. Anchors too are `make docs`'."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

MADE = {"cli.md", "profile.md", "protos.md"}  # by tools/site, when the site is built
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "examples/**/*.md", "services/*/README.md", "stack/README.md")
    for path in ROOT.glob(pattern)
)
_LINK = re.compile(r"\]\(([^)\s#:]+)(?:#[^)\s]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = {match[1] for match in _LINK.finditer(page.read_text())}
    dead = {link for link in links if not (page.parent / link).exists()}
    made = {link for link in dead if "reference" in (page.parent / link).parts and Path(link).name in MADE}
    assert dead - made == set()


def test_every_page_is_in_the_site() -> None:
    listed = (ROOT / "mkdocs.yml").read_text()
    docs = ROOT / "docs"
    assert [path for path in docs.rglob("*.md") if str(path.relative_to(docs)) not in listed] == []
