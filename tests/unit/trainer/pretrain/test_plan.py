"""One plan for all inputs: the same words are read and hidden, whatever they are rendered as."""

from pathlib import Path

import numpy as np
import pytest

from isogloss.errors import InvalidInput
from services.trainer.pretrain import corpus as corpora
from services.trainer.pretrain import leftovers, plan
from services.trainer.pretrain.batches import Drawing, micro_batches
from services.trainer.pretrain.corpus import Corpus
from services.trainer.pretrain.plan import Plan, Settings
from services.trainer.pretrain.vocabulary import END, MASK, PAD, SEPARATOR, START, build
from tests.unit.trainer.pretrain import invented

SETTINGS = Settings(steps=6, windows=8, length=64)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return invented.corpora(tmp_path_factory.mktemp("corpora"))


@pytest.fixture(scope="module")
def corpus(paths: dict[str, Path]) -> Corpus:
    return corpora.read(paths, invented.INPUTS)


@pytest.fixture(scope="module")
def made(corpus: Corpus) -> Plan:
    return plan.make(corpus, SETTINGS)


def words_of(corpus: Corpus, made: Plan, name: str, step: int) -> list[list[tuple[list[str], list[bool]]]]:
    """What an input is asked at a step, decoded: of each window its words, as true units and which are
    hidden."""
    reading = corpus.readings[name]
    vocabulary = build(reading, made, 1)
    batch = Drawing(made, reading, vocabulary).batch(step)
    true = batch.ids_BL.copy()
    true[batch.rows_M, batch.positions_M] = batch.targets_M
    hidden = np.zeros(true.shape, dtype=bool)
    hidden[batch.rows_M, batch.positions_M] = True
    windows = []
    for ids, flags, length in zip(true, hidden, batch.lengths_B, strict=True):
        assert (ids[0], ids[length - 1]) == (START, END)
        assert (ids[length:] == PAD).all()
        words: list[tuple[list[str], list[bool]]] = [([], [])]
        for number, flag in zip(ids[1 : length - 1], flags[1 : length - 1], strict=True):
            if number == SEPARATOR:
                assert not flag
                words.append(([], []))
            else:
                words[-1][0].append(vocabulary.names[number])
                words[-1][1].append(bool(flag))
        windows.append(words)
    return windows


@pytest.mark.parametrize("name", ["letters", "romanized", "phoneme", "phoneme_by_script"])
def test_the_same_words_are_read_and_hidden_in_all_inputs(corpus: Corpus, made: Plan, name: str) -> None:
    hidden_words = 0
    for step in range(SETTINGS.steps):
        as_written, rendered = words_of(corpus, made, "character", step), words_of(corpus, made, name, step)
        for written_window, window in zip(as_written, rendered, strict=True):
            assert len(window) == len(written_window)
            for (letters, hidden), (units, hidden_units) in zip(written_window, window, strict=True):
                assert spelled(name, units) == spelled("character", letters)
                assert any(hidden) == any(hidden_units)
                hidden_words += any(hidden)
                if all(hidden):
                    assert all(hidden_units)
    assert hidden_words > 50


def spelled(name: str, units: list[str]) -> str:
    """The word in Latin letters, from whatever units."""
    plain = (unit.split("@")[0] for unit in units)
    return "".join(invented._TO_LATIN.get(unit.lower(), unit.lower()) for unit in plain if unit != "ː")


def test_a_span_is_the_same_part_of_the_word(corpus: Corpus, made: Plan) -> None:
    """Half of a word of two syllables is one syllable, be it two letters or three phonemes."""
    parts = set()
    for step in range(SETTINGS.steps):
        letters, phonemes = words_of(corpus, made, "letters", step), words_of(corpus, made, "phoneme", step)
        for window, other in zip(letters, phonemes, strict=True):
            for (word, hidden), (units, hidden_units) in zip(window, other, strict=True):
                if len(word) == 4 and any(hidden):
                    assert len(units) == 6
                    expected = [hidden[0]] * 3 + [hidden[3]] * 3
                    assert hidden_units == expected
                    parts.add(tuple(hidden))
    assert parts == {(True,) * 4, (True, True, False, False), (False, False, True, True)}


