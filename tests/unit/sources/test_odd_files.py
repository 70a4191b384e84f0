"""Files as people have them: each is read as it was meant, with a note, or refused with file and line.

Cases with an address were found in public issues of other programs.
"""

import pytest

from isogloss.languages import language
from isogloss.tasks import Task
from sources.corpus import corpora
from sources.dataset import Parsed
from sources.errors import MalformedFile
from sources.formats import Format, parse


def read(
    text: str, task: str = "ner", name: str = "x.tsv", code: str = "fra", as_: Format | None = None
) -> Parsed:
    known = corpora([Task("tags", "Tags", "tokens", ("O", "N", "B-PER", "I-PER", "B-LOC"))])
    return parse(known[task], text.encode(), name, language(code), as_)


def sentences(parsed: Parsed) -> list[list[str]]:
    rows: list[list[str]] = parsed.table["tokens"].to_pylist()
    return rows


def word(word_id: str, form: str, upos: str = "NOUN") -> str:
    return "\t".join((word_id, form, "_", upos, *"______")) + "\n"


# --- Prefixes of old copies of WikiAnn


def test_a_prefix_that_every_word_has_is_taken_off_and_noted() -> None:
    parsed = read("fr:Jean\tB-PER\nfr:de\tO\n\nfr::\tO\nfr:fr:x\tO\n")
    assert sentences(parsed) == [["Jean", "de"], [":", "fr:x"]]
    assert parsed.notes == ("x.tsv: 'fr:' taken off each of 4 words.",)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        (
            "fr:Jean\tB-PER\n\nPaul\tB-PER\nfr:x\tO\n",
            3,
            "2 words begin with 'fr:' and 1 do not, such as 'Paul'",
        ),
        ("Jean\tB-PER\n\nPaul\tB-PER\nfr:x\tO\n", 4, "1 words begin with 'fr:' and 2 do not, such as 'fr:x'"),
        ("fr:Jean\tB-PER\nfr:\tO\n", 2, "nothing follows 'fr:'"),
    ],
)
def test_a_prefix_that_some_words_have_is_refused(text: str, line: int, problem: str) -> None:
    with pytest.raises(MalformedFile) as caught:
        read(text)
    assert (caught.value.path, caught.value.line) == ("x.tsv", line)
    assert problem in caught.value.problem


def test_only_the_languages_own_prefix_counts() -> None:
    assert sentences(read("en:Jean\tB-PER\n")) == [["en:Jean"]]
    assert sentences(read("en:Jean\tB-PER\n", code="eng")) == [["Jean"]]
    assert sentences(read("zh-yue:你\tO\n", code="yue-Hant")) == [["你"]]


# --- Joined files, documents, ranges


def test_a_byte_order_mark_of_a_joined_file_is_left_out_and_noted() -> None:
    parsed = read("\ufeffa\tO\n\n\ufeffb\tO\n")
    assert sentences(parsed) == [["a"], ["b"]]
    assert parsed.notes == ("x.tsv: 1 byte order mark(s) (U+FEFF) left out, the first of line 3.",)


@pytest.mark.parametrize(
    "text",
    [
        "-DOCSTART-\tO\n\na\tO\n\n-DOCSTART-\tO\n\nb\tO\n",
        # flairNLP/flair 2060: the Dutch CoNLL-2002 has it as the first word of a sentence
        "-DOCSTART-\tO\na\tO\n\n-DOCSTART-\tO\nb\tO\n",
        # ZihanWangKi/CrossWeigh 4: as the last word of the sentence before, and two empty lines
        "-DOCSTART-\tO\n\n\na\tO\n-DOCSTART-\tO\n\n\nb\tO\n",
    ],
)
def test_lines_between_documents_are_left_out_and_counted(text: str) -> None:
    parsed = read(text)
    assert sentences(parsed) == [["a"], ["b"]]
    assert parsed.notes == ("x.tsv: 2 -DOCSTART- line(s) left out.",)


def test_conll_2003_with_its_four_columns() -> None:
    """deepset-ai/FARM 259, huggingface/datasets 1998: the line between documents is no sentence."""
    text = "-DOCSTART- -X- -X- -X- O\n\nEU NNP B-NP B-PER\nrejects VBZ B-VP O\n. . O O\n\n"
    parsed = read(text, name="eng.testa", as_="conll")
    assert sentences(parsed) == [["EU", "rejects", "."]]
    assert "1 -DOCSTART- line(s) left out" in parsed.notes[0]


