"""Charts and sequential tests: the exact chain against counting by hand, simulation and Wald's bounds."""

import itertools
import math

import numpy as np
import pytest

from calibration.measurement import sequential, sprt


def first_alarm(hits, of_chart):
    """The paper of the first alarm, by the definition of the chart; None if there is none."""
    height = 0
    for paper, hit in enumerate(hits, start=1):
        height = max(0, height - of_chart.down) if hit else height + of_chart.up
        if height >= of_chart.threshold:
            return paper
    return None


def test_steps_are_the_likelihood_ratio():
    found = sequential.chart(3.0, good=0.8, poor=0.6)
    assert found.poor == pytest.approx(0.6, abs=0.003)
    fall, rise = math.log(found.good / found.poor), math.log((1 - found.poor) / (1 - found.good))
    assert fall / rise == pytest.approx(found.down / found.up, rel=1e-9)


@pytest.mark.parametrize("hit_rate", [0.3, 0.6, 0.8])
def test_the_chance_of_an_alarm_is_that_of_all_sequences_by_hand(hit_rate):
    found, papers = sequential.chart(1.8), 11
    chance = sum(
        math.prod(hit_rate if hit else 1 - hit_rate for hit in hits)
        for hits in itertools.product((True, False), repeat=papers)
        if first_alarm(hits, found)
    )
    assert sequential.behavior(found, hit_rate, window=papers).alarm_within == pytest.approx(chance)


def test_average_run_length_in_closed_form():
    """An alarm at k misses in a row: hits send the chart back to 0, so the classic waiting time holds."""
    found = sequential.Chart(0.8, 0.6, up=1, down=3, threshold=3)
    miss = 0.2
    expected = (1 - miss**3) / (miss**3 * (1 - miss))
    assert sequential.behavior(found, 1 - miss).average_run_length == pytest.approx(expected)
    one = sequential.Chart(0.8, 0.6, up=1, down=1, threshold=1)
    assert sequential.behavior(one, 0.8).average_run_length == pytest.approx(5)


def test_the_chain_is_what_a_simulation_finds():
    found, draw = sequential.for_false_alarms(0.2), np.random.default_rng(1)
    expected = sequential.behavior(found, 0.6)
    hits = draw.random((4000, 400)) < 0.6
    height, first = np.zeros(4000, int), np.zeros(4000, int)
    for paper in range(400):
        height = np.where(hits[:, paper], np.maximum(height - found.down, 0), height + found.up)
        first = np.where((first == 0) & (height >= found.threshold), paper + 1, first)
    assert (first > 0).all()
    assert first.mean() == pytest.approx(expected.average_run_length, rel=0.04)
    assert (first <= 100).mean() == pytest.approx(expected.alarm_within, abs=0.01)


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2])
@pytest.mark.parametrize(("good", "poor"), [(0.8, 0.6), (0.9, 0.7), (0.7, 0.65)])
def test_the_threshold_is_the_lowest_that_keeps_false_alarms_down(rate, good, poor):
    found = sequential.for_false_alarms(rate, good=good, poor=poor)
    assert sequential.behavior(found, good).alarm_within <= rate
    lower = sequential.Chart(found.good, found.poor, found.up, found.down, found.threshold - 1)
    assert sequential.behavior(lower, good).alarm_within > rate
    assert (
        sequential.behavior(found, poor).average_run_length
        < sequential.behavior(found, good).average_run_length
    )


def test_fewer_hits_mean_sooner_alarms():
    found = sequential.for_false_alarms(0.05)
    lengths = [sequential.behavior(found, share).average_run_length for share in (0.4, 0.6, 0.8, 0.9, 1.0)]
    assert lengths == sorted(lengths) and lengths[-1] == math.inf
    never = sequential.behavior(found, 1.0)
    assert never.alarm_within == 0 and never.alarms_per_window == 0
    assert never.sentence == "Scorers who hit 100 of 100 validity papers never get an alarm."
    always = sequential.behavior(found, 0.0)
    assert always.average_run_length == math.ceil(found.threshold / found.up)


def test_false_alarms_are_stated():
    said = sequential.behavior(sequential.for_false_alarms(0.05), 0.8).sentence
    assert said.startswith(
        "Of scorers who hit 80 of 100 validity papers, 5 of every 100 get an alarm within 100"
    )


def test_a_chart_along_the_papers():
    draw = np.random.default_rng(2)
    found = sequential.chart(2.0)
    for _ in range(30):
        hits = draw.random(40) < 0.6
        seen = sequential.watch(hits, found)
        assert (seen.alarms[0] if seen.alarms else None) == first_alarm(hits.tolist(), found)
        rest = hits[seen.alarms[0] :] if seen.alarms else hits[:0]
        again = sequential.watch(rest, found)
        assert [alarm + seen.alarms[0] for alarm in again.alarms] == list(seen.alarms[1:])
        assert seen.n_hits == hits.sum() and seen.path.max() < found.threshold + found.up