def test_about_the_wanted_share_is_hidden_and_most_of_it_is_masked(corpus: Corpus) -> None:
    made = plan.make(corpus, Settings(steps=60, windows=16, length=512))
    drawing = Drawing(made, corpus.readings["letters"], build(corpus.readings["letters"], made, 1))
    batches = [drawing.batch(step) for step in range(60)]
    hidden = sum(len(batch.targets_M) for batch in batches)
    real = sum(int((batch.lengths_B - 2).sum()) for batch in batches)
    masked = sum(int((batch.ids_BL[batch.rows_M, batch.positions_M] == MASK).sum()) for batch in batches)
    assert hidden / real == pytest.approx(0.13, abs=0.02)  # .15 of the words' units; a fifth is separators
    assert masked / hidden == pytest.approx(0.8, abs=0.03)


def test_every_window_fits_in_every_rendering_and_is_as_full_as_the_longest_allows(
    corpus: Corpus, made: Plan
) -> None:
    longest = np.zeros(len(made.windows), dtype=int)
    for reading in corpus.readings.values():
        ends = np.concatenate([[0], np.cumsum(reading.lengths + 1)])
        longest = np.maximum(longest, ends[made.windows[:, 1]] - ends[made.windows[:, 0]] + 1)
    assert longest.max() <= SETTINGS.length
    assert np.median(longest) > SETTINGS.length - 13  # what is left over is less than the next word


def test_languages_are_drawn_by_temperature(tmp_path: Path) -> None:
    paths = {
        "aaa": invented.write(tmp_path / "a.parquet", "Latn", invented.lines_of("Latn", 16_000)),
        "bbb": invented.write(tmp_path / "b.parquet", "Cyrl", invented.lines_of("Cyrl", 1_000)),
    }
    corpus = corpora.read(paths, ["letters"])
    for temperature, share in ((1.0, 16 / 17), (2.0, 4 / 5), (100.0, 1 / 2)):
        made = plan.make(corpus, Settings(steps=100, windows=20, length=64, temperature=temperature))
        assert (made.window_language[made.rows] == 0).mean() == pytest.approx(share, abs=0.03)


def test_all_windows_of_a_language_are_read_before_one_comes_again(corpus: Corpus) -> None:
    made = plan.make(corpus, Settings(steps=60, windows=16, length=64))
    for language in range(2):
        own = made.rows.ravel()[made.window_language[made.rows].ravel() == language]
        count = int((made.window_language == language).sum())
        assert len(own) > 2 * count
        assert set(own[:count]) == set(own[count : 2 * count])
        assert list(own[:count]) != list(own[count : 2 * count])


def test_the_same_plan_is_the_same_file_and_another_seed_is_another(corpus: Corpus, tmp_path: Path) -> None:
    first = plan.make(corpus, SETTINGS).save(tmp_path / "1")
    assert plan.make(corpus, SETTINGS).save(tmp_path / "2") == first
    assert plan.make(corpus, Settings(steps=6, windows=8, length=64, seed=1)).save(tmp_path / "3") != first
    loaded = plan.load(tmp_path / "1")
    assert loaded.save(tmp_path / "4") == first


def test_a_plan_with_one_sentence_exchanged_is_refused(
    paths: dict[str, Path], made: Plan, tmp_path: Path
) -> None:
    lines = invented.lines_of("Cyrl")
    lines[7], lines[8] = lines[8], lines[7]
    other = {**paths, "bbb": invented.write(tmp_path / "other.parquet", "Cyrl", lines)}
    with pytest.raises(InvalidInput, match="the words of bbb are not those that it was made from") as raised:
        plan.check(made, corpora.read(other, ["phoneme"]))
    assert raised.value.field == "plan"


def test_a_plan_made_without_a_rendering_that_is_longer_is_refused(
    corpus: Corpus, paths: dict[str, Path]
) -> None:
    short = plan.make(corpora.read(paths, ["letters"]), SETTINGS)
    with pytest.raises(InvalidInput, match=r"as phoneme and room for 64.*phoneme among its inputs"):
        plan.check(short, corpus)


def test_runs_of_two_plans_are_not_compared() -> None:
    plan.check_same({"phoneme 0": "ab", "letters 0": "ab"})
    with pytest.raises(InvalidInput, match="different plans"):
        plan.check_same({"phoneme 0": "ab", "letters 0": "cd"})


@pytest.mark.parametrize(
    ("content", "problem"), [(b"", "not a plan"), (b"\x08\0\0\0\0\0\0\0{}      ", "not a plan")]
)
def test_what_is_no_plan_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "plan").write_bytes(content)
    with pytest.raises(InvalidInput, match=problem):
        plan.load(tmp_path / "plan")


