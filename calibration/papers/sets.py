"""Paper sets: papers put in order for a purpose, frozen before they are used, and followed by new versions."""

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from calibration.papers import secrecy
from calibration.papers.models import Paper, PaperSet, PaperSetItem, SetPurpose
from calibration.papers.services import IN_USE, LISTED, paper_query
from calibration.places import change_places
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.events.models import Event, EventStatus, EventTask
from scoring.events.services import visible_events
from scoring.people.directory import ids_with_network_above, networks_and_districts
from scoring.permissions import Permission
from scoring.responses.models import Response
from scoring.tasks.models import Rubric, Task
from scoring.tasks.services import visible_tasks

LONGEST_NAME = 120


# Who sees what


def set_query(person):
    """Paper sets this person may see: of their own organizations, and of the network above. By task and name.

    Only those who choose anchor papers see any; a key in the hands of a scorer is none.
    """
    return (
        sa.select(PaperSet)
        .join(Rubric, Rubric.id == PaperSet.rubric_id)
        .join(Task, Task.id == Rubric.task_id)
        .where(PaperSet.organization_id.in_(ids_with_network_above(person, Permission.CHOOSE_ANCHORS)))
        .order_by(
            Task.title, Task.id, Rubric.version.desc(), PaperSet.name, PaperSet.version.desc(), PaperSet.id
        )
    )


def set_by_id(set_id, person):
    """Return a paper set this person may see."""
    papers = selectinload(PaperSet.items).joinedload(PaperSetItem.paper).options(*LISTED)
    found = db.session.scalar(set_query(person).where(PaperSet.id == set_id).options(papers))
    if found is None:
        raise NotFound("There is no such paper set, or it belongs to another district.")
    return found


def draft_by_id(set_id, person):
    """Return a paper set this person may still change."""
    found = set_by_id(set_id, person)
    _require_change(found, person)
    _require_open(found)
    return found


def may_change(paper_set, person):
    """Whether this person looks after the set: it belongs to one of their own organizations."""
    return paper_set.organization_id in person.reach(Permission.CHOOSE_ANCHORS)


def owners(person):
    """The networks and districts for which this person may make sets, by name."""
    return networks_and_districts(person, Permission.CHOOSE_ANCHORS)


def rubrics(person):
    """The published rubric versions this person may make sets for, by task and newest version."""
    tasks = visible_tasks(person).with_only_columns(Task.id).order_by(None)
    return db.session.scalars(
        sa.select(Rubric)
        .join(Task, Task.id == Rubric.task_id)
        .where(Rubric.task_id.in_(tasks), Rubric.published_at.is_not(None))
        .order_by(Task.title, Task.id, Rubric.version.desc())
    ).all()


def fitting_papers(paper_set, person):
    """Papers that may be added to a set, each with why it may not at present (None when it may); lowest scores first."""
    inside = {item.paper_id for item in paper_set.items}
    pool = db.session.scalars(_pool(paper_set, person).options(*LISTED))
    found = sorted(
        (paper for paper in pool if paper.id not in inside), key=lambda each: (each.mean_score, each.id)
    )
    problems = secrecy.problems(found, paper_set.purpose)
    return [(paper, problems.get(paper.id)) for paper in found]


def _pool(paper_set, person):
    """Query the papers of a set's rubric version that are in use in its district or in the network above."""
    homes = {paper_set.organization_id, paper_set.organization.network.id}
    return paper_query(person).where(
        *IN_USE, Paper.rubric_id == paper_set.rubric_id, Paper.organization_id.in_(homes)
    )


def used_in(paper_set, person):
    """Events of this person that score by the set's rubric version and are not over: a retired set is missed there."""
    uses = sa.exists().where(EventTask.event_id == Event.id, EventTask.rubric_id == paper_set.rubric_id)
    query = visible_events(person, Permission.CHOOSE_ANCHORS).where(
        uses, Event.status.in_([EventStatus.OPEN, EventStatus.PAUSED])
    )
    return db.session.scalars(query).all()


def sets_with(paper, person):
    """Sets that hold a paper and that this person may see."""
    holds = sa.exists().where(PaperSetItem.set_id == PaperSet.id, PaperSetItem.paper_id == paper.id)
    return db.session.scalars(set_query(person).where(holds)).all()


# What is done with sets


