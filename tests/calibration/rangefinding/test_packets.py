"""Training packets: what stands in the two files, what never does, and who may have them."""

import io
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import Mock

import openpyxl
import pypdfium2
import pytest
import sqlalchemy as sa

from calibration.papers import services as papers
from calibration.papers import sets
from calibration.rangefinding import packet_book, packet_gathering, packets
from scoring import check, storage
from scoring.audit import AuditEntry
from scoring.db import at, db, now, transaction
from scoring.errors import Invalid, NotFound
from scoring.events.models import EventStatus
from scoring.jobs import JobStatus
from scoring.permissions import Role
from scoring.reads.models import Concern, ConcernKind
from scoring.responses.models import Page
from tests import build
from tests.calibration.rangefinding.season import Season
from tests.scoring.responses.files import drawing

# Files are the same on either database; the first test shows that they are made on both.
pytestmark = pytest.mark.engines("sqlite")
SECRET = "canary-secret-set"


def a_picture():
    """A page image as student work is kept."""
    data = io.BytesIO()
    drawing().save(data, "WEBP", lossless=True)
    return data.getvalue()


@pytest.fixture
def season(app, ana, ben, lea, alder):
    """An anchor set, a practice set whose second paper is a page image, and a qualification set; all frozen."""
    made = Season(ana, ben, count=5)
    for number, response in enumerate(made.responses):
        response.text = (
            f"=1+{number} is how work number {number} begins.\n\nIt has a second paragraph."
            if number != 2
            else None
        )
    made.responses[4].text = SECRET
    key = storage.put(a_picture(), area="pages")
    db.session.add(Page(response_id=made.responses[2].id, number=1, key=key, media_type="image/webp", width=40, height=30,
                        sha256=storage.sha256(a_picture())))  # fmt: skip
    made.event.status, made.event.closed_at = EventStatus.CLOSED, now()
    db.session.commit()
    made.sets = [
        a_set(made, lea, alder, *each) for each in (("anchor", 0), ("practice", 1, 2), ("qualification", 4))
    ]
    return made


def a_set(season, leader, organization, purpose, *numbers):
    made = sets.create_set(
        organization, season.rubric, name=f"A {purpose} set", purpose=purpose, actor=leader
    )
    for number in numbers:
        make = papers.promote if purpose == "anchor" else papers.keep
        trait = season.rubric.traits[0]
        paper = make(season.responses[number], season.rubric, event=season.event, scores=season.scores(number % 4 + 1),
                     commentaries={trait.id: f"Reason {number}: #strong[it] says *so*."}, commentary="@Whole <paper>.", actor=leader)  # fmt: skip
        sets.add_paper(made, paper, actor=leader)
    return sets.freeze_set(made, actor=leader)


def make(season, leader, *chosen):
    packet = packets.ask(season.rubric, [each.id for each in chosen or season.sets[:2]], actor=leader)
    db.session.expire_all()
    return packet


def text_of(data):
    """The text of each page of a PDF."""
    document = pypdfium2.PdfDocument(data)
    return [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in document]


@pytest.mark.engines("sqlite", "postgresql")
def test_the_pdf_holds_everything_and_the_key_comes_last(season, lea):
    packet = make(season, lea)
    assert packet.job.status is JobStatus.DONE, packet.job.error
    pages = text_of(storage.get(packet.pdf_key))
    whole = "\n".join(pages)
    for words in ("Training packet: Later start", "The rubric", "claim at level 4", "Anchor 1", "=1+0 is how work number 0 begins.",
                  "Reason 0: #strong[it] says *so*.", "@Whole <paper>.", "Practice paper 2", "Score sheet for practice paper 2",
                  "Then argue for one side."):  # fmt: skip
        assert words in whole, words
    key = next(
        number for number, page in enumerate(pages) if page.startswith("Key") or "\nKey\n" in f"\n{page}"
    )
    assert "Reason 1" in "\n".join(pages[key:])
    assert "Reason 1" not in "\n".join(pages[:key])
    assert all("Score sheet for" not in page for page in pages[key:])


def test_page_images_stand_in_the_pdf_with_words_for_them(season, lea):
    data = storage.get(make(season, lea).pdf_key)
    kinds = [each.type for page in pypdfium2.PdfDocument(data) for each in page.get_objects()]
    assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE in kinds
    assert "Practice paper 2, page 1 of 1: student work" in "\n".join(text_of(data))


def test_the_workbook_can_be_scored_in_and_runs_no_formula(season, lea):
    book = openpyxl.load_workbook(io.BytesIO(storage.get(make(season, lea).book_key)))
    assert book.sheetnames == ["Read me", "Rubric", "Anchors", "Papers to score", "Score sheet", "Key"]
    rows = [[cell.value for cell in row] for row in book["Score sheet"].iter_rows()]
    assert rows[0] == ["Paper", "Trait", "Score points", "My score", "Evidence in the work"]
    assert rows[1] == ["Practice paper 1", "Claim", "1, 2, 3, 4", None, None]
    assert len(rows) == 5
    work = [[cell.value for cell in row] for row in book["Papers to score"].iter_rows()]
    assert work[1][1].startswith("=1+1 is how")
    assert work[2][1] == "1 page image: see the PDF file."
    assert [row[2].value for row in book["Key"].iter_rows(min_row=2)] == [2, 2, 3, 3]
    assert "f" not in {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}


