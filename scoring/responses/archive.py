"""Looking into a ZIP that somebody made, without trusting anything it says about itself."""

import hashlib
import io
import stat
import zipfile
import zlib
from pathlib import PurePosixPath

from scoring.responses.intake import (
    LONGEST_TEXT,
    Row,
    Unreadable,
    as_text,
    encoding_of,
    fingerprint,
    shorten,
    unmarked_utf16,
)

MOST_FILES = 20_000
LARGEST_FILE = 50 * 1024 * 1024
LARGEST_TOTAL = 4 * 1024**3
LARGEST_MANIFEST = 20 * 1024 * 1024
HIGHEST_RATIO = 200  # text shrinks to a tenth, a picture hardly at all
SMALL = 1024 * 1024  # below this a high ratio harms nobody
MANIFEST = "manifest.csv"
LITTER = {"thumbs.db", "desktop.ini", ".ds_store"}
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
MARKUP = (b"<svg", b"<?xml", b"<html", b"<!doctype", b"{\\rtf")
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


def is_zip(data):
    """Whether this is an archive, by what is in it."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


class Archive:
    """A ZIP whose limits have been checked: `files` by name, in its order; `read` gives one of them."""

    def __init__(self, data):
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(data))
            members = [
                info for info in self.zip.infolist() if not info.is_dir() and not _is_litter(info.filename)
            ]
        except BROKEN:
            raise Unreadable(
                "This ZIP is damaged and can not be opened. Make it again, then upload it."
            ) from None
        if {"[Content_Types].xml", "mimetype"} & {info.filename for info in members}:
            raise Unreadable("This is an office document, not a ZIP of student work. Save a table as CSV, or put PDF, "
                             "text or picture files into a ZIP.")  # fmt: skip
        if len(members) > MOST_FILES:
            raise Unreadable(
                f"This ZIP holds {len(members):,} files; {MOST_FILES:,} is the most. Split it into parts."
            )
        if sum(info.file_size for info in members) > LARGEST_TOTAL:
            raise Unreadable("Unpacked, this ZIP would be larger than 4 GB. Split it into parts.")
        self.manifest = next((info for info in members if _is_manifest(info)), None)
        self.members = [info for info in members if info is not self.manifest]

    def manifest_data(self):
        """The bytes of manifest.csv; None when the ZIP has none."""
        if self.manifest is None:
            return None
        words = trouble(self.manifest)
        if words is None and self.manifest.file_size > LARGEST_MANIFEST:
            words = ("It is larger than 20 MB.", "")
        try:
            if words:
                raise ValueError(words[0])
            return self.zip.read(self.manifest)
        except BROKEN as error:
            raise Unreadable(
                f"manifest.csv in this ZIP can not be read. {error} Make the ZIP again."
            ) from None

    def read(self, info):
        """Return the bytes of one file, never more than it says it has."""
        with self.zip.open(info) as file:
            return file.read(LARGEST_FILE + 1)


def rows(data, manifest_rows=None):
    """Yield one Row for each file, or for each row of the manifest and each file it forgets."""
    archive = Archive(data)
    if manifest_rows is None:
        yield from _rows_by_name(archive)
        return
    by_name, used, number = {}, {}, 1
    for info in archive.members:
        by_name.setdefault(info.filename, info)
    plain = {}
    for name in by_name:
        plain.setdefault(PurePosixPath(name).name.lower(), []).append(name)
    for row in manifest_rows:
        number = row.number
        if not row.problems:
            _join(archive, row, by_name, plain, used)
        yield row
    for info in archive.members:
        if info.filename not in used:
            number += 1
            row = Row(number, entry=info.filename)
            row.blame("file", info.filename, "This file is not named in manifest.csv.",
                      "Add a row for it to manifest.csv, or take it out of the ZIP.")  # fmt: skip
            yield row


def _rows_by_name(archive):
    """Without a manifest a file's name, without its ending, is the student's pseudonym."""
    seen = set()
    for number, info in enumerate(archive.members, 1):
        row = Row(number, {"student": shorten(PurePosixPath(info.filename).stem, 200)}, entry=info.filename)
        if info.filename in seen:
            row.blame(
                "file",
                info.filename,
                "The ZIP holds two files of this name.",
                "Take one of them out of the ZIP.",
            )
        else:
            seen.add(info.filename)
            look_at(archive, info, row)
        yield row


def _join(archive, row, by_name, plain, used):
    """Give a manifest's row the file it names: by its whole path, or by its name alone where that is clear."""
    name = row.get("file")
    found = name if name in by_name else None
    if found is None:
        same = plain.get(PurePosixPath(name.replace("\\", "/")).name.lower(), []) if name else []
        found = same[0] if len(same) == 1 else None
    if found is None:
        words = "There is no file name in this row." if not name else "The ZIP holds no file of this name."
        row.blame("file", name, words, "Write the name as it is in the ZIP, or add the file to the ZIP.")
    elif found in used:
        row.blame(
            "file", name, f"Row {used[found]} names the same file.", "Each student needs a file of their own."
        )
    else:
        used[found] = row.number
        row.entry = found
        look_at(archive, by_name[found], row)


