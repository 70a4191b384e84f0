"""Premises and their hypotheses in English, Swahili and Urdu, as texts with fields.

Fields: {past} and {base} of the English verb, {stem} of the Swahili one, {verb} the Urdu past that agrees
with the {items}; {kind} the hypernym of {items}; {less} < {number} < {next}. The other Urdu fields agree
with a name or a noun.
"""

from __future__ import annotations

from typing import NamedTuple

LANGUAGES = ("eng", "swa", "urd")
Texts = tuple[str, str, str]  # parallel to LANGUAGES


class Frame(NamedTuple):
    """Premises and their hypotheses by label; a fact that the premise lacks (its `{day}`) makes a neutral
    one."""

    premise: Texts
    entailment: tuple[Texts, ...]
    neutral: tuple[Texts, ...]
    contradiction: tuple[Texts, ...]


_BOUGHT: Texts = ("{name} {past} {items}.", "{name} ali{stem} {items}.", "{name} نے {items} {verb}۔")
_BOUGHT_KIND: Texts = ("{name} {past} {kind}.", "{name} ali{stem} {kind}.", "{name} نے {kind} {kindverb}۔")
_BOUGHT_ONLY: Texts = (
    "{name} {past} only {items}.",
    "{name} ali{stem} {items} tu.",
    "{name} نے صرف {items} {verb}۔",
)
_BOUGHT_OTHER: Texts = (
    "{name} {past} {other}.",
    "{name} ali{stem} {other}.",
    "{name} نے {other} {otherverb}۔",
)
_NOT: Texts = (
    "{name} did not {base} {items}.",
    "{name} haku{stem} {items}.",
    "{name} نے {items} نہیں {verb}۔",
)
_NOT_KIND: Texts = (
    "{name} did not {base} {kind}.",
    "{name} haku{stem} {kind}.",
    "{name} نے {kind} نہیں {kindverb}۔",
)
_NOT_OTHER: Texts = (
    "{name} did not {base} {other}.",
    "{name} haku{stem} {other}.",
    "{name} نے {other} نہیں {otherverb}۔",
)
_NOTHING: Texts = (
    "{name} {past} nothing in {city}.",
    "{name} haku{stem} chochote mjini {city}.",
    "{name} نے {city} میں کچھ نہیں {sgverb}۔",
)
_ONLY_OTHER: Texts = (
    "{name} {past} only {other}.",
    "{name} ali{stem} {other} tu.",
    "{name} نے صرف {other} {otherverb}۔",
)
_MORE: Texts = (
    "{name} {past} more than {number} {items}.",
    "{name} ali{stem} zaidi ya {items} {number}.",
    "{name} نے {number} سے زیادہ {items} {verb}۔",
)
_FEWER: Texts = (
    "{name} {past} fewer than {number} {items}.",
    "{name} ali{stem} chini ya {items} {number}.",
    "{name} نے {number} سے کم {items} {verb}۔",
)
_IN: Texts = ("{name} was in {city}.", "{name} alikuwa mjini {city}.", "{name} {city} میں {was}۔")
_NOT_IN: Texts = ("{name} was not in {city}.", "{name} hakuwa mjini {city}.", "{name} {city} میں نہیں {was}۔")
_IN2: Texts = (
    "{name} was in {city2} last year.",
    "{name} alikuwa mjini {city2} mwaka jana.",
    "{name} پچھلے سال {city2} میں {was}۔",
)
_NOT_IN2: Texts = (
    "{name} was not in {city2} last year.",
    "{name} hakuwa mjini {city2} mwaka jana.",
    "{name} پچھلے سال {city2} میں نہیں {was}۔",
)
_WITH: Texts = (
    "{name} {past} the {items} with a friend.",
    "{name} ali{stem} {items} akiwa na rafiki.",
    "{name} نے ایک دوست کے ساتھ {items} {verb}۔",
)
_ALONE: Texts = (
    "{name} {past} the {items} alone.",
    "{name} ali{stem} {items} peke yake.",
    "{name} نے اکیلے {items} {verb}۔",
)
_DEAR: Texts = ("The {items} were expensive.", "{items} {were} ghali.", "{items} {dear}۔")
_LIKES: Texts = ("{name} likes {city}.", "{name} anapenda {city}.", "{name} کو {city} پسند ہے۔")
_ON_DAY: Texts = (
    "{name} {past} the {items} on {day}.",
    "{name} ali{stem} {items} siku ya {day}.",
    "{name} نے {day} کو {items} {verb}۔",
)


def _swap(texts: Texts, old: str, new: str) -> Texts:
    eng, swa, urd = (text.replace(f"{{{old}}}", f"{{{new}}}") for text in texts)
    return eng, swa, urd


_ON_DAY2, _MORE_LESS, _FEWER_NEXT = (
    _swap(_ON_DAY, "day", "day2"),
    _swap(_MORE, "number", "less"),
    _swap(_FEWER, "number", "next"),
)

