"""The rules of protocols and of blindness in a session. Nothing here knows a table or a page."""

from dataclasses import dataclass

KINDS = {
    "norms": "Norms", "read": "Read", "score": "Score silently", "reveal": "Reveal", "discuss": "Discuss",
    "agree": "Agree", "present": "Present", "question": "Ask", "feedback": "Give feedback", "reflect": "Reflect",
    "debrief": "Debrief",
}  # fmt: skip
ABOUT_A_PAPER = {"read", "score", "reveal", "discuss", "agree"}  # these need the paper they are about
SPOKEN = {
    "present",
    "question",
    "feedback",
    "reflect",
}  # what is said in them is written down as notes of the step
PAIRED = {"discuss", "agree"}
MOST_STEPS, MOST_MINUTES, LONGEST_TITLE, LONGEST_WORDS = 30, 240, 80, 1000
FIELDS = ("kind", "title", "words", "minutes", "each_paper", "in_pairs")


def step(kind, title="", words="", minutes=5, each_paper=None, in_pairs=False):
    """Make one step of a protocol as plain values; a step about a paper is done for each paper unless said otherwise.

    >>> step("score", "Score")["each_paper"], step("norms", "Norms")["each_paper"]
    (True, False)
    """
    each_paper = kind in ABOUT_A_PAPER if each_paper is None else each_paper
    return {"kind": kind, "title": title or KINDS.get(kind, ""), "words": words, "minutes": minutes,
            "each_paper": bool(each_paper), "in_pairs": bool(in_pairs)}  # fmt: skip


def problems(steps):
    """Say in words what keeps a list of steps from being a protocol; an empty list when nothing does.

    >>> problems([step("read"), step("score"), step("reveal"), step("debrief")])
    []
    >>> problems([step("score")])
    ['Scores are given and never shown. Add a step Reveal after the last step Score silently.']
    """
    if not steps:
        return ["A protocol needs at least one step."]
    found = [words for number, each in enumerate(steps, 1) for words in problems_of_step(number, each)]
    if len(steps) > MOST_STEPS:
        found.append(f"A protocol has at most {MOST_STEPS} steps.")
    return found or _of_order(steps)


def problems_of_step(number, each):
    """Say what is wrong with one step taken alone."""
    if each.get("kind") not in KINDS:
        yield f"Step {number}: choose what kind of step it is."
        return
    if not 1 <= len((each.get("title") or "").strip()) <= LONGEST_TITLE:
        yield f"Step {number}: give it a title of at most {LONGEST_TITLE} characters."
    if len(each.get("words") or "") > LONGEST_WORDS:
        yield f"Step {number}: the words to the group have at most {LONGEST_WORDS:,} characters."
    minutes = each.get("minutes")
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 1 <= minutes <= MOST_MINUTES:
        yield f"Step {number}: it takes 1 to {MOST_MINUTES} minutes."
    if each["kind"] in ABOUT_A_PAPER and not each.get("each_paper"):
        yield f"Step {number}: {KINDS[each['kind']]} is about a paper, so it is done for each paper."
    if each.get("in_pairs") and each["kind"] not in PAIRED:
        yield f"Step {number}: only Discuss and Agree can be done in pairs."


def _of_order(steps):
    places = [index for index, each in enumerate(steps) if each["each_paper"]]
    if places and places != list(range(places[0], places[-1] + 1)):
        return [
            "The steps that are done for each paper must follow each other without another step between them."
        ]
    kinds = [each["kind"] for each in steps]
    found = []
    scores = [index for index, kind in enumerate(kinds) if kind == "score"]
    reveals = [index for index, kind in enumerate(kinds) if kind == "reveal"]
    if scores and not any(each > scores[-1] for each in reveals):
        found.append(
            "Scores are given and never shown. Add a step Reveal after the last step Score silently."
        )
    if len(scores) > 2:
        found.append("A paper is scored at most twice: before and after the discussion.")
    if len(scores) == 2 and not any(scores[0] < each < scores[1] for each in reveals):
        found.append("The second step Score silently comes after a step Reveal.")
    if reveals and (not scores or reveals[0] < scores[0]):
        found.append("Nothing can be revealed before it is scored. Put Score silently before Reveal.")
    found += _too_early(steps, reveals)
    return found


def _too_early(steps, reveals):
    """Talking about scores before all scores are shown is for pairs only."""
    for index, each in enumerate(steps):
        if each["kind"] in PAIRED and not each["in_pairs"] and (not reveals or index < reveals[0]):
            yield f"{KINDS[each['kind']]} comes after Reveal, or is done in pairs."
        if each["in_pairs"] and "score" not in [before["kind"] for before in steps[:index]]:
            yield f"{KINDS[each['kind']]} in pairs comes after Score silently."


@dataclass(frozen=True)
class Phase:
    """One moment of a session: a step, and the paper it is about (counted from 0), or None."""

    step: int
    paper: int | None


def phases(steps, papers):
    """Lay a protocol out over so many papers: the steps before them, their own steps paper by paper, the steps after.

    >>> [(each.step, each.paper) for each in phases([step("norms"), step("read"), step("score"), step("debrief")], 2)]
    [(0, None), (1, 0), (2, 0), (1, 1), (2, 1), (3, None)]
    """
    block = [index for index, each in enumerate(steps) if each["each_paper"]]
    first = block[0] if block else len(steps)
    before = [Phase(index, None) for index in range(first)]
    middle = [Phase(index, paper) for paper in range(papers) for index in block]
    after = [Phase(index, None) for index in range(first, len(steps)) if index not in block]
    return before + middle + after


def minutes_in_all(steps, papers):
    """How long a session takes with so many papers.

    >>> minutes_in_all([step("norms", minutes=3), step("score", minutes=6)], 4)
    27
    """
    return sum(each["minutes"] * (papers if each["each_paper"] else 1) for each in steps)


def is_second_score(steps, index):
    """Whether a step of silent scoring is the one after the discussion."""
    return steps[index]["kind"] == "score" and any(each["kind"] == "reveal" for each in steps[:index])


def scores_papers(steps):
    """Whether a protocol asks for scores at all."""
    return any(each["kind"] == "score" for each in steps)


def may_see_scores(*, is_revealed, own_is_in, observes, sits_out):
    """Whether a person may see the others' scores of a paper: they are shown, and the own ones are in or were given up.

    >>> may_see_scores(is_revealed=True, own_is_in=False, observes=False, sits_out=False)
    False
    """
    return is_revealed and not sits_out and (own_is_in or observes)


def widest_first(spreads):
    """Order traits by how far their scores lie apart, the widest first; equals stay in the rubric's order.

    >>> widest_first({"claim": [3, 3], "evidence": [1, 4], "style": [2, 2]})
    ['evidence', 'claim', 'style']
    """
    return sorted(spreads, key=lambda key: -(max(spreads[key]) - min(spreads[key]) if spreads[key] else 0))


def pairs_of(people):
    """Put people in pairs in the order given; the last three stay together when one would be left over.

    >>> pairs_of(["a", "b", "c", "d", "e"])
    {'a': 1, 'b': 1, 'c': 2, 'd': 2, 'e': 2}
    """
    last = max(len(people) // 2, 1)
    return {each: min(index // 2 + 1, last) for index, each in enumerate(people)}
