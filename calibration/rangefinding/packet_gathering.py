"""What stands in a training packet, as plain values: the rubric, anchors with reasons, practice papers, and their key.

Nothing tells of a student, a school, a district or a response code. No secret set comes in here, and no paper whose
response somebody may still have to score.
"""

from dataclasses import dataclass

from calibration.papers import evidence, secrecy
from calibration.papers.models import SetPurpose
from calibration.papers.services import hidden_ids
from scoring import storage
from scoring.db import db

ANCHOR, PRACTICE, CALIBRATION = SetPurpose.ANCHOR, SetPurpose.PRACTICE, SetPurpose.CALIBRATION
IN_PACKETS = (ANCHOR, PRACTICE, CALIBRATION)
LABELS = {ANCHOR: "Anchor", PRACTICE: "Practice paper", CALIBRATION: "Calibration paper"}


@dataclass(frozen=True)
class Score:
    """The consensus score of one trait, and why."""

    trait: str
    score: int
    label: str
    commentary: str


@dataclass(frozen=True)
class PacketPaper:
    """One paper under its name in the packet; `pages` are (name of the file, words about it)."""

    name: str
    kind: str
    text: str
    pages: tuple
    scores: tuple
    commentary: str
    evidence: tuple = ()  # (place in the work, trait, what it shows)


@dataclass(frozen=True)
class Packet:
    """Everything in a packet. `files` are the page images by name."""

    title: str
    version: int
    directions: str
    traits: tuple  # (name, description, ((value, label, descriptor), ...))
    sets: tuple  # (name, purpose, version)
    anchors: tuple
    to_score: tuple  # practice and calibration papers
    left_out: int
    files: dict


def gather(packet):
    """Bring together what stands in a packet; the same sets give the same packet."""
    rubric, files = packet.rubric, {}
    chosen = [each for each in packet.sets if each.purpose in IN_PACKETS]
    everything = [paper for each in chosen for paper in each.papers]
    hidden = _not_for_packets(everything)
    papers = {purpose: [] for purpose in IN_PACKETS}
    for each in chosen:
        known = {paper.id for papers_so_far in papers.values() for paper in papers_so_far}
        papers[each.purpose] += [paper for paper in each.papers if paper.id not in known | hidden]
    made = {
        purpose: tuple(
            _plain(f"{LABELS[purpose]} {number}", paper, rubric, files)
            for number, paper in enumerate(found, 1)
        )
        for purpose, found in papers.items()
    }
    return Packet(
        title=rubric.task.title, version=rubric.version, directions=rubric.task.directions,
        traits=tuple((trait.name, trait.description, tuple((point.value, point.label, point.descriptor) for point in trait.points))
                     for trait in rubric.traits),
        sets=tuple((each.name, str(each.purpose), each.version) for each in chosen),
        anchors=made[ANCHOR], to_score=made[PRACTICE] + made[CALIBRATION],
        left_out=len({paper.id for paper in everything} & hidden), files=files,
    )  # fmt: skip


def _not_for_packets(papers):
    """Ids of papers that nobody may meet now: to be scored still, with an open alert, or in a secret set as well."""
    secret = set(db.session.scalars(secrecy.secret_responses()))
    return hidden_ids(papers) | {paper.id for paper in papers if paper.response_id in secret}


def _plain(name, paper, rubric, files):
    given = {each.trait_id: each for each in paper.scores}
    pages = []
    for number, page in enumerate(paper.response.pages, 1):
        file = f"{name.lower().replace(' ', '-')}-{number}.{page.media_type.rpartition('/')[2]}"
        files[file] = storage.get(page.key)
        pages.append((file, f"{name}, page {number} of {len(paper.response.pages)}: student work"))
    scores = tuple(_score(trait, given[trait.id]) for trait in rubric.traits)
    text = "" if pages else paper.response.text or ""
    notes = tuple(
        (note.where or f"“{note.quote}”", note.trait or "The whole work", note.words)
        for note in evidence.marked(paper).notes
    )
    return PacketPaper(name, str(paper.kind), text, tuple(pages), scores, paper.commentary, notes)


def _score(trait, given):
    label = next((point.label for point in trait.points if point.value == given.score), "")
    return Score(trait.name, given.score, label, given.commentary)
