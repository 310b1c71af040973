"""What can be done with tasks and their rubrics: write, publish as a frozen version, go on from it, retire, clone."""

import sqlalchemy as sa

from scoring import audit, storage
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.people.models import Organization
from scoring.permissions import Permission
from scoring.tasks import frozen, settling, specification  # noqa: F401  (importing `frozen` puts its guard in place)
from scoring.tasks.models import ConditionCode, Material, Rubric, RubricKind, ScorePoint, Task, Trait

FIELDS = ("code", "title", "subject", "grade_band", "standards", "directions", "teacher_guide")
LONGEST = {"code": 40, "title": 200, "subject": 80, "grade_band": 20}


# Who sees what


def task_query(person):
    """Tasks a person may see, also retired ones: common ones of the network, local ones of own districts."""
    places = {membership.organization for membership in person.memberships}
    own = {place.network.id for place in places} | {district.id for district in person.districts}
    reach = own | person.reach(Permission.EDIT_TASKS)
    return sa.select(Task).where(Task.organization_id.in_(reach)).order_by(Task.title, Task.id)


def visible_tasks(person):
    """Tasks in use that a person may see, by title."""
    return task_query(person).where(Task.retired_at.is_(None))


def task_by_id(task_id, person):
    """Return a task this person may see."""
    task = db.session.scalar(task_query(person).where(Task.id == task_id))
    if task is None:
        raise NotFound("There is no such task, or it belongs to another district.")
    return task


def rubric_by_version(task, version):
    """Return one version of a task's rubric."""
    rubric = next((rubric for rubric in task.rubrics if rubric.version == version), None)
    if rubric is None:
        raise NotFound(f"This task has no rubric version {version}. It may have been discarded.")
    return rubric


def draft_by_version(task, version, person):
    """Return the task's draft for editing, if it is one and this person may change it."""
    _require_edit(task.organization, person)
    rubric = rubric_by_version(task, version)
    if rubric.is_published:
        raise Conflict(
            f"Version {version} is published and can not change. Make a new version of it instead."
        )
    return rubric


def may_edit(task, person):
    """Whether this person may change the task: only where it lives."""
    return person.may(Permission.EDIT_TASKS, task.organization)


def homes(person):
    """Organizations in which a person may write tasks: networks and districts, not schools."""
    reach = person.reach(Permission.EDIT_TASKS)
    query = sa.select(Organization).where(Organization.id.in_(reach), Organization.kind != "school")
    return db.session.scalars(query.order_by(Organization.parent_id.is_not(None), Organization.name)).all()


def _require_edit(organization, actor):
    if not actor.may(Permission.EDIT_TASKS, organization):
        raise NotAllowed(
            f"Only leaders of {organization.name} may change its tasks. Clone the task into your own district."
        )


# Tasks


def create_task(
    organization, *, code, title, subject, grade_band, standards=(), directions="", teacher_guide="", actor
):
    """Write a new task: common when the organization is a network, local when it is a district."""
    _require_edit(organization, actor)
    values = _checked({"code": code, "title": title, "subject": subject, "grade_band": grade_band,
                       "standards": standards, "directions": directions, "teacher_guide": teacher_guide})  # fmt: skip
    with transaction() as session:
        _refuse_taken_code(organization, values["code"])
        task = Task(organization=organization, created_by_id=actor.id, **values)
        session.add(task)
        session.flush()
        audit.record("task.created", task, actor=actor, after=values | {"organization": organization.code})
    return task


def change_task(task, *, actor, **fields):
    """Change what a task says. Its rubric versions stay as they are."""
    _require_edit(task.organization, actor)
    with transaction():
        before = {name: getattr(task, name) for name in FIELDS}
        values = _checked(before | fields)
        if values["code"] != before["code"]:
            _refuse_taken_code(task.organization, values["code"])
        changed = {name for name in FIELDS if values[name] != before[name]}
        for name in changed:
            setattr(task, name, values[name])
        if changed:
            audit.record("task.changed", task, actor=actor, before={name: before[name] for name in changed},
                         after={name: values[name] for name in changed})  # fmt: skip
    return task


def retire(task, *, actor):
    """Take a task out of use. Events that have it go on; new ones can not choose it."""
    return _set_retired(task, now(), "task.retired", actor)


def reactivate(task, *, actor):
    """Bring a retired task back into use."""
    return _set_retired(task, None, "task.reactivated", actor)


def _set_retired(task, moment, action, actor):
    _require_edit(task.organization, actor)
    with transaction():
        if (task.retired_at is None) != (moment is None):
            task.retired_at = moment
            audit.record(action, task, actor=actor)
    return task


def clone(task, organization, *, code, actor):
    """Copy a task with its materials and newest rubric into an organization; the rubric becomes a draft there."""
    _require_edit(organization, actor)
    source = task.published_rubric or task.draft_rubric
    copied = []
    try:
        with transaction() as session:
            values = {name: getattr(task, name) for name in FIELDS} | {"code": code}
            copy = create_task(organization, **values, actor=actor)
            for material in task.materials:
                copied.append(storage.put(storage.get(material.key), area="materials"))
                copy.materials.append(
                    Material(position=material.position, name=material.name, media_type=material.media_type,
                             size=material.size, sha256=material.sha256, key=copied[-1])
                )  # fmt: skip
            if source is not None:
                draft_rubric(copy, specification.describe(source) | {"changes": ""}, actor=actor)
            session.flush()
            audit.record("task.cloned", copy, actor=actor, after={"from": task.id, "files": len(copied)})
    except BaseException:
        storage.remove(copied)
        raise
    return copy


