"""Reading tables: whatever a spreadsheet saves comes in whole, and what is wrong is named row by row."""

import csv
import io

import pytest

from scoring.responses import intake
from scoring.responses.bad_rows import line

TEXT = "student,school,text\nA-1,Nörd High,“Café” is a word\nA-2,,second\n"


def read(data, mapping=None, kind="csv"):
    table = intake.table_of(data)
    return list(intake.rows(data, table, mapping or intake.guess(table.columns, kind)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_encoding_and_delimiter_gives_the_same_rows(encoding, delimiter, ending):
    rows = read(TEXT.replace(",", delimiter).replace("\n", ending).encode(encoding))
    assert [(row.number, row.get("student"), row.get("school"), row.text) for row in rows] == [
        (2, "A-1", "Nörd High", "“Café” is a word"),
        (3, "A-2", "", "second"),
    ]
    assert not any(row.problems for row in rows)


def test_text_keeps_its_lines_and_loses_what_nobody_can_see():
    [row] = read(b'student,text\nA,"One\r\n\r\n  two\x1b\xe2\x80\xae\r\nthree  "\n')
    assert row.text == "One\n\n  two\nthree"


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "empty"), (b" \r\n ", "empty"), (b"student,text\n\x81\x8d,x", "letters"), (b"a,b\n" + b"\0" * 5000, "letters")],
)  # fmt: skip
def test_a_file_nobody_can_read_is_refused_in_words(data, words):
    with pytest.raises(intake.Unreadable, match=words):
        read(data)


def test_each_bad_row_is_named_and_the_others_come_in():
    data = (
        b"student,text\nA,fine\n"
        b"B,first, second part after a comma\n"
        b'C,"he said "hi" there"\n'
        b",nobody\n"
        b"D,\n\n"
        b"ana@example.org,text\n"
        b"E," + b"x" * (intake.LONGEST_TEXT + 1) + b"\nF,also fine\n"
        b'G,"never closed\nH,swallowed\n'
    )
    rows = read(data)
    for row in rows:
        if not row.problems:
            intake.check_student(row)
            intake.check_text(row)
    assert [row.number for row in rows if not row.problems] == [2, 10]
    problems = [problem for row in rows for problem in row.problems]
    assert [(each.row, each.field) for each in problems] == [
        (3, "Row"), (4, "Row"), (5, "Student (pseudonym)"), (6, "Text of the response"), (8, "Student (pseudonym)"),
        (9, "Text of the response"), (11, "Row"),
    ]  # fmt: skip
    assert all(each.problem.endswith(".") and each.mend for each in problems)
    assert "never closes" in problems[-1].problem


def test_columns_are_guessed_and_a_wrong_choice_is_explained():
    header = ["First Name", "Last name", "Student ID", "Pseudonym", "Building", "Response Text", "Error"]
    assert intake.guess(header, "csv") == {
        "student": "Pseudonym", "text": "Response Text", "school": "Building", "local_id": "Student ID",
        "given_name": "First Name", "family_name": "Last name",
    }  # fmt: skip
    assert intake.mapping_problems({"student": "Pseudonym", "text": "Response Text"}, header, "csv") == {}
    found = intake.mapping_problems(
        {"text": "Pseudonym", "school": "Pseudonym", "local_id": "No such"}, header, "csv"
    )
    assert set(found) == {"text", "school", "local_id"}
    assert set(intake.mapping_problems({"school": "Building"}, header, "csv")) == {"text", "student"}
    assert intake.table_of(b"text,text,\n1,2,3").columns == ("text", "text (2)", "Column 3")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "'=1", "'tis", "fine", "", "a=b"])
def test_cells_given_out_are_no_formulas_and_come_back_as_they_were(cell):
    [[given]] = csv.reader(io.StringIO(line([cell]), newline="")) if cell else [[""]]
    assert not given.startswith(tuple(intake.TRIGGERS))
    assert intake.unguarded(given) == cell
