"""The learning rate over a run."""

import pytest

from services.trainer.engine.loop import learning_rate


@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine"])
def test_it_rises_to_the_peak_and_never_above(schedule: str) -> None:
    rates = [learning_rate(step, 100, 0.01, schedule, 0.1) for step in range(100)]
    assert rates[0] == pytest.approx(0.01 / 11)
    assert rates == sorted(rates[:11]) + rates[11:]
    assert max(rates) == rates[10] == 0.01
    assert rates[10:] == sorted(rates[10:], reverse=True)


def test_each_schedule_ends_where_it_should() -> None:
    ends = {name: learning_rate(99, 100, 1.0, name, 0.0) for name in ("constant", "linear", "cosine")}
    assert ends["constant"] == 1
    assert ends["linear"] == pytest.approx(0.01)
    assert ends["cosine"] < 0.001
