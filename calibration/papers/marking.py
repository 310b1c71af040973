"""Marked places in student work: where quoted words stand, and a text cut into pieces that carry marks.

Pure: texts, places and numbers in, pieces out. A place counts characters from 0; its end is not part of it.
"""

import re

PER_MILLE = 1000  # regions of a page are told in thousandths of its width and height


def segments(text, spans):
    """Cut a text where marks begin and end. Spans are (id, start, end) and may overlap.

    Returns (words, ids) in reading order; ids are those of all marks on these words, in the order of the spans. The
    words together are the text. What lies outside the text is left out.

    >>> segments("Start school later.", [("a", 0, 12), ("b", 6, 18)])
    [('Start ', ('a',)), ('school', ('a', 'b')), (' later', ('b',)), ('.', ())]
    >>> segments("Nothing marked", [])
    [('Nothing marked', ())]
    """
    inside = [(key, max(0, start), min(len(text), end)) for key, start, end in spans]
    inside = [(key, start, end) for key, start, end in inside if start < end]
    edges = sorted({0, len(text)}.union(*((start, end) for _, start, end in inside)))
    return [
        (text[low:high], tuple(key for key, start, end in inside if start <= low and high <= end))
        for low, high in zip(edges, edges[1:], strict=False)
    ]


def places(text, quote):
    """Every place at which the quoted words stand in a text; how they are spaced and broken into lines is no matter.

    >>> places("We sleep.\\nWe learn.", "we")
    []
    >>> places("We sleep.\\nWe learn.", "sleep. We")
    [(3, 12)]
    """
    words = quote.split()
    if not words:
        return []
    pattern = re.compile(r"(?=(" + r"\s+".join(map(re.escape, words)) + "))")
    return [found.span(1) for found in pattern.finditer(text)]


def nearest(found, near):
    """Of several places the one that begins nearest to a character; of two as near the earlier.

    >>> nearest([(3, 8), (20, 25)], 17)
    (20, 25)
    """
    return min(found, key=lambda place: (abs(place[0] - near), place[0]))


def fits_page(x, y, width, height):
    """Whether a region, in thousandths of a page, has an area and lies on the page.

    >>> fits_page(0, 0, 1000, 1000), fits_page(900, 0, 200, 10), fits_page(5, 5, 0, 10)
    (True, False, False)
    """
    return (
        x >= 0 and y >= 0 and width > 0 and height > 0 and x + width <= PER_MILLE and y + height <= PER_MILLE
    )


def whereabouts(x, y, width, height):
    """Where on its page a region lies, in words: for those who do not see the page.

    >>> whereabouts(0, 0, 200, 100), whereabouts(400, 450, 200, 100), whereabouts(0, 700, 1000, 200)
    ('top left', 'middle', 'bottom')
    """
    down = _third(y + height / 2, ("top", "", "bottom"))
    across = _third(x + width / 2, ("left", "", "right"))
    return " ".join(part for part in (down, across) if part) or "middle"


def _third(place, names):
    return names[min(2, int(place * 3 / PER_MILLE))]