def test_an_alarm_asks_for_a_pause_and_blames_nobody():
    misses = [0] * sequential.watch([0] * 20, sequential.chart(2.0)).alarms[0]
    alarm = sequential.watch(misses, sequential.chart(2.0))
    assert alarm.alarm and "pause and re-read two validity papers" in alarm.sentence
    later = sequential.watch([*misses, 1, 1], sequential.chart(2.0))
    assert not later.alarm and "since the pause asked for after paper 3" in later.sentence
    calm = sequential.watch([1] * 5, sequential.chart(2.0))
    assert calm.sentence.startswith("No sign of a change")
    assert sequential.watch([], sequential.chart(2.0)).sentence == "No validity paper scored yet."


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: sequential.chart(0),
        lambda: sequential.chart(math.nan),
        lambda: sequential.chart(2, good=0.6, poor=0.8),
        lambda: sequential.chart(2, good=1.0),
        lambda: sequential.behavior(sequential.chart(2), 1.1),
        lambda: sequential.behavior(sequential.chart(2), 0.5, window=0),
        lambda: sequential.for_false_alarms(0),
        lambda: sequential.watch([1, None], sequential.chart(2)),
        lambda: sequential.watch([1, "yes"], sequential.chart(2)),
        lambda: sprt.plan(false_fail=0.5),
        lambda: sprt.plan(cap=0),
        lambda: sprt.behavior(sprt.plan(), -0.1),
        lambda: sprt.decide([2], sprt.plan()),
    ],
)
def test_bad_input_is_refused_in_words(wrong):
    with pytest.raises(ValueError, match=r"must|neither"):
        wrong()


@pytest.mark.parametrize(("false_fail", "false_pass"), [(0.05, 0.05), (0.01, 0.1), (0.2, 0.1)])
@pytest.mark.parametrize(("good", "poor"), [(0.8, 0.6), (0.9, 0.75)])
def test_wald_s_bounds_hold(false_fail, false_pass, good, poor):
    by = sprt.plan(good=good, poor=poor, false_fail=false_fail, false_pass=false_pass, cap=1500)
    held_back = 1 - sprt.behavior(by, good).passes
    let_through = sprt.behavior(by, poor).passes
    assert held_back + let_through <= false_fail + false_pass + 1e-9
    assert held_back <= false_fail / (1 - false_pass) + 1e-9
    assert let_through <= false_pass / (1 - false_fail) + 1e-9
    # Wald's mean number of papers, a lower bound but for the overshoot
    drift = good * by.hit + (1 - good) * by.miss
    least = ((1 - held_back) * by.upper + held_back * by.lower) / drift
    assert least - 0.5 <= sprt.behavior(by, good).average_papers <= least + (by.hit - by.miss) / drift


@pytest.mark.parametrize("hit_rate", [0.0, 0.55, 0.8, 1.0])
def test_what_a_plan_does_is_what_all_sequences_do(hit_rate):
    by, passes, papers = sprt.plan(false_fail=0.3, false_pass=0.3, cap=10), 0.0, 0.0
    for hits in itertools.product((1, 0), repeat=10):
        chance = math.prod(hit_rate if hit else 1 - hit_rate for hit in hits)
        found = sprt.decide(hits, by)
        passes += chance * (found.verdict == sprt.PASS)
        papers += chance * found.n_papers
    exact = sprt.behavior(by, hit_rate)
    assert exact.passes == pytest.approx(passes)
    assert exact.average_papers == pytest.approx(papers)


def test_the_cap_decides_for_the_likelier():
    by = sprt.plan(cap=3)
    assert sprt.decide([1, 1, 1], by).verdict == sprt.PASS
    assert sprt.decide([0, 1, 0], by).verdict == sprt.FAIL
    assert sprt.decide([1, 1], by).verdict == sprt.GO_ON
    assert sprt.behavior(by, 0.7).at_cap > 0.5


def test_decisions_are_said_kindly():
    held = sprt.decide([0] * 10, sprt.plan())
    assert held.verdict == "not yet" and held.sentence.startswith("Not passed this time after 5 papers")
    assert "fail" not in held.sentence.lower()
    assert sprt.decide([], sprt.plan()).sentence.endswith("No paper scored yet.")


@pytest.mark.parametrize(
    ("rate", "threshold", "false", "found"), [(0.01, 105, 6936, 52), (0.05, 81, 1670, 39), (0.1, 70, 864, 33), (0.2, 58, 411, 27)]
)  # fmt: skip
def test_the_table_of_thresholds_in_the_documentation(rate, threshold, false, found):
    chart = sequential.for_false_alarms(rate)
    assert chart.threshold == threshold and chart.up + chart.down == 17
    assert round(sequential.behavior(chart, 0.8).average_run_length) == false
    assert round(sequential.behavior(chart, 0.6).average_run_length) == found
