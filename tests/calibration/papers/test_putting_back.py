"""Retired papers and sets come back into use, where nothing stands in their way."""

import pytest
import sqlalchemy as sa

from calibration.papers import putting_back, services, sets
from calibration.papers.models import PaperSetItem
from scoring.audit import AuditEntry
from scoring.db import db, transaction
from scoring.errors import Conflict, NotAllowed
from scoring.oversight import concerns
from scoring.reads.models import Concern
from tests.calibration.papers.season import Season
from tests.calibration.papers.test_sets import frozen


@pytest.fixture
def season(ana, ben):
    return Season(ana, ben)


def test_a_retired_paper_comes_back_where_nothing_stands_in_its_way(season, lea, eve, ana, alder, sign_in):
    paper = season.promote("two", lea)
    spring = sets.create_set(alder, season.rubric, name="Spring", purpose="practice", actor=lea)
    sets.add_paper(spring, paper, actor=lea)
    client, address = sign_in(lea), f"/anchors/{paper.id}"
    assert "It stands in Spring (practice, begun). Frozen sets keep it" in client.get(address).text
    client.post(f"{address}/retire")
    another = season.promote("two", lea)
    client.post(f"{address}/put-back")
    assert "is a paper already" in client.get(address).text
    services.retire(another, actor=lea)
    with pytest.raises(NotAllowed):
        putting_back.put_back(paper, actor=eve)
    season.alert("two", ana)
    with pytest.raises(Conflict, match="alert"):
        putting_back.put_back(paper, actor=lea)
    concerns.settle(
        db.session.scalars(sa.select(Concern).where(Concern.response_id == paper.response_id)).one(),
        "It is fiction.",
        actor=lea,
    )
    client.post(f"{address}/put-back")
    assert paper.retired_at is None
    told = sa.select(AuditEntry.action).where(
        AuditEntry.subject_id == paper.id, AuditEntry.subject_kind == "paper"
    )
    assert db.session.scalars(told.order_by(AuditEntry.id)).all() == [
        "paper.promoted",
        "paper.retired",
        "paper.put_back",
    ]


@pytest.mark.breaks_invariants
def test_a_paper_whose_work_became_secret_meanwhile_does_not_come_back_among_the_anchors(season, lea, alder):
    paper = services.retire(season.promote("two", lea), actor=lea)
    kept = season.keep("two", lea)
    secret = sets.create_set(alder, season.rubric, name="Test", purpose="qualification", actor=lea)
    with transaction() as session:  # as it could be before once shown meant known
        session.add(PaperSetItem(set_id=secret.id, paper_id=kept.id, position=1))
    services.retire(kept, actor=lea)
    with pytest.raises(Conflict, match="qualification or validity set"):
        putting_back.put_back(paper, actor=lea)
    putting_back.put_back(kept, actor=lea)
    assert kept.retired_at is None


def test_a_retired_set_comes_back_where_its_papers_may_stand_in_it(season, sign_in, lea, eve):
    two = season.keep("two", lea)
    spring = frozen(season, lea, two, purpose="practice", name="Spring")
    client, address = sign_in(lea), f"/anchors/sets/{spring.id}"
    assert f"scoring by this rubric version goes on in {season.event.name}." in client.get(address).text
    client.post(f"{address}/retire")
    assert "Put it back into use" in client.get(address).text
    secret = frozen(season, lea, two)
    client.post(f"{address}/put-back")
    assert "The set can not be used again" in client.get(address).text
    assert spring.retired_at is not None
    sets.retire_set(secret, actor=lea)
    client.post(f"{address}/put-back")
    assert spring.is_live
    with pytest.raises(Conflict, match="in a set of another purpose"):
        sets.put_back_set(secret, actor=lea)
    with pytest.raises(NotAllowed):
        sets.put_back_set(secret, actor=eve)
    told = sa.select(AuditEntry.action).where(AuditEntry.action == "paper_set.put_back")
    assert len(db.session.scalars(told).all()) == 1


def test_an_older_version_of_a_set_does_not_come_back_beside_a_newer_one(season, lea):
    spring = frozen(season, lea, season.keep("two", lea), purpose="practice", name="Spring")
    sets.retire_set(spring, actor=lea)
    newer = sets.new_version(spring, actor=lea)
    with pytest.raises(Conflict, match="newer version"):
        sets.put_back_set(spring, actor=lea)
    sets.retire_set(newer, actor=lea)
    assert sets.put_back_set(spring, actor=lea).is_live
