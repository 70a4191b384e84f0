"""What the resources hold, for whoever plans before anything is read: sentences by split, and how long they
are.
"""

from isogloss.languages import language
from sources.revisions import DATASETS, FLORES, FLORES_SENTENCES, TREEBANKS, WIKIANN, XNLI

_LABELED = ("train", "dev", "test")

# Rahimi et al. (2019) and Conneau et al. (2018); the paper's Table 4 has the same sizes.
_WIKIANN = {"hin": (5000, 1000, 1000)}
_WIKIANN_MOSTLY = (20_000, 10_000, 10_000)
_XNLI = (392_702, 2_490, 5_010)

CHARACTERS = {"ud": 96, "wikiann": 43, "xnli": 156, "flores": 125}
"""Characters a sentence (a pair), separators included: means over dev of UD 2.13 (ten languages), WikiAnn
(ten), XNLI (eng, swa, urd) and over FLORES' devtest."""


def pinned_revision(corpus: str, code: str) -> str | None:
    """The commit that a resource of the hub is read at; None where it is not pinned (WikiAnn)."""
    if corpus == "ud":
        treebank = TREEBANKS.get(str(language(code).treebank))
        return treebank.commit if treebank else None
    return DATASETS.get({"wikiann": WIKIANN, "xnli": XNLI, "flores": FLORES}.get(corpus, ""))


def expected_rows(corpus: str, code: str) -> dict[str, int] | None:
    """Sentences of a resource by split; None where nobody knows before it is read."""
    if corpus == "flores":
        return dict(FLORES_SENTENCES)
    sizes: tuple[int, int, int] | None = None
    if corpus == "ud":
        treebank = TREEBANKS.get(str(language(code).treebank))
        sizes = treebank.sentences if treebank else None
    elif corpus == "wikiann":
        sizes = _WIKIANN.get(code, _WIKIANN_MOSTLY)
    elif corpus == "xnli":
        sizes = _XNLI
    return None if sizes is None else dict(zip(_LABELED, sizes, strict=True))
