"""Training packets: asked for, made in a job as one PDF and one workbook, and kept."""

from dataclasses import asdict

import sqlalchemy as sa

from calibration import pdf
from calibration.papers import sets
from calibration.papers.models import PaperSet
from calibration.rangefinding import packet_book, packet_gathering
from calibration.rangefinding.models import TrainingPacket
from calibration.workbook import workbook
from scoring import audit, jobs, storage
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.permissions import Permission

JOB = "rangefinding.packet"


def packet_query(person):
    """Query the packets of this person's own organizations, newest first."""
    return (
        sa.select(TrainingPacket)
        .where(TrainingPacket.organization_id.in_(person.reach(Permission.CALIBRATE)))
        .order_by(TrainingPacket.created_at.desc(), TrainingPacket.id.desc())
    )


def packet_by_id(packet_id, person):
    """Return a packet this person may open."""
    found = db.session.scalar(packet_query(person).where(TrainingPacket.id == packet_id))
    if found is None:
        raise NotFound("There is no such training packet, or it belongs to another district.")
    return found


def choices(person):
    """The live sets that may stand in a packet, by rubric version: anchors, practice and calibration."""
    query = sets.set_query(person).where(
        PaperSet.frozen_at.is_not(None),
        PaperSet.retired_at.is_(None),
        PaperSet.purpose.in_(packet_gathering.IN_PACKETS),
    )
    found = {}
    for each in db.session.scalars(query):
        found.setdefault(each.rubric, []).append(each)
    return found


def ask(rubric, set_ids, *, actor, back="/"):
    """Ask for a packet made from sets of one rubric version, and start the job that makes it."""
    chosen = [each for each in choices(actor).get(rubric, []) if each.id in set(set_ids)]
    if not chosen or len(chosen) < len(set(set_ids)):
        words = "Choose at least one set. Only frozen anchor, practice and calibration sets go into a packet."
        raise Invalid(words, fields={"sets": words})
    homes = {each.id: each for each in sets.owners(actor)}
    if not homes:
        raise NotAllowed("Only those who choose anchor papers may make a training packet.")
    home = next(
        (homes[each.organization_id] for each in chosen if each.organization_id in homes),
        next(iter(homes.values())),
    )
    with transaction() as session:
        packet = TrainingPacket(
            organization_id=home.id, rubric_id=rubric.id, created_by_id=actor.id, sets=chosen
        )
        session.add(packet)
        session.flush()
        audit.record("packet.asked", packet, actor=actor, after={"sets": [each.id for each in chosen]})
    job = jobs.start(
        JOB, f"Training packet for {rubric.task.title}", actor=actor, back=back, packet_id=packet.id
    )
    with transaction():
        packet.job_id = job.id
    return packet


@jobs.kind(JOB)
def run(progress, packet_id):
    """Make the files of a packet. Harmless when run twice: files that are there stay."""
    packet = db.session.get(TrainingPacket, packet_id)
    if packet.pdf_key is not None:
        return
    progress.advance(0, 3, "Papers are brought together.")
    found = packet_gathering.gather(packet)
    if not found.anchors and not found.to_score:
        raise Conflict(
            "Nobody may look at any paper of these sets at present, so there is nothing to print. Try again later."
        )
    progress.advance(1, 3, "The PDF file is made.")
    printed = document(found)
    progress.advance(2, 3, "The workbook is made.")
    book = workbook(packet_book.sheets(found), title=f"Training packet, {found.title}")
    _keep(packet, printed, book, found.left_out)
    progress.advance(3, 3, "The packet is ready.")


def _keep(packet, printed, book, left_out):
    """Store the files of a packet, unless another run was first: then its files stay, and these go."""
    keys, is_kept = [], False
    try:
        for data in (printed, book):
            keys.append(storage.put(data, area="packets"))
        with transaction() as session:
            session.refresh(packet, with_for_update=True)
            if packet.pdf_key is not None:
                return
            packet.pdf_key, packet.pdf_size, packet.pdf_sha256 = (
                keys[0],
                len(printed),
                storage.sha256(printed),
            )
            packet.book_key, packet.book_size, packet.book_sha256 = keys[1], len(book), storage.sha256(book)
            packet.finished_at = now()
            audit.record("packet.made", packet, actor=packet.created_by, after={
                "pdf": packet.pdf_sha256, "book": packet.book_sha256, "left_out": left_out,
            })  # fmt: skip
        is_kept = True
    finally:
        if not is_kept:
            storage.remove(keys)


def document(found):
    """The packet as a PDF file."""
    data = asdict(found)
    files = data.pop("files")
    data["note"] = packet_book.left_out_words(found.left_out) if found.left_out else ""
    return pdf.render("packet.typ", data, files)


def file_name(packet, ending):
    """What a downloaded file is called."""
    return f"{packet.rubric.task.code}-training-packet-{packet.finished_at:%Y-%m-%d}.{ending}"
