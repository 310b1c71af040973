"""The rule: what is counted, what is needed, and what came of it in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.qualification import rules
from calibration.qualification.rules import Judging, Rule, Scope, Scored, judge

ONE = [("claim", "Claim")]
TWO = [("claim", "Claim"), ("evidence", "Evidence")]


def papers(*offs, traits=ONE):
    """Papers with consensus 3 everywhere; each off is how far a paper's scores are from it, for all traits or each."""
    found = []
    for off in offs:
        apart = off if isinstance(off, tuple) else (off,) * len(traits)
        found.append(
            Scored(
                {key: 3 + each for (key, _), each in zip(traits, apart, strict=True)},
                {key: 3 for key, _ in traits},
            )
        )
    return found


EIGHT, SEVEN = papers(*[0] * 8, 1, -1), papers(*[0] * 7, 1, 1, -1)


@pytest.mark.parametrize(
    ("rule", "found", "passed", "words"),
    [
        (Rule(exact_share=80), EIGHT, True, "You need 8 of 10 exact and none more than 1 apart. You had 8 exact."),
        (Rule(exact_share=80), SEVEN, False, "You need 8 of 10 exact and none more than 1 apart. You had 7 exact."),
        (Rule(exact_share=70), papers(*[0] * 9, 2), False,
         "You need 7 of 10 exact and none more than 1 apart. You had 9 exact and 1 more than 1 apart."),
        (Rule(exact_share=70, most_discrepant=1), papers(*[0] * 9, 2), True,
         "You need 7 of 10 exact and at most 1 more than 1 apart. You had 9 exact and 1 more than 1 apart."),
        (Rule(exact_share=50, most_discrepant=None, adjacent_share=90), papers(*[0] * 6, 1, 1, 1, 3), True,
         "You need 5 of 10 exact and 9 of 10 exact or 1 apart. You had 6 exact and 9 exact or 1 apart."),
        (Rule(exact_share=50, most_discrepant=None, adjacent_share=90), papers(*[0] * 6, 1, 1, 2, 3), False,
         "You need 5 of 10 exact and 9 of 10 exact or 1 apart. You had 6 exact and 8 exact or 1 apart."),
        (Rule(exact_share=70, most_discrepant=None), papers(*[0] * 6, 1, 1, 1), False,
         "You need 7 of 9 exact. You had 6 exact."),
    ],
)  # fmt: skip
def test_a_set_is_judged_and_said_in_words(rule, found, passed, words):
    result = judge(rule, [found], ONE)
    assert (result.passed, result.words) == (passed, words)


def test_strong_traits_make_up_for_weak_ones_only_where_they_count_together():
    found = papers(*[(0, 0)] * 4, *[(0, 1)] * 6, traits=TWO)
    together, apart = Rule(exact_share=70), Rule(exact_share=70, scope=Scope.PER_TRAIT)
    assert judge(together, [found], TWO).passed
    result = judge(apart, [found], TWO)
    assert not result.passed
    assert (
        result.words
        == "In each trait you need 7 of 10 exact and none more than 1 apart. Evidence: You had 4 exact."
    )
    assert judge(apart, [papers(*[(0, 0)] * 10, traits=TWO)], TWO).words.endswith(
        "You reached that in every trait."
    )


def test_the_best_trait_can_be_left_out_of_the_shares_but_its_far_scores_still_count():
    found = papers(*[(0, 0)] * 4, *[(0, 1)] * 6, traits=TWO)
    rule = Rule(exact_share=70, drops_best_trait=True)
    result = judge(rule, [found], TWO)
    assert not result.passed
    assert result.words.endswith("You had 4 exact. Claim, your best trait, is left out of the shares.")
    far = papers(*[(0, 0)] * 9, (2, 0), traits=TWO)
    assert not judge(rule, [far], TWO).passed


def test_each_of_several_sets_is_judged_by_itself():
    rule = Rule(exact_share=80, sets_to_see=2, sets_to_pass=1)
    result = judge(rule, [SEVEN, EIGHT], ONE)
    assert (result.passed, [part.passed for part in result.parts]) == (True, [False, True])
    assert result.words.startswith(
        "You need to pass 1 of 2 sets. You passed 1. Set 1: You need 8 of 10 exact"
    )
    assert not judge(Rule(exact_share=80, sets_to_see=2, sets_to_pass=2), [SEVEN, EIGHT], ONE).passed


