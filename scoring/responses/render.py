"""Turns one PDF or picture into page images, in a process of its own with little memory, time and no secrets.

Run as a script with a folder as its argument: reads `work` there, writes `page-1` ... and `answer.json`. It imports
nothing of the product, so that whoever breaks into it through a hostile file finds nothing to use.
"""

import contextlib
import json
import sys
from pathlib import Path

MOST_PAGES = 60
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 2200
DOTS_PER_INCH = 200
MEMORY = 1536 * 1024 * 1024
SECONDS = 60
LARGEST_OUTPUT = 50 * 1024 * 1024
QUALITY = 82


class Refused(Exception):
    """The file can not become pages; the message says why and what to do."""


def limit():
    """Take away what a hostile file could use: memory, time, files, other programs."""
    import resource

    limits = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: SECONDS,
        resource.RLIMIT_FSIZE: LARGEST_OUTPUT,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 64,
    }
    for kind, most in limits.items():
        with contextlib.suppress(ValueError, OSError):  # some systems do not know every limit
            resource.setrlimit(kind, (most, most))


def pages(data):
    """Yield the pages of a PDF or picture as bare images."""
    if b"%PDF-" in data[:1024]:
        yield from pdf_pages(data)
    else:
        yield picture(data)


def pdf_pages(data):
    """Draw each page of a PDF, with what was typed into its form fields."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        document.init_forms()
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Refused(
                "This PDF is locked with a password. Save a copy without one, then replace the file."
            ) from error
        raise Refused(
            "This PDF is damaged and can not be opened. Save it again as PDF, then replace the file."
        ) from error
    if len(document) == 0:
        raise Refused("This PDF has no pages. Replace the file.")
    if len(document) > MOST_PAGES:
        raise Refused(
            f"This PDF has {len(document)} pages; {MOST_PAGES} is the most. Keep the student's pages only."
        )
    for number in range(len(document)):
        page = document[number]
        width, height = page.get_size()
        scale = min(DOTS_PER_INCH / 72, LONGEST_SIDE / max(width, height, 1))
        yield bare(page.render(scale=scale, may_draw_forms=True).to_pil())
        page.close()


def picture(data):
    """Open a photo or scan, turn it the right way up and make it as small as a screen needs."""
    import io

    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        image = Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "WEBP"])
        if image.width * image.height > MOST_PIXELS:
            raise Refused(
                "This picture has more than 60 million dots. Scan it again with fewer dots per inch."
            )
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        image = ImageOps.exif_transpose(image)
    except Image.DecompressionBombError as error:
        raise Refused(
            "This picture has more than 60 million dots. Scan it again with fewer dots per inch."
        ) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise Refused(
            "This picture is damaged and can not be opened. Save it again as JPG or PNG."
        ) from error
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return bare(image)


def bare(image):
    """The dots of an image on white paper and nothing else: no place, no camera, no author, no color profile."""
    from PIL import Image

    if image.mode in {"RGBA", "LA", "P", "PA"} or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        return paper
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256).convert("L")  # 16 bits of gray
    image = image.convert("RGB")
    return Image.frombytes("RGB", image.size, image.tobytes())


def main(folder):
    """Do the work of one file and write down what came of it."""
    limit()
    try:
        answer = {"pages": []}
        for number, image in enumerate(pages((folder / "work").read_bytes()), 1):
            image.save(folder / f"page-{number}", "WEBP", quality=QUALITY, method=3)
            answer["pages"].append({"width": image.width, "height": image.height})
    except Refused as error:
        answer = {"refused": str(error)}
    except MemoryError:
        answer = {
            "refused": "This file needs too much memory to open. Save it again in a simpler way, or scan it."
        }
    (folder / "answer.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