def test_nothing_of_the_student_and_no_secret_set_gets_in(season, lea, alder_high):
    packet = make(season, lea)
    whole = "\n".join(text_of(storage.get(packet.pdf_key)))
    book = openpyxl.load_workbook(io.BytesIO(storage.get(packet.book_key)))
    whole += "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    for response in season.responses:
        assert response.code not in whole
        assert response.student.pseudonym not in whole
    assert alder_high.name not in whole
    assert SECRET not in whole
    assert season.sets[2] not in packets.choices(lea)[season.rubric]
    with pytest.raises(Invalid, match="frozen anchor, practice and calibration"):
        make(season, lea, season.sets[2])


def test_a_paper_that_nobody_may_look_at_is_left_out(season, lea, ana):
    with transaction() as session:
        session.add(Concern(event_id=season.event.id, response_id=season.responses[1].id, scorer_id=ana.id,
                            kind=ConcernKind.ALERT, words="They write about being hurt."))  # fmt: skip
    found = packet_gathering.gather(make(season, lea))
    assert (found.left_out, [each.name for each in found.to_score]) == (1, ["Practice paper 1"])
    assert (
        packet_book.left_out_words(2)
        == "2 papers of these sets are left out: nobody may look at the response at present."
    )


def test_the_same_sets_make_the_same_files(season, lea):
    with at(now() + timedelta(days=1)):
        one = make(season, lea)
    with at(now() + timedelta(days=2)):
        other = make(season, lea)
    assert (one.book_sha256, one.pdf_size) == (other.book_sha256, other.pdf_size)
    packets.run(None, packet_id=one.id)  # a job that runs twice
    assert storage.sha256(storage.get(one.pdf_key)) == one.pdf_sha256


@pytest.mark.engines("sqlite", "postgresql")
def test_two_runs_at_once_leave_the_files_of_the_first(season, lea, monkeypatch):
    monkeypatch.setattr(packets.jobs, "start", lambda *_, **named: SimpleNamespace(id=None))
    packet, progress, make_book = make(season, lea), Mock(), packets.workbook

    def meanwhile(*arguments, **named):
        monkeypatch.setattr(packets, "workbook", make_book)
        packets.run(progress, packet_id=packet.id)
        return make_book(*arguments, **named)

    monkeypatch.setattr(packets, "workbook", meanwhile)
    packets.run(progress, packet_id=packet.id)
    files = {key for key in storage.listing() if key.startswith("packets/")}
    assert files == {packet.pdf_key, packet.book_key}
    made = sa.select(sa.func.count()).where(AuditEntry.action == "packet.made")
    assert db.session.scalar(made) == 1


@pytest.mark.engines("sqlite", "postgresql")
def test_no_file_is_left_when_the_second_can_not_be_stored(season, lea, monkeypatch):
    monkeypatch.setattr(packets.jobs, "start", lambda *_, **named: SimpleNamespace(id=None))
    packet, put, areas = make(season, lea), storage.put, []

    def full(data, *, area):
        areas.append(area)
        if len(areas) == 2:
            raise OSError("no room")
        return put(data, area=area)

    monkeypatch.setattr(storage, "put", full)
    with pytest.raises(OSError, match="no room"):
        packets.run(Mock(), packet_id=packet.id)
    assert not [key for key in storage.listing() if key.startswith("packets/")]


def test_files_are_known_to_the_check(season, lea):
    packet = make(season, lea)
    assert [each for each in check.file_problems() if "packet" in each] == []
    storage.remove([packet.pdf_key])
    assert f"training_packet: its file {packet.pdf_key} is missing" in check.file_problems()


def test_packets_are_for_leaders_of_the_place(season, sign_in, lea, ada, ana, nell):
    packet = make(season, lea)
    for person in (lea, ada, nell):
        assert packets.packet_by_id(packet.id, person) is packet
    with pytest.raises(NotFound):
        packets.packet_by_id(packet.id, build.a_person(Role.LEADER, build.organization("birch")))
    assert sign_in(ana).get("/range-finding/packets").status_code == 403


def test_nothing_to_print_is_said(season, lea, ana):
    with transaction() as session:
        session.add(Concern(event_id=season.event.id, response_id=season.responses[0].id, scorer_id=ana.id,
                            kind=ConcernKind.ALERT, words="They write about being hurt."))  # fmt: skip
    packet = make(season, lea, season.sets[0])
    assert packet.job.status is JobStatus.FAILED
    assert "nothing to print" in packet.job.error
    assert packet.pdf_key is None


def test_the_pages_lead_to_both_files(season, sign_in, lea):
    client = sign_in(lea)
    assert "Make a packet" in client.get("/range-finding/packets").get_data(as_text=True)
    form = client.get(f"/range-finding/packets/new?rubric={season.rubric.id}").get_data(as_text=True)
    assert "A practice set (practice, 2 papers)" in form
    assert client.get("/range-finding/packets/new?rubric=98765").status_code == 404
    wrong = client.post("/range-finding/packets/new", data={})
    assert (wrong.status_code, b"Choose at least one set." in wrong.data) == (422, True)
    reply = client.post("/range-finding/packets/new", data={"sets": [each.id for each in season.sets[:2]]})
    page = client.get(reply.location).get_data(as_text=True)
    links = [part.partition('"')[0] for part in page.split('href="')[1:] if part.startswith("/files/")]
    got = [client.get(link) for link in links]
    assert [each.mimetype.rpartition(".")[2] for each in got] == ["application/pdf", "sheet"]
    assert f"{season.task.code}-training-packet" in got[0].headers["Content-Disposition"]


def test_long_work_does_not_break_a_cell(season):
    paper = packet_gathering.PacketPaper("Anchor 1", "solid", "x" * 40_000, (), (), "")
    packet = packet_gathering.Packet("T", 1, "", (), (), (paper,), (paper,), 0, {})
    for sheet in packet_book.sheets(packet):
        for row in sheet.rows:
            assert all(len(str(value)) < 32_767 for value in row)
