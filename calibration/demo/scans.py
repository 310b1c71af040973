"""Draws student work as a scanned page: ruled paper, uneven ink, a slight turn, the specks of an old copier."""

import io
import random
import textwrap

from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 1240, 1600
LEFT, TOP, LINE = 170, 150, 62
PAPER, RULE, MARGIN, INK = 246, (198, 212, 226), (226, 176, 176), (38, 44, 88)
CHARACTERS = 62


def as_pdf(text, seed):
    """Return the text as a PDF of scanned pages."""
    pages = [_page(lines, f"{seed}-{number}") for number, lines in enumerate(_in_pages(text))]
    return _saved(pages[0], "PDF", save_all=True, append_images=pages[1:], resolution=150.0)


def as_jpeg(text, seed):
    """Return the first page of the text as a photo."""
    return _saved(_page(_in_pages(text)[0], seed), "JPEG", quality=72)


def _saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _in_pages(text):
    """Break the text into lines as a hand would, keeping its own line breaks, and the lines into pages."""
    lines = []
    for paragraph in text.split("\n"):
        lines += textwrap.wrap(paragraph, CHARACTERS, replace_whitespace=False, drop_whitespace=False) or [""]
    most = (HEIGHT - TOP - 120) // LINE
    return [lines[start : start + most] for start in range(0, len(lines), most)] or [[]]


def _page(lines, seed):
    chance = random.Random(f"page {seed}")
    page = Image.new("RGB", (WIDTH, HEIGHT), (PAPER, PAPER, PAPER - 6))
    draw = ImageDraw.Draw(page)
    for y in range(TOP + 44, HEIGHT - 60, LINE):
        draw.line((0, y, WIDTH, y), fill=RULE, width=2)
    draw.line((LEFT - 40, 0, LEFT - 40, HEIGHT), fill=MARGIN, width=2)
    font = ImageFont.load_default(size=33)
    for number, line in enumerate(lines):
        _write(draw, line, TOP + number * LINE, font, chance)
    page = page.rotate(
        chance.uniform(-0.9, 0.9), resample=Image.Resampling.BICUBIC, fillcolor=(232, 230, 224)
    )
    for _ in range(140):
        x, y = chance.randrange(WIDTH), chance.randrange(HEIGHT)
        shade = chance.randrange(150, 215)
        page.putpixel((x, y), (shade, shade, shade))
    return page.filter(ImageFilter.GaussianBlur(0.6))


def _write(draw, line, top, font, chance):
    """Write one line letter by letter, with the unsteadiness of a hand."""
    x, sway = LEFT + chance.uniform(-4, 4), 0.0
    for letter in line:
        sway = max(-4.0, min(4.0, sway + chance.uniform(-1.1, 1.1)))
        shade = chance.randrange(-10, 22)
        draw.text((x, top + sway), letter, font=font, fill=tuple(max(0, part + shade) for part in INK))
        x += font.getlength(letter) + chance.uniform(-0.6, 1.6)
