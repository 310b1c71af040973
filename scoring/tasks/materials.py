"""Files that go with a task: what may be uploaded, and adding, ordering and removing them."""

import csv
import io
import warnings
import zipfile

from PIL import Image

from scoring import audit, storage
from scoring.db import now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.permissions import Permission
from scoring.tasks.models import Material

LARGEST = 20 * 1024 * 1024
MOST_FILES = 30
MOST_PIXELS = 60_000_000
MOST_UNPACKED = 200 * 1024 * 1024
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS = {
    "pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp",
    "txt": "text/plain", "csv": "text/csv", "docx": WORD,
}  # fmt: skip
ALLOWED = "PDF, PNG, JPEG, WEBP, TXT, CSV or DOCX"


def add_material(task, *, file_name, data, actor):
    """Keep a file with a task, after checking that it is what its name says."""
    _require_edit(task, actor)
    name = clean_name(file_name)
    media_type = media_type_of(name, data)
    key = storage.put(data, area="materials")
    try:
        with transaction() as session:
            if len(task.materials) >= MOST_FILES:
                raise Conflict(f"A task has room for {MOST_FILES} files. Remove one first.")
            material = Material(task_id=task.id, position=1 + max((each.position for each in task.materials), default=0),
                                name=name, media_type=media_type, size=len(data), key=key, sha256=storage.sha256(data))  # fmt: skip
            session.add(material)
            session.flush()
            session.expire(task, ["materials"])
            audit.record(
                "material.added", material, actor=actor, after={"task": task.id, "sha256": material.sha256}
            )
    except BaseException:
        storage.remove([key])
        raise
    return material


def material_by_id(task, material_id):
    """Return one of the task's files."""
    material = next((each for each in task.materials if each.id == material_id), None)
    if material is None:
        raise NotFound("This file is not there any more. Reload the page.")
    return material


def move_material(task, material, by, *, actor):
    """Move a file up (-1) or down (1) in the task's list."""
    _require_edit(task, actor)
    with transaction():
        order = list(task.materials)
        at = order.index(material)
        to = min(max(at + by, 0), len(order) - 1)
        order.insert(to, order.pop(at))
        for position, each in enumerate(order, 1):
            each.position = position
        if at != to:
            audit.record(
                "material.moved", material, actor=actor, before={"place": at + 1}, after={"place": to + 1}
            )


def remove_material(task, material, *, actor):
    """Take a file away from a task."""
    _require_edit(task, actor)
    key = material.key
    with transaction() as session:
        audit.record("material.removed", material, actor=actor,
                     before={"task": task.id, "sha256": material.sha256, "removed": now().isoformat()})  # fmt: skip
        task.materials.remove(material)
        session.flush()
    storage.remove([key])


def clean_name(file_name):
    """Return the last part of a file's name, short and without signs that could mislead."""
    name = "".join(
        sign for sign in (file_name or "").replace("\\", "/").split("/")[-1] if sign.isprintable()
    ).strip()
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem:
        raise Invalid(f"“{name or 'The file'}” has no ending. Choose a file that is {ALLOWED}.")
    return f"{stem[:180]}.{ending.lower()[:10]}"


def media_type_of(name, data):
    """Return the kind of file, judged by its content; say what is wrong when that is not what the name says."""
    kind = KINDS.get(name.rpartition(".")[2])
    if kind is None:
        raise Invalid(f"{name} can not be used. Choose a file that is {ALLOWED}.")
    if not data:
        raise Invalid(f"{name} is empty. Choose the file again.")
    if len(data) > LARGEST:
        raise Invalid(
            f"{name} is too large. A file may have up to {LARGEST // 1024 // 1024} MB; make it smaller or split it."
        )
    if not CHECKS[kind](data):
        raise Invalid(f"{name} is not what its ending says, or it is damaged. Save it again as {ALLOWED}.")
    return kind


def _is_pdf(data):
    return data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]


def _is_image(wanted):
    def check(data):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # a picture that unpacks to far too many pixels only warns
                with Image.open(io.BytesIO(data), formats=[wanted]) as image:
                    width, height = image.size
                    image.verify()
        except Exception:  # every way in which a picture can be broken
            return False
        return width * height <= MOST_PIXELS

    return check


def _is_text(data):
    try:
        return "\0" not in data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False


def _is_csv(data):
    if not _is_text(data):
        return False
    try:
        return any(csv.reader(io.StringIO(data.decode("utf-8-sig")), strict=True))
    except csv.Error:
        return False


def _is_word(data):
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {entry.filename for entry in archive.infolist()}
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError):
        return False
    has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    is_safe = not any(name.startswith("/") or ".." in name.split("/") for name in names)
    return (
        {"[Content_Types].xml", "word/document.xml"} <= names
        and is_safe
        and not has_macros
        and size <= MOST_UNPACKED
    )


CHECKS = {
    "application/pdf": _is_pdf, "image/png": _is_image("PNG"), "image/jpeg": _is_image("JPEG"),
    "image/webp": _is_image("WEBP"), "text/plain": _is_text, "text/csv": _is_csv, WORD: _is_word,
}  # fmt: skip


def _require_edit(task, actor):
    if not actor.may(Permission.EDIT_TASKS, task.organization):
        raise NotAllowed(
            f"Only leaders of {task.organization.name} may change this task's files. Clone the task first."
        )
