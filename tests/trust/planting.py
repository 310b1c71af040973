"""A scoring event full of canaries: strings that stand wherever a scorer must not look, and nowhere else."""

import csv
import io
import zipfile
from types import SimpleNamespace

import sqlalchemy as sa
from PIL import Image, ImageDraw, PngImagePlugin

from calibration.papers import services as papers
from calibration.papers import sets
from scoring import storage
from scoring.adjudication import services as adjudication
from scoring.db import db, transaction
from scoring.events.models import EventResponse, EventStatus
from scoring.people.models import Organization, OrganizationKind
from scoring.permissions import Role
from scoring.reads import services as reads
from scoring.reads.models import ConcernKind
from scoring.responses import services as responses
from scoring.responses.models import ImportBatch, Response
from tests import build

PLACES = (
    "pseudonym", "givenname", "familyname", "localid", "school", "schoolcode", "district", "districtcode",
    "teacher", "teachermail", "filename", "zipname", "rostername", "member", "zipcomment", "column",
    "exif", "xmp", "pngtext", "webpexif", "pdftitle", "pdfauthor", "pdfkeywords",
    "scorer", "scorermail", "note", "below", "above", "concern", "leader", "leadermail", "leadernote", "reason",
    "setname", "keptpaper", "keywords",
)  # fmt: skip
CANARIES = {place: f"zq{place}qz" for place in PLACES}
TEXTS, PDFS, PAGES_OF_A_PDF = 10, 6, 52


def plant():
    """Build the event through the real imports and the real first reads; return what the tests ask about."""
    planted = SimpleNamespace(task=build.a_task(), files=[])
    _people(planted)
    _import_work(planted)
    planted.event = build.an_event(
        planted.task, [planted.first, build.person("eve")], districts=[planted.district],
        organization=build.organization("network"), alert_to_id=planted.leader.id, created_by_id=planted.leader.id,
    )  # fmt: skip
    _closed_event(planted)
    _first_reads(planted)
    _fingerprints(planted)
    return planted


def _people(planted):
    with transaction() as session:
        district = Organization(kind=OrganizationKind.DISTRICT, name=CANARIES["district"],
                                code=CANARIES["districtcode"], parent=build.organization("network"))  # fmt: skip
        school = Organization(kind=OrganizationKind.SCHOOL, name=CANARIES["school"],
                              code=CANARIES["schoolcode"], parent=district)  # fmt: skip
        session.add_all([district, school])
    planted.district, planted.school = district, school
    planted.admin = build.a_person(Role.DISTRICT_ADMIN, district)
    planted.first = _somebody(Role.SCORER, build.organization("alder-high"), "scorer")
    planted.teacher = _somebody(Role.SCORER, school, "teacher")
    planted.leader = _somebody(Role.LEADER, build.organization("network"), "leader")


def _somebody(role, place, name):
    return build.a_person(role, place, name=CANARIES[name], email=f"{CANARIES[name + 'mail']}@example.org")


# Student work, by the same way as any district's


def _import_work(planted):
    rows = [["student", "school", "text", "given_name", "family_name", "local_id", CANARIES["column"]]]
    names = [CANARIES[name] for name in ("givenname", "familyname")]
    for number in range(TEXTS):
        text = f"Work number {number}: schools should start later, and here is why."
        rows.append([f"{CANARIES['pseudonym']}{number}", CANARIES["school"], text, *names,
                     f"{CANARIES['localid']}{number}", CANARIES["column"]])  # fmt: skip
    _take_in(planted, f"{CANARIES['filename']}.csv", _as_csv(rows))
    _take_in(planted, f"{CANARIES['zipname']}.zip", _archive())
    roster = [["teacher_email", "student"]]
    roster += [[planted.teacher.email, f"{CANARIES['pseudonym']}{number}"] for number in range(TEXTS)]
    batch = responses.upload_roster(
        planted.district, file_name=f"{CANARIES['rostername']}.csv", data=_as_csv(roster), actor=planted.admin
    )
    responses.accept(batch, actor=planted.admin)


def _take_in(planted, file_name, data):
    batch = responses.upload(
        planted.district, planted.task, file_name=file_name, data=data, actor=planted.admin
    )
    assert not batch.problems, [(each.field, each.value, each.problem) for each in batch.problems]
    responses.accept(batch, actor=planted.admin)


def _as_csv(rows):
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def _archive():
    """A ZIP whose comment, member names and every file's metadata tell who did the work."""
    files = {"jpg": photo(), "png": drawing(), "webp": scan(), "txt": b"Typed at home: I think it should."}
    files |= {f"{number}.pdf": document(PAGES_OF_A_PDF, number) for number in range(PDFS)}
    data, manifest = io.BytesIO(), [["file", "student", "school"]]
    with zipfile.ZipFile(data, "w") as file:
        file.comment = CANARIES["zipcomment"].encode()
        for number, (ending, content) in enumerate(files.items(), TEXTS):
            name = f"{CANARIES['school']}/{CANARIES['member']}{number}.{ending}"
            file.writestr(name, content)
            manifest.append([name, f"{CANARIES['pseudonym']}{number}", CANARIES["school"]])
        file.writestr("manifest.csv", _as_csv(manifest))
    return data.getvalue()


def _picture(mark=0):
    image = Image.new("RGB", (72, 96), "white")
    ImageDraw.Draw(image).line((8, 8, 64, 8 + mark % 80), "black", 3)
    return image


