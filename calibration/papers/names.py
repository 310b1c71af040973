"""Whether a student's own name stands in a text: so that no such work is shown to others before somebody has looked.

Pure. It errs on the side of finding: "Will" and "May" are names too, and people decide.
"""

import re
import unicodedata

SHORTEST = 3  # letters; "Al" and initials are in too many words and sentences to tell anything
ACCENTS = re.compile("[\u0300-\u036f]")  # as signs of their own, after letters were taken apart
PARTICLES = frozenset("van von der den del las los bin ibn the and dos das".split())


def found_in(text, *names):
    """The places (start, end) at which any part of these names stands as a word of its own, whatever its case or accents.

    >>> found_in("My name is josé. JOSE!", "José", "Cruz")
    [(11, 15), (17, 21)]
    >>> found_in("I will go to Cruzville", "Mary Ann", "de la Cruz")
    []
    """
    folded, at = _folded(text or "")
    spans = set()
    for part in parts(*names):
        if part in folded:
            spans |= {match.span() for match in re.finditer(_as_word(part), folded)}
    return sorted((at[start], at[end - 1] + 1) for start, end in spans)


def stands_in(text, *names):
    """Whether any part of these names stands in a text.

    >>> stands_in("MARIA's bus", "Maria", "Lopez"), stands_in("marias", "Maria", "Lopez"), stands_in(None, "Maria")
    (True, False, False)
    """
    folded = _plain(text or "")
    return any(part in folded and re.search(_as_word(part), folded) is not None for part in parts(*names))


def parts(*names):
    """What to look for: every part of the names that is long enough, folded.

    >>> sorted(parts("Mary-Ann", "van der Meer")), parts("J.", ""), parts("李")
    (['ann', 'mary', 'meer'], set(), {'李'})
    """
    words = {word for name in names for word in re.findall(r"\w+", _plain(name or ""))}
    return {word for word in words if word not in PARTICLES and (len(word) >= SHORTEST or _has_no_case(word))}


def _has_no_case(word):
    """Scripts without capitals write names in one or two signs, and no spaces around them."""
    return word.upper() == word.lower() and not word.isdecimal()


def _as_word(part):
    return re.escape(part) if _has_no_case(part) else rf"(?<!\w){re.escape(part)}(?!\w)"


def _plain(text):
    """The text without case and accents."""
    if text.isascii():
        return text.casefold()
    return ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()


def _folded(text):
    """The text without case and accents, and for each of its characters the place it came from."""
    letters, at = [], []
    for place, letter in enumerate(text):
        plain = _plain(letter)
        letters.append(plain)
        at += [place] * len(plain)
    return "".join(letters), at
