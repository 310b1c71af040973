"""Rules: what it takes is said in words, and nobody is told that they reached what they did not."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.credentials import rules
from calibration.credentials.rules import Evidence, Share, Wanted
from calibration.measurement.intervals import wilson

shares = st.integers(1, 400).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


def a_share(hits, total):
    low, high = wilson(hits / total, total)
    return Share(hits, total, total, float(low), float(high))


@given(shares, st.integers(1, 100), st.booleans())
def test_a_share_reads_as_reached_exactly_when_it_is(counts, least, by_lower_end):
    evidence = Evidence(reads=1000, double=1000, exact=a_share(*counts))
    exact = rules.demands(Wanted(1, 10, least, by_lower_end), evidence)[2]
    shown = rules.percent_beside(least, evidence.exact.low if by_lower_end else evidence.exact.value)
    assert exact.is_met == (shown >= least)
    assert f"{shown} of every 100" == exact.have


@given(shares, st.integers(1, 100))
def test_the_lower_end_never_asks_for_less(counts, least):
    evidence = Evidence(reads=1000, double=1000, exact=a_share(*counts))
    if rules.is_earned(Wanted(1, 10, least, by_lower_end=True), evidence):
        assert rules.is_earned(Wanted(1, 10, least), evidence)


@given(st.integers(0, 60), st.integers(0, 60), shares)
def test_more_evidence_of_the_same_kind_never_takes_away(reads, double, counts):
    wanted = Wanted(fewest_reads=30, fewest_double=20, least_exact=50)
    before = Evidence(reads=reads, double=double, exact=a_share(*counts))
    more = Evidence(reads=reads + 5, double=double + 5, exact=before.exact)
    assert rules.is_earned(wanted, more) or not rules.is_earned(wanted, before)


def test_everything_that_is_asked_for_has_a_sentence():
    wanted = Wanted(100, 100, 70, least_validity=80, fewest_hours=3, needs_qualification=True)
    have = Evidence(reads=64, double=64, exact=a_share(45, 64), validity=a_share(7, 10), hours=2.96)
    assert [each.sentence for each in rules.demands(wanted, have)] == [
        "You need 100 reads; you have 64.",
        "You need 100 double-read responses; you have 64.",
        "You need the same score as the other scorer on 70 of every 100; you are at 70.",
        "You need the consensus score on 80 of every 100 scores of validity papers; you are at 70.",
        "You need 3 hours of calibration sessions; you have 2.9.",
        "You need to be qualified for this rubric.",
    ]
    assert [each.is_met for each in rules.demands(wanted, have)] == [False, False, True, False, False, False]


def test_what_nobody_measures_is_never_reached():
    nothing = Evidence(reads=999, double=999, exact=a_share(9, 10))
    for asked in ({"least_validity": 1}, {"fewest_hours": 1}, {"needs_qualification": True}):
        assert not rules.is_earned(Wanted(1, 10, 50, **asked), nothing)
    assert not rules.is_earned(Wanted(1, 10, 1), Evidence(reads=999, double=999))


def test_a_rule_reads_the_same_for_strangers():
    wanted = Wanted(1200, 100, 70, True, 80, 3, True)
    assert rules.in_words(wanted) == (
        "At least 1,200 reads and 100 double-read responses; the same score as the other scorer on at least 70 of every "
        "100, counted at the lower end of the 95 % interval; the consensus score on at least 80 of every 100 scores of "
        "validity papers; at least 3 hours of calibration sessions; qualified for the rubric."
    )


@given(
    st.integers(0, 14_000).map(lambda days: datetime(2020, 1, 1, 21, 5, tzinfo=UTC) + timedelta(days=days)),
    st.integers(1, 120),
)
def test_a_credential_ends_so_many_months_later(moment, months):
    end = rules.ends(moment, months)
    assert (end.year - moment.year) * 12 + end.month - moment.month == months
    assert end.day <= moment.day and end.time() == moment.time()


@given(st.integers(0, 2**80 - 1))
def test_a_code_can_be_typed_in_any_way(number):
    code = rules.share_code(number)
    assert rules.read_code(code) == code
    assert rules.read_code(f"  {code.lower().replace('-', ' ').replace('0', 'o').replace('1', 'l')} ") == code


@given(st.text(max_size=100))
def test_what_is_no_code_is_none(typed):
    found = rules.read_code(typed)
    assert found is None or len(found) == 19


@pytest.mark.parametrize("together", [0, 0.3, 1])
def test_limits_hold_the_truth_however_much_the_traits_of_a_response_go_together(together):
    """With the number of responses the limits hold; with the number of scores they would claim too much."""
    chance, truth = np.random.default_rng(7), 0.7
    common = chance.random((4000, 30, 1)) < truth
    own = chance.random((4000, 30, 4)) < truth
    is_copied = chance.random((4000, 30, 4)) < together**0.5
    share = np.where(is_copied, common, own).mean((1, 2))

    def held(n):
        low, high = wilson(share, n)
        return ((low <= truth) & (truth <= high)).mean()

    assert held(30) > 0.92
    assert held(30 * 4) < 0.9 or together == 0
