"""How reads become scores of record: the rules themselves."""

from hypothesis import given
from hypothesis import strategies as st

from scoring.reads.resolution import DISCREPANT, NEEDS_READ, SETTLED, Judgment, combine, resolve

RULES = st.sampled_from(["mean", "sum", "first", "higher", "adjudicator"])
TRAITS = ("claim", "evidence", "voice")
judgments = st.builds(Judgment, st.fixed_dictionaries({trait: st.integers(0, 6) for trait in TRAITS}))


@given(judgments, judgments, RULES, st.integers(0, 3))
def test_discrepant_is_one_trait_further_apart_than_allowed(first, second, rule, tolerance):
    found = resolve([first, second], rule=rule, tolerance=tolerance)
    allowed = 0 if rule == "adjudicator" else tolerance
    apart = max(abs(first.scores[trait] - second.scores[trait]) for trait in TRAITS)
    assert found.outcome == (DISCREPANT if apart > allowed else SETTLED)
    assert bool(found.scores) is (found.outcome == SETTLED)


@given(judgments, judgments, RULES)
def test_only_the_rule_of_first_reads_cares_who_was_first(first, second, rule):
    one, other = (resolve(pair, rule=rule) for pair in ([first, second], [second, first]))
    assert one.outcome == other.outcome
    if rule != "first":
        assert one.scores == other.scores


@given(judgments, RULES)
def test_equal_reads_settle_on_their_score(judgment, rule):
    found = resolve([judgment, judgment], rule=rule)
    times = 2 if rule == "sum" else 1
    assert found.scores == {trait: times * score for trait, score in judgment.scores.items()}


@given(judgments, judgments, judgments, RULES)
def test_the_adjudicator_stands_alone(first, second, third, rule):
    found = resolve([first, second], rule=rule, adjudicated=third)
    assert found == resolve([], rule=rule, adjudicated=third)
    assert found.method == "adjudicated"


@given(judgments, RULES)
def test_codes_agree_with_the_same_code_only(judgment, rule):
    blank, off_topic = Judgment(code="B"), Judgment(code="T")
    assert resolve([blank, blank], rule=rule).code == "B"
    for pair in ([blank, off_topic], [blank, judgment], [judgment, blank]):
        assert resolve(pair, rule=rule).outcome == DISCREPANT
    assert resolve([blank], rule=rule, required=1).code == "B"


def test_one_read_waits_for_the_second_unless_one_is_enough():
    judgment = Judgment({"claim": 3})
    assert resolve([], required=1).outcome == NEEDS_READ
    assert resolve([judgment], required=2).outcome == NEEDS_READ
    assert resolve([judgment], required=1).scores == {"claim": 3.0}


def test_traits_settle_each_for_itself():
    first, second = Judgment({"claim": 3, "voice": 0}), Judgment({"claim": 4, "voice": 0})
    assert resolve([first, second]).scores == {"claim": 3.5, "voice": 0.0}
    assert combine(3, 4, "higher") == 4.0
