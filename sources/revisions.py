"""What is read from the network, each pinned to a commit.

Commits never change, so the counts that stand beside them are checked after a download: data that differ stop
the run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

WIKIANN = "unimelb-nlp/wikiann"
XNLI = "facebook/xnli"
FLORES = "openlanguagedata/flores_plus"

# None: no public pin is known; the head of the main branch is resolved, recorded and noted in the report.
DATASETS: Mapping[str, str | None] = MappingProxyType(
    {
        WIKIANN: None,
        XNLI: "b8dd5d7af51114dbda02c0e3f6133f332186418e",
        FLORES: "5fec6c13f9e5a4db2f745d4ec0d7c9721ddc4f06",  # card v4.6
    }
)

TREEBANK_TAG = "r2.13"
"""Of the treebanks without a pinned commit."""

FLORES_SENTENCES: Mapping[str, int] = MappingProxyType({"dev": 997, "devtest": 1012})


@dataclass(frozen=True)
class Treebank:
    """A treebank at tag r2.13; `sentences` are those of train, dev and test, from its stats.xml."""

    repository: str
    commit: str
    sentences: tuple[int, int, int]


TREEBANKS: Mapping[str, Treebank] = MappingProxyType(
    {
        "en_ewt": Treebank("UD_English-EWT", "18eb89b95770483de725af9a6dc808fb6e87981d", (12544, 2001, 2077)),
        "fr_gsd": Treebank("UD_French-GSD", "adaa03153641a5aeacc17fb08a8a62e0dffdf48d", (14450, 1476, 416)),
        "ru_taiga": Treebank(
            "UD_Russian-Taiga", "6c9e76d604c8fedd33ee69ccfa9b9d6df8f74cdf", (16045, 946, 881)
        ),
        "it_isdt": Treebank("UD_Italian-ISDT", "450d8bcca982cb6c2f24a7944c0fb6708c21bcce", (13121, 564, 482)),
        "hu_szeged": Treebank(
            "UD_Hungarian-Szeged", "a553100de17bc9b34798bdbceacbd37c46c09eb0", (910, 441, 449)
        ),
        "uk_iu": Treebank("UD_Ukrainian-IU", "dd951f6f474583289a09e93f1a0e7bf95f93f350", (5521, 673, 898)),
        "ko_kaist": Treebank(
            "UD_Korean-Kaist", "888f855c7bcf1e39291246744f4e98f6bda6742e", (23010, 2066, 2287)
        ),
        "tr_kenet": Treebank(
            "UD_Turkish-Kenet", "3fe761ec02814ab38956bf04d51cd1d7c1006d51", (15398, 1646, 1643)
        ),
        "fi_tdt": Treebank("UD_Finnish-TDT", "5b2bdc33e6b7a131426d0e1902e4304e56915d4a", (12217, 1364, 1555)),
        "hi_hdtb": Treebank("UD_Hindi-HDTB", "841a0ecd3c93fce1e7f4d44f74b2162e035c8b52", (13306, 1659, 1684)),
    }
)


@dataclass(frozen=True)
class Model:
    """A model's commit and, where known, the sha256 of its weights."""

    revision: str
    weights_sha256: str | None = None


MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "google-bert/bert-base-multilingual-cased": Model("3f076fdb1ab68d5b2880cb87a0886f315b8146f8"),
        "google/canine-s": Model(
            "75d6d0b3f4d0bffed0ca7ddd0b73949977d4ca02",
            "29597dae5a7818dd6eae9d58b91033c760f9324d0a35ec0065180eb6c424f9b5",
        ),
        "google/canine-c": Model("dc0eaffdff3fa9161613311c7096eeb3e133ee19"),
        "vinai/xphonebert-base": Model("cf2bc63858dec1c03880fa8f764fe2195accb1ab"),
    }
)
