"""Reading ZIPs: nothing a ZIP says about itself is believed, and every file that can not be used is named."""

import io
import stat
import struct
import warnings
import zipfile

import pytest

from scoring.responses import archive, intake
from tests.scoring.responses.files import a_zip, jpeg, pdf

WEBP_HEAD = b"RIFF\x10\0\0\0WEBPVP8 "


def read(data):
    manifest = archive.Archive(data).manifest_data()
    listed = None
    if manifest is not None:
        table = intake.table_of(manifest)
        listed = intake.rows(manifest, table, intake.guess(table.columns, "zip"))
    return list(archive.rows(data, listed))


def test_files_are_known_by_what_is_in_them_not_by_their_names():
    rows = read(
        a_zip(
            {
                "A.txt": pdf(),
                "B.pdf": jpeg(),
                "C.png": "just text",
                "D.jpg": WEBP_HEAD,
                "E": b"\x89PNG\r\n\x1a\n",
            }
        )
    )
    assert [(row.get("student"), row.media_type) for row in rows] == [
        ("A", "application/pdf"), ("B", "image/jpeg"), ("C", "text/plain"), ("D", "image/webp"), ("E", "image/png"),
    ]  # fmt: skip
    assert rows[2].text == "just text"
    assert len({row.sha256 for row in rows}) == 5
    assert not any(row.problems for row in rows)


def test_what_is_not_student_work_is_named_and_explained():
    files = {
        "fine.txt": "work", "../up.txt": "x", "/root.txt": "x", "C:\\win.txt": "x", "a/../../b.txt": "x",
        "inner.zip": a_zip({"x": "y"}), "old.doc": b"\xd0\xcf\x11\xe0rest", "page.html": "<!DOCTYPE html><p>x",
        "vector.svg": "<svg onload='x'>", "scan.tif": b"II*\0rest", "photo.heic": b"\0\0\0\x18ftypheic", "film.gif": b"GIF89a",
        "program": b"MZ\0\0\x01\x02", "empty.txt": " \n", "long.txt": "x" * (intake.LONGEST_TEXT + 1), "bad.txt": b"\x81\x8dx",
        "__MACOSX/._fine.txt": b"\0", ".DS_Store": b"\0", "folder/": "",
    }  # fmt: skip
    rows = read(a_zip(files))
    assert len(rows) == 16  # not the three that no person put there
    assert [row.entry for row in rows if not row.problems] == ["fine.txt"]
    assert all(problem.problem and problem.mend for row in rows for problem in row.problems)


def test_links_locked_files_and_strange_packing_are_refused():
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as zipped:
        zipped.writestr(link, "/etc/passwd")
        zipped.writestr("packed.txt", "text", zipfile.ZIP_BZIP2)
        zipped.writestr("locked.txt", "text")
    raw = bytearray(data.getvalue())
    place = raw.rindex(b"PK\x01\x02")
    raw[place + 8] |= 1  # the bit that says: encrypted
    words = [row.problems[0].problem for row in read(bytes(raw))]
    assert ["link" in words[0], "packed" in words[1], "password" in words[2]] == [True, True, True]


def test_a_file_that_unpacks_to_far_too_much_is_not_unpacked():
    bomb = a_zip({"bomb.txt": b"0" * (20 * 1024 * 1024), "fine.txt": "work"})
    rows = read(bomb)
    assert [bool(row.problems) for row in rows] == [True, False]
    assert "far more" in rows[0].problems[0].problem


def test_a_file_that_lies_about_its_size_is_damaged_not_dangerous():
    data = bytearray(a_zip({"A.txt": "x" * 5000}))
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 10)
    [row] = read(bytes(data))
    assert row.problems
    data = bytearray(a_zip({"A.txt": "hello hello"}, zipfile.ZIP_STORED))
    data[data.index(b"hello")] ^= 1
    [row] = read(bytes(data))
    assert "damaged" in row.problems[0].problem


def test_archives_that_are_no_use_at_all_are_refused_as_a_whole(monkeypatch):
    monkeypatch.setattr(archive, "MOST_FILES", 2)
    monkeypatch.setattr(archive, "LARGEST_TOTAL", 100)
    cases = {
        "damaged": b"PK\x03\x04 nothing behind it", "office document": a_zip({"[Content_Types].xml": "x"}),
        "3 files": a_zip({"a": "1", "b": "2", "c": "3"}), "larger than": a_zip({"a": "1" * 101}),
    }  # fmt: skip
    for words, data in cases.items():
        with pytest.raises(intake.Unreadable, match=words):
            archive.Archive(data)


def test_two_files_of_one_name_are_one_row_and_one_problem():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as zipped:
            zipped.writestr("A.txt", "one")
            zipped.writestr("A.txt", "two")
    assert [bool(row.problems) for row in read(data.getvalue())] == [False, True]


def test_a_manifest_names_students_and_what_it_forgets_is_said():
    manifest = (
        "file,student,school\nscan1.pdf,A-1,High\nb.txt,A-2,\nmissing.txt,A-3,\nscan1.pdf,A-4,\n,A-5,\n"
    )
    rows = read(
        a_zip(
            {"set/manifest.csv": manifest, "set/scan1.pdf": pdf(), "set/b.txt": "work", "set/extra.txt": "x"}
        )
    )
    assert [(row.number, row.get("student"), row.entry) for row in rows if not row.problems] == [
        (2, "A-1", "set/scan1.pdf"), (3, "A-2", "set/b.txt"),
    ]  # fmt: skip
    words = {row.number: row.problems[0].problem for row in rows if row.problems}
    assert "no file of this name" in words[4]
    assert "same file" in words[5]
    assert "no file name" in words[6]
    assert "not named in manifest" in words[7]
