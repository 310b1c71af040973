"""Exports: the workbook and its CSV twin, what they hold for whom, and that they can be made again."""

import csv
import io
import zipfile
from unittest.mock import Mock

import openpyxl
import pytest
import sqlalchemy as sa

from calibration.reports import exports, sheets
from calibration.reports.models import Export, ExportFormat
from calibration.workbook import workbook
from scoring import audit, storage
from scoring.db import db
from scoring.errors import Invalid, NotFound
from scoring.jobs import JobStatus
from tests.calibration.reports.season import a_season

# The season is written straight into the tables, past the audit log.
pytestmark = pytest.mark.breaks_invariants
NAMES = ["Summary", "Agreement by trait", "By district", "Between districts", "Distributions", "Scores of record", "Data dictionary",
         "Method and versions"]  # fmt: skip


def make(event, organization, actor, format="xlsx", tasks=None):
    """Ask for an export and return its row; in tests the job is done at once."""
    tasks = tasks or [each.task_id for each in event.tasks]
    job = exports.ask(event, organization.id, format, tasks, actor=actor, smallest=10)
    db.session.expire_all()
    assert job.status is JobStatus.DONE, job.error
    return db.session.scalars(sa.select(Export).order_by(Export.id.desc())).first()


def rows(sheet):
    head, *body = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def reopened(export):
    return openpyxl.load_workbook(io.BytesIO(storage.get(export.key)))


def test_a_districts_workbook_reopened(app, dora, alder):
    event, task = a_season({"alder": 60, "birch": 40}, title="=2+5 Later\x07")
    export = make(event, alder, dora)
    book = reopened(export)
    assert book.sheetnames == NAMES
    words = "\n".join(row[0] or "" for row in book["Summary"].iter_rows(values_only=True))
    assert "All districts. Claim: Two scorers gave the same score on" in words
    assert "Alder. Claim: Two scorers gave the same score on" in words
    assert "Counted: 120 blind reads of 60 responses." in words
    claim, *_ = rows(book["Agreement by trait"])
    assert (claim["Trait"], claim["Districts"], claim["Papers read twice"]) == ("Claim", "All districts", 90)
    assert 0 < claim["Exact, low"] < claim["Exact"] < claim["Exact, high"] < 1
    assert claim["Exact"] + claim["Adjacent"] + claim["Discrepant"] == pytest.approx(1)
    assert "Scott" in claim["Kappa is"]
    districts = [row for row in rows(book["By district"]) if row["Trait"] == "Claim"]
    assert [(row["District"], row["Papers read twice"]) for row in districts] == [
        ("Alder", 54),
        ("Birch", 36),
    ]
    (between,) = rows(book["Between districts"])
    assert (between["Scorers of"], between["And of"], between["Margin"]) == ("Alder", "Birch", 0.25)
    assert between["Verdict"] in {"comparable", "different", "not enough evidence yet"}
    assert between["In words"] in words
    assert 0 < claim["AC2, low"] < claim["AC2"] < claim["AC2, high"] < 1
    assert len(book["Distributions"]._charts) == 2
    records = rows(book["Scores of record"])
    assert len(records) == 120
    assert {row["Response"][:2] for row in records} == {"AL"}, "no other district's students"
    assert {row["Condition code"] for row in records if row["Score"] is None} == {"B"}
    method = {row["What"]: row["Value"] for row in rows(book["Method and versions"])}
    assert method["Version: krippendorff"]
    assert len(method["Fingerprint of the inputs (SHA-256)"]) == 64
    described = {(row["Sheet"], row["Column"]) for row in rows(book["Data dictionary"])}
    for name in NAMES[1:6]:
        assert {(name, cell.value) for cell in book[name][1]} <= described
        assert book[name].freeze_panes == "A2"
        assert book[name].print_title_rows == "$1:$1"
    everything = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in everything if cell.data_type == "f"], "no cell is a formula"
    assert {"=alder-0000", f"=2+5 Later ({task.code}), rubric version 1"} <= {
        cell.value for cell in everything
    }
    assert (export.rows, export.size) == (
        sum(sheet.max_row - 1 for sheet in book),
        len(storage.get(export.key)),
    )
    assert export.sha256 == storage.sha256(storage.get(export.key))


