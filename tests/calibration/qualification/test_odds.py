"""What a rule lets through: simulated scorers judged by the rule itself, and figures by hand."""

import random

import pytest

from calibration.qualification import odds
from calibration.qualification.rules import Judging, Rule, Scope, Scored, judge

TOGETHER = {"judging": Judging.TOGETHER, "sets_to_see": 3}
RULES = [
    (Rule(), [10], 1),
    (Rule(sets_to_see=2, sets_to_pass=2), [10, 8], 1),
    (Rule(sets_to_see=3, sets_to_pass=2), [10, 10, 10], 1),
    (Rule(**TOGETHER), [10, 8, 5], 1),
    (Rule(drops_worst_set=True, **TOGETHER), [10, 8, 5], 1),
    (Rule(scope=Scope.PER_TRAIT), [10], 4),
    (Rule(scope=Scope.PER_TRAIT, sets_to_see=2, sets_to_pass=1), [10, 10], 2),
    (Rule(scope=Scope.PER_TRAIT, **TOGETHER), [10, 8, 5], 2),
]


@pytest.mark.parametrize(("rule", "sizes", "n_traits"), RULES)
@pytest.mark.parametrize("share", [0.6, 0.8])
def test_the_chance_to_pass_is_that_of_simulated_scorers(rule, sizes, n_traits, share):
    chance, passes, times = random.Random(11), 0, 4_000
    traits = [(str(number), str(number)) for number in range(n_traits)]
    right = dict.fromkeys(dict(traits), 3)
    for _ in range(times):
        sets = [
            [Scored({key: 2 + (chance.random() < share) for key in right}, right) for _ in range(n)]
            for n in sizes
        ]
        passes += judge(rule, sets, traits).passed
    assert odds.chance_to_pass(rule, sizes, share, n_traits) == pytest.approx(passes / times, abs=0.025)


def test_two_sets_that_both_must_pass_are_harder_than_one():
    one, two = Rule(), Rule(sets_to_see=2, sets_to_pass=2)
    once = odds.chance_to_pass(one, [10], 0.8)
    assert round(once, 2) == 0.88 and odds.chance_to_pass(two, [10, 10], 0.8) == pytest.approx(once**2)
    assert [round(each.in_all, 2) for each in odds.rows(one, [10], 1)[1:4]] == [0.62, 0.88, 0.99]


def test_what_is_not_worked_out_is_said():
    rule = Rule(scope=Scope.PER_TRAIT, drops_worst_set=True, **TOGETHER)
    assert odds.rows(rule, [10] * 3, 2) == [] and "not worked out" in odds.words(rule, [10] * 3, 2)
    assert len(odds.rows(rule, [10] * 3, 1)) == len(odds.TRUE_SHARES)


def test_the_words_name_the_rule():
    by_trait = odds.words(Rule(scope=Scope.PER_TRAIT), [10], 4)
    assert by_trait.startswith("Binomial, with 7 of 10 exact needed, in each of 4 traits. Traits are taken")
    assert by_trait.endswith("The rule on scores further apart makes it harder.")
    assert "14 of 20 exact needed in 2 sets together" in odds.words(Rule(judging=Judging.TOGETHER, sets_to_see=2), [10, 10], 1)  # fmt: skip
    worst = odds.words(Rule(drops_worst_set=True, drops_best_trait=True, **TOGETHER), [10] * 3, 2)
    assert "14 of 20 exact needed, the worst of 3 sets left out" in worst and worst.endswith("So does the best trait left out.")  # fmt: skip
