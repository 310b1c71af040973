"""Leases: how they end, come back, are read ahead, and are given away."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from scoring.db import at, db, now
from scoring.errors import Invalid, NotAvailable
from scoring.reads import services
from scoring.reads.models import AssignmentStatus, Concern, Read
from scoring.responses.models import RosterEntry
from tests import build
from tests.scoring.reads.rows import count, places


def test_a_lease_that_ran_out_goes_back_to_the_queue(event, ana, ben):
    lease = services.take_next(ana)
    place = lease.event_response
    with at(now() + timedelta(minutes=46)):
        assert services.reap() == 1
        assert services.reap() == 0
        assert place.remaining == 2
        assert lease.status is AssignmentStatus.LAPSED


def test_a_lost_lease_that_nobody_took_is_accepted(event, ana, scores_of):
    lease = services.take_next(ana)
    with at(now() + timedelta(hours=2)):
        services.reap()
        services.submit_read(lease, ana, scores=scores_of(lease))
    assert lease.event_response.reads == 1


def test_a_lost_lease_that_somebody_took_changes_nothing(app, ana, ben, eve, scores_of):
    task = build.a_task()
    build.responses(1, task)
    build.an_event(task, ["ana", "ben", "eve"], share_read_twice=0)
    lease = services.take_next(ana)
    with at(now() + timedelta(hours=2)):
        taken = services.take_next(ben)  # a queue that looks empty takes back what ran out
        assert taken.response_id == lease.response_id
        for act in (
            lambda: services.submit_read(lease, ana, scores=scores_of(lease)),
            lambda: services.renew(lease, ana),
        ):
            with pytest.raises(NotAvailable):
                act()
        services.submit_read(taken, ben, scores=scores_of(taken))
    assert count(Read) == 1


def test_a_lapsed_response_comes_back_with_its_draft(app, ana, scores_of):
    task = build.a_task()
    build.responses(1, task)
    build.an_event(task)
    lease = services.take_next(ana)
    draft = {"scores": {str(key): value for key, value in scores_of(lease).items()}}
    services.save_draft(lease, ana, draft)
    services.release(lease, ana)
    again = services.take_next(ana)
    assert (again.id, again.draft) == (lease.id, draft)


def test_a_draft_renews_the_lease(event, ana):
    lease = services.take_next(ana)
    until = lease.leased_until
    with at(now() + timedelta(minutes=50)):
        services.reap()
        services.save_draft(lease, ana, {"note": "so far"})
    assert lease.leased_until > until
    assert lease.status is AssignmentStatus.OPEN


def test_a_browser_reads_ahead_by_two_and_gives_them_back(event, ana):
    current = services.take_next(ana)
    services.save_draft(current, ana, {"note": "working"})
    having = [current.id]
    while (lease := services.read_ahead(ana, event, having)) is not None:
        having.append(lease.id)
    assert len(having) == 3
    assert services.release_ahead(ana) == 2
    assert {place.remaining for place in places(event)} == {2, 1}
    assert services.take_next(ana).id == current.id


def test_knowing_the_student_hands_the_response_to_others_for_good(event, ana, ben):
    lease = services.take_next(ana)
    services.know_student(lease, ana)
    assert lease.status is AssignmentStatus.RETURNED
    assert lease.event_response.remaining == 2
    known = db.session.scalars(sa.select(RosterEntry)).one()
    assert (known.person_id, known.student_id, known.source) == (ana.id, lease.response.student_id, "known")
    seen = set()
    while (following := services.take_next(ana)) is not None:
        seen.add(following.response_id)
        services.know_student(following, ana)
    assert lease.response_id not in seen
    assert len(seen) == 5
    with pytest.raises(NotAvailable):
        services.know_student(lease, ana)


def test_a_concern_reaches_the_leader_and_keeps_the_lease(event, ana):
    lease = services.take_next(ana)
    services.raise_concern(lease, ana, "alert", "The student writes about hurting himself.")
    concern = db.session.scalars(sa.select(Concern)).one()
    assert (concern.event_id, concern.response_id, concern.scorer_id) == (event.id, lease.response_id, ana.id)
    assert services.take_next(ana).id == lease.id
    for kind, words in (("alert", "  "), ("shout", "words")):
        with pytest.raises(Invalid):
            services.raise_concern(lease, ana, kind, words)
