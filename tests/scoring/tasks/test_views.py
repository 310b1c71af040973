"""Task pages: list and filters, writing, files, and who may open what."""

import io
import zipfile

import pytest
from PIL import Image
from playwright.sync_api import expect

from scoring import storage
from scoring.check import file_problems
from scoring.errors import Invalid
from scoring.tasks import materials, services
from tests import build
from tests.browser import axe, overflow


def picture(kind):
    data = io.BytesIO()
    Image.new("RGB", (4, 3)).save(data, kind)
    return data.getvalue()


def document(*names):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return data.getvalue()


WORD = document("[Content_Types].xml", "word/document.xml")
GOOD = {
    "a.pdf": b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n", "a.png": picture("PNG"), "a.jpg": picture("JPEG"), "a.webp": picture("WEBP"),
    "a.txt": "Frühling".encode(), "a.csv": b"a,b\n1,2\n", "A.DOCX": WORD,
}  # fmt: skip
BAD = {
    "a.png": picture("JPEG"), "a.jpg": GOOD["a.png"][:40], "b.pdf": b"<script>alert(1)</script>", "a.txt": b"\xff\xfe\x00",
    "a.csv": b'a,"b\n1', "a.docx": document("word/document.xml"), "b.docx": WORD[:50], "c.docx": document("[Content_Types].xml",
    "word/document.xml", "word/vbaProject.bin"), "d.docx": document("[Content_Types].xml", "word/document.xml", "../up"),
    "a.svg": b"<svg/>", "a.html": b"<p>", "noending": b"x", "empty.txt": b"", ".txt": b"x", "big.txt": b"x" * (materials.LARGEST + 1),
}  # fmt: skip


def test_files_are_known_by_their_content():
    for name, data in GOOD.items():
        assert materials.media_type_of(materials.clean_name(name), data)
    for name, data in BAD.items():
        with pytest.raises(Invalid):
            materials.media_type_of(materials.clean_name(name), data)
    assert materials.clean_name("..\\..\\secret/\u202esource\n one.TXT") == "source one.txt"


def test_files_are_added_ordered_downloaded_and_removed(alder, lea, sign_in):
    client, task = sign_in(lea), build.a_task(organization=alder)
    url = f"/tasks/{task.id}/materials"
    for name in ("a.txt", "a.png"):
        client.post(url, data={"files": (io.BytesIO(GOOD[name]), name)})
    refused = client.post(url, data={"files": (io.BytesIO(b"x"), "a.exe")})
    assert refused.status_code == 422
    assert "a.exe can not be used. Choose a file that is PDF" in refused.text
    assert "Choose a file first." in client.post(url, data={}).text
    assert [each.name for each in task.materials] == ["a.txt", "a.png"]
    client.post(f"{url}/{task.materials[1].id}/move", data={"by": "-1"})
    assert [each.name for each in task.materials] == ["a.png", "a.txt"]
    page = client.get(f"/tasks/{task.id}").text
    link = page.split('href="/files/')[1].split('"')[0]
    reply = client.get(f"/files/{link}")
    assert reply.data == GOOD["a.png"]
    assert reply.headers["Content-Disposition"] == "attachment; filename=a.png"
    copy = services.clone(task, alder, code="COPY", actor=lea)
    assert storage.get(copy.materials[1].key) == GOOD["a.txt"]
    client.post(f"{url}/{task.materials[0].id}/remove")
    assert [each.name for each in task.materials] == ["a.txt"]
    assert client.post(f"{url}/999/remove").status_code == 404
    assert file_problems() == []


def test_the_list_can_be_narrowed_and_says_when_it_is_empty(alder, birch, lea, sign_in):
    client = sign_in(lea)
    assert "No tasks yet" in client.get("/tasks/").text
    build.a_task(title="Common essay", subject="English")
    build.a_task(title="Ice 100%", subject="Science", organization=alder, code="ICE")
    build.a_task(title="Secret of Birch", subject="Art", organization=birch)
    gone = services.retire(build.a_task(title="Old one", organization=alder, rubric=False), actor=lea)

    def titles(query=""):
        page = client.get(f"/tasks/{query}").text
        assert "Secret of Birch" not in page
        assert "Art" not in page
        return [title for title in ("Common essay", "Ice 100%", "Old one") if title in page]

    assert titles() == ["Common essay", "Ice 100%"]
    assert (
        titles("?words=ice")
        == titles("?words=100%25")
        == titles("?owner=local")
        == titles("?subject=Science")
        == ["Ice 100%"]
    )
    assert titles("?owner=common") == ["Common essay"]
    assert titles("?status=retired") == ["Old one"]
    assert titles("?status=all") == ["Common essay", "Ice 100%", "Old one"]
    assert "No task fits" in client.get("/tasks/?words=_").text
    client.post(f"/tasks/{gone.id}/reactivate")
    assert titles() == ["Common essay", "Ice 100%", "Old one"]
    client.post(f"/tasks/{gone.id}/retire")
    assert titles() == ["Common essay", "Ice 100%"]


