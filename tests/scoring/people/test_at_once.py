"""Two admins at the same moment: what must hold for one must hold for both."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from scoring.db import db
from scoring.errors import Conflict, ScoringError
from scoring.people import acceptance, access, invitations, services
from scoring.people.models import Membership, Person
from scoring.permissions import Role


@pytest.fixture
def at_once(app):
    """Run functions in threads of their own, all starting together; return what each gave or raised."""

    def at_once(*functions):
        db.session.commit()
        together = Barrier(len(functions))

        def run(function):
            with app.app_context():
                together.wait(timeout=10)
                try:
                    return function()
                except ScoringError as error:
                    return error

        with ThreadPoolExecutor(len(functions)) as threads:
            results = list(threads.map(run, functions))
        db.session.expire_all()
        return results

    return at_once


def test_two_admins_who_lock_each_other_out_leave_one(at_once, dora, alder):
    hal = services.add_person(name="Hal Hart", email="hal@example.org")
    services.join(hal, alder, Role.DISTRICT_ADMIN)
    services.set_password(hal, "five words that do not match")

    def lock_out(person_id, actor_id):
        return lambda: access.deactivate(
            db.session.get(Person, person_id), actor=db.session.get(Person, actor_id)
        )

    results = at_once(lock_out(hal.id, dora.id), lock_out(dora.id, hal.id))
    assert sorted(type(each).__name__ for each in results) in (
        ["Conflict", "NoneType"],
        ["NoneType", "NotAllowed"],
    )
    assert [dora.is_active, hal.is_active].count(True) == 1


def test_a_role_given_twice_at_once_is_one_role(at_once, dora, ana, alder):
    def give():
        services.join(db.session.get(Person, ana.id), db.session.get(type(alder), alder.id), Role.LEADER)

    results = at_once(*[give] * 4)
    assert {type(each) for each in results} <= {type(None), Conflict}
    leaders = sa.select(sa.func.count(Membership.id)).where(
        Membership.person_id == ana.id, Membership.role == Role.LEADER
    )
    assert db.session.scalar(leaders) == 1


def test_a_link_used_twice_at_once_makes_one_account(at_once, dora):
    _, (link,) = invitations.invite("Gil,gil@example.org", actor=dora)

    def come_in():
        invitation = acceptance.by_token(link.secret)
        return acceptance.accept(invitation, name="Gil", password="five words that do not match").id

    results = at_once(*[come_in] * 4)
    assert sum(isinstance(each, int) for each in results) >= 1
    gil = services.by_email("gil@example.org")
    assert {each for each in results if isinstance(each, int)} == {gil.id}
    assert len(gil.memberships) == 1
