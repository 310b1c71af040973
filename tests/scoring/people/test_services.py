"""People: who may be given which role, and what no admin can do."""

import pytest
import sqlalchemy as sa

from scoring.audit import AuditEntry
from scoring.db import db
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.people import access, passwords, services
from scoring.people.models import ApiToken, Membership, Organization, OrganizationKind
from scoring.permissions import Permission, Role


def actions():
    return db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()


def test_organizations_form_a_tree(nell, dora, alder, birch, network):
    cedar = services.add_organization("district", name="Cedar  Valley", parent=network, actor=nell)
    assert (cedar.name, cedar.code, cedar.network.id) == ("Cedar Valley", "cedar-valley", network.id)
    school = services.add_organization("school", name="Élan School", parent=alder, actor=dora)
    assert (school.code, school.district.id) == ("alder-elan-school", alder.id)
    assert school.id in dora.reach(Permission.MANAGE_PEOPLE)
    for kind, parent, actor, error in [
        ("school", birch, dora, NotAllowed),  # not her district
        ("district", network, dora, NotAllowed),  # districts are the network's business
        ("network", None, nell, NotAllowed),  # and networks the installation's
        ("school", network, nell, Invalid),
        ("district", None, nell, Invalid),
    ]:
        with pytest.raises(error):
            services.add_organization(kind, name="Another", parent=parent, actor=actor)
    with pytest.raises(Invalid, match="already one called"):
        services.add_organization("school", name="alder high school", parent=alder, actor=dora)
    with pytest.raises(Invalid, match="taken"):
        services.add_organization("school", name="Other", code="birch-high", parent=alder)
    assert actions() == ["organization.added"] * 2


def test_a_code_is_made_that_nobody_has(network, alder):
    codes = [services.add_organization("school", name="Élan", parent=alder, code=None).code]
    codes += [
        services.add_organization("school", name=name, parent=alder).code for name in ("Elan", "Alder, Élan")
    ]
    assert codes == ["alder-elan", "alder-elan-2", "alder-elan-3"]


def test_an_e_mail_belongs_to_one_person_however_it_is_written(ana):
    person = services.add_person(name="  Gil   Gray ", email=" Gil@Example.ORG ")
    assert (person.name, person.email) == ("Gil Gray", "gil@example.org")
    assert services.by_email("GIL@example.org") is person
    with pytest.raises(Invalid, match="already somebody's"):
        services.add_person(name="Other", email="ANA@example.org")
    for wrong in (
        "",
        "gil",
        "gil@",
        "@x.org",
        "a b@x.org",
        "a@b",
        "a@x..org",
        "a\0@x.org",
        "x" * 65 + "@x.org",
    ):
        with pytest.raises(Invalid):
            services.add_person(name="Gil", email=wrong)
    with pytest.raises(NotFound):
        services.by_email("nobody@example.org")


@pytest.mark.parametrize(
    ("giver", "role", "place", "error"),
    [
        ("dora", Role.SCORER, "alder_high", None),
        ("dora", Role.LEADER, "alder", None),
        ("dora", Role.DISTRICT_ADMIN, "alder", None),
        ("nell", Role.DISTRICT_ADMIN, "birch", None),
        ("nell", Role.NETWORK_ADMIN, "network", None),
        ("dora", Role.SCORER, "birch_high", NotAllowed),
        ("dora", Role.SCORER, "network", NotAllowed),
        ("dora", Role.NETWORK_ADMIN, "network", NotAllowed),
        ("lea", Role.SCORER, "alder_high", NotAllowed),
        ("ana", Role.SCORER, "alder_high", NotAllowed),
        ("nell", Role.DISTRICT_ADMIN, "alder_high", Invalid),
        ("nell", Role.NETWORK_ADMIN, "alder", Invalid),
        ("nell", Role.LEADER, "alder_high", Invalid),
    ],
)
def test_roles_are_given_only_by_those_above_and_only_where_they_fit(request, ben, giver, role, place, error):
    giver, place = request.getfixturevalue(giver), request.getfixturevalue(place)
    if error is None:
        membership = services.join(ben, place, role, actor=giver)
        assert services.join(ben, place, role, actor=giver) is membership  # twice changes nothing
        assert actions() == ["membership.added"]
    else:
        with pytest.raises(error):
            services.join(ben, place, role, actor=giver)
        assert actions() == []