def test_small_cells_are_hidden_in_the_networks_workbook(app, nell, network):
    event, _ = a_season({"alder": 60, "birch": 40}, seed=2)
    book = reopened(make(event, network, nell))
    assert book.sheetnames == [name for name in NAMES if name != "Scores of record"]
    text = "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    for name in ("alder-00", "AL0", "BI0", "Ortiz", "Eriksen", "Diaz"):
        assert name not in text, name
    spread = rows(book["Distributions"])
    assert [row["District"] for row in spread if row["Trait"] == "Claim"] == [
        "Alder",
        "Birch",
        "All districts",
    ]
    numbers = [row[f"{place} score point"] for row in spread for place in ("1st", "2nd", "3rd", "4th")]
    assert sheets.HIDDEN in numbers
    assert not [each for each in numbers if each != sheets.HIDDEN and 0 < each < 10]
    for row in spread:
        hidden = [each for name, each in row.items() if "score point" in name and each == sheets.HIDDEN]
        assert len(hidden) != 1, "one hidden cell in a row of known total is no secret"
    assert "fewer than 10 students" in text


def test_a_small_neighbor_shows_nothing_at_all(app, dora, alder, nell, network):
    event, _ = a_season({"alder": 60, "birch": 8})
    book = reopened(make(event, alder, dora))
    assert {row["Districts"] for row in rows(book["Agreement by trait"])} == {"Alder"}
    assert {row["District"] for row in rows(book["By district"])} == {"Alder"}
    assert {row["District"] for row in rows(book["Distributions"])} == {"Alder"}
    network_book = reopened(make(event, network, nell))
    assert {row["Exact"] for row in rows(network_book["By district"])} == {sheets.HIDDEN}
    birch = next(row for row in rows(network_book["Distributions"]) if row["District"] == "Birch")
    assert {each for name, each in birch.items() if "score point" in name or name == "All"} == {sheets.HIDDEN}


