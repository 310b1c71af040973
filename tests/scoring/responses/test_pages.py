"""Page images: as the student made them, and nothing else in them; a hostile file harms nobody."""

import io
import json
import os
import subprocess
import sys
import zlib

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from scoring.responses import pages, render
from tests.scoring.responses.files import jpeg, pdf

CANARY = "Maria Canary"


def opened(page):
    return Image.open(io.BytesIO(page.data))


def dark(image, x, y):
    return image.convert("L").getpixel((x, y)) < 128


def test_a_photo_is_turned_upright_and_forgets_camera_place_and_author():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = exif[0x013B] = CANARY
    exif.get_ifd(0x8825)[2] = (IFDRational(48), IFDRational(8), IFDRational(0))
    data = jpeg((60, 80), exif=exif, comment=CANARY.encode(), icc_profile=b"profile of " + CANARY.encode())
    assert CANARY.encode() in data
    [page] = pages.drawn(data)
    image = opened(page)
    assert (image.format, image.size, (page.width, page.height)) == ("WEBP", (80, 60), (80, 60))
    assert dark(image, 75, 3)
    assert not dark(image, 3, 3)
    assert not image.getexif()
    assert not {"exif", "icc_profile", "xmp", "comment"} & set(image.info)
    assert CANARY.encode() not in page.data
    assert b"EXIF" not in page.data


def test_every_page_of_a_pdf_becomes_an_image_without_its_author():
    drawn = pages.drawn(pdf(3, author=CANARY, title=CANARY))
    assert len(drawn) == 3
    assert all(dark(opened(page), 3, 3) and CANARY.encode() not in page.data for page in drawn)
    assert max(drawn[0].width, drawn[0].height) <= render.LONGEST_SIDE


def test_transparent_gray_and_deep_pictures_stand_on_white_paper():
    for mode, color in [
        ("RGBA", (0, 0, 0, 0)),
        ("LA", (0, 0)),
        ("L", 255),
        ("I;16", 65535),
        ("1", 1),
        ("P", 0),
    ]:
        data = io.BytesIO()
        image = Image.new(mode, (20, 20), color)
        if mode == "P":
            image.putpalette([255, 255, 255])
        image.save(data, "PNG")
        [page] = pages.drawn(data.getvalue())
        assert min(opened(page).convert("L").getextrema()) > 240, mode


def test_a_large_scan_is_made_as_small_as_a_screen_needs():
    data = io.BytesIO()
    Image.new("L", (5000, 2500), 255).save(data, "PNG")
    [page] = pages.drawn(data.getvalue())
    assert (page.width, page.height) == (2200, 1100)


def bomb():
    """A picture of 900 million dots in one kilobyte of promises."""
    data = io.BytesIO()
    Image.new("1", (8, 8)).save(data, "PNG")
    head = bytearray(data.getvalue())
    head[16:24] = (30_000).to_bytes(4, "big") * 2
    head[29:33] = zlib.crc32(head[12:29]).to_bytes(4, "big")
    return bytes(head)


def wide_pdf():
    """A PDF whose one page is larger than a house."""
    return pdf().replace(b"/MediaBox [ 0 0 60.0 80.0 ]", b"/MediaBox [ 0 0 9e6 9e6 ]  ")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (pdf(61), "61 pages"), (b"%PDF-1.7\nnothing", "damaged"), (pdf()[:200], "damaged"), (bomb(), "million"),
        (jpeg()[:300], "damaged"), (b"\x89PNG\r\n\x1a\nrest", "damaged"), (b"RIFF\x10\0\0\0WEBPVP8 rest", "damaged"),
        (b"plain text", "damaged"),
    ],
)  # fmt: skip
def test_what_can_not_become_pages_is_refused_in_words(data, words):
    with pytest.raises(render.Refused, match=words):
        pages.drawn(data)


def test_a_page_larger_than_a_house_is_drawn_small():
    for page in pages.drawn(wide_pdf()):
        assert page.width * page.height <= render.LONGEST_SIDE**2


def test_a_file_that_takes_too_long_or_too_much_is_given_up(monkeypatch, tmp_path):
    """The child is stopped by the clock, by its memory, and by a crash; each time in words."""
    slow = tmp_path / "slow.py"
    monkeypatch.setattr(pages, "PATIENCE", 0.5)
    monkeypatch.setattr(pages.render, "__file__", str(slow))
    for code in ("while True: pass", "import os; os.abort()", "raise SystemExit(3)", "pass"):
        slow.write_text(code)
        with pytest.raises(render.Refused, match="could not be turned into pages"):
            pages.drawn(pdf())


def test_the_child_has_little_memory_and_none_of_our_secrets(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", CANARY)
    spy = tmp_path / "spy.py"
    spy.write_text(
        "import importlib.util, json, os, pathlib, resource, sys\n"
        f"loader = importlib.util.spec_from_file_location('render', {render.__file__!r})\n"
        "render = importlib.util.module_from_spec(loader); loader.loader.exec_module(render); render.limit()\n"
        "try:\n    bytearray(render.MEMORY); fits = True\nexcept MemoryError:\n    fits = False\n"
        "told = {'fits': fits, 'seconds': resource.getrlimit(resource.RLIMIT_CPU)[0], 'environment': dict(os.environ),\n"
        "        'ours': [name for name in sys.modules if name.startswith(('scoring', 'flask', 'sqlalchemy'))]}\n"
        "pathlib.Path(sys.argv[1], 'answer.json').write_text(json.dumps({'refused': json.dumps(told)}))\n"
    )
    monkeypatch.setattr(pages.render, "__file__", str(spy))
    with pytest.raises(render.Refused) as refused:
        pages.drawn(pdf())
    told = json.loads(str(refused.value))
    assert (told["fits"], told["seconds"], told["ours"]) == (False, render.SECONDS, [])
    assert CANARY not in json.dumps(told["environment"])
    assert "SECRET_KEY" not in told["environment"]


def test_what_was_typed_into_a_form_is_on_the_page(tmp_path):
    """Students fill in PDF forms; without their fields a page would be blank."""
    field = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/NeedAppearances true>>>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Annots[4 0 R]>>endobj\n"
        b"4 0 obj<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(WORDS)/F 4/Rect[10 10 190 90]/AP<</N 5 0 R>>>>endobj\n"
        b"5 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 180 80]/Length 22>>stream\n0 g 0 0 180 80 re f   \nendstream endobj\n"
        b"trailer<</Root 1 0 R>>\n"
    )
    [page] = pages.drawn(field)
    image = opened(page)
    assert dark(image, image.width // 2, image.height // 2)


def test_render_runs_as_a_script_of_its_own(tmp_path):
    (tmp_path / "work").write_bytes(pdf())
    subprocess.run(
        [sys.executable, "-I", render.__file__, str(tmp_path)], check=True, env={"PATH": os.defpath}
    )
    assert json.loads((tmp_path / "answer.json").read_text())["pages"][0]["width"] > 0