def test_micro_batches_hold_all_rows_and_all_hidden_units(corpus: Corpus, made: Plan) -> None:
    reading = corpus.readings["romanized"]
    whole = Drawing(made, reading, build(reading, made, 1)).batch(0)
    parts = micro_batches(whole, 150)
    assert len(parts) > 2
    assert all(part.ids_BL.size <= 150 for part in parts)
    assert sorted(length for part in parts for length in part.lengths_B) == sorted(whole.lengths_B)
    assert sorted(np.concatenate([part.targets_M for part in parts])) == sorted(whole.targets_M)
    shown = sum(int((part.ids_BL == MASK).sum()) for part in parts)
    assert shown == int((whole.ids_BL == MASK).sum())


def test_too_little_text_is_refused(tmp_path: Path) -> None:
    path = invented.write(tmp_path / "a.parquet", "Latn", invented.lines_of("Latn", 500))
    with pytest.raises(InvalidInput, match=r"corpora\[aaa\]: 5\d\d words, and 1000 are the least"):
        corpora.read({"aaa": path}, ["letters"])


def test_columns_that_are_not_parallel_are_refused(tmp_path: Path) -> None:
    lines = invented.lines_of("Latn")
    invented.save(tmp_path / "a.parquet", {"tokens": lines, "letters": [line[1:] for line in lines]})
    with pytest.raises(InvalidInput, match="'letters' is not parallel to 'tokens'"):
        corpora.read({"aaa": tmp_path / "a.parquet"}, ["letters"])
    with pytest.raises(InvalidInput, match="column 'phonemes' is missing"):
        corpora.read({"aaa": tmp_path / "a.parquet"}, ["phoneme"])


def test_subwords_are_no_single_units(paths: dict[str, Path]) -> None:
    with pytest.raises(InvalidInput, match="'subword' has no single units"):
        corpora.read(paths, ["subword"])


def test_a_word_longer_than_a_window_is_refused(tmp_path: Path) -> None:
    lines = [*invented.lines_of("Latn"), ["ba" * 40]]
    corpus = corpora.read(
        {"aaa": invented.write(tmp_path / "a.parquet", "Latn", lines)}, ["letters", "phoneme"]
    )
    with pytest.raises(
        InvalidInput, match="a word of aaa has 80 units as letters, too many for a window of 64"
    ):
        plan.make(corpus, Settings(steps=1, windows=1, length=64))


def test_a_vocabulary_of_one_unit_is_refused(tmp_path: Path) -> None:
    invented.save(tmp_path / "a.parquet", {"tokens": [["a"] * 10] * 200})
    corpus = corpora.read({"aaa": tmp_path / "a.parquet"}, ["character"])
    with pytest.raises(InvalidInput, match="1 units occur 5 times or more"):
        build(corpus.readings["character"], plan.make(corpus, SETTINGS), 5)


def test_rare_units_are_unknown(corpus: Corpus, made: Plan) -> None:
    vocabulary = build(corpus.readings["character"], made, 40)
    assert 0 < vocabulary.unknown_share < 0.1
    assert not {"B", "Б"} & set(vocabulary.units)
    assert {"b", "б"} <= set(vocabulary.units)


def test_a_rendering_that_leaves_letters_is_refused(tmp_path: Path) -> None:
    lines = invented.lines_of("Cyrl")
    spelled = [[" ".join(word) for word in line] for line in lines]
    invented.save(tmp_path / "b.parquet", {"tokens": lines, "phonemes": spelled, "romanized": lines})
    for name in ("phoneme", "romanized"):
        corpus = corpora.read({"bbb": tmp_path / "b.parquet"}, [name])
        with pytest.raises(InvalidInput, match=rf"corpora\[bbb\]: 100.0 % of the letters .* as {name}"):
            leftovers.check(corpus)


def test_converted_renderings_leave_nothing(corpus: Corpus) -> None:
    leftovers.check(corpus)


@pytest.mark.parametrize("change", [{"steps": 0}, {"length": 8}, {"masked": 0.9}, {"temperature": 0.5}])
def test_settings_are_bounded(corpus: Corpus, change: dict[str, float]) -> None:
    [name] = change
    with pytest.raises(InvalidInput, match=f"plan.{name}"):
        plan.make(corpus, Settings(**{"steps": 2, "windows": 2, "length": 64, **change}))
