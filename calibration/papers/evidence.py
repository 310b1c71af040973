"""Highlighted evidence: which places in a paper's work show why it has its scores, marked and shown with the reasons.

It tells the consensus scores by its words, so it is shown only where these are.
"""

from dataclasses import dataclass

from calibration.papers import marking
from calibration.papers.models import PaperEvidence
from calibration.papers.services import LONGEST, require_choice
from scoring import audit
from scoring.db import now, transaction
from scoring.errors import Conflict, Invalid, NotFound

LOOKS = 8  # ways in which a mark is drawn; each trait has one


@dataclass(frozen=True)
class Note:
    """One marked place with what it shows. `look` is the drawing of its trait; `region` is in thousandths of the page."""

    number: int
    id: int
    trait: str  # empty: about the whole work
    look: int
    words: str
    trait_id: int | None = None
    quote: str = ""
    page: int | None = None
    region: tuple | None = None

    @property
    def where(self):
        """The place in words, where it is not quoted."""
        return f"Page {self.page}, {marking.whereabouts(*self.region)}" if self.region else ""


@dataclass(frozen=True)
class Part:
    """Some words of the work with the notes on them, and those of these notes whose place begins or ends here."""

    words: str
    notes: tuple = ()
    begins: tuple = ()
    ends: tuple = ()


@dataclass(frozen=True)
class Marked:
    """A paper's work with its marks: text in parts (None where there are pages), and the notes in reading order."""

    parts: tuple | None
    notes: tuple

    def on_page(self, number):
        """The notes on one page."""
        return [note for note in self.notes if note.page == number]


def marked(paper):
    """Return the work of a paper with its evidence, for the component `marked_work`. Never before own scores are in."""
    text = None if paper.response.pages else paper.response.text or ""
    marks = sorted((each for each in paper.evidence if each.removed_at is None), key=_reading_order)
    notes = _notes(paper, marks, text)
    return Marked(None if text is None else tuple(_parts(text, marks, notes)), notes)


def taken_away(paper):
    """Return the notes of marks that were taken away and can be put back."""
    text = None if paper.response.pages else paper.response.text or ""
    marks = [each for each in paper.evidence if each.removed_at is not None]
    return _notes(paper, sorted(marks, key=_reading_order), text)


def _notes(paper, marks, text):
    looks = {trait.id: index % LOOKS for index, trait in enumerate(paper.rubric.traits)}
    return tuple(
        Note(
            number, each.id, each.trait.name if each.trait else "", looks.get(each.trait_id, LOOKS - 1), each.words, each.trait_id,
            quote=(text or "")[each.span_start:each.span_end] if each.page is None else "", page=each.page,
            region=(each.x, each.y, each.width, each.height) if each.page else None,
        )
        for number, each in enumerate(marks, 1)
    )  # fmt: skip


def _reading_order(mark):
    return (mark.page or 0, mark.span_start or 0, mark.y or 0, mark.x or 0, mark.id)


def _parts(text, marks, notes):
    spans = [
        (note, each.span_start, each.span_end)
        for note, each in zip(notes, marks, strict=True)
        if each.page is None
    ]
    pieces = marking.segments(text, spans)
    for before, (words, on), after in zip([("", ())] + pieces, pieces, pieces[1:] + [("", ())], strict=False):
        yield Part(
            words, on,
            begins=tuple(note for note in on if note not in before[1]),
            ends=tuple(note for note in on if note not in after[1]),
        )  # fmt: skip


# Marking


def mark_words(paper, quote, *, trait_id=None, words="", near=None, actor):
    """Mark words of the text as evidence. Where they stand more than once, the place nearest to `near` is meant."""
    with transaction() as session:
        _hold(session, paper, actor)
        if paper.response.pages:
            raise Conflict("This work is shown as page images. Mark a region of a page instead.")
        found = marking.places(paper.response.text or "", quote or "")
        problem = _what_is_wrong(quote or "", found, near)
        if problem:
            raise Invalid(problem, fields={"quote": problem})
        start, end = found[0] if near is None else marking.nearest(found, near)
        return _add(session, paper, trait_id, words, actor, span_start=start, span_end=end)


