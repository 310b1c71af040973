"""What a request may bring: text that every database can hold, and numbers that fit their columns."""

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter, UnicodeConverter

MOST = 2**63 - 1  # the largest number that fits a column


def whole_number(text):
    """The number in a text; ValueError where it is none, or fits no column."""
    number = int(text)
    if abs(number) > MOST:
        raise ValueError(text)
    return number


class Values(ImmutableMultiDict):
    """What an address or a form brings. No text holds U+0000: PostgreSQL can not store it, and nobody can read it."""

    def __init__(self, mapping=None):
        super().__init__(mapping)
        for key, texts in super().lists():
            if any(isinstance(text, str) and "\x00" in text for text in texts):  # files are none
                dict.__setitem__(self, key, [text.replace("\x00", "") for text in texts])

    def get(self, key, default=None, type=None):
        """As in any such dictionary; a number that fits no column is as good as none."""
        return super().get(key, default, whole_number if type is int else type)

    def getlist(self, key, type=None):
        """As in any such dictionary; numbers that fit no column are left out."""
        return super().getlist(key, whole_number if type is int else type)


class Asked(Request):
    """A request as every view gets it."""

    parameter_storage_class = Values


class Number(IntegerConverter):
    """A number in an address; where it fits no column, there is no such page."""

    def __init__(self, map, fixed_digits=0, min=None, max=MOST, signed=False):
        super().__init__(map, fixed_digits, min, max, signed)


class Word(UnicodeConverter):
    """A word in an address, without U+0000."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.regex = self.regex.replace("[^/]", "[^/\\x00]")


def init_app(app):
    """Let the app read requests in this way. Before its addresses are registered."""
    app.request_class = Asked
    app.url_map.converters |= {"int": Number, "string": Word, "default": Word}