def test_a_task_is_written_changed_and_cloned(alder, network, lea, sign_in):
    client = sign_in(lea)
    words = {
        "code": "ARG",
        "title": "Argue",
        "subject": "English",
        "grade_band": "8",
        "standards": "W.1\r\n\r\nW.2 ",
    }
    assert client.post("/tasks/new", data=words | {"organization": network.id}).status_code == 422
    assert "Fill this in." in client.post("/tasks/new", data={"organization": alder.id}).text
    url = client.post("/tasks/new", data=words | {"organization": alder.id}).location
    task = services.task_by_id(int(url.rsplit("/", 1)[1]), lea)
    assert (task.code, task.standards, task.organization) == ("ARG", ["W.1", "W.2"], alder)
    again = client.post("/tasks/new", data=words | {"organization": alder.id})
    assert again.status_code == 422
    assert "already has a task with the code ARG" in again.text
    assert "W.1\nW.2" in client.get(f"{url}/edit").text.replace("\r", "")
    client.post(f"{url}/edit", data=words | {"title": "Argue well"})
    assert task.title == "Argue well"
    common = build.a_task()
    copy = client.post(f"/tasks/{common.id}/clone", data={"organization": alder.id, "code": "MINE"}).location
    page = client.get(copy).text
    assert common.title in page
    assert "Local" in page
    assert (
        client.post(f"/tasks/{common.id}/clone", data={"organization": alder.id, "code": "MINE"}).status_code
        == 422
    )


def test_other_districts_find_nothing_and_common_tasks_are_read_only(alder, lea, ana, birch, sign_in):
    own, common = build.a_task(organization=birch), build.a_task()
    client = sign_in(lea)
    for path in ("", "/edit", "/clone", "/rubrics/1", "/rubrics/1/edit"):
        assert client.get(f"/tasks/{own.id}{path}").status_code == 404
    assert client.post(f"/tasks/{own.id}/retire").status_code == 404
    assert (
        client.get(f"/tasks/{common.id}").status_code
        == client.get(f"/tasks/{common.id}/rubrics/1").status_code
        == 200
    )
    assert client.get(f"/tasks/{common.id}/rubrics/7").status_code == 404
    for path in ("retire", "rubrics/1/new-version", "edit"):
        data = {"code": "X", "title": "X", "subject": "X", "grade_band": "8"}
        assert client.post(f"/tasks/{common.id}/{path}", data=data).status_code == 403, path
    assert sign_in(ana).get(f"/tasks/{common.id}").status_code == 403


def test_the_editor_in_a_browser_without_scripts(desk, alder, lea):
    task = build.a_task(organization=alder, rubric=False, title="Browser task")
    page = desk.open(lea, java_script_enabled=False)
    page.goto(f"/tasks/{task.id}")
    page.get_by_role("button", name="Start a rubric: analytic").click()
    page.get_by_label("Name of trait 1").fill("Claim")
    page.get_by_role("button", name="Duplicate: trait 1").click()
    expect(page.locator("#traits-1-name")).to_have_value("Claim (copy)")
    page.locator("#traits-2").get_by_role("button", name="Remove: trait 3").click()
    page.locator("#traits-1-name").fill("Evidence")
    page.locator("#traits-1-key").fill("")
    page.get_by_role("button", name="Up: Claim (copy)").click()
    for box in page.locator("textarea[name$=descriptor]").all():
        box.fill("What it shows.")
    page.locator("#title").press("Enter")
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    page.get_by_role("button", name="Save and see it as scorers do").click()
    page.get_by_text("Publish version 1").click()
    page.get_by_role("button", name="Publish it").click()
    expect(page.get_by_text("Version 1 is published.")).to_be_visible()
    assert [trait.name for trait in services.task_by_id(task.id, lea).published_rubric.traits] == [
        "Evidence",
        "Claim",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit_a_phone(desk, alder, lea, scheme):
    task = build.a_task(organization=alder, title="A task with files")
    materials.add_material(task, file_name="source.txt", data=b"x", actor=lea)
    draft = services.new_version(task.published_rubric, actor=lea)
    page = desk.open(lea, color_scheme=scheme, viewport={"width": 320, "height": 700})
    for path in ("", "new", f"{task.id}", f"{task.id}/edit", f"{task.id}/clone", f"{task.id}/rubrics/1", f"{task.id}/rubrics/{draft.version}/edit"):  # fmt: skip
        page.goto(f"/tasks/{path}")
        axe(page)
        assert overflow(page) == 0, path
    page.locator("#traits-0-points-0-value").fill("many")
    page.get_by_role("button", name="Save draft").last.click()
    expect(page.get_by_role("alert")).to_be_visible()
    axe(page)