def _what_is_wrong(quote, found, near):
    if not quote.strip():
        return "Quote the words in the work that you mean."
    if not found:
        return "These words do not stand in the work like this. Copy them from the work, letter by letter."
    if len(found) > 1 and near is None:
        return f"These words stand {len(found)} times in the work. Quote some words around them too."
    return None


def mark_region(paper, page, region, *, trait_id=None, words="", actor):
    """Mark a region of a page: left, top, width and height in thousandths of the page."""
    with transaction() as session:
        _hold(session, paper, actor)
        if page not in {each.number for each in paper.response.pages}:
            problem = f"This work has no page {page}. Choose one of its pages."
            raise Invalid(problem, fields={"page": problem})
        if not marking.fits_page(*region):
            problem = (
                "The region must lie on the page: left and width, and top and height, together at most 1,000."
            )
            raise Invalid(problem, fields={"x": problem})
        x, y, width, height = region
        return _add(session, paper, trait_id, words, actor, page=page, x=x, y=y, width=width, height=height)


def _add(session, paper, trait_id, words, actor, **place):
    mark = PaperEvidence(
        paper=paper, trait_id=trait_id, words=_checked(paper, trait_id, words), marked_by_id=actor.id, **place
    )
    session.add(mark)
    session.flush()
    audit.record("paper.evidence_marked", paper, actor=actor, after={**_told(mark), **place})
    return mark


def edit_evidence(paper, evidence_id, *, trait_id=None, words="", actor):
    """Say anew what a marked place shows, and for which trait."""
    with transaction() as session:
        _hold(session, paper, actor)
        mark = _mark(paper, evidence_id)
        before = _told(mark)
        mark.words, mark.trait_id = _checked(paper, trait_id, words), trait_id
        session.flush()
        session.expire(mark, ["trait"])
        if _told(mark) != before:
            audit.record("paper.evidence_edited", paper, actor=actor, before=before, after=_told(mark))
        return mark


def remove_evidence(paper, evidence_id, *, actor):
    """Take a mark away. It can be put back."""
    with transaction() as session:
        _hold(session, paper, actor)
        mark = _mark(paper, evidence_id)
        if mark.removed_at is None:
            mark.removed_at, mark.removed_by_id = now(), actor.id
            audit.record("paper.evidence_removed", paper, actor=actor, before=_told(mark))
        return mark


def restore_evidence(paper, evidence_id, *, actor):
    """Put a mark back that was taken away."""
    with transaction() as session:
        _hold(session, paper, actor)
        mark = _mark(paper, evidence_id)
        if mark.removed_at is not None:
            mark.removed_at = mark.removed_by_id = None
            audit.record("paper.evidence_restored", paper, actor=actor, after=_told(mark))
        return mark


def _hold(session, paper, actor):
    """Lock the paper, and refuse those who do not look after it, and papers out of use."""
    require_choice(paper, actor)
    session.refresh(paper, with_for_update=True)
    if paper.retired_at is not None:
        raise Conflict("This paper is retired. What is marked in it stays as it was.")


def _mark(paper, evidence_id):
    found = next((each for each in paper.evidence if each.id == evidence_id), None)
    if found is None:
        raise NotFound("There is no such mark on this paper.")
    return found


def _checked(paper, trait_id, words):
    words = (words or "").replace("\x00", "").strip()
    if trait_id is not None and trait_id not in {trait.id for trait in paper.rubric.traits}:
        problem = "Choose a trait of this rubric."
        raise Invalid(problem, fields={"trait": problem})
    if not words or len(words) > LONGEST:
        problem = f"Say in the words of the rubric what this shows, in at most {LONGEST:,} characters."
        raise Invalid(problem, fields={"words": problem})
    return words


def _told(mark):
    return {"evidence": mark.id, "trait": mark.trait_id, "words": mark.words}
