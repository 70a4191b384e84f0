"""A small template grammar: tagged sentences out of templates and lexicons with agreement.

A template is words written ``form/UPOS`` (or ``form/UPOS/BIO``) and slots in braces, separated by spaces::

    {person} {verb.past} the/DET {adj} {city} ./PUNCT

``{class}``           an entry of the lexicon's class, in its form ``_``
``{class#2}``         a second, different entry of the same class
``{class.form}``      a named form (a case, a tense, a particle) of the slot's entry
``{class.form@slot}`` the form ``form.<agree>``: ``<agree>`` is the ``agree`` feature of the other slot's
entry

Each entry maps forms to words in the same notation, so an entry may be several words ("Bank/PROPN/B-ORG
of/ADP/I-ORG …"). A form that does not exist raises `KeyError`: a template cannot quietly print a wrong case.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Entry = dict[str, str]
Lexicon = Mapping[str, list[Entry]]

_SLOT = re.compile(r"\{(?P<key>(?P<cls>\w+)(?:#\d+)?)(?:\.(?P<form>\w+))?(?:@(?P<other>\w+(?:#\d+)?))?\}")


_OPEN = 6  # a list with fewer entries is a closed class and stays whole
_CONTENT = {"PROPN", "NOUN", "VERB", "ADJ"}


class Word(NamedTuple):
    """One token with its part of speech (UPOS) and its entity tag (BIO)."""

    form: str
    upos: str
    bio: str


class Grammar(NamedTuple):
    """The sentences of one language: every template filled from one lexicon."""

    lexicon: Lexicon
    templates: Sequence[str]


def word(notation: str) -> Word:
    """Read ``form/UPOS`` or ``form/UPOS/BIO``."""
    form, upos, *rest = notation.split("/")
    return Word(form, upos, rest[0] if rest else "O")


def classes(template: str) -> set[str]:
    """The lexicon classes that a template draws from."""
    return {slot["cls"] for slot in _SLOT.finditer(template)}


def expand(template: str, lexicon: Lexicon, rng: random.Random) -> list[Word]:
    """Fill a template's slots from the lexicon; entries of one class never repeat within a sentence."""
    chosen: dict[str, Entry] = {}

    def entry(key: str) -> Entry:
        if key not in chosen:
            cls = key.partition("#")[0]
            taken = [e for k, e in chosen.items() if k.partition("#")[0] == cls]
            chosen[key] = rng.choice([e for e in lexicon[cls] if e not in taken])
        return chosen[key]

    words: list[Word] = []
    for part in template.split():
        slot = _SLOT.fullmatch(part)
        if slot is None:
            words.append(word(part))
            continue
        form = slot["form"] or "_"
        if slot["other"]:
            form = f"{form}.{entry(slot['other'])['agree']}"
        words += map(word, entry(slot["key"])[form].split())
    return words


def _words(entry: Entry) -> list[Word]:
    return [word(part) for feature, form in entry.items() if feature != "agree" for part in form.split()]


def familiar(lexicon: Lexicon, rng: random.Random, share: float, built: set[str]) -> Lexicon:
    """The part of a lexicon that train may use; the rest is met for the first time in dev and test.

    A share of each list's entries is drawn and every entry of any list with a word of theirs left out, so
    that a city held out is unseen as a team and in a bank's name too. Nothing is drawn from the `built`
    classes, whose entries share their head words.
    """
    lists = {name: entries for name, entries in lexicon.items() if len(entries) >= _OPEN}
    drawn = [
        e
        for name in lists
        if name not in built
        for e in rng.sample(lists[name], round(share * len(lists[name])))
    ]
    held = {w.form for e in drawn for w in _words(e) if w.upos in _CONTENT}

    def known(entry: Entry) -> bool:
        return not any(w.form in held for w in _words(entry))

    return {
        name: [e for e in entries if known(e)] if name in lists else entries
        for name, entries in lexicon.items()
    }


def capitalize(words: list[Word]) -> list[Word]:
    """Upper-case a sentence's first letter (scripts without case are left as they are)."""
    first = words[0]
    return [first._replace(form=first.form[:1].upper() + first.form[1:]), *words[1:]]
