"""Finding @names in what somebody wrote. Nothing imported but the language."""

import re

AT = re.compile(r"(?<![\w@.])@(?=[^\W\d_])")  # not inside an e-mail address, and only before a letter
NAME_LIKE = re.compile(r"[^\W\d_][\w'’-]*(?: [^\W\d_a-z][\w'’-]*)?")


def named(words, names):
    """Return (the names that stand in the words after an @, what stands there and is no name of these).

    >>> named("@Ana Ortiz and @ben okafor, see @Nobody Here. Not me@Ana Ortiz.", ["Ana Ortiz", "Ben Okafor"])
    (['Ana Ortiz', 'Ben Okafor'], ['Nobody Here'])

    The longest name wins:

    >>> named("@Ana Ortiz-Lopez", ["Ana Ortiz", "Ana Ortiz-Lopez"])
    (['Ana Ortiz-Lopez'], [])
    """
    found, unknown = [], []
    for is_name, text, name in _pieces(words, names):
        if is_name and name is not None:
            found.append(name)
        elif is_name:
            unknown.append(text)
    return list(dict.fromkeys(found)), list(dict.fromkeys(unknown))


def parts(words, names):
    """Split words at the mentions of these names, to be shown: a list of (text, is a mention).

    >>> parts("Ask @ana ortiz today", ["Ana Ortiz"])
    [('Ask ', False), ('@ana ortiz', True), (' today', False)]
    """
    split = []
    for is_name, text, name in _pieces(words, names):
        is_mention = is_name and name is not None
        text = f"@{text}" if is_name else text
        if split and not is_mention and not split[-1][1]:
            split[-1] = (split[-1][0] + text, False)
        elif text:
            split.append((text, is_mention))
    return split


def _pieces(words, names):
    """Yield (stands after an @, the text, whose name it is or None) for all of the words in order."""
    longest_first = sorted(names, key=len, reverse=True)
    start = 0
    while (at := AT.search(words, start)) is not None:
        yield False, words[start : at.start()], None
        name = next((each for each in longest_first if _begins_with(words, at.end(), each)), None)
        text = words[at.end() : at.end() + len(name)] if name else NAME_LIKE.match(words, at.end())[0]
        yield True, text, name
        start = at.end() + len(text)
    yield False, words[start:], None


def _begins_with(words, start, name):
    end = start + len(name)
    is_whole = not re.match(r"[\w-]", words[end : end + 1])
    return bool(name) and words[start:end].casefold() == name.casefold() and is_whole
