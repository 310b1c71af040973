"""Designs of a generalizability study, as people write them: "p x r", "p x (r:t)", "(r:p) x t".

`x` crosses two facets (every response is read by every scorer), `:` nests one in another ("scorer:task": each
task has scorers of its own). An *effect* is a set of facets that holds, with each facet, those it is nested in.
"""

import re
from dataclasses import dataclass
from itertools import combinations

TOKEN = re.compile(r"[^\W\d][\w.\-]*|\S")
CROSSED = {"x", "X", "×", "*"}
MOST_FACETS = 5
EXAMPLE = 'Write a design like "response x scorer" or "response x (scorer:task)".'


@dataclass(frozen=True, eq=False)
class Design:
    """The facets of a design in the order written, what each is nested in, and the effects that follow."""

    text: str
    facets: tuple
    nests: dict  # facet -> frozenset of every facet it is nested in
    effects: tuple  # frozensets of facets, main effects first, the finest last

    def whole(self, facet):
        """A facet with all it is nested in: the main effect of that facet."""
        return self.nests[facet] | {facet}

    def leading(self, effect):
        """The facets of an effect in which none of its other facets is nested, in the order written."""
        around = frozenset().union(*(self.nests[facet] for facet in effect))
        return tuple(facet for facet in self.facets if facet in effect and facet not in around)

    def label(self, effect):
        """An effect as it is written in the field: 'p x (r:t)'.

        >>> design = parse("p x (r:t)")
        >>> [design.label(effect) for effect in design.effects]
        ['p', 't', 'r:t', 'p x t', 'p x (r:t)']
        """
        groups = {}
        for facet in self.leading(effect):
            groups.setdefault(self.nests[facet], []).append(facet)
        terms = []
        for nest, facets in groups.items():
            if not nest:
                terms += facets
                continue
            inner = self.label(nest)
            inside = f"({' x '.join(facets)})" if len(facets) > 1 else facets[0]
            terms.append(f"{inside}:{f'({inner})' if ' x ' in inner else inner}")
        if len(terms) > 1:
            terms = [f"({term})" if ":" in term else term for term in terms]
        return " x ".join(terms)

    def object_of_measurement(self, name=None):
        """The facet whose differences are wanted: the one named, or else the first that is not nested."""
        if name is None:
            return next(facet for facet in self.facets if not self.nests[facet])
        if name not in self.facets:
            raise ValueError(f"The design has no facet {name!r}; its facets are {', '.join(self.facets)}.")
        return name


def parse(text):
    """Read a design and find its effects.

    Parameters
    ----------
    text : str
        Facet names joined by `x` (crossed) and `:` (nested in); `:` binds more closely; parentheses group.

    Raises
    ------
    ValueError
        Where the design is not well formed, saying what is wrong and what to write instead.

    >>> parse("response x (scorer:task)").facets
    ('response', 'scorer', 'task')
    >>> parse("r:p x t").label(frozenset({"r", "p", "t"}))
    '(r:p) x t'
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"The design is empty. {EXAMPLE}")
    tokens = TOKEN.findall(text)
    facets, nests, rest = _crossed(tokens, text)
    if rest:
        raise ValueError(f"The design {text!r} has {rest[0]!r} where an x or a colon belongs. {EXAMPLE}")
    if len(facets) < 2:
        raise ValueError(f"The design {text!r} has one facet only and needs at least two. {EXAMPLE}")
    if len(facets) > MOST_FACETS:
        raise ValueError(f"A design with more than {MOST_FACETS} facets cannot be worked out.")
    design = Design(" ".join(text.split()), facets, nests, ())
    return Design(design.text, facets, nests, _effects(design))


def _effects(design):
    """Every set of facets that holds, with each facet, those it is nested in."""
    sets = [
        frozenset(chosen)
        for n in range(1, len(design.facets) + 1)
        for chosen in combinations(design.facets, n)
    ]
    closed = [chosen for chosen in sets if all(design.nests[facet] <= chosen for facet in chosen)]
    return tuple(sorted(closed, key=lambda effect: (len(design.leading(effect)), len(effect))))


def _crossed(tokens, text):
    """Terms joined by x: the facets of all, each nested as its own term says."""
    facets, nests, tokens = _nested(tokens, text)
    while tokens and tokens[0] in CROSSED:
        more, deeper, tokens = _nested(tokens[1:], text)
        facets, nests = _joined(facets, more, text), {**nests, **deeper}
    return facets, nests, tokens


def _nested(tokens, text):
    """One term, or two joined by a colon: everything left of it is nested in everything right of it."""
    facets, nests, tokens = _single(tokens, text)
    if tokens and tokens[0] == ":":
        around, deeper, tokens = _nested(tokens[1:], text)
        nests = {facet: nest | frozenset(around) for facet, nest in nests.items()} | deeper
        facets = _joined(facets, around, text)
    return facets, nests, tokens


def _single(tokens, text):
    if not tokens:
        raise ValueError(f"The design {text!r} ends where a facet belongs. {EXAMPLE}")
    first, *rest = tokens
    if first == "(":
        facets, nests, rest = _crossed(rest, text)
        if not rest or rest[0] != ")":
            raise ValueError(f"The design {text!r} has a parenthesis that is not closed. {EXAMPLE}")
        return facets, nests, rest[1:]
    if first in CROSSED or not re.match(r"[^\W\d]", first):
        raise ValueError(f"The design {text!r} has {first!r} where a facet belongs. {EXAMPLE}")
    return (first,), {first: frozenset()}, rest


def _joined(facets, more, text):
    twice = [facet for facet in more if facet in facets]
    if twice:
        raise ValueError(f"The design {text!r} names {twice[0]!r} twice; each facet stands in it once.")
    return facets + more
