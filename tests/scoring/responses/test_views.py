"""Pages of student work: who sees what of it, and the whole way of an import through the browser's requests."""

import csv
import io
import re

import pytest
import sqlalchemy as sa

from scoring.db import db
from scoring.people import services as people
from scoring.permissions import Role
from scoring.responses import services
from scoring.responses.models import ImportBatch, ImportStatus, Response, RosterEntry
from tests import build
from tests.scoring.responses.files import a_csv, a_zip, pdf

PSEUDONYM = "Canary-77"


@pytest.fixture
def task(app):
    return build.a_task(title="Later start")


def newest():
    db.session.expire_all()
    return db.session.scalars(sa.select(ImportBatch).order_by(ImportBatch.id.desc())).first()


def follow(client, reply):
    assert reply.status_code == 302
    return client.get(reply.location)


def test_from_the_file_to_the_undoing(sign_in, dora, task):
    client = sign_in(dora)
    assert "No student work yet" in client.get("/responses/").text
    assert client.post("/responses/imports/new", data={"task": task.id}).status_code == 422
    rows = ["A-1,Alder High School,My essay", "A-2,Atlantis,=1+1", "A-3,,"]
    file = (io.BytesIO(a_csv(*rows, header="Pupil,School,Words")), "../../Maria.csv")
    page = follow(client, client.post("/responses/imports/new", data={"task": task.id, "file": file}))
    assert "such as: My essay" in page.text
    columns = f"/responses/imports/{newest().id}/columns"
    reply = client.post(columns, data={"student": "Pupil", "text": "Pupil"})
    assert (reply.status_code, "chosen twice" in reply.text) == (422, True)
    page = follow(
        client, client.post(columns, data={"student": "Pupil", "text": "Words", "school": "School"})
    )
    assert "1 ready, 2 to fix, 0 duplicates" in page.text
    assert "Atlantis" in page.text
    batch = newest()
    given = client.get(f"/responses/imports/{batch.id}/bad-rows.csv")
    assert given.headers["Content-Disposition"].startswith("attachment")
    bad = list(csv.reader(io.StringIO(given.data.decode("utf-8-sig"))))
    assert bad[0] == ["Pupil", "School", "Words", "Error"]
    assert bad[1][:3] == ["A-2", "Atlantis", "'=1+1"]
    assert "Alder Middle School" in bad[1][3]
    page = follow(client, client.post(f"/responses/imports/{batch.id}/accept"))
    assert "It is done" in page.text
    assert "Imported: 1 of 3 rows" in client.get(f"/responses/imports/{batch.id}").text
    assert client.post(f"/responses/imports/{batch.id}/accept").status_code == 409
    mended = given.data.replace(b"Atlantis", b"alder-middle")
    again = client.post(
        "/responses/imports/new", data={"task": task.id, "file": (io.BytesIO(mended), "mended.csv")}
    )
    follow(client, again)
    columns = f"/responses/imports/{newest().id}/columns"
    follow(client, client.post(columns, data={"student": "Pupil", "text": "Words", "school": "School"}))
    client.post(f"/responses/imports/{newest().id}/accept")
    assert set(db.session.scalars(sa.select(Response.text))) == {"My essay", "=1+1"}
    page = follow(client, client.post(f"/responses/imports/{batch.id}/undo"))
    assert "This import was undone" in page.text
    assert client.get(f"/responses/imports/{batch.id}/bad-rows.csv").status_code == 404
    assert "Maria.csv" in client.get("/responses/imports").text


def test_a_zip_with_a_broken_file_is_mended_on_its_page(sign_in, dora, task):
    client = sign_in(dora)
    files = {"A-1.pdf": b"%PDF-1.4 broken", "A-2.pdf": pdf(2), "manifest.csv": "file,student\nA-1.pdf,A-1\nA-2.pdf,A-2\nno.pdf,A-3\n",
             "extra.txt": "x"}  # fmt: skip
    sent = {"task": task.id, "file": (io.BytesIO(a_zip(files)), "work.zip")}
    follow(client, client.post("/responses/imports/new", data=sent))
    batch = newest()
    follow(
        client,
        client.post(f"/responses/imports/{batch.id}/columns", data={"file": "file", "student": "student"}),
    )
    bad = list(
        csv.reader(
            io.StringIO(client.get(f"/responses/imports/{batch.id}/bad-rows.csv").data.decode("utf-8-sig"))
        )
    )
    assert [row[:2] for row in bad] == [["file", "student"], ["no.pdf", "A-3"], ["extra.txt", ""]]
    client.post(f"/responses/imports/{batch.id}/accept")
    page = client.get(f"/responses/imports/{batch.id}").text
    assert "1 response has no pages" in page
    broken, fine = db.session.scalars(sa.select(Response).order_by(Response.id))
    page = client.get(f"/responses/{fine.id}").text
    assert page.count("<img ") == 2
    image = client.get(re.search(r'<img src="([^"]+)"', page)[1])
    assert (image.mimetype, image.data[:4]) == ("image/webp", b"RIFF")
    address = f"/responses/{broken.id}"
    assert "damaged" in client.get(address).text
    assert client.post(f"{address}/replace", data={"file": (io.BytesIO(b"text"), "x.pdf")}).status_code == 422
    follow(client, client.post(f"{address}/again"))
    follow(client, client.post(f"{address}/replace", data={"file": (io.BytesIO(pdf()), "x.pdf")}))
    assert "Ready" in client.get(address).text
    assert client.post(f"{address}/remove").status_code == 409


