"""What stands beside papers in lists from which leaders choose: how the work begins, and in which sets it stands."""

from dataclasses import dataclass

from calibration.papers.models import Paper, PaperSet, PaperSetItem
from calibration.papers.services import hidden_ids, paper_query
from calibration.papers.sets import set_query
from scoring.db import db

FIRST_WORDS = 12


@dataclass(frozen=True)
class Beside:
    """What helps to know a paper again."""

    begins: str  # the first words of the work; empty where it is on pages, or closed at present
    sets: tuple  # the sets in use that hold it, each as name, purpose and whether it is frozen
    may_open: bool


def beside(papers, person):
    """Return what stands beside each of these papers for a person who chooses among them, by paper id."""
    ids, hidden, places = [each.id for each in papers], hidden_ids(papers), sets_of(papers, person)
    own = paper_query(person).with_only_columns(Paper.id).where(Paper.id.in_(ids)).order_by(None)
    mine = set(db.session.scalars(own))
    return {
        paper.id: Beside(
            "" if paper.id in hidden else first_words(paper.response.text),
            tuple(places.get(paper.id, ())),
            paper.id in mine,
        )
        for paper in papers
    }


def first_words(text):
    """How a text begins.

    >>> first_words("One two. " * 9)
    'One two. One two. One two. One two. One two. One two. ...'
    >>> first_words("Short."), first_words(None)
    ('Short.', '')
    """
    words = (text or "").split()
    return " ".join(words[:FIRST_WORDS] + ["..."] * (len(words) > FIRST_WORDS))


def sets_of(papers, person):
    """The sets in use that hold these papers and that this person may see, in words, by paper id."""
    query = (
        set_query(person)
        .join(PaperSetItem, PaperSetItem.set_id == PaperSet.id)
        .add_columns(PaperSetItem.paper_id)
        .where(PaperSetItem.paper_id.in_([each.id for each in papers]), PaperSet.retired_at.is_(None))
    )
    found = {}
    for paper_set, paper_id in db.session.execute(query):
        state = "frozen" if paper_set.is_frozen else "begun"
        found.setdefault(paper_id, []).append(f"{paper_set.name} ({paper_set.purpose}, {state})")
    return found