def photo():
    """A JPEG that names its artist and place."""
    exif = Image.Exif()
    exif[0x013B] = exif[0x010E] = exif[0x8298] = CANARIES["exif"]
    return _saved(
        _picture(1), "JPEG", exif=exif, comment=CANARIES["exif"].encode(), xmp=CANARIES["xmp"].encode()
    )


def drawing():
    """A PNG with words beside the picture, one of them packed."""
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", CANARIES["pngtext"])
    words.add_text("Comment", CANARIES["pngtext"], zip=True)
    words.add_itxt("XML:com.adobe.xmp", CANARIES["xmp"])
    return _saved(_picture(2), "PNG", pnginfo=words)


def scan():
    """A WEBP with EXIF and XMP."""
    exif = Image.Exif()
    exif[0x013B] = CANARIES["webpexif"]
    return _saved(_picture(3), "WEBP", exif=exif, xmp=CANARIES["xmp"].encode())


def document(count, mark=0):
    """A PDF of many pages with title, author and keywords."""
    first, *others = (_picture(mark * count + number) for number in range(count))
    about = {name: CANARIES[f"pdf{name}"] for name in ("title", "author", "keywords")}
    return _saved(first, "PDF", save_all=True, append_images=others, resolution=144, subject=about["title"],
                  creator=about["author"], producer=about["author"], **about)  # fmt: skip


def _saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


# What others did with it


def _closed_event(planted):
    """An earlier event on the same task: one response is an anchor paper that scorers may see, two are kept for sets."""
    works = build.responses(3, planted.task, school=planted.school)
    planted.closed = build.an_event(
        planted.task, [planted.first, build.person("eve"), build.person("ben")], districts=[planted.district],
        organization=build.organization("network"), waiting=False,
    )  # fmt: skip
    with transaction() as session:
        for number, work in enumerate(works):
            work.student.pseudonym = f"{CANARIES['pseudonym']}-anchor{number}"
            work.text += CANARIES["keptpaper"] if number else ""
            session.add(EventResponse(
                event_id=planted.closed.id, response_id=work.id, task_id=planted.task.id, district_id=planted.district.id,
                rubric_id=planted.task.published_rubric.id, school_id=planted.school.id, random_key=0.5, required=2, remaining=2,
            ))  # fmt: skip
    for work in works:
        for scorer in (planted.first, "ben"):
            build.a_read(work, scorer, 3, event=planted.closed, note=CANARIES["note"])
    with transaction():
        planted.closed.status = EventStatus.CLOSED
    shown, *kept = works
    facts = {"event": planted.closed, "actor": planted.leader,
             "scores": {trait.id: 3 for trait in planted.task.published_rubric.traits}}  # fmt: skip
    papers.promote(shown, planted.task.published_rubric, **facts)
    for work, purpose in zip(kept, ("validity", "qualification"), strict=True):
        _secret_set(planted, work, purpose, facts)


def _secret_set(planted, work, purpose, facts):
    """A frozen set of which no scorer may know: neither its name, nor its papers, nor why they have their scores."""
    rubric = planted.task.published_rubric
    paper = papers.keep(work, rubric, commentary=CANARIES["keywords"], **facts)
    made = sets.create_set(build.organization("network"), rubric, name=f"{CANARIES['setname']} {purpose}",
                           purpose=purpose, actor=planted.leader)  # fmt: skip
    sets.add_paper(made, paper, actor=planted.leader)
    sets.freeze_set(made, actor=planted.leader)


def _first_reads(planted):
    """The first scorer reads everything, with notes and comments; a flag and an alert; every third one is a code."""
    traits = planted.task.published_rubric.traits
    for number in range(TEXTS + PDFS + 4):
        assignment = reads.take_next(planted.first, planted.event)
        if number in (0, 1):
            kind = (ConcernKind.FLAG, ConcernKind.ALERT)[number]
            reads.raise_concern(assignment, planted.first, kind, CANARIES["concern"])
        scores = {} if number % 3 == 2 else {trait.id: 4 if number % 3 else 1 for trait in traits}
        comments = dict.fromkeys(scores, (CANARIES["below"], CANARIES["above"]))
        reads.submit_read(assignment, planted.first, scores=scores, condition_code=None if scores else "T",
                          note=CANARIES["note"], comments=comments)  # fmt: skip
    assert reads.take_next(planted.first, planted.event) is None


def _fingerprints(planted):
    """Besides the strings: fingerprints and keys of the files that came, by which somebody could find them elsewhere."""
    work = db.session.execute(sa.select(Response.sha256, Response.original_key)).all()
    batches = db.session.execute(sa.select(ImportBatch.sha256, ImportBatch.key)).all()
    planted.canaries = {
        **CANARIES,
        **{f"fingerprint {number}": sha for number, (sha, _) in enumerate([*work, *batches])},
        **{f"file {number}": key for number, (_, key) in enumerate([*work, *batches]) if key},
    }
    assert len(storage.listing()) > PDFS * PAGES_OF_A_PDF


def adjudicate_one(planted):
    """A leader settles one discrepant response, with words of their own; says how many were waiting."""
    waiting = db.session.scalars(adjudication.discrepant_responses([planted.event.id])).all()
    assignment = adjudication.begin(waiting[0], planted.leader)
    scores = {trait.id: 2 for trait in planted.task.published_rubric.traits}
    adjudication.submit_blind(assignment, planted.leader, scores=scores, note=CANARIES["leadernote"])
    adjudication.decide(waiting[0], planted.leader, scores=scores, reason=CANARIES["reason"])
    return len(waiting)
