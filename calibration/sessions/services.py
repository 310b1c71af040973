"""Setting up sessions: opened by a leader with papers, a protocol and people, and looked after until they are over."""

from datetime import timedelta

from calibration.papers.sets import set_by_id
from calibration.places import change_places
from calibration.sessions import finding, rules
from calibration.sessions.consensus import settle_what_all_support
from calibration.sessions.models import CalibrationSession, Form, Part, Participant, SessionPaper
from scoring import audit
from scoring.db import now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound

LONGEST_TITLE, MOST_PAPERS, MOST_PEOPLE = 120, 20, 200
LONGEST_AHEAD, A_MINUTE = timedelta(days=366), timedelta(minutes=1)


def open_session(organization, rubric, *, title, form, protocol, papers, people, actor, paper_set=None,
                 starts_at=None, score_by=None, closes_at=None, leader_scores=True):  # fmt: skip
    """Open a session on papers in the order given. The leader has a seat and facilitates until that is changed.

    `protocol` is anything with a name and steps; the session keeps the steps as they are now.
    """
    title, form = _checked_title(title), Form(form)
    dates = _checked_dates(form, starts_at, score_by, closes_at)
    _require_protocol(form, protocol)
    with transaction() as session:
        _require_home(organization, rubric, actor)
        papers = _checked_papers(organization, rubric, papers, paper_set, actor)
        if {person.id for person in people} <= {actor.id}:
            raise _no_people(f"Invite 1 to {MOST_PEOPLE} people besides yourself.")
        invited = _checked_people(organization, people, actor)
        meeting = CalibrationSession(
            organization=organization, rubric=rubric, set_id=paper_set.id if paper_set else None, title=title, form=form,
            protocol_name=protocol.name, steps=[dict(each) for each in protocol.steps], leader_id=actor.id, **dates,
            papers=[SessionPaper(paper=paper, position=place) for place, paper in enumerate(papers, 1)],
            participants=[Participant(person_id=actor.id, part=Part.FACILITATOR, observes=not leader_scores)]
            + [Participant(person_id=person.id) for person in invited if person.id != actor.id],
        )  # fmt: skip
        session.add(meeting)
        session.flush()
        audit.record("session.opened", meeting, actor=actor, after={
            "title": title, "form": form, "protocol": protocol.name, "papers": [paper.id for paper in papers],
            "people": [each.person_id for each in meeting.participants],
        })  # fmt: skip
    return meeting


def invite(meeting, people, *, actor):
    """Give further people a seat. In the asynchronous form that ends with the scoring: they could have been told."""
    with transaction() as session:
        lock(session, meeting)
        finding.require_lead(meeting, actor)
        if meeting.scoring_is_over:
            raise Conflict("Scoring is over, so nobody can be invited any more. Open another session.")
        known = {each.person_id: each for each in meeting.participants}
        added = []
        for person in _checked_people(meeting.organization, people, actor):
            seat = known.get(person.id)
            if seat is None:
                meeting.participants.append(Participant(person_id=person.id))
                added.append(person.id)
            elif seat.removed_at is not None:
                seat.removed_at = None
                added.append(person.id)
        if sum(each.removed_at is None for each in meeting.participants) > MOST_PEOPLE:
            raise Invalid(f"A session has room for {MOST_PEOPLE} people.")
        if added:
            bump(meeting, stage=True)
            audit.record("session.people_invited", meeting, actor=actor, after={"people": added})
    return len(added)


def remove(seat, *, actor):
    """Take somebody's seat away. What they wrote and scored stays on record."""
    with transaction() as session:
        meeting = lock(session, seat.session)
        finding.require_lead(meeting, actor)
        if seat.person_id == meeting.leader_id:
            raise Conflict("The leader of a session keeps the seat.")
        if seat.removed_at is None:
            seat.removed_at = now()
            bump(meeting, stage=True)
            audit.record("session.person_removed", meeting, actor=actor, before={"person": seat.person_id})
            end_scoring_if_all_are_in(meeting)
            settle_what_all_support(meeting, actor=actor)


