"""A rule that is left out could not have fired: for every rule of every language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isogloss.g2p.engine import epitran_data
from isogloss.g2p.engine.requirements import analyze
from isogloss.g2p.engine.rules import Cascade, Rule, read


@pytest.mark.parametrize(
    ("pattern", "clauses"),
    [
        ("ab", ["a", "b"]),
        ("[ab]c", ["ab", "c"]),
        ("(a|bc)d?", ["ab"]),
        ("a*b+", ["b"]),
        ("(a|)b", ["b"]),
        ("^a{2,}$", ["a"]),
        ("a{0,2}b", ["b"]),
        ("(?!x)a(?=y)", ["a", "y"]),
        (r"\.\w", ["."]),
        (r"\p{L}a", []),
    ],
)
def test_clauses(pattern: str, clauses: list[str]) -> None:
    """One letter of each clause is in whatever matches; syntax that is not understood claims nothing."""
    assert list(analyze(pattern).clauses) == [frozenset(clause) for clause in clauses]


_RULES = [
    rule
    for code in epitran_data.codes()
    for stage in ("pre", "post")
    for rule in read(epitran_data.read_rules(code, stage))
]


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_what_is_not_tried_would_not_have_fired(data: st.DataObject) -> None:
    rule: Rule = data.draw(st.sampled_from(_RULES))
    letters = sorted({*rule.source, "a", "e", "n", "t", " "})
    text = data.draw(st.text(st.sampled_from(letters), max_size=12))
    missing = any(clause.isdisjoint(text) for clause in rule.clauses) or rule.needle not in text
    if missing:
        assert rule.apply(text) == text
    assert Cascade([rule]).apply(text) == rule.apply(text)


def test_most_rules_need_something() -> None:
    """Otherwise nothing would be gained."""
    assert sum(bool(rule.clauses) for rule in _RULES) > 0.95 * len(_RULES)
