"""Credentials: who asks, who gives, what is revoked, and what others see of it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from calibration.credentials import rulebook, services
from calibration.credentials.models import Credential, CredentialRequest
from scoring.audit import AuditEntry
from scoring.db import at, db, now
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.people import services as people
from scoring.permissions import Role
from tests import build
from tests.calibration.credentials.season import RULE, Season, a_credential, a_rule


@pytest.fixture
def season(app, ana, ben):
    return Season(ana, ben)


@pytest.fixture
def rule(season, alder, lea):
    return a_rule(alder, season.rubric, lea)


def actions():
    return db.session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.action.like("credential%")).order_by(AuditEntry.id)
    ).all()


def test_a_scorer_asks_and_a_leader_gives(rule, ana, ben, lea):
    assert services.ask(rule, actor=ana) is None
    with pytest.raises(Conflict, match="You have asked already"):
        services.ask(rule, actor=ana)
    assert [each.person_id for each in services.open_requests(lea)] == [ana.id]
    given = services.give(rule, ana, actor=lea)
    assert (given.person_id, given.issued_by_id, given.state, given.shared) == (ana.id, lea.id, "valid", None)
    assert given.facts["reads"] == 10
    assert services.open_requests(lea) == []
    assert db.session.scalars(sa.select(CredentialRequest.answer)).all() == ["given"]
    with pytest.raises(Conflict, match="in force already"):
        services.give(rule, ana, actor=lea)
    assert actions() == ["credential_rule.written", "credential.asked_for", "credential.given"]


def test_by_some_rules_whoever_asks_gets_it_at_once(season, alder, ana, lea):
    rule = a_rule(alder, season.rubric, lea, is_automatic=True)
    given = services.ask(rule, actor=ana)
    assert (given.person_id, given.issued_by_id) == (ana.id, None)


def test_nobody_gets_what_is_not_earned(season, alder, ana, lea):
    rule = a_rule(alder, season.rubric, lea, fewest_reads=11, is_automatic=True)
    for act in (lambda: services.ask(rule, actor=ana), lambda: services.give(rule, ana, actor=lea)):
        with pytest.raises(Conflict, match="You need 11 reads; you have 10"):
            act()
    assert services.give_all(rule, actor=lea) == []
    assert db.session.scalar(sa.select(sa.func.count(Credential.id))) == 0


def test_everybody_who_has_earned_it_gets_it_and_nobody_twice(rule, ana, ben, lea, dora):
    services.give(rule, ben, actor=dora)
    assert [each.person_id for each in services.give_all(rule, actor=lea)] == [ana.id]
    assert services.give_all(rule, actor=lea) == []


def test_a_no_has_a_reason_and_the_scorer_sees_it(rule, ana, lea):
    services.ask(rule, actor=ana)
    with pytest.raises(Invalid, match="Say why"):
        services.decline(rule, ana, "  ", actor=lea)
    services.decline(rule, ana, "Take part in one more session first.", actor=lea)
    assert [each.reason for each in services.declined(ana)] == ["Take part in one more session first."]
    with pytest.raises(Conflict, match="does not ask any more"):
        services.decline(rule, ana, "Again", actor=lea)
    services.ask(rule, actor=ana)
    services.give(rule, ana, actor=lea)
    assert services.declined(ana) == []


def test_nobody_gives_a_credential_to_themselves(season, alder, alder_high, lea, nell):
    both = build.a_person(Role.SCORER, alder_high)
    people.join(both, alder, Role.LEADER)
    rule = a_rule(alder, season.rubric, lea)
    with pytest.raises(NotAllowed, match="themselves"):
        services.give(rule, both, actor=both)


def test_leaders_give_to_their_own_people_only(season, alder, birch, network, ana, ben, eve, lea, dan, nell):
    common = a_rule(network, season.rubric, nell)
    assert {each.name for each in rulebook.people_for(common, lea)} == {"Ana Ortiz", "Ben Okafor"}
    assert {each.name for each in rulebook.people_for(common, dan)} == {"Eve Eriksen"}
    with pytest.raises(NotFound):
        services.give(common, ana, actor=dan)
    with pytest.raises(NotAllowed, match="belongs to Commons Network"):
        rulebook.change_rule(common, actor=lea, fewest_reads=1)
    given = services.give(common, ana, actor=lea)
    assert services.given_by_id(given.id, nell).id == given.id
    for act in (lambda: services.given_by_id(given.id, dan), lambda: services.revoke(given, "No.", actor=dan),
                lambda: services.give_anew(given, actor=dan)):  # fmt: skip
        with pytest.raises(NotFound):
            act()
    own = a_rule(alder, season.rubric, lea)
    for act in (lambda: rulebook.rule_by_id(own.id, dan), lambda: services.ask(own, actor=eve)):
        with pytest.raises(NotFound):
            act()


def test_revoking_takes_a_reason_and_can_not_be_undone(season, alder, ana, lea, dora):
    given = a_credential(season, alder, lea)
    with pytest.raises(Invalid, match="Say why"):
        services.revoke(given, "", actor=dora)
    services.revoke(given, "Given by mistake.", actor=dora)
    assert (given.state, given.revoke_reason, given.revoked_by_id) == (
        "revoked",
        "Given by mistake.",
        dora.id,
    )
    with pytest.raises(Conflict, match="revoked already"):
        services.revoke(given, "Again.", actor=dora)
    with pytest.raises(Conflict, match="was revoked"):
        services.require_in_force(given)
    newer = services.give(given.rule, ana, actor=lea)
    assert (newer.state, newer.status_index != given.status_index, newer.share_code != given.share_code) == (
        "valid",
        True,
        True,
    )


def test_given_anew_the_old_one_is_revoked(season, alder, ana, ben, lea):
    given = a_credential(season, alder, lea)
    Season(ana, ben, task=season.task)
    newer = services.give_anew(given, actor=lea)
    assert (given.state, given.revoke_reason, newer.facts["reads"]) == ("revoked", services.REPLACED, 20)
    assert actions()[-2:] == ["credential.revoked", "credential.given"]


def test_a_credential_ends_and_can_be_asked_for_again(season, alder, ana, lea):
    given = a_credential(season, alder, lea, months=1)
    with pytest.raises(Conflict, match="in force already"):
        services.ask(given.rule, actor=ana)
    with at(now() + timedelta(days=40)):
        assert given.state == "expired"
        services.ask(given.rule, actor=ana)
        newer = services.give(given.rule, ana, actor=lea)
        assert (newer.state, given.state) == ("valid", "revoked")


def test_a_holder_shares_what_they_choose_and_may_withdraw_it(season, alder, ana, ben, lea):
    given = a_credential(season, alder, lea)
    with pytest.raises(NotFound):
        services.shared_by_code(given.share_code)
    services.share(given, ["rates", "rubric"], actor=ana)
    assert services.shared_by_code(given.share_code.lower().replace("-", " ")).shared == ["rubric", "rates"]
    with pytest.raises(Invalid):
        services.share(given, ["facts"], actor=ana)
    for stranger in (ben, lea):
        with pytest.raises(NotFound):
            services.share(given, ["name"], actor=stranger)
        with pytest.raises(NotFound):
            services.withdraw(given, actor=stranger)
    services.withdraw(given, actor=ana)
    with pytest.raises(NotFound):
        services.shared_by_code(given.share_code)
    assert actions()[-2:] == ["credential.shared", "credential.withdrawn"]


# Rules


def test_a_rule_is_written_once_changed_and_retired(season, alder, ana, lea):
    rule = a_rule(alder, season.rubric, lea)
    with pytest.raises(Conflict, match="has a rule for this rubric version already"):
        a_rule(alder, season.rubric, lea)
    rulebook.change_rule(rule, actor=lea, fewest_reads=99)
    assert (rule.fewest_reads, rule.fewest_double) == (99, RULE["fewest_double"])
    rulebook.retire_rule(rule, actor=lea)
    assert rulebook.rules_open_to(ana) == []
    for act in (
        lambda: services.give(rule, ana, actor=lea),
        lambda: rulebook.change_rule(rule, actor=lea, fewest_reads=5),
    ):
        with pytest.raises(Conflict, match="retired"):
            act()
    a_rule(alder, season.rubric, lea)


@pytest.mark.parametrize("wrong", [
    {"fewest_reads": 0}, {"fewest_double": 9}, {"least_exact": 101}, {"least_exact": None}, {"months": 0},
    {"months": 121}, {"measure": "guess"}, {"least_validity": 0}, {"fewest_hours": -1},
])  # fmt: skip
@pytest.mark.engines("sqlite")
def test_a_rule_that_makes_no_sense_is_refused(app, alder, lea, wrong):
    rubric = build.a_task().published_rubric
    with pytest.raises(Invalid) as refused:
        a_rule(alder, rubric, lea, **wrong)
    assert set(refused.value.fields) == set(wrong)


@pytest.mark.engines("sqlite")
def test_only_published_rubrics_of_the_place_have_rules(app, alder, birch, network, ana, lea, dan, nell):
    local = build.a_task(organization=birch).published_rubric
    draft = build.a_rubric(build.a_task(), published=False)
    for rubric in (local, draft):
        with pytest.raises(NotFound):
            a_rule(alder, rubric, lea)
    common = build.a_task().published_rubric
    for organization, actor in ((network, lea), (birch, lea), (alder, dan), (alder, ana)):
        with pytest.raises(NotAllowed):
            a_rule(organization, common, actor)
    assert (
        local not in rulebook.rubrics(lea)
        and local in rulebook.rubrics(dan)
        and common in rulebook.rubrics(lea)
    )