def test_the_csv_twin(app, dora, alder):
    event, _ = a_season({"alder": 30})
    export = make(event, alder, dora, "csv")
    assert export.file_name.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(storage.get(export.key))) as packed:
        files = {
            name: list(csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig"))))
            for name in packed.namelist()
        }
    assert len(files) == len(NAMES)
    assert sum(len(table) - 1 for table in files.values()) == export.rows
    head, first, *_ = files["scores_of_record.csv"]
    assert dict(zip(head, first, strict=True))["Student"] == "'=alder-0000", "no formula in a spreadsheet"
    book = reopened(make(event, alder, dora))
    for name, table in zip(NAMES, files.values(), strict=True):
        assert len(table) == book[name].max_row, name


def test_the_same_data_make_the_same_bytes(app, dora, alder, monkeypatch):
    event, _ = a_season({"alder": 30, "birch": 20})
    for format in ExportFormat:
        first = make(event, alder, dora, format)
        exports.ask_again(first.id, actor=dora, smallest=10)
        again = db.session.scalars(sa.select(Export).order_by(Export.id.desc())).first()
        assert (first.id, first.key) != (again.id, again.key), "the earlier file stays"
        assert storage.get(first.key) == storage.get(again.key)
    with db.session.no_autoflush:
        db.session.execute(sa.text("UPDATE trait_score SET score = 5 - score"))
        db.session.commit()
    assert make(event, alder, dora, ExportFormat.CSV).sha256 != again.sha256


def test_who_may_export_what(app, sign_in, dora, dan, nell, lea, alder, birch, network):
    event, task = a_season({"alder": 30, "birch": 20})
    export = make(event, alder, dora)
    entry = db.session.scalars(
        sa.select(audit.AuditEntry).where(audit.AuditEntry.action == "export.make")
    ).one()
    assert entry.after["sha256"] == export.sha256
    for actor, organization in ((dora, birch), (dora, network), (nell, alder), (lea, alder)):
        with pytest.raises(NotFound):
            exports.ask(event, organization.id, "xlsx", [task.id], actor=actor, smallest=10)
    with pytest.raises(Invalid, match="at least one task"):
        exports.ask(event, alder.id, "xlsx", [0], actor=dora, smallest=10)
    with pytest.raises(NotFound):
        exports.ask_again(export.id, actor=nell, smallest=10)
    for person in (dan, nell):
        assert export.sha256 not in sign_in(person).get("/reports/exports").text, (
            "pseudonyms stay in the district"
        )
    assert sign_in(lea).get("/reports/exports").status_code == 403


def test_from_the_form_to_the_file(app, sign_in, dora, dan):
    event, task = a_season({"alder": 30, "birch": 20})
    client = sign_in(dora)
    assert "No exports yet" in client.get("/reports/exports").text
    assert "Alder" in client.get("/reports/exports/new/WINTER").text
    refused = client.post("/reports/exports/new/WINTER", data={"organization": 0, "format": "pdf"})
    assert refused.status_code == 422
    assert "Choose at least one task." in refused.text
    export = make(event, db.session.get(type(event.organization), dora.districts[0].id), dora)
    asked = client.post("/reports/exports/new/WINTER",
                        data={"organization": export.organization_id, "format": "xlsx", "tasks": [task.id]})  # fmt: skip
    assert asked.status_code == 302
    assert "It is done" in client.get(asked.location).text
    page = client.get("/reports/exports").text
    assert page.count(export.sha256) == 2
    assert "Dora Diaz" in page
    link = page.partition('href="/files/')[2].partition('"')[0]
    file = client.get(f"/files/{link}")
    assert storage.sha256(file.data) == export.sha256
    assert "attachment" in file.headers["Content-Disposition"]
    assert sign_in(dan).get(f"/files/{link}").status_code == 404, "the link is hers"
    assert client.post(f"/reports/exports/{export.id}/again").status_code == 302
    assert client.get("/reports/exports").text.count(export.sha256) == 3


def test_a_job_that_runs_twice_makes_one_file(app, dora, alder):
    event, _ = a_season({"alder": 12})
    export = make(event, alder, dora)
    before = (export.key, export.sha256, len(storage.listing()))
    exports.run_export(None, export.id)
    db.session.expire_all()
    assert (export.key, export.sha256, len(storage.listing())) == before


def test_two_runs_at_once_leave_the_file_of_the_first(app, dora, alder, monkeypatch):
    event, _ = a_season({"alder": 12})
    gather, runs = exports.gather, []

    def meanwhile(export, *arguments):
        runs.append(export.id)
        if len(runs) == 1:  # another worker takes the same job, and is done first
            exports.run_export(Mock(), export.id)
        return gather(export, *arguments)

    monkeypatch.setattr(exports, "gather", meanwhile)
    export = make(event, alder, dora)
    assert len(runs) == 2
    assert [key for key in storage.listing() if key.startswith("exports/")] == [export.key]


def test_nothing_read_makes_an_honest_workbook(app, dora, alder):
    event, _ = a_season({"alder": 0})
    book = reopened(make(event, alder, dora))
    words = "\n".join(row[0] or "" for row in book["Summary"].iter_rows(values_only=True))
    assert "Data up to before the first read" not in words
    assert "no agreement to show" in words
    assert book["Scores of record"].max_row == 1


def test_a_file_with_other_moments_inside_is_still_the_same():
    """What a workbook says of the time it was written is taken out, wherever the clock stands."""
    sheet = sheets.Sheet("One", "one", (sheets.Column("A", "a"),), [(1,), ("x",)])
    with zipfile.ZipFile(io.BytesIO(workbook([sheet], title="Report"))) as packed:
        assert packed.read("docProps/core.xml").count(b"1980-01-01T00:00:00Z") == 2
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
