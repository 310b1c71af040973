"""PDF files: tagged for screen readers (PDF/UA-1), from a template in templates/print/ and plain values.

What people typed goes in as data and is never read as part of the template. A figure without words is refused.
"""

import json
import tempfile
from pathlib import Path

import typst

TEMPLATES = Path(__file__).parent.parent / "templates" / "print"


def render(template, data, files=None):
    """Return the PDF that a template makes of plain values (what JSON can hold), as bytes.

    `files` are pictures by name; the template reads the values from data.json and the pictures from files/NAME.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "files").mkdir()
        for source in TEMPLATES.glob("*.typ"):
            (root / source.name).write_bytes(source.read_bytes())
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False))
        for name, content in (files or {}).items():
            (root / "files" / Path(name).name).write_bytes(content)
        return typst.compile(
            str(root / template), root=str(root), pdf_standards=["ua-1"], ignore_system_fonts=True
        )
