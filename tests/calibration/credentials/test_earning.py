"""Evidence: blind second reads of closed events, counted by response, and shown from ten on."""

import pytest

from calibration.credentials import content, earning, sources
from scoring.db import now
from scoring.reads import services as reads
from tests import build
from tests.calibration.credentials.season import Season, a_rule, close


def shown(person, rule):
    return earning.earned_for(person, [rule])[0]


def test_figures_are_those_of_the_reads(app, ana, ben, lea, alder):
    season = Season(ana, ben, apart=3, unscorable=2)
    found = shown(ana, a_rule(alder, season.rubric, lea))
    assert (found.evidence.reads, found.evidence.double, found.left_out) == (12, 10, 2)
    assert (found.evidence.exact.hits, found.evidence.exact.total, found.evidence.exact.n) == (17, 20, 10)
    assert (found.within.hits, found.within.total) == (20, 20)
    assert [(each.name, each.exact.hits, each.exact.n) for each in found.traits] == [
        ("Claim", 10, 10),
        ("Evidence", 7, 10),
    ]
    # Wilson's limits of 85 % of 10 responses, not of 20 scores.
    assert (round(found.evidence.exact.low, 3), round(found.evidence.exact.high, 3)) == (0.541, 0.965)
    assert shown(ben, found.rule).evidence == found.evidence


def test_an_open_event_does_not_count_and_a_closed_one_does(app, ana, ben, lea, alder):
    season = Season(ana, ben, is_closed=False)
    rule = a_rule(alder, season.rubric, lea)
    before = shown(ana, rule)
    assert (before.reads, before.evidence.reads, before.evidence.exact, before.traits) == (None, 0, None, ())
    assert not before.is_earned
    close(season.event)
    assert shown(ana, rule).is_earned


def test_nothing_is_said_below_ten_responses(app, ana, ben, lea, alder):
    season = Season(ana, ben, double=9)
    found = shown(ana, a_rule(alder, season.rubric, lea))
    assert (found.evidence.double, found.evidence.exact, found.within, found.traits) == (9, None, None, ())
    assert [each.is_met for each in found.demands] == [False, False, False]
    assert "Shown from 10" in found.demands[2].sentence


def test_another_version_of_the_rubric_and_reads_taken_back_do_not_count(app, ana, ben, lea, alder):
    season = Season(ana, ben)
    newer = build.a_rubric(season.task)
    assert shown(ana, a_rule(alder, newer, lea)).reads is None
    rule = a_rule(alder, season.rubric, lea)
    task = build.a_task()
    response = build.a_response(task)
    event = build.an_event(task, [ana, ben])
    reads.reopen(build.a_read(response, ana, 3, event=event), ana)
    close(event)
    other = a_rule(alder, task.published_rubric, lea)
    assert shown(ana, other).reads is None
    assert shown(ana, rule).evidence.reads == 10


def test_many_people_are_asked_for_at_once(app, ana, ben, lea, alder):
    season = Season(ana, ben)
    rule = a_rule(alder, season.rubric, lea)
    assert [each.evidence.reads for each in earning.earned_by([ben, lea, ana], rule)] == [10, 0, 10]


@pytest.mark.engines("sqlite")
def test_further_evidence_comes_from_whoever_has_some(app, ana, ben, lea, alder, monkeypatch):
    season = Season(ana, ben)
    rule = a_rule(alder, season.rubric, lea, fewest_hours=2, least_validity=80, needs_qualification=True)
    assert [each.is_met for each in shown(ana, rule).demands] == [True, True, True, False, False, False]
    monkeypatch.setattr(
        sources,
        "HOURS",
        (lambda people: {each.id: sources.Hours(2, 130) for each in people}, lambda people: {}),
    )
    monkeypatch.setattr(
        sources,
        "VALIDITY",
        (lambda people, rubric: {each.id: sources.OnValidityPapers(20, 40, 33) for each in people},),
    )
    monkeypatch.setattr(
        sources,
        "QUALIFICATION",
        (lambda people, rubric: {each.id: sources.Qualified(now(), None) for each in people},),
    )
    found = shown(ana, rule)
    assert found.is_earned
    facts = earning.facts_of(found)
    assert facts["hours"] == {"sessions": 2, "minutes": 130}
    words = dict(content.figures(facts))
    assert words["Consensus score on validity papers"] == "82 of every 100 (between 61 and 93)"
    assert content.hours_in_words(facts["hours"]) == "2.2 hours in 2 calibration sessions"
    monkeypatch.setattr(
        sources,
        "VALIDITY",
        (lambda people, rubric: {each.id: sources.OnValidityPapers(9, 18, 18) for each in people},),
    )
    assert not shown(ana, rule).is_earned  # fewer than ten papers say nothing