def give_part(seat, part, *, actor):
    """Give a participant a part; whoever had it before becomes a member. The leader keeps the facilitator's buttons."""
    part = Part(part)
    with transaction() as session:
        meeting = lock(session, seat.session)
        mine = seat_in(meeting, actor)
        finding.require_control(mine)
        for other in meeting.participants:
            if part is not Part.MEMBER and other.part is part:
                other.part = Part.MEMBER
        before, seat.part = seat.part, part
        bump(meeting, stage=True)
        audit.record("session.part_given", meeting, actor=actor,
                     before={"person": seat.person_id, "part": before}, after={"person": seat.person_id, "part": part})  # fmt: skip


def move_paper(meeting, session_paper_id, by, *, actor):
    """Move a paper one place up (-1) or down (1), before anybody has begun."""
    with transaction() as session:
        lock(session, meeting)
        finding.require_lead(meeting, actor)
        order = list(meeting.papers)
        one = next((each for each in order if each.id == session_paper_id), None)
        if one is None:
            raise NotFound("This paper is not in the session.")
        if meeting.begun_at is not None or any(each.sheets for each in order):
            raise Conflict("The session has begun. The papers stay in their order.")
        moved = change_places(session, order, one, by)
        if moved is not None:
            session.expire(meeting, ["papers"])
            bump(meeting, stage=True)
            audit.record(
                "session.paper_moved", meeting, actor=actor, after={"paper": one.paper_id, "place": moved[1]}
            )
    return meeting


def change(meeting, *, title, starts_at=None, score_by=None, closes_at=None, actor):
    """Change the title and the times of a session: live before it begins, else as long as scoring goes on."""
    title = _checked_title(title)
    with transaction() as session:
        lock(session, meeting)
        finding.require_lead(meeting, actor)
        if meeting.begun_at is not None:
            raise Conflict("The session has begun. Its title and its time stay as they were.")
        if meeting.scoring_is_over:
            raise Conflict(
                "Scoring is over, and scores may have been seen. Title and deadline stay as they were."
            )
        dates = _checked_dates(meeting.form, starts_at, score_by, closes_at, stood=meeting.starts_at)
        before = _title_and_times(meeting)
        for name, value in ({"title": title} | dates).items():
            setattr(meeting, name, value)
        bump(meeting, stage=True)
        audit.record("session.changed", meeting, actor=actor, before=before, after=_title_and_times(meeting))
    return meeting


def _title_and_times(meeting):
    moments = {name: getattr(meeting, name) for name in ("starts_at", "score_by", "closes_at")}
    return {"title": meeting.title} | {
        name: each.isoformat() if each else None for name, each in moments.items()
    }


def cancel(meeting, *, actor):
    """Call a session off. Nothing in it can be changed or seen any more; it stays on record."""
    with transaction() as session:
        lock(session, meeting)
        finding.require_lead(meeting, actor)
        meeting.cancelled_at = now()
        bump(meeting, stage=True)
        audit.record("session.cancelled", meeting, actor=actor)
    return meeting


# What all services of a session share


def lock(session, meeting):
    """Lock a session, and refuse when it is over or was called off."""
    session.refresh(meeting, with_for_update=True)
    require_open(meeting)
    return meeting


def require_open(meeting):
    """Refuse when nothing can change any more."""
    if meeting.cancelled_at is not None:
        raise Conflict("This session was called off.")
    if meeting.is_over:
        raise Conflict("This session is closed. What was agreed stays as it is.")


def seat_in(meeting, person):
    """Return a person's seat in a session that is locked already."""
    seat = next(
        (each for each in meeting.participants if each.person_id == person.id and each.removed_at is None),
        None,
    )
    if seat is None:
        raise NotFound(finding.NOTHING)
    return seat


def bump(meeting, *, stage):
    """Let everybody's page know that something changed: the stage, or only how many are in."""
    meeting.state_version += 1
    if stage:
        meeting.stage_version += 1


