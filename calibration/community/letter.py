"""The words of a digest: sections of news, as plain text. Nothing imported but the language."""

import textwrap
from dataclasses import dataclass

WIDTH = 76


@dataclass(frozen=True)
class Line:
    """One thing that is new or waits, and the address of its page."""

    words: str
    address: str


@dataclass(frozen=True)
class Section:
    """Lines of one kind under one heading."""

    title: str
    lines: tuple


@dataclass(frozen=True)
class Letter:
    """One digest: to whom, what, where it can be changed, and the link that ends it."""

    name: str
    sections: tuple
    choose_address: str
    stop_address: str

    @property
    def is_empty(self):
        return not self.sections

    @property
    def subject(self):
        """What stands in the list of e-mails: a count, no words of anybody."""
        count = sum(len(section.lines) for section in self.sections)
        return "Rangefinder: 1 thing for you" if count == 1 else f"Rangefinder: {count} things for you"


def as_text(letter):
    """Write the letter as plain text.

    >>> letter = Letter("Ana", (Section("New anchors", (Line("1 new anchor paper.", "https://x.org/a"),)),), "https://x.org/c", "https://x.org/s")
    >>> print(as_text(letter))
    Hello Ana,
    <BLANKLINE>
    NEW ANCHORS
    <BLANKLINE>
    - 1 new anchor paper.
      https://x.org/a
    <BLANKLINE>
    To choose when this comes: https://x.org/c
    To get it no more: https://x.org/s
    """
    parts = [f"Hello {letter.name},", ""]
    for section in letter.sections:
        parts += [section.title.upper(), ""]
        for line in section.lines:
            words = textwrap.fill(
                line.words, WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False
            )
            parts += [words, f"  {line.address}"]
        parts.append("")
    return "\n".join(
        [
            *parts,
            f"To choose when this comes: {letter.choose_address}",
            f"To get it no more: {letter.stop_address}",
        ]
    )