def test_nobody_makes_themselves_an_admin(nell, dora, alder, network):
    with pytest.raises(NotAllowed, match="yourself"):
        services.join(nell, alder, Role.DISTRICT_ADMIN, actor=nell)  # would open students' names to her
    with pytest.raises(NotAllowed):
        services.join(dora, network, Role.NETWORK_ADMIN, actor=dora)
    services.join(dora, alder, Role.LEADER, actor=dora)  # a small district has one person for both


def test_the_last_admin_stays(dora, ana, nell, alder):
    own = dora.memberships[0]
    for attempt in (lambda: services.leave(own, actor=dora), lambda: access.deactivate(dora, actor=nell)):
        with pytest.raises(Conflict, match="last district admin of Alder"):
            attempt()
    with pytest.raises(Conflict, match="last network admin"):
        access.deactivate(nell)
    helper = services.add_person(name="Hal Hart", email="hal@example.org")
    services.join(helper, alder, Role.DISTRICT_ADMIN, actor=dora)
    with pytest.raises(Conflict):  # who can not sign in is no help
        services.leave(own, actor=dora)
    services.set_password(helper, "five words that do not match")
    services.leave(own, actor=dora)
    assert dora.memberships == []
    with pytest.raises(Conflict):
        access.deactivate(helper, actor=nell)


def test_an_account_with_a_role_elsewhere_is_not_one_districts_to_lock(dora, dan, ana, birch_high, nell):
    services.join(ana, birch_high, Role.SCORER, actor=dan)
    for act in (access.deactivate, access.end_sessions):
        with pytest.raises(NotAllowed):
            act(ana, actor=dora)
    services.leave(ana.memberships[0], actor=dora)  # but the role in her own school is hers to take
    with pytest.raises(NotAllowed):
        services.leave(ana.memberships[0], actor=dora)
    access.deactivate(ana, actor=nell)
    with pytest.raises(NotAllowed, match="yourself"):
        access.deactivate(nell, actor=nell)


def test_deactivation_ends_sessions_and_tokens(ana, dora):
    services.issue_token(ana, "laptop", actor=ana)
    before = ana.session_key
    access.deactivate(ana, actor=dora)
    assert not ana.is_active
    assert ana.session_key != before
    assert access.tokens_of(ana) == []
    access.reactivate(ana, actor=dora)
    assert ana.is_active
    assert access.tokens_of(ana) == []  # back in, but old secrets stay dead
    assert actions() == ["token.issued", "person.deactivated", "person.reactivated"]


def test_a_token_is_kept_as_a_hash_and_only_its_owner_ends_it(ana, ben):
    secret = services.issue_token(ana, "laptop", actor=ana)
    row = db.session.scalars(sa.select(ApiToken)).one()
    assert secret.startswith("rf_")
    assert secret not in (row.token_hash, row.name)
    with pytest.raises(NotFound):
        access.revoke_token(ben, row.id)
    access.revoke_token(ana, row.id)
    assert access.tokens_of(ana) == []


def test_a_password_is_long_and_not_easily_guessed(ana):
    before = ana.session_key
    for weak in ("short", "passwordpassword", "aaaaaaaaaaaaaaaaaaaa", "ana@example.org", "x1y2z3" * 40):
        with pytest.raises(Invalid):
            services.set_password(ana, weak)
    services.set_password(ana, "five words that do not match", actor=ana)
    assert passwords.is_right(ana.password_hash, "five words that do not match")
    assert ana.session_key != before  # every session that was open is over
    with pytest.raises(Invalid, match="present password"):
        access.change_password(ana, "wrong one", "six words that do not match at all")


def test_people_of_an_organization_are_listed_by_name_and_only_while_active(alder, birch, ana, ben, dora):
    below = [each.id for each in alder.below]
    names = [each.name for each in db.session.scalars(services.people_in(below))]
    assert names == ["Ada Abara", "Ana Ortiz", "Ben Okafor", "Dora Diaz", "Lea Lindqvist"]
    access.deactivate(ben, actor=dora)
    scorers = db.session.scalars(services.people_in(below, Role.SCORER)).all()
    assert scorers == [ana]


def test_the_reach_of_a_permission_is_the_tree_below(nell, dora, ana, network, alder, alder_high):
    everything = set(db.session.scalars(sa.select(Organization.id)))
    assert nell.reach(Permission.MANAGE_PEOPLE) == everything
    assert dora.reach(Permission.MANAGE_PEOPLE) == {each.id for each in alder.below}
    assert ana.reach(Permission.SCORE) == {alder_high.id}
    assert ana.reach(Permission.MANAGE_PEOPLE) == set()
    assert OrganizationKind.SCHOOL in {each.kind for each in alder.below}
    assert db.session.scalar(sa.select(sa.func.count(Membership.id))) == 8