def test_a_range_without_its_words_is_noted() -> None:
    text = word("1", "va") + word("2-3", "du", "_") + word("2", "de") + "\n" + word("1", "fin")
    parsed = read(text, "pos", "x.conllu")
    assert sentences(parsed) == [["va", "de"], ["fin"]]
    assert "1 range(s) of a multiword token without all their words, the first in line 2" in parsed.notes[0]
    whole = word("1-2", "du", "_") + word("1", "de") + word("2", "le")
    assert read(whole, "pos", "x.conllu").notes == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # EmilStenstrom/conllu 65: Stanza writes ranges of one word
        (word("1", "sa") + word("2-2", "zaň", "_") + word("2", "zaň"), ["sa", "zaň"]),
        # UniversalDependencies/UD_Finnish-TDT 5: an empty node before the first word
        (word("0.1", "Laitoin", "VERB") + word("1", "sen"), ["sen"]),
        # EmilStenstrom/conllu 28: more than one empty line, and spaces within a form (French numbers)
        ("\n\n" + word("1", "10 000", "NUM") + "\n\n\n", ["10 000"]),
        # UniversalDependencies/docs 143: UPOS of a range is _
        (word("1-2", "del", "_") + word("1", "de") + word("2", "el"), ["de", "el"]),
        # a form that is a comment's sign or a quote: no comment, no quoting
        (word("1", "#", "SYM") + word("2", '"', "PUNCT"), ["#", '"']),
    ],
)
def test_conllu_that_others_stumbled_over_is_read(text: str, words: list[str]) -> None:
    assert sentences(read(text, "pos", "x.conllu")) == [words]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        # Orange-OpenSource/conllueditor 41: one space where a tab should be
        (word("1", "a").replace("\t", " ", 1), 1, "9 columns, CoNLL-U has 10"),
        # EmilStenstrom/conllu 23, udon2/udon2 2: pasted from a page, with spaces for tabs
        (word("1", "a").replace("\t", "   "), 1, "1 columns, CoNLL-U has 10"),
        # pyconll/pyconll 129, BramVanroy/spacy_conll 35: a line break as a form
        (word("1", "a") + "2\n\n\tSPACE\t_SP\t_\t_\t2\t_\t_\n", 2, "1 columns, CoNLL-U has 10"),
        # UniversalDependencies/UD_Portuguese-Bosque 215: a space after the tag
        (word("1", "a", "ADJ "), 1, "'ADJ ' is no label of pos"),
        # UniversalDependencies/docs 244: a treebank without tags
        (word("1", "a", "_"), 1, "'_' is no label of pos"),
        (word("1", "a") + " \n" + word("1", "b"), 2, "a line of white space alone (' '), which looks empty"),
        (word("1", "a") + word("1", "b"), 2, "word id 1, expected 2"),
        (word("2-1", "a", "_"), 1, "the range 2-1 goes backwards"),
        (word("0", "root"), 1, "word id 0, expected 1"),
        (word("١", "a"), 1, "is no word id"),
        (word("9" * 5000, "a"), 1, "expected 1"),
        (word("1", "a" * 1500), 1, "a word of 1,500 characters (aaaaaaaaaaaaaaaaaaaa…)"),
    ],
)
def test_conllu_that_is_none_is_refused(text: str, line: int, problem: str) -> None:
    with pytest.raises(MalformedFile) as caught:
        read(text, "pos", "x.conllu")
    assert (caught.value.path, caught.value.line) == ("x.conllu", line)
    assert problem in caught.value.problem


# --- Tables


@pytest.mark.parametrize(
    ("task", "text", "line", "problem"),
    [
        (
            "xnli",
            "premise\thypothesis\tlabel\na\tb\tneutral\n",
            1,
            "a header row (premise, hypothesis, label)",
        ),
        ("xnli", "sentence1\tsentence2\tgold_label\na\tb\tneutral\n", 1, "a header row"),
        ("xnli", "a\tb\tneutral\n\nc\td\tneutral\n", 2, "an empty row"),
        ("xnli", "a\tb\tneutral\nc\t\tneutral\n", 2, "the hypothesis is empty"),
        ("xnli", "a\tb\t-\n", 1, "'-' is no label of xnli"),
        ("xnli", f"a\tb {'c' * 1500}\tneutral\n", 1, "a word of 1,500 characters"),
        ("ner", "token\tlabel\nParis\tB-LOC\n", 1, "a header row (token, label)"),
        ("ner", "Paris B-LOC\n", 1, "1 columns, expected 2"),
        ("ner", "Paris\tB-LOC\n \nx\tO\n", 2, "a line of white space alone"),
        ("ner", "Paris\tB-LOC\n\t\n", 2, "a line of white space alone"),
        ("ner", "Paris\tNNP\tB-LOC\n", 1, "3 columns, expected 2"),
        ("ner", f"{'a' * 1500}\tO\n", 1, "a word of 1,500 characters"),
        ("ner", "a\tO\rb\tO\r", 1, "lines end with CR alone"),
        ("flores", "One.\n \nThree.\n", 2, "an empty line"),
    ],
)
def test_tables_are_refused_with_what_they_are(task: str, text: str, line: int, problem: str) -> None:
    with pytest.raises(MalformedFile) as caught:
        read(text, task, as_="lines" if task == "flores" else None)
    assert (caught.value.path, caught.value.line) == ("x.tsv", line)
    assert problem in caught.value.problem
    assert caught.value.fix


def test_utf16_is_named() -> None:
    with pytest.raises(MalformedFile, match=r"x\.tsv:1: UTF-16\. Save the file as UTF-8"):
        parse(corpora()["ner"], "a\tO\n".encode("utf-16"), "x.tsv", language("fra"))


def test_windows_line_ends_are_read() -> None:
    assert sentences(read("a\tO\r\n\r\nb\tO\r\n")) == [["a"], ["b"]]


def test_a_label_is_never_guessed() -> None:
    """Lower case, IOB1 and IOBES are other labels than the task's: no silent mending."""
    for label in ("b-per", "E-PER", "S-PER", "PER"):
        with pytest.raises(MalformedFile, match=r"is no label of ner\. Use one of: B-LOC B-ORG B-PER"):
            read(f"Jean\t{label}\n")
