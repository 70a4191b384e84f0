"""Any bytes as text, languages and options: a conversion is refused with InvalidInput, or answers.

    pip install atheris                                                      # into an environment with .[g2p]
    PYTHONPATH=. python tests/fuzz/g2p.py -max_total_time=240 -max_len=4096 -timeout=10 /folder/for/the/corpus

Not part of the tests: it runs as long as it is let, and atheris has no wheel for every Python.
"""

import contextlib
import sys

import atheris

with atheris.instrument_imports(include=["services"]):
    from isogloss.errors import InvalidInput
    from isogloss.g2p import convert
    from isogloss.g2p.v1 import g2p_pb2 as pb
    from tests.paper_languages import PAPER_LANGUAGES

_MOST_CHARACTERS = 4_000


def convert_anything(data: bytes) -> None:
    """One conversion; what it raises but InvalidInput, atheris reports."""
    drawn = atheris.FuzzedDataProvider(data)
    request = pb.ConvertRequest(
        language=drawn.PickValueInList(PAPER_LANGUAGES),
        options=pb.ConvertOptions(
            mode=drawn.ConsumeIntInRange(0, 2),
            segmentation=drawn.ConsumeIntInRange(0, 2),
            normalization=drawn.ConsumeIntInRange(0, 2),
            punctuation=drawn.ConsumeIntInRange(0, 2),
            unmapped=drawn.ConsumeIntInRange(0, 4),
            stress=drawn.ConsumeIntInRange(0, 2),
            spell_digits=drawn.ConsumeBool(),
        ),
        words=drawn.ConsumeBool(),
        compact=drawn.ConsumeBool(),
    )
    if drawn.ConsumeBool():
        request.joined_texts = drawn.ConsumeBytes(_MOST_CHARACTERS)
    else:
        request.texts.append(drawn.ConsumeUnicodeNoSurrogates(_MOST_CHARACTERS))
    with contextlib.suppress(InvalidInput):
        convert.respond(request, lambda: None)


if __name__ == "__main__":
    atheris.Setup(sys.argv, convert_anything)
    atheris.Fuzz()
