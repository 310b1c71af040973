"""Files such as people upload, made on the spot."""

import io
import zipfile

from PIL import Image, ImageDraw


def a_zip(files, compression=zipfile.ZIP_DEFLATED):
    """A ZIP of {name: content}; a name that ends in a slash is a folder."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return data.getvalue()


def drawing(size=(60, 80), color="navy"):
    """A white page with one mark in its upper left corner."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 4, size[1] // 4), fill=color)
    return image


def pdf(pages=1, **options):
    """A PDF of drawings; `options` are those of Pillow, such as title and author."""
    data = io.BytesIO()
    drawing().save(data, "PDF", save_all=True, append_images=[drawing() for _ in range(pages - 1)], **options)
    return data.getvalue()


def jpeg(size=(60, 80), **options):
    """A photo; `options` such as exif and comment."""
    data = io.BytesIO()
    drawing(size).save(data, "JPEG", **options)
    return data.getvalue()


def a_csv(*rows, header="student,school,text"):
    """A CSV file of lines."""
    return "\n".join([header, *rows]).encode()