def test_sets_judged_together_may_leave_the_worst_one_out():
    sets = [papers(*[0] * 10), papers(*[1] * 10), EIGHT]
    rule = Rule(exact_share=80, sets_to_see=3, judging=Judging.TOGETHER)
    assert not judge(rule, sets, ONE).passed
    without = Rule(exact_share=80, sets_to_see=3, judging=Judging.TOGETHER, drops_worst_set=True)
    result = judge(without, sets, ONE)
    assert (result.passed, result.parts[0].counted.n) == (True, 20)
    assert "Your set 2 counts least and is left out." in result.words


def test_nothing_scored_passes_nothing():
    assert not judge(Rule(), [], ONE).passed
    assert not judge(Rule(), [[]], ONE).passed


OFFS = st.lists(st.integers(-3, 3), min_size=1, max_size=12)
RULES = st.builds(
    Rule, exact_share=st.integers(1, 100), most_discrepant=st.none() | st.integers(0, 3), adjacent_share=st.none() | st.integers(0, 100)
)  # fmt: skip


@given(RULES, OFFS)
def test_every_score_is_counted_once(rule, offs):
    counted = judge(rule, [papers(*offs)], ONE).parts[0].counted
    assert counted.exact + counted.adjacent + counted.discrepant == counted.n == len(offs)


@given(RULES, OFFS, st.data())
def test_one_more_exact_score_never_hurts(rule, offs, data):
    place = data.draw(st.integers(0, len(offs) - 1))
    better = [0 if at == place else off for at, off in enumerate(offs)]
    assert judge(rule, [papers(*better)], ONE).passed >= judge(rule, [papers(*offs)], ONE).passed


@given(RULES, OFFS, st.randoms())
def test_the_order_of_papers_does_not_matter(rule, offs, chance):
    mixed = list(offs)
    chance.shuffle(mixed)
    assert judge(rule, [papers(*offs)], ONE).words == judge(rule, [papers(*mixed)], ONE).words


@given(RULES)
def test_a_rule_is_kept_and_read_back(rule):
    assert Rule.from_dict(rule.as_dict()) == rule


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Rule(exact_share=0), "exact_share"), (Rule(exact_share=101), "exact_share"), (Rule(adjacent_share=60), "adjacent_share"),
        (Rule(most_discrepant=-1), "most_discrepant"), (Rule(sets_to_see=0), "sets_to_see"), (Rule(sets_to_pass=2), "sets_to_pass"),
        (Rule(drops_worst_set=True), "drops_worst_set"), (Rule(tries=0), "tries"),
        (Rule(sets_to_see=2, sets_to_pass=1, drops_worst_set=True), "drops_worst_set"),
        (Rule(drops_best_trait=True, scope=Scope.PER_TRAIT), "drops_best_trait"),
    ],
)  # fmt: skip
def test_what_a_rule_can_not_ask_is_said(rule, field):
    assert field in rules.problems(rule, 2)


def test_usual_rules_are_sound_and_follow_the_number_of_score_points():
    assert [rules.usual_rule([points]).exact_share for points in (2, 3, 4, 6)] == [80, 80, 70, 70]
    assert rules.problems(rules.usual_rule([4]), 1) == {}
    assert "drops_best_trait" in rules.problems(Rule(drops_best_trait=True), 1)


def test_rules_are_said_in_sentences():
    said = " ".join(rules.sentences(Rule(
        sets_to_see=3, judging=Judging.TOGETHER, drops_worst_set=True, adjacent_share=95, most_discrepant=1, scope=Scope.PER_TRAIT, tries=1,
    )))  # fmt: skip
    for words in ("A try is 3 sets of papers.", "judged together. The worst set is left out.", "in each trait", "95 of every 100 must be exact or 1 apart",
                  "At most 1 scores", "One try"):  # fmt: skip
        assert words in said
    assert "At least 1 of them must pass." in rules.sentences(Rule(sets_to_see=2))
    assert any("one easy trait" in each for each in rules.sentences(Rule(drops_best_trait=True)))
