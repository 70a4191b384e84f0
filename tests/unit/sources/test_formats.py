"""What the four text formats accept, and what the error says when a file breaks its format."""

import gzip
import tracemalloc
from collections.abc import Callable

import pyarrow as pa
import pytest

from isogloss.languages import language
from sources import decode
from sources.corpus import corpora
from sources.dataset import Parsed
from sources.decode import decode_lines
from sources.errors import MalformedFile
from sources.formats import Format, parse

CONLLU = """\
# sent_id = 1
# text = Il va au marché
1\tIl\til\tPRON\t_\t_\t2\tnsubj\t_\t_
2\tva\taller\tVERB\t_\t_\t0\troot\t_\t_
3-4\tau\t_\t_\t_\t_\t_\t_\t_\t_
3\tà\tà\tADP\t_\t_\t5\tcase\t_\t_
4\tle\tle\tDET\t_\t_\t5\tdet\t_\t_
5\tmarché\tmarché\tNOUN\t_\t_\t2\tobl\t_\t_
5.1\tva\taller\tVERB\t_\t_\t_\t_\t_\t_

# sent_id = 2
1\t#\t#\tSYM\t_\t_\t0\troot\t_\t_
"""


def parsed(text: str, task: str, name: str, file_format: Format | None = None, code: str = "fra") -> Parsed:
    return parse(corpora()[task], text.encode(), name, language(code), file_format)


def conllu(text: str) -> pa.Table:
    return parsed(text, "pos", "x.conllu").table


def pos(text: str) -> pa.Table:
    return parsed(text, "pos", "x.tsv").table


def ner(text: str) -> pa.Table:
    return parsed(text, "ner", "x.tsv").table


def pairs(text: str) -> pa.Table:
    return parsed(text, "xnli", "x.tsv").table


def flores(text: str) -> pa.Table:
    return parsed(text, "flores", "x.devtest", "lines").table


def test_conllu_gives_syntactic_words_without_ranges_empty_nodes_and_comments() -> None:
    assert conllu(CONLLU).to_pylist() == [
        {"tokens": ["Il", "va", "à", "le", "marché"], "labels": ["PRON", "VERB", "ADP", "DET", "NOUN"]},
        {"tokens": ["#"], "labels": ["SYM"]},
    ]


def test_tagged_keeps_spaces_in_forms_and_needs_no_empty_line_at_the_end() -> None:
    assert pos("10 000\tNUM\neuroa\tNOUN\n\n\n.\tPUNCT").to_pylist() == [
        {"tokens": ["10 000", "euroa"], "labels": ["NUM", "NOUN"]},
        {"tokens": ["."], "labels": ["PUNCT"]},
    ]


def test_bio_tags_are_kept_even_where_an_entity_begins_with_i() -> None:
    assert ner("Tampere\tI-LOC\n").to_pylist() == [{"tokens": ["Tampere"], "labels": ["I-LOC"]}]


def test_pairs_keep_their_text_as_it_stands() -> None:
    assert pairs("Alikuja. \tYupo.\tentailment\n").to_pylist() == [
        {"premise": "Alikuja. ", "hypothesis": "Yupo.", "label": "entailment"}
    ]


@pytest.mark.parametrize("separator", ["\u2028", "\u0085", "\x0b", "\x1c"])
def test_only_a_line_feed_ends_a_line(separator: str) -> None:
    assert flores(f"one{separator}still one\r\ntwo").to_pylist() == [
        {"text": f"one{separator}still one"},
        {"text": "two"},
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_word() -> None:
    assert pos("\ufeffa\tX\n").to_pylist() == [{"tokens": ["a"], "labels": ["X"]}]


@pytest.mark.parametrize(
    ("parse", "text", "line", "problem"),
    [
        (conllu, CONLLU.replace("\t0\troot\t_\t_", "\t0", 1), 4, "7 columns, CoNLL-U has 10"),
        (conllu, CONLLU.replace("2\tva", "7\tva", 1), 4, "word id 7, expected 2"),
        (conllu, CONLLU.replace("3-4", "3~4", 1), 5, "'3~4' is no word id"),
        (conllu, CONLLU.replace("VERB", "V", 1), 4, "'V' is no label of pos"),
        (conllu, CONLLU.replace("\tmarché\t", "\t\t", 1), 8, "the word is empty"),
        (conllu, "# only a comment\n", None, "no sentence"),
        (pos, "a\tX\nb X\n", 2, "1 columns, expected 2"),
        (pos, "a\tX\nb\tX\tY\n", 2, "3 columns, expected 2"),
        (pos, "a\tX\n\tX\n", 2, "the word is empty"),
        (pos, "a\tB-PER\n", 1, "'B-PER' is no label of pos"),
        (ner, "a\tO\nb\tB-MISC\n", 2, "'B-MISC' is no label of ner"),
        (pairs, "a\tb\tneutral\na\tb\n", 2, "2 columns, expected 3"),
        (pairs, "a\tb\t1\n", 1, "'1' is no label of xnli"),
        (pairs, "a\t \tneutral\n", 1, "the hypothesis is empty"),
        (flores, "one\n\nthree\n", 2, "an empty line"),
        (flores, " \n", None, "the file is empty"),
        (flores, "one\ntwo\x00\n", 2, "NUL character"),
    ],
)
def test_a_malformed_file_is_named_with_its_line(
    parse: Callable[[str], pa.Table], text: str, line: int | None, problem: str
) -> None:
    with pytest.raises(MalformedFile, match=r"^x\.") as caught:
        parse(text)
    assert caught.value.line == line
    assert problem in caught.value.problem
    assert caught.value.fix


def test_bytes_that_are_no_utf8_are_named_with_their_line() -> None:
    with pytest.raises(MalformedFile, match=r"x\.tsv:2: not UTF-8") as caught:
        decode_lines("a\tX\né\tX\n".encode("latin-1"), "x.tsv")
    assert caught.value.line == 2


def test_gzip_is_told_by_the_name_and_a_cut_file_is_an_error() -> None:
    packed = gzip.compress(b"Sentensi.\n" * 1000)
    assert decode_lines(packed, "x.gz") == ["Sentensi."] * 1000
    with pytest.raises(MalformedFile, match="broken gzip"):
        decode_lines(packed[: len(packed) // 2], "x.gz")
    with pytest.raises(MalformedFile, match="broken gzip"):
        decode_lines(b"Sentensi.", "x.gz")


def test_a_decompression_bomb_is_not_unfolded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "MAX_TEXT_BYTES", 2**20)
    bomb = gzip.compress(bytes(64 * 2**20))
    tracemalloc.start()
    with pytest.raises(MalformedFile, match="unpacks to more than 1 MiB"):
        decode_lines(bomb, "x.gz")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20


def test_lines_and_sentences_have_a_longest_length() -> None:
    with pytest.raises(MalformedFile, match="x:2: longer than"):
        decode_lines(b"a\n" + b"b" * (decode.MAX_LINE_CHARS + 1), "x")
    with pytest.raises(MalformedFile, match=f"a sentence over {decode.MAX_SENTENCE_WORDS} words"):
        pos("a\tX\n" * (decode.MAX_SENTENCE_WORDS + 1))
