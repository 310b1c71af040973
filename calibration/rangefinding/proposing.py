"""Which responses may be proposed to a committee, and putting them before it in an order."""

from dataclasses import dataclass

import sqlalchemy as sa

from calibration.papers import finder, secrecy
from calibration.papers.models import Paper
from calibration.papers.name_checks import flagged_responses, named_in
from calibration.papers.services import IN_USE, changeable_responses, waiting_responses, worrying_responses
from calibration.places import change_places
from calibration.rangefinding import rules, services
from calibration.rangefinding.models import CommitteeStatus, ProposedPaper
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, NotAllowed
from scoring.events.models import Event, EventResponse
from scoring.events.services import visible_events
from scoring.paging import ListPage
from scoring.permissions import Permission
from scoring.reads.models import Purpose, Read
from scoring.reads.seen import note_seen
from scoring.responses.models import Response, ResponseStatus

KEPT, TWICE = "kept", "twice"
SOURCES = {
    "solid": "Solid candidates",
    "borderline": "Borderline candidates",
    "uneven": "Uneven candidates",
    KEPT: "Papers kept for sets",
    TWICE: "All that were read twice",
}


@dataclass(frozen=True)
class Suggestion:
    """A response that may be proposed, and why it is suggested."""

    response: Response
    why: str


def eligible(committee):
    """Query the settled responses of the committee's event and rubric that nobody has met with scores.

    Flagged work, and work in which the student's own name may stand, is put before nobody.
    """
    left_out = (waiting_responses(), changeable_responses(), worrying_responses(), flagged_responses(),
                secrecy.placed_responses(), named_in(committee.event, committee.rubric.task))  # fmt: skip
    proposed = sa.select(ProposedPaper.response_id).where(ProposedPaper.committee_id == committee.id)
    return (
        sa.select(Response)
        .join(EventResponse, EventResponse.response_id == Response.id)
        .where(
            EventResponse.event_id == committee.event_id, EventResponse.rubric_id == committee.rubric_id,
            Response.status == ResponseStatus.READY,
            *(Response.id.not_in(ids) for ids in (*left_out, proposed)),
        )
        .order_by(Response.code)
    )  # fmt: skip


class Suggestions(ListPage):
    """Responses of one source that may be proposed, the best first, some to a page."""

    SIZE = 20

    def __init__(self, committee, source, page=1):
        self.committee = committee
        self.source, found = self._look(source)
        super().__init__(found, page, self.SIZE)
        self.items = [Suggestion(response, why) for response, why in self.items]

    def _look(self, source):
        """What one source has; where none is asked for, the first one that has something."""
        for each in [source] if source in SOURCES else SOURCES:
            found = {KEPT: _kept, TWICE: _read_twice}.get(each, self._candidates)(self.committee, each)
            if found:
                break
        return each, found

    def _candidates(self, committee, kind):
        fitting = {each.id: each for each in db.session.scalars(eligible(committee))}
        search = finder.Search(committee.event, committee.rubric.task, kind=kind)
        chosen = getattr(search.all, kind)
        return [(fitting[each.response], each.reason) for each in chosen if each.response in fitting]


def _kept(committee, _):
    query = sa.select(Paper.response_id, Paper.kind).where(
        *IN_USE, Paper.is_kept, Paper.rubric_id == committee.rubric_id
    )
    kinds = dict(db.session.execute(query).all())
    fitting = db.session.scalars(eligible(committee).where(Response.id.in_(kinds)))
    return [(each, f"A {kinds[each.id]} paper already. The committee settles it anew.") for each in fitting]


def _read_twice(committee, _):
    reads = (
        sa.select(sa.func.count())
        .where(Read.response_id == Response.id, Read.event_id == committee.event_id, Read.purpose == Purpose.OPERATIONAL,
               Read.reopened_at.is_(None), Read.condition_code_id.is_(None))
        .scalar_subquery()
    )  # fmt: skip
    return [(each, "Read twice.") for each in db.session.scalars(eligible(committee).where(reads >= 2))]