def end_scoring_if_all_are_in(meeting):
    """Asynchronous: once nobody is waited for, scores are shown, and the discussion begins."""
    if meeting.is_live or meeting.scoring_is_over:
        return
    stands = finding.standings(meeting.papers).values()
    if not any(waiting for _, waiting in stands) and all(found for found, _ in stands):
        meeting.scoring_ended_at = now()
        bump(meeting, stage=True)
        audit.record("session.scoring_ended", meeting)


# What is checked when a session is opened


def _checked_title(title):
    title = (title or "").strip()
    if not title or len(title) > LONGEST_TITLE:
        words = f"Give the session a title of at most {LONGEST_TITLE} characters."
        raise Invalid(words, fields={"title": words})
    return title


def _checked_dates(form, starts_at, score_by, closes_at, stood=None):
    """Dates that fit the form. A start is still to come, to the minute as it is typed, unless it is the one that stood before."""
    fields = {}
    if form is Form.LIVE:
        if starts_at not in {None, stood} and not now() - A_MINUTE < starts_at < now() + LONGEST_AHEAD:
            words = "Choose a moment in the coming year, or leave it empty."
            raise Invalid(words, fields={"starts_at": words})
        return {"starts_at": starts_at, "score_by": None, "closes_at": None}
    if score_by is None or not now() < score_by < now() + LONGEST_AHEAD:
        fields["score_by"] = "Choose a moment in the coming year until which everybody scores."
    elif closes_at is not None and not score_by < closes_at < score_by + LONGEST_AHEAD:
        fields["closes_at"] = "The discussion ends after the scoring, within a year."
    if fields:
        raise Invalid(" ".join(fields.values()), fields=fields)
    return {"starts_at": None, "score_by": score_by, "closes_at": closes_at}


def why_not_protocol(form, protocol):
    """Say in words what keeps a session of this form from being run by a protocol; an empty list when nothing does."""
    found = rules.problems(protocol.steps)
    if form is Form.ASYNCHRONOUS and not found:
        if not rules.scores_papers(protocol.steps):
            return [
                "An asynchronous session begins with scoring, and this protocol has none. Choose another one."
            ]
        if any(each["in_pairs"] for each in protocol.steps):
            return ["Pairs need to meet, so this protocol is for live sessions. Choose another one."]
    return found


def _require_protocol(form, protocol):
    if found := why_not_protocol(form, protocol):
        words = f"{protocol.name} can not be used. " + " ".join(found)
        raise Invalid(words, fields={"protocol": words})


def _require_home(organization, rubric, actor):
    if organization.id not in {each.id for each in finding.homes(actor)}:
        raise NotAllowed("Only those who lead calibration there may open a session.")
    if not rubric.is_published:
        raise NotFound("There is no such published rubric version. Choose another one.")


def _checked_papers(organization, rubric, papers, paper_set, actor):
    papers = list(dict.fromkeys(papers))
    if not 1 <= len(papers) <= MOST_PAPERS:
        words = f"Choose 1 to {MOST_PAPERS} papers."
        raise Invalid(words, fields={"papers": words})
    allowed = set(finding.papers_in_use(rubric, [organization], actor))
    if paper_set is not None:
        found = set_by_id(paper_set.id, actor)
        if found.is_live and found.purpose == "calibration" and found.rubric_id == rubric.id:
            allowed |= set(found.papers)
    if not set(papers) <= allowed:
        raise NotFound("There is no such paper for this rubric version there. Choose others.")
    refused = finding.refusals(papers)
    if refused:
        told = ((paper.response.code, refused[paper.id]) for paper in papers if paper.id in refused)
        words = " ".join(f"{code} can not be used. {why}" for code, why in told)
        raise Conflict(words, fields={"papers": words})
    return papers


def _checked_people(organization, people, actor):
    allowed = {each.id for each in finding.people_within([organization], actor)} | {actor.id}
    people = list(dict.fromkeys(people))
    if not {each.id for each in people} <= allowed:
        raise NotFound("Somebody you chose is not within your reach. Choose others.")
    if not 1 <= len(people) <= MOST_PEOPLE:
        raise _no_people(f"Invite 1 to {MOST_PEOPLE} people.")
    return people


def _no_people(words):
    return Invalid(words, fields={"people": words})
