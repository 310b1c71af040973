"""PDF files: tagged, and nothing that people typed is read as a template."""

import time

from calibration import pdf


def test_what_people_typed_is_never_read_as_a_template(tmp_path, monkeypatch):
    (tmp_path / "words.typ").write_text(
        '#import "page.typ": *\n#let data = json("data.json")\n#show: printed.with(title: data.title)\n= #data.words\n'
    )
    (tmp_path / "page.typ").write_text((pdf.TEMPLATES / "page.typ").read_text())
    monkeypatch.setattr(pdf, "TEMPLATES", tmp_path)
    made = pdf.render("words.typ", {"title": "A title #panic()", "words": '#panic("read") $x$ *not bold*'})
    assert made.startswith(b"%PDF-1.7")
    assert b"pdfuaid:part" in made


def test_equal_content_makes_equal_bytes_whenever_it_is_printed():
    def printed():
        rows = {
            "title": "Hours",
            "period": "This year",
            "made": "today",
            "how": "",
            "total": "none",
            "rows": [],
        }
        return pdf.render("hours.typ", rows)

    first = printed()
    time.sleep(1.1)  # a PDF would tell the second in which it was made
    assert printed() == first