FRAMES = (
    Frame(
        (
            "{name} {past} {number} {items} in {city}.",
            "{name} ali{stem} {items} {number} mjini {city}.",
            "{name} نے {city} میں {number} {items} {verb}۔",
        ),
        (_BOUGHT, _BOUGHT_KIND, _IN, _MORE_LESS, _FEWER_NEXT),
        (_WITH, _ALONE, _NOT_OTHER, _BOUGHT_OTHER, _BOUGHT_ONLY, _DEAR, _LIKES, _ON_DAY, _NOT_IN2),
        (_NOT, _NOT_KIND, _ONLY_OTHER, _MORE, _FEWER, _NOT_IN, _NOTHING),
    ),
    Frame(
        (
            "On {day} {name} {past} {number} {items} in {city}.",
            "Siku ya {day} {name} ali{stem} {items} {number} mjini {city}.",
            "{day} کو {name} نے {city} میں {number} {items} {verb}۔",
        ),
        (_BOUGHT_KIND, _IN, _MORE_LESS, _FEWER_NEXT, _ON_DAY, _ON_DAY),
        (_WITH, _ALONE, _NOT_OTHER, _BOUGHT_OTHER, _BOUGHT_ONLY, _DEAR, _LIKES, _IN2, _NOT_IN2),
        (_NOT, _ONLY_OTHER, _MORE, _FEWER, _NOT_IN, _ON_DAY2, _ON_DAY2),
    ),
    Frame(
        (
            "{name} {past} only {items} in {city}.",
            "{name} ali{stem} {items} tu mjini {city}.",
            "{name} نے {city} میں صرف {items} {verb}۔",
        ),
        (_BOUGHT, _BOUGHT_KIND, _IN, _BOUGHT_ONLY, _NOT_OTHER, _NOT_OTHER),
        (_WITH, _ALONE, _MORE, _FEWER, _DEAR, _LIKES, _ON_DAY, _IN2),
        (_NOT, _NOT_KIND, _NOT_IN, _NOTHING, _BOUGHT_OTHER, _ONLY_OTHER),
    ),
    Frame(
        (
            "{name} {past} {number} {items} with a friend.",
            "{name} ali{stem} {items} {number} akiwa na rafiki.",
            "{name} نے ایک دوست کے ساتھ {number} {items} {verb}۔",
        ),
        (_BOUGHT, _BOUGHT_KIND, _MORE_LESS, _FEWER_NEXT, _WITH, _WITH),
        (_NOT_OTHER, _BOUGHT_OTHER, _BOUGHT_ONLY, _DEAR, _ON_DAY, _IN, _NOT_IN),
        (_NOT, _ONLY_OTHER, _MORE, _FEWER, _ALONE, _ALONE),
    ),
    Frame(
        (
            "On {day} {name} went from {city} to {city2}.",
            "Siku ya {day} {name} alisafiri kutoka {city} hadi {city2}.",
            "{day} کو {name} {city} سے {city2} {went}۔",
        ),
        (
            ("{name} went to {city2}.", "{name} alisafiri hadi {city2}.", "{name} {city2} {went}۔"),
            (
                "{name} left {city} on {day}.",
                "{name} aliondoka {city} siku ya {day}.",
                "{name} {day} کو {city} سے روانہ {became}۔",
            ),
            ("{name} did not stay in {city}.", "{name} hakubaki {city}.", "{name} {city} میں نہیں {stayed}۔"),
        ),
        (
            (
                "{name} went from {city} to {city2} by train.",
                "{name} alisafiri kutoka {city} hadi {city2} kwa treni.",
                "{name} ٹرین سے {city} سے {city2} {went}۔",
            ),
            ("{name} lives in {city}.", "{name} anaishi {city}.", "{name} {city} میں {lives} ہے۔"),
            (
                "{name} does not live in {city2}.",
                "{name} haishi {city2}.",
                "{name} {city2} میں نہیں {lives}۔",
            ),
        ),
        (
            (
                "On {day} {name} went from {city2} to {city}.",
                "Siku ya {day} {name} alisafiri kutoka {city2} hadi {city}.",
                "{day} کو {name} {city2} سے {city} {went}۔",
            ),
            (
                "{name} left {city} on {day2}.",
                "{name} aliondoka {city} siku ya {day2}.",
                "{name} {day2} کو {city} سے روانہ {became}۔",
            ),
            (
                "{name} did not leave {city}.",
                "{name} hakuondoka {city}.",
                "{name} {city} سے روانہ نہیں {became}۔",
            ),
        ),
    ),
    Frame(
        (
            "{name} is {more} than {name2}.",
            "{name} {more} kuliko {name2}.",
            "{name} {scale} میں {name2} سے {big} ہے۔",
        ),
        (
            (
                "{name2} is {fewer} than {name}.",
                "{name2} {fewer} kuliko {name}.",
                "{name2} {scale} میں {name} سے {small2} ہے۔",
            ),
            (
                "{name2} is not {more} than {name}.",
                "{name2} {notmore} kuliko {name}.",
                "{name2} {scale} میں {name} سے {big2} نہیں ہے۔",
            ),
        ),
        (
            ("{name2} knows {name}.", "{name2} anamjua {name}.", "{name2} {name} کو {knows2} ہے۔"),
            ("{name} does not know {name2}.", "{name} hamjui {name2}.", "{name} {name2} کو نہیں {knows}۔"),
            (
                "{name2} is {more_other} than {name}.",
                "{name2} {more_other} kuliko {name}.",
                "{name2} {scale_other} میں {name} سے {big2} ہے۔",
            ),
        ),
        (
            (
                "{name2} is {more} than {name}.",
                "{name2} {more} kuliko {name}.",
                "{name2} {scale} میں {name} سے {big2} ہے۔",
            ),
            (
                "{name} is {fewer} than {name2}.",
                "{name} {fewer} kuliko {name2}.",
                "{name} {scale} میں {name2} سے {small} ہے۔",
            ),
            (
                "{name} is not {more} than {name2}.",
                "{name} {notmore} kuliko {name2}.",
                "{name} {scale} میں {name2} سے {big} نہیں ہے۔",
            ),
        ),
    ),
)
