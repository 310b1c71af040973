"""What a study says of rubric scores: the whole interval decides, and luck is seldom taken for order."""

import pytest

from benchmarks.judging import study
from calibration.judging import verdict
from calibration.measurement.result import TOO_FEW, Statistic, undefined

TOO_FEW_WORDS = "Too few responses to say whether scores and comparisons order the work alike: "


@pytest.mark.parametrize(
    ("together", "said"),
    [
        (Statistic(0.82, -0.15, 0.99), TOO_FEW_WORDS),
        (Statistic(1.0), TOO_FEW_WORDS),
        (Statistic(0.6, 0.49, 0.7), TOO_FEW_WORDS),
        (Statistic(0.3, -0.1, 0.51), TOO_FEW_WORDS),
        (Statistic(0.9, 0.82, 0.95), "Scores and comparisons order the work alike: "),
        (Statistic(0.7, 0.55, 0.8), "Scores and comparisons order the work alike in the main, not closely: "),
        (Statistic(0.1, -0.2, 0.4), "Scores and comparisons order the work differently: "),
    ],
)
def test_the_whole_interval_decides(together, said):
    assert verdict.words(together).startswith(said)
    assert together.text() in verdict.words(together)


def test_districts_that_stand_out_follow_and_no_figure_is_said_as_such():
    assert verdict.words(Statistic(0.9, 0.82, 0.95), ["Alder: higher."]).endswith(". Alder: higher.")
    assert verdict.words(undefined(TOO_FEW, "Only 3 scripts.")) == "Only 3 scripts."


def test_scores_unrelated_to_the_work_are_not_said_to_go_with_it():
    """Six responses, 36 comparisons: a high correlation is luck there. `python benchmarks/judging.py` has all figures."""
    assert sum("the work alike" in each and "Too few" not in each for each in (study(6, 0.0, seed) for seed in range(100))) <= 1  # fmt: skip
    assert "Too few" not in study(80, 0.95, 1)
