"""Many scorers at once: nothing is read too often, by the same person, or not at all."""

import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from scoring.db import db
from scoring.events.models import EventResponse, EventScorer, Outcome
from scoring.reads import services
from scoring.reads.models import Read
from tests import build


def at_once(app, *acts):
    """Let each act run in a thread with a database session of its own, all starting together; return the results."""
    start = threading.Barrier(len(acts))

    def run(act):
        with app.app_context():
            start.wait()
            try:
                return act()
            except Exception as error:
                return error
            finally:
                db.session.remove()

    db.session.commit()
    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result() for each in [pool.submit(contextvars.Context().run, run, act) for act in acts]]


def test_eight_scorers_read_300_responses_exactly_twice(app):
    task = build.a_task()
    build.responses(300, task)
    scorers = [services.as_scorer(build.a_person()) for _ in range(8)]
    event = build.an_event(task, [db.session.get(build.Person, each.id) for each in scorers])
    scores = {trait.id: 3 for trait in task.published_rubric.traits}
    event_id = event.id

    def work(scorer):
        def until_empty():
            done = 0
            lease_id = services.take_next_id(scorer, event_id)
            while lease_id is not None:
                receipt = services.submit(lease_id, scorer, scores=scores, key=str(lease_id), claim_next=True)
                done, lease_id = done + 1, receipt.next_id or services.take_next_id(scorer, event_id)
            return done

        return until_empty

    done = at_once(app, *(work(scorer) for scorer in scorers))
    assert sum(done) == 600, done
    per_response = db.session.execute(
        sa.select(sa.func.count(Read.id), sa.func.count(sa.distinct(Read.scorer_id))).group_by(
            Read.response_id
        )
    ).all()
    assert per_response == [(2, 2)] * 300
    settled = sa.select(sa.func.count(EventResponse.id)).where(EventResponse.outcome == Outcome.SETTLED)
    assert db.session.scalar(settled) == 300
    readers = sa.select(Read.scorer_id)
    linked = sa.select(EventScorer.component).where(EventScorer.person_id.in_(readers))
    assert len(set(db.session.scalars(linked))) == 1


def test_one_request_sent_by_eight_threads_is_stored_once(event, app, ana, scores_of):
    lease = services.take_next(ana)
    lease_id, scorer, scores = lease.id, services.as_scorer(ana), scores_of(lease)

    def send():
        return services.submit(lease_id, scorer, scores=scores, key="same", claim_next=True)

    answers = at_once(app, *[send] * 8)
    assert len(set(answers)) == 1, answers
    assert db.session.scalar(sa.select(sa.func.count(Read.id))) == 1


def test_two_tabs_with_different_scores_store_one_read(event, app, ana, scores_of):
    lease = services.take_next(ana)
    lease_id, scorer = lease.id, services.as_scorer(ana)
    sheets = [scores_of(lease, value) for value in (1, 2, 3, 4)]
    answers = at_once(
        app, *(lambda scores=scores: services.submit(lease_id, scorer, scores=scores) for scores in sheets)
    )
    stored = [each for each in answers if isinstance(each, services.Receipt)]
    assert len(stored) == 1, answers
    assert {type(each).__name__ for each in answers} == {"Receipt", "NotAvailable"}
    assert db.session.scalar(sa.select(sa.func.count(Read.id))) == 1


def test_eight_requests_for_the_next_give_one_scorer_one_lease(event, app, ana):
    scorer = services.as_scorer(ana)
    answers = at_once(app, *[lambda: services.take_next_id(scorer)] * 8)
    assert len(set(answers)) == 1, answers
