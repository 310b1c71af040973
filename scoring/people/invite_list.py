"""Read a list of people to invite, as it comes out of a spreadsheet. Pure: text in, rows and problems out."""

import csv
import io
from dataclasses import dataclass, field

from scoring.errors import Invalid
from scoring.people import rules
from scoring.people.names import clean_email, clean_name
from scoring.permissions import Role

FIELDS = ("name", "email", "role", "place")
HEADINGS = {
    "name": "name", "full name": "name", "email": "email", "e-mail": "email", "mail": "email", "role": "role",
    "school": "place", "district": "place", "place": "place", "organization": "place",
    "school/district": "place", "school or district": "place",
}  # fmt: skip
MOST_ROWS = 500
MOST_LETTERS = 200_000


@dataclass(frozen=True)
class Problem:
    """What is wrong with one value of one row, and how to mend it."""

    row: int
    field: str
    value: str
    words: str
    mend: str


@dataclass
class Row:
    """One line of the list: what was written, and what was understood."""

    number: int
    name: str = ""
    email: str = ""
    role: Role | None = None
    place: object = None
    problems: list[Problem] = field(default_factory=list)
    outcome: str = ""
    words: str = ""

    def refuse(self, field_name, value, words, mend):
        self.problems.append(Problem(self.number, field_name, value, words, mend))


def read(text, places, *, may_give):
    """Return the rows of a list; each knows its own problems.

    `places` are the organizations people may be invited to; `may_give(role, place)` says which roles there.
    """
    rows = []
    by_word = _by_word(places)
    given = [
        rules.ROLE_NAMES[role]
        for role in Role
        if any(rules.fits(role, place.kind) and may_give(role, place) for place in places)
    ]
    for number, values in _lines(text):
        row = Row(number)
        _read_person(row, values)
        _read_role(row, values, given)
        _read_place(row, values, places, by_word)
        if row.role and row.place:
            _check_role_there(row, values, may_give)
        rows.append(row)
    return rows


def _lines(text):
    """Yield each line's number and its values by field; a first line with headings sets the order."""
    text = text.lstrip("\ufeff").replace("\0", "")
    if len(text) > MOST_LETTERS:
        raise Invalid("This list is too long. Send it in parts.")
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max("\t;,", key=first.count)
    order, count = list(FIELDS), 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    try:
        lines = [(reader.line_num, [value.strip() for value in line]) for line in reader]
    except csv.Error:
        raise Invalid("This list can not be read. Save it as CSV and try again.") from None
    for number, values in lines:
        if not any(values):
            continue
        headings = [HEADINGS.get(value.lower()) for value in values]
        if count == 0 and "email" in headings:
            order = headings
            continue
        count += 1
        if count > MOST_ROWS:
            raise Invalid(f"This list has more than {MOST_ROWS} people. Send it in parts.")
        given = dict.fromkeys(FIELDS, "")
        given.update({name: value for name, value in zip(order, values, strict=False) if name})
        yield number, given


def _by_word(places):
    found = {}
    for place in places:
        for word in {place.name.lower(), place.code}:
            found.setdefault(word, []).append(place)
    return found


def _read_person(row, values):
    row.name, row.email = values["name"], values["email"].lower()
    try:
        row.name = clean_name(values["name"])
    except Invalid:
        row.refuse(
            "name", values["name"], "There is no name of 1 to 120 letters.", "Write first and last name."
        )
    try:
        row.email = clean_email(values["email"])
    except Invalid:
        row.refuse("e-mail", values["email"], "This is no e-mail address.", "Write it like name@school.org.")


def _read_role(row, values, given):
    row.role = rules.role_of(values["role"]) if values["role"] else Role.SCORER
    if row.role is None:
        row.refuse("role", values["role"], "There is no such role.", f"Write one of: {', '.join(given)}.")


def _read_place(row, values, places, by_word):
    word = values["place"]
    if not word:
        districts = [place for place in places if place.kind == "district"]
        if len(districts) == 1:
            row.place = districts[0]
        else:
            row.refuse(
                "school or district", "", "There is no school or district.", "Write its name or its code."
            )
        return
    found = by_word.get(" ".join(word.lower().split()), [])
    if len(found) == 1:
        row.place = found[0]
    elif found:
        codes = ", ".join(place.code for place in found)
        row.refuse("school or district", word, "More than one has this name.", f"Write its code: {codes}.")
    else:
        row.refuse("school or district", word, "You look after no school or district of this name.",
                   "Write it as on the page Districts and schools.")  # fmt: skip


def _check_role_there(row, values, may_give):
    if not rules.fits(row.role, row.place.kind):
        kinds = " or a ".join(sorted(rules.BELONGS[row.role]))
        row.refuse("role", values["role"], f"A {row.place.kind} has no {rules.ROLE_NAMES[row.role]}.",
                   f"Name a {kinds}, or choose another role.")  # fmt: skip
    elif not may_give(row.role, row.place):
        row.refuse("role", values["role"], f"You can not make people {rules.ROLE_NAMES[row.role]} there.",
                   "Choose another role, or ask your network admin.")  # fmt: skip