def _checked(values):
    cleaned = {name: (value or "").strip() for name, value in values.items() if name != "standards"}
    cleaned["standards"] = [line.strip() for line in values["standards"] or () if line.strip()]
    fields = {name: "Fill this in." for name in LONGEST if not cleaned[name]}
    fields |= {
        name: f"At most {most} characters fit here. Shorten it."
        for name, most in LONGEST.items()
        if len(cleaned[name]) > most
    }
    if fields:
        names = ", ".join(name.replace("_", " ") for name in fields)
        raise Invalid(f"The task is not complete. Look at: {names}.", fields=fields)
    return cleaned


def _refuse_taken_code(organization, code):
    query = sa.select(Task.id).where(Task.organization_id == organization.id, Task.code == code)
    if db.session.scalar(query) is not None:
        words = f"{organization.name} already has a task with the code {code}. Choose another."
        raise Invalid(words, fields={"code": words})


# Rubrics


def start_rubric(task, kind, *, actor):
    """Start a task's rubric with an empty draft of one kind."""
    if kind not in specification.KINDS:
        raise Invalid("Choose analytic, holistic or single-point.", fields={"kind": "Choose one."})
    with transaction() as session:
        _lock(session, task)
        if task.draft_rubric is not None:
            raise Conflict("There is a draft already. Go on with it, or discard it first.")
        return draft_rubric(task, specification.blank(kind, task.title), actor=actor)


def draft_rubric(task, wanted, *, actor, seen=None, settlements=None):
    """Write the draft of a task's rubric; a draft that is there is replaced. `wanted` is a specification.

    `seen` is the fingerprint of the draft that was changed; if somebody saved another one since, nothing is written.
    `settlements` say what becomes of clarifications of earlier versions, by id.
    """
    _require_edit(task.organization, actor)
    wanted = specification.tidy(wanted)
    _refuse(specification.obstacles(wanted), "The draft can not be saved yet.")
    with transaction() as session:
        _lock(session, task)
        rubric = task.draft_rubric
        if rubric is None:
            latest = task.published_rubric
            rubric = Rubric(task=task, version=1 + max((each.version for each in task.rubrics), default=0),
                            based_on_id=latest.id if latest else None)  # fmt: skip
            session.add(rubric)
        elif seen is not None and seen != specification.fingerprint(specification.describe(rubric)):
            raise Conflict("Somebody else saved this draft while you were writing. What you typed is still here. "
                           "Look at theirs in another tab, then save again to replace it with yours.")  # fmt: skip
        _write(session, rubric, wanted)
        settling.settle(rubric, settlements or {}, actor=actor)
        audit.record("rubric.drafted", rubric, actor=actor,
                     after={"version": rubric.version, "traits": [trait["key"] for trait in wanted["traits"]]})  # fmt: skip
    return rubric


def problems(rubric):
    """Return everything to fix before a draft can be published: in the rubric, then about earlier clarifications."""
    return specification.problems(specification.describe(rubric)) + settling.problems(rubric)


def publish(rubric, *, actor):
    """Freeze a draft as the version that scorers use from now on."""
    _require_edit(rubric.task.organization, actor)
    with transaction() as session:
        session.refresh(rubric, with_for_update=True)
        if rubric.is_published:
            raise Conflict("This version is published already. Reload the page to see it.")
        _refuse(problems(rubric), "The rubric can not be published yet.")
        content = specification.describe(rubric)
        rubric.published_at, rubric.published_by_id = now(), actor.id
        audit.record("rubric.published", rubric, actor=actor, after=content | {"version": rubric.version})
        settling.carry_over(rubric, actor=actor)
    return rubric


def new_version(rubric, *, actor):
    """Start the next version of a task's rubric from one that is published."""
    with transaction() as session:
        _lock(session, rubric.task)
        if rubric.task.draft_rubric is not None:
            raise Conflict("There is a draft already. Publish it or discard it first.")
        draft = draft_rubric(rubric.task, specification.describe(rubric) | {"changes": ""}, actor=actor)
        draft.based_on_id = rubric.id
    return draft


def discard_draft(rubric, *, actor):
    """Throw a draft away."""
    _require_edit(rubric.task.organization, actor)
    with transaction() as session:
        if rubric.is_published:
            raise Conflict("A published version is kept for good; only a draft can be discarded.")
        audit.record("rubric.discarded", rubric, actor=actor, before=specification.describe(rubric))
        task = rubric.task
        settling.release(rubric)
        session.flush()
        session.delete(rubric)
        session.flush()
        session.expire(task, ["rubrics"])


def _lock(session, task):
    """Hold the task's row, so that two leaders change its rubric one after the other."""
    session.refresh(task, ["title", "rubrics"], with_for_update=True)


def _write(session, rubric, wanted):
    rubric.kind, rubric.title, rubric.changes = RubricKind(wanted["kind"]), wanted["title"], wanted["changes"]
    rubric.traits, rubric.condition_codes = [], []
    session.flush()  # the old rows go first, so that their keys are free
    rubric.traits = [
        Trait(position=place, points=[ScorePoint(**point) for point in trait["points"]],
              **{name: trait[name] for name in ("key", "name", "description", "weight")})
        for place, trait in enumerate(wanted["traits"])
    ]  # fmt: skip
    rubric.condition_codes = [
        ConditionCode(position=place, **code) for place, code in enumerate(wanted["condition_codes"])
    ]
    session.flush()


def _refuse(found, headline):
    if found:
        words = f"{headline} {found[0].words}" + (f" {len(found) - 1} more to fix." if len(found) > 1 else "")
        raise Invalid(words, fields={problem.place: problem.words for problem in found})