def create_set(organization, rubric, *, name, purpose, actor):
    """Begin a set of papers for a purpose, under one rubric version."""
    name, purpose = (name or "").strip(), _checked_purpose(purpose)
    if not name or len(name) > LONGEST_NAME:
        words = f"Give the set a name of at most {LONGEST_NAME} characters."
        raise Invalid(words, fields={"name": words})
    if organization.id not in {each.id for each in owners(actor)}:
        raise NotAllowed("Only those who choose anchor papers there may make a set.")
    homes = {organization.id, organization.network.id}
    if not rubric.is_published or rubric.task.organization_id not in homes:
        raise NotFound("There is no such published rubric version there. Choose another one.")
    with transaction() as session:
        session.refresh(organization, with_for_update=True)  # two leaders choose a name one after the other
        if session.scalar(_of_name(organization.id, rubric.id, name)):
            words = f"There is a set {name} for this rubric version already. Give this one another name."
            raise Conflict(words, fields={"name": words})
        made = PaperSet(organization_id=organization.id, rubric=rubric, name=name, purpose=purpose, created_by_id=actor.id)  # fmt: skip
        session.add(made)
        session.flush()
        audit.record("paper_set.created", made, actor=actor, after={
            "organization": organization.id, "rubric": rubric.id, "name": name, "purpose": purpose, "version": 1,
        })  # fmt: skip
    return made


def add_papers(paper_set, papers, *, actor):
    """Put papers at the end of a set, in the order given: all of them or none."""
    _require_change(paper_set, actor)
    ids = [paper.id for paper in papers]
    with transaction() as session:
        _require_draft(session, paper_set)
        _hold(session, ids)
        chosen = _fitting(session, paper_set, ids, actor)
        last = max((item.position for item in paper_set.items), default=0)
        for position, paper in enumerate(chosen, last + 1):
            paper_set.items.append(PaperSetItem(paper=paper, position=position))
            session.flush()
            audit.record("paper_set.paper_added", paper_set, actor=actor, after={"paper": paper.id})
    return paper_set


def add_paper(paper_set, paper, *, actor):
    """Put a paper at the end of a set."""
    return add_papers(paper_set, [paper], actor=actor)


def _fitting(session, paper_set, ids, actor):
    """Return the papers with these ids, in their order, if each may be added."""
    if len(set(ids) - {item.paper_id for item in paper_set.items}) < len(ids):
        raise Conflict("This paper is in the set already.")
    query = _pool(paper_set, actor).where(Paper.id.in_(ids)).options(*LISTED)
    found = {paper.id: paper for paper in session.scalars(query)}
    if len(found) < len(ids):
        raise NotFound("This paper does not fit the set: it belongs to another rubric version or district, or it is retired.")  # fmt: skip
    papers = [found[each] for each in ids]
    if problems := secrecy.problems(papers, paper_set.purpose):
        told = [f"{paper.response.code} can not be added. {problems[paper.id]}" for paper in papers if paper.id in problems]  # fmt: skip
        raise Conflict(" ".join(told))
    return papers


def remove_paper(paper_set, paper_id, *, actor):
    """Take a paper out of a set that is not frozen."""
    _require_change(paper_set, actor)
    with transaction() as session:
        _require_draft(session, paper_set)
        paper_set.items.remove(_item(paper_set, paper_id))
        session.flush()
        audit.record("paper_set.paper_removed", paper_set, actor=actor, before={"paper": paper_id})
    return paper_set


def move_paper(paper_set, paper_id, by, *, actor):
    """Move a paper one place up (-1) or down (1) in a set that is not frozen."""
    _require_change(paper_set, actor)
    with transaction() as session:
        _require_draft(session, paper_set)
        item = _item(paper_set, paper_id)
        order = sorted(paper_set.items, key=lambda each: each.position)
        moved = change_places(session, order, item, by)
        if moved is None:
            return paper_set
        session.expire(paper_set, ["items"])
        audit.record("paper_set.paper_moved", paper_set, actor=actor,
                     before={"paper": paper_id, "place": moved[0]}, after={"paper": paper_id, "place": moved[1]})  # fmt: skip
    return paper_set


def freeze_set(paper_set, *, actor):
    """End all changes to a set, so that everybody who meets it meets the same papers."""
    _require_change(paper_set, actor)
    with transaction() as session:
        _require_draft(session, paper_set)
        papers = _held_papers(session, paper_set)
        if not papers:
            raise Conflict("The set has no papers yet. Add at least one, then freeze it.")
        if problems := _problems_now(papers, paper_set.purpose):
            told = [
                f"{paper.response.code}: {problems[paper.id]}" for paper in papers if paper.id in problems
            ]
            raise Conflict("The set can not be frozen yet. Take these papers out first. " + " ".join(told))
        paper_set.frozen_at, paper_set.frozen_by_id, paper_set.frozen_count = now(), actor.id, len(papers)
        audit.record(
            "paper_set.frozen", paper_set, actor=actor, after={"papers": [paper.id for paper in papers]}
        )
    return paper_set