def propose(committee, response_ids, *, actor):
    """Put responses before the committee, at the end and in the order given."""
    with transaction() as session:
        services.lock(session, committee, actor)
        if committee.status is not CommitteeStatus.DRAFT and not committee.is_scoring:
            raise Conflict("Scoring is over in this committee. Begin another one for further papers.")
        visible = visible_events(actor, Permission.CHOOSE_ANCHORS).where(Event.id == committee.event_id)
        if session.scalar(visible) is None:
            raise NotAllowed("You do not choose anchor papers for the event of this committee.")
        wanted = list(dict.fromkeys(response_ids))
        session.execute(
            sa.select(Response.id).where(Response.id.in_(wanted)).order_by(Response.id).with_for_update()
        )
        fitting = set(
            session.scalars(eligible(committee).with_only_columns(Response.id).where(Response.id.in_(wanted)))
        )
        if len(fitting) < len(wanted) or not wanted:
            raise Conflict("One of these responses can not be proposed any more. Nothing was added. Look at the list again and choose anew.")  # fmt: skip
        last = max((each.position for each in committee.proposed), default=0)
        committee.proposed.extend(
            ProposedPaper(response_id=each, position=last + place) for place, each in enumerate(wanted, 1)
        )
        if committee.is_open:
            _require_enough_members(session, committee, wanted)
            note_seen([each.person for each in committee.members if each.left_at is None], wanted)
        audit.record("committee.papers_proposed", committee, actor=actor, after={"responses": wanted})
    return committee


def _require_enough_members(session, committee, wanted):
    session.flush()
    added = {each.response.code for each in committee.proposed if each.response_id in wanted}
    if few := [code for code in services.too_few_can_score(committee) if code in added]:
        raise Conflict(f"Nothing was added. {rules.too_few_words(few)}")


def by_codes(committee, codes):
    """Ids of the eligible responses with these codes, in the order of the codes."""
    found = {
        each.code: each.id for each in db.session.scalars(eligible(committee).where(Response.code.in_(codes)))
    }
    return [found[code] for code in dict.fromkeys(codes) if code in found]


def withdraw(committee, proposed, *, actor):
    """Take a paper off the list before the committee opens."""
    with transaction() as session:
        _lock_draft(session, committee, actor)
        audit.record(
            "committee.paper_withdrawn", committee, actor=actor, before={"response": proposed.response_id}
        )
        committee.proposed.remove(proposed)


def move(committee, proposed, by, *, actor):
    """Move a paper one place up (-1) or down (1) before the committee opens."""
    with transaction() as session:
        _lock_draft(session, committee, actor)
        moved = change_places(session, committee.proposed, proposed, by)
        if moved is None:
            return
        session.expire(committee, ["proposed"])
        audit.record("committee.paper_moved", committee, actor=actor, after={"response": proposed.response_id, "place": moved[1]})  # fmt: skip


def _lock_draft(session, committee, actor):
    services.lock(session, committee, actor)
    if committee.status is not CommitteeStatus.DRAFT:
        raise Conflict("The committee is open, so its list stays. You can drop a paper, with a reason.")


def drop(committee, proposed, *, reason, actor):
    """Leave a paper out of everything that follows, with a reason."""
    reason = services.checked_words(reason, "Say why this response is dropped.")
    with transaction() as session:
        services.lock(session, committee, actor)
        session.refresh(proposed, with_for_update=True)
        if not committee.is_open or proposed.is_settled or proposed.is_dropped:
            raise Conflict("This paper can not be dropped: it is settled or dropped already, or the committee is not open.")  # fmt: skip
        proposed.dropped_at, proposed.dropped_by_id, proposed.drop_reason = now(), actor.id, reason
        audit.record("committee.paper_dropped", proposed, actor=actor, after={"reason": reason})


def take_up(committee, proposed, *, actor):
    """Take a dropped paper up again."""
    with transaction() as session:
        services.lock(session, committee, actor)
        session.refresh(proposed, with_for_update=True)
        if not committee.is_open or not proposed.is_dropped:
            raise Conflict("Only a dropped paper of an open committee can be taken up again.")
        before = {"reason": proposed.drop_reason}
        proposed.dropped_at, proposed.dropped_by_id, proposed.drop_reason = None, None, ""
        audit.record("committee.paper_taken_up", proposed, actor=actor, before=before)