def test_leaders_see_the_work_and_nothing_of_who_did_it(sign_in, lea, ana, dora, dan, nell, task, alder_high):
    response = build.a_response(task, build.a_student(alder_high, pseudonym=PSEUDONYM))
    leader, admin = sign_in(lea), sign_in(dora)
    for path in ("/responses/", f"/responses/{response.id}"):
        page = leader.get(path).text
        assert response.code in page
        assert PSEUDONYM not in page
        assert PSEUDONYM in admin.get(path).text
    student = response.student_id
    closed = [
        "/responses/students",
        f"/responses/students/{student}",
        "/responses/imports",
        "/responses/rosters",
    ]
    assert [leader.get(path).status_code for path in closed] == [403] * 4
    assert leader.post(f"/responses/students/{student}").status_code == 403
    for person in (ana, nell):
        assert sign_in(person).get("/responses/").status_code == 403
    stranger = sign_in(dan)
    assert response.code not in stranger.get("/responses/").text
    assert PSEUDONYM not in stranger.get("/responses/students").text
    batch = services.upload(dora.districts[0], task, file_name="x", data=a_csv("A,,b"), actor=dora)
    foreign = [f"/responses/{response.id}", f"/responses/students/{student}", f"/responses/imports/{batch.id}",
               f"/responses/imports/{batch.id}/columns", f"/responses/imports/{batch.id}/bad-rows.csv"]  # fmt: skip
    assert [stranger.get(path).status_code for path in foreign] == [404] * 5
    changes = [f"/responses/{response.id}/remove", f"/responses/{response.id}/again", f"/responses/{response.id}/replace",
               f"/responses/students/{student}"]  # fmt: skip
    changes += [
        f"/responses/imports/{batch.id}/{verb}"
        for verb in ("accept", "accept-instead", "resume", "discard", "undo")
    ]
    assert [stranger.post(path).status_code for path in changes] == [404] * 9
    assert newest().status is ImportStatus.PREVIEW


def test_lists_are_filtered(sign_in, dora, task, alder_high, alder_middle):
    here = build.a_response(task, school=alder_high)
    there = build.a_response(school=alder_middle, status="failed")
    client = sign_in(dora)
    for query in (f"task={task.id}", f"school={alder_high.id}", "status=ready", f"code={here.code.lower()}"):
        page = client.get(f"/responses/?{query}").text
        assert here.code in page, query
        assert there.code not in page, query
    assert "No response fits" in client.get("/responses/?batch=99").text
    page = client.get(f"/responses/students?words={here.student.pseudonym}&school={alder_high.id}").text
    assert here.student.pseudonym in page
    assert there.student.pseudonym not in page


def test_an_identity_is_shown_once_and_only_when_asked_for(sign_in, dora, task):
    header = "student,given_name,family_name,text"
    batch = services.upload(dora.districts[0], task, file_name="x", data=a_csv("A-1,Mia,Canary,one", "A-2,,,two", header=header), actor=dora)  # fmt: skip
    services.accept(batch, actor=dora)
    first, second = db.session.scalars(sa.select(Response.student_id).order_by(Response.id))
    client = sign_in(dora)
    address = f"/responses/students/{first}"
    assert "Canary" not in client.get(address).text
    assert "Canary" in client.post(address).text
    assert "Canary" not in client.get(address).text
    assert "No file has brought a name" in follow(client, client.post(f"/responses/students/{second}")).text


def test_a_roster_comes_in_by_its_page(sign_in, dora, dan):
    build.a_student(pseudonym="A-1")
    client = sign_in(dora)
    file = (
        io.BytesIO(a_csv("ana@example.org,A-1", "x@example.org,A-1", header="teacher_email,student")),
        "roster.csv",
    )
    follow(client, client.post("/responses/rosters", data={"file": file}))
    batch = newest()
    page = follow(client, client.post(f"/responses/imports/{batch.id}/columns", data={"teacher_email": "teacher_email", "student": "student"}))  # fmt: skip
    assert "1 ready, 1 to fix" in page.text
    follow(client, client.post(f"/responses/imports/{batch.id}/accept-instead"))
    assert "Ana Ortiz" in client.get("/responses/rosters").text
    assert "Ana Ortiz" not in sign_in(dan).get("/responses/rosters").text
    assert len(db.session.scalars(sa.select(RosterEntry)).all()) == 1
    assert client.post("/responses/rosters").status_code == 422


@pytest.mark.engines("sqlite")
def test_an_admin_of_two_districts_says_which_and_large_files_are_checked_by_a_job(
    app, sign_in, dora, birch, task, monkeypatch
):
    people.join(dora, birch, Role.DISTRICT_ADMIN)
    monkeypatch.setattr(services, "LARGE", 1)
    client = sign_in(dora)
    assert 'name="district"' in client.get("/responses/imports/new").text
    sent = {"task": task.id, "district": birch.id, "file": (io.BytesIO(a_zip({"A-1.txt": "x"})), "w.zip")}
    page = follow(client, client.post("/responses/imports/new", data=sent))
    assert "It is done" in page.text
    batch = newest()
    assert (batch.district_id, batch.status, batch.accepted) == (birch.id, ImportStatus.PREVIEW, 1)
    page = client.get(f"/responses/imports/{batch.id}").text
    assert "Import 1 row" in page
    page = follow(client, client.post(f"/responses/imports/{batch.id}/discard"))
    assert "Nothing of it was imported" in page.text