def look_at(archive, info, row):
    """Find out what a file is from its first bytes; take its fingerprint, or blame the row."""
    words = trouble(info)
    if words:
        row.blame("file", info.filename, *words)
        return
    try:
        with archive.zip.open(info) as file:
            head = file.read(2048)
            kind, words = kind_of(head)
            if words:
                row.blame("file", info.filename, *words)
            elif kind == "text/plain":
                _take_text(head + file.read(LARGEST_FILE), info, row)
            else:
                digest = hashlib.sha256(head)
                while part := file.read(1 << 20):
                    digest.update(part)
                row.media_type, row.sha256 = kind, digest.hexdigest()
    except BROKEN:
        row.blame("file", info.filename, "This file is damaged inside the ZIP.", "Make the ZIP again.")


def _take_text(data, info, row):
    try:
        row.text = as_text(data.decode(encoding_of(data)))
    except Unreadable:
        row.blame(
            "file",
            info.filename,
            "The letters in this file can not be read.",
            "Save it as plain text in UTF-8.",
        )
        return
    if not row.text:
        row.blame("file", info.filename, "This file is empty.",
                  "Add the student's text. If the student left the page blank, write: (blank)")  # fmt: skip
    elif len(row.text) > LONGEST_TEXT:
        row.blame(
            "file",
            info.filename,
            f"The text has {len(row.text):,} characters; {LONGEST_TEXT:,} is the most.",
            "Shorten it.",
        )
    else:
        row.sha256 = fingerprint(row.text)


def trouble(info):
    """Say (what is wrong, how to mend it) with a file in a ZIP by its entry alone; None when it may be opened."""
    name = info.filename
    mode = info.external_attr >> 16
    if name.startswith(("/", "\\")) or name[1:2] == ":" or ".." in name.replace("\\", "/").split("/"):
        return "Its name leads out of the ZIP.", "Make the ZIP again from a plain folder."
    if stat.S_ISLNK(mode) or (mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG)):
        return "This is a link, not a file.", "Put the file itself into the ZIP."
    if info.flag_bits & 0x1:
        return "It is locked with a password.", "Make the ZIP again without a password."
    if info.compress_type not in METHODS:
        return "It is packed in a way we do not open.", "Make the ZIP again with the usual settings."
    if info.file_size > LARGEST_FILE:
        return "It is larger than 50 MB.", "Scan it again in black and white or with fewer dots per inch."
    if info.file_size > SMALL and info.file_size > HIGHEST_RATIO * max(info.compress_size, 1):
        return "It unpacks to far more than student work ever does.", "Check where this file comes from."
    return None


def kind_of(head):
    """Return (media type, None), or (None, (what is wrong, how to mend it)), from the first bytes of a file."""
    if b"%PDF-" in head[:1024]:
        return "application/pdf", None
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png", None
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", None
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp", None
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"Rar!\x1a", b"7z\xbc\xaf", b"\x1f\x8b")):
        return None, ("This is an office document or another archive.", "Save it as PDF.")
    is_bitmap = head.startswith(b"BM") and head[6:10] == b"\0\0\0\0"  # not an essay on BMX bikes
    if is_bitmap or head[4:8] == b"ftyp" or head.startswith((b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")):
        return None, ("This kind of picture or film can not be imported.", "Save it as JPG, PNG or PDF.")
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(MARKUP):
        return None, ("This is a web page or a formatted document.", "Save it as plain text or PDF.")
    is_utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff")) or unmarked_utf16(head)
    if not is_utf16 and (b"\0" in head or sum(byte < 9 for byte in head) > 2):
        return None, (
            "We can not tell what kind of file this is.",
            "Save it as plain text, PDF, JPG, PNG or WEBP.",
        )
    return "text/plain", None


def _is_litter(name):
    """Files that computers add on their own, which are nobody's work."""
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or (parts and (parts[-1].lower() in LITTER or parts[-1].startswith("._")))


def _is_manifest(info):
    parts = PurePosixPath(info.filename).parts
    return parts[-1].lower() == MANIFEST and len(parts) <= 2