def new_version(paper_set, *, actor):
    """Begin the next version of a frozen set with the papers that may still stand in it."""
    _require_change(paper_set, actor)
    with transaction() as session:
        session.refresh(paper_set.organization, with_for_update=True)
        if not paper_set.is_frozen:
            raise Conflict("This set is not frozen. Change it as it is; it needs no new version.")
        found = session.scalars(
            _of_name(paper_set.organization_id, paper_set.rubric_id, paper_set.name)
        ).all()
        if any(not each.is_frozen and each.retired_at is None for each in found):
            raise Conflict("A new version has been begun already. Go on with that one.")
        version = max(each.version for each in found) + 1
        papers = _held_papers(session, paper_set)
        problems = _problems_now(papers, paper_set.purpose)
        staying = [paper for paper in papers if paper.id not in problems]
        made = PaperSet(
            organization_id=paper_set.organization_id, rubric_id=paper_set.rubric_id, name=paper_set.name,
            purpose=paper_set.purpose, version=version, based_on_id=paper_set.id, created_by_id=actor.id,
            items=[PaperSetItem(paper_id=paper.id, position=place) for place, paper in enumerate(staying, 1)],
        )  # fmt: skip
        session.add(made)
        session.flush()
        audit.record("paper_set.version_begun", made, actor=actor, after={
            "based_on": paper_set.id, "version": version, "papers": [paper.id for paper in staying],
        })  # fmt: skip
    return made


def retire_set(paper_set, *, actor):
    """Take a set out of use. It stays on record."""
    _require_change(paper_set, actor)
    with transaction() as session:
        session.refresh(paper_set, with_for_update=True)
        if paper_set.retired_at is None:
            paper_set.retired_at, paper_set.retired_by_id = now(), actor.id
            audit.record("paper_set.retired", paper_set, actor=actor, after={"used_in": [event.id for event in used_in(paper_set, actor)]})  # fmt: skip
    return paper_set


def put_back_set(paper_set, *, actor):
    """Put a retired set back into use, where each of its papers may stand in it now."""
    _require_change(paper_set, actor)
    with transaction() as session:
        session.refresh(paper_set.organization, with_for_update=True)
        session.refresh(paper_set, with_for_update=True)
        if paper_set.retired_at is None:
            return paper_set
        same = session.scalars(_of_name(paper_set.organization_id, paper_set.rubric_id, paper_set.name)).all()
        if any(each.retired_at is None and each.version > paper_set.version for each in same):
            raise Conflict("There is a newer version of this set. Go on with that one, or retire it first.")
        papers = _held_papers(session, paper_set)
        problems = secrecy.problems(papers, paper_set.purpose)
        if problems:
            found = [f"{each.response.code}: {problems[each.id]}" for each in papers if each.id in problems]
            raise Conflict("The set can not be used again. Make a new one. " + " ".join(found))
        before = {"retired_at": paper_set.retired_at.isoformat(), "by": paper_set.retired_by_id}
        paper_set.retired_at, paper_set.retired_by_id = None, None
        audit.record("paper_set.put_back", paper_set, actor=actor, before=before)
    return paper_set


def _of_name(organization_id, rubric_id, name):
    return sa.select(PaperSet).where(
        PaperSet.organization_id == organization_id, PaperSet.rubric_id == rubric_id, PaperSet.name == name
    )


def _checked_purpose(purpose):
    try:
        return SetPurpose(purpose)
    except ValueError as error:
        words = "Say what the set is for."
        raise Invalid(words, fields={"purpose": words}) from error


def _require_change(paper_set, actor):
    if not may_change(paper_set, actor):
        raise NotAllowed("Only those who choose anchor papers there may change this set.")


def _require_draft(session, paper_set):
    """Lock the set, and refuse when its time for changes is over."""
    session.refresh(paper_set, with_for_update=True)
    _require_open(paper_set)


def _require_open(paper_set):
    if paper_set.retired_at is not None:
        raise Conflict("This set is retired. Make a new one.")
    if paper_set.is_frozen:
        raise Conflict("This set is frozen: it does not change any more. Make a new version of it.")


def _hold(session, paper_ids):
    """Lock the responses of papers, so that nobody shows one to scorers in the same moment."""
    ids = sa.select(Paper.response_id).where(Paper.id.in_(paper_ids))
    session.execute(
        sa.select(Response.id).where(Response.id.in_(ids)).order_by(Response.id).with_for_update()
    )


def _held_papers(session, paper_set):
    """Return the papers of a set in order, their responses locked."""
    _hold(session, [item.paper_id for item in paper_set.items])
    query = sa.select(Paper).join(PaperSetItem, PaperSetItem.paper_id == Paper.id)
    query = query.where(PaperSetItem.set_id == paper_set.id).order_by(PaperSetItem.position)
    return session.scalars(query.options(*LISTED)).all()


def _problems_now(papers, purpose):
    """Say of those papers that can not stand in a set any more why not, by paper id."""
    retired = {paper.id: "It is retired." for paper in papers if paper.retired_at is not None}
    return secrecy.problems(papers, purpose) | retired


def _item(paper_set, paper_id):
    item = next((each for each in paper_set.items if each.paper_id == paper_id), None)
    if item is None:
        raise NotFound("This paper is not in the set.")
    return item
