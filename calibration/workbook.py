"""Workbooks (XLSX): sheets as columns and rows, written row by row. Equal sheets make equal bytes; text is never a formula."""

import io
import re
import zipfile
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.chart import BarChart, Reference, Series
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest moment a ZIP knows: when it was packed is no part of the content
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
HEAD = {
    "font": Font(bold=True, color="FFFFFF"),
    "fill": PatternFill("solid", fgColor="0C4B60"),
    "alignment": Alignment(vertical="top", wrap_text=True),
}
PROSE = Alignment(vertical="top", wrap_text=True)
COLORS = ("CCE4EC", "9CC9D8", "66A9BF", "36869F", "18657F", "0C4B60", "083545", "04212C")
CHART_ROWS = 16
STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")
NO_MOMENT = rb"\g<1>1980-01-01T00:00:00Z\g<3>"


@dataclass(frozen=True)
class Column:
    """One column: its heading, what it means, how wide it is, and how its numbers are written."""

    name: str
    meaning: str
    width: int = 12
    format: str | None = None


@dataclass(frozen=True)
class Chart:
    """A bar of 100 % for each of several rows that follow each other; columns and rows count from 0."""

    title: str
    first_row: int
    last_row: int
    first_column: int
    label_column: int
    series: tuple  # what each column of numbers is called


@dataclass(frozen=True)
class Sheet:
    """One sheet of the workbook, one file of the CSV archive."""

    name: str
    file: str
    columns: tuple
    rows: list
    charts: tuple = ()
    is_prose: bool = False


def workbook(sheets, *, title):
    """Return the bytes of the workbook."""
    book = Workbook(write_only=True)
    book.properties.creator, book.properties.title = "Rangefinder", title
    for sheet in sheets:
        _draw(book.create_sheet(sheet.name), sheet)
    out = io.BytesIO()
    book.save(out)
    return _without_moments(out.getvalue())


def _draw(page, sheet):
    """Set the page up first: in this mode of writing, what comes before the rows is written before them."""
    for place, column in enumerate(sheet.columns, 1):
        page.column_dimensions[get_column_letter(place)].width = column.width
    page.freeze_panes = "A2"
    page.page_setup.orientation = "portrait" if sheet.is_prose else "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "1:1"
    page.oddFooter.left.text, page.oddFooter.right.text = sheet.name, "Page &P of &N"
    if not sheet.is_prose and sheet.rows:
        page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{len(sheet.rows) + 1}"
    page.append([_cell(page, column.name, **HEAD) for column in sheet.columns])
    for row in sheet.rows:
        page.append(
            [_value(page, value, column, sheet) for value, column in zip(row, sheet.columns, strict=True)]
        )
    for number, chart in enumerate(sheet.charts):
        anchor = f"{get_column_letter(len(sheet.columns) + 2)}{2 + number * CHART_ROWS}"
        page.add_chart(_chart(page, chart), anchor)


def _value(page, value, column, sheet):
    if value is None:
        return None
    if isinstance(value, (int, float)):
        return _cell(page, value, number_format=column.format or "General")
    style = {"alignment": PROSE} if sheet.is_prose or column.width > 60 else {}
    return _cell(page, clean(value), **style)


def _cell(page, value, **style):
    """A cell with its style; text is always text, also when it begins like a formula."""
    cell = WriteOnlyCell(page, value)
    if isinstance(value, str):
        cell.data_type = "s"
    for name, setting in style.items():
        setattr(cell, name, setting)
    return cell


def _chart(page, chart):
    """Scores of several districts as bars of 100 %."""
    drawn = BarChart()
    drawn.type, drawn.grouping, drawn.overlap = "bar", "percentStacked", 100
    drawn.title, drawn.height, drawn.width = clean(chart.title), 7, 18
    drawn.y_axis.delete = drawn.x_axis.delete = False
    drawn.y_axis.number_format, drawn.x_axis.scaling.orientation = "0%", "maxMin"
    first, last = chart.first_row + 2, chart.last_row + 2
    for place, name in enumerate(chart.series):
        numbers = Reference(page, min_col=chart.first_column + 1 + place, min_row=first, max_row=last)
        series = Series(numbers, title=name)
        shade = round(place * (len(COLORS) - 1) / max(len(chart.series) - 1, 1))
        series.graphicalProperties.solidFill = COLORS[shade]
        drawn.series.append(series)
    labels = Reference(page, min_col=chart.label_column + 1, min_row=first, max_row=last)
    drawn.set_categories(labels)
    return drawn


def _without_moments(data):
    """The same workbook without the times at which it was written: they would make equal reports differ."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        files = {entry.filename: packed.read(entry) for entry in packed.infolist()}
    files["docProps/core.xml"] = STAMP.sub(NO_MOMENT, files["docProps/core.xml"])
    return pack(files)


def clean(value):
    """Text without the control characters that no cell may hold."""
    return CONTROL.sub("", str(value))


def pack(files):
    """Put files into a ZIP whose bytes depend on nothing but their names and content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # the same on every system
            packed.writestr(entry, data)
    return out.getvalue()
