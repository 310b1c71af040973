"""A training packet as the sheets of a workbook: to score in, and with the key on the last sheet."""

from calibration.workbook import Column, Sheet

MOST_IN_A_CELL = 32_000  # characters; a spreadsheet holds no more
NAME = Column("Paper", "Name of the paper in this packet.", 20)
TRAIT = Column("Trait", "Trait of the rubric.", 24)
SCORE = Column("Score", "Consensus score.", 8)
WHY = Column("Why", "Commentary of the committee.", 80)


def sheets(packet):
    """Return the sheets of a packet."""
    made = [_about(packet), _rubric(packet)]
    if packet.anchors:
        made.append(_anchors(packet))
    if packet.to_score:
        made += [_papers(packet), _score_sheet(packet), _key(packet)]
    if any(paper.evidence for paper in (*packet.anchors, *packet.to_score)):
        made.append(_evidence(packet))
    return made


def _about(packet):
    sets = ", ".join(f"{name} (version {version})" for name, _, version in packet.sets)
    rows = [
        f"Training packet for {packet.title}, rubric version {packet.version}.",
        f"Made from these paper sets: {sets}.",
        "Read the rubric and the anchors first. Then score the papers on the sheet Score sheet. Look at the sheet Key last.",
        "Page images stand in the PDF file of this packet.",
        "This is student work. Keep it among those who train with it.",
    ]
    if packet.left_out:
        rows.append(left_out_words(packet.left_out))
    return Sheet(
        "Read me", "read-me", (Column("About this packet", "", 100),), [(row,) for row in rows], is_prose=True
    )


def left_out_words(number):
    """Say that papers are missing, and why."""
    start = (
        "1 paper of these sets is left out" if number == 1 else f"{number} papers of these sets are left out"
    )
    return f"{start}: nobody may look at the response at present."


def _rubric(packet):
    columns = (
        TRAIT,
        SCORE,
        Column("Label", "Name of the score point.", 18),
        Column("What it shows", "Descriptor.", 100),
    )
    rows = [
        (name, value, label, words)
        for name, _, points in packet.traits
        for value, label, words in reversed(points)
    ]
    return Sheet("Rubric", "rubric", columns, rows)


def _anchors(packet):
    columns = (
        NAME,
        Column("Kind", "Solid or borderline.", 12),
        TRAIT,
        SCORE,
        WHY,
        Column("Student work", "", 100),
    )
    rows = []
    for paper in packet.anchors:
        for place, score in enumerate(paper.scores):
            rows.append(
                (
                    paper.name,
                    paper.kind,
                    score.trait,
                    score.score,
                    score.commentary,
                    "" if place else _work(paper),
                )
            )
        if paper.commentary:
            rows.append((paper.name, paper.kind, "The whole paper", None, paper.commentary, ""))
    return Sheet("Anchors", "anchors", columns, rows)


def _papers(packet):
    rows = [(paper.name, _work(paper)) for paper in packet.to_score]
    return Sheet("Papers to score", "papers-to-score", (NAME, Column("Student work", "", 120)), rows)


def _score_sheet(packet):
    columns = (
        NAME,
        TRAIT,
        Column("Score points", "", 16),
        Column("My score", "", 10),
        Column("Evidence in the work", "", 80),
    )
    rows = [
        (paper.name, name, ", ".join(str(value) for value, _, _ in points), None, None)
        for paper in packet.to_score
        for name, _, points in packet.traits
    ]
    return Sheet("Score sheet", "score-sheet", columns, rows)


def _key(packet):
    rows = [
        (paper.name, score.trait, score.score, score.commentary)
        for paper in packet.to_score
        for score in paper.scores
    ]
    return Sheet("Key", "key", (NAME, TRAIT, SCORE, WHY), rows)


def _evidence(packet):
    columns = (
        NAME,
        Column("In the work", "Quoted, or where on which page.", 60),
        TRAIT,
        Column("What it shows", "", 80),
    )
    rows = [(paper.name, *note) for paper in (*packet.anchors, *packet.to_score) for note in paper.evidence]
    return Sheet("Evidence", "evidence", columns, rows)


def _work(paper):
    if paper.pages:
        return (
            f"{len(paper.pages)} page images: see the PDF file."
            if len(paper.pages) > 1
            else "1 page image: see the PDF file."
        )
    return (
        paper.text
        if len(paper.text) <= MOST_IN_A_CELL
        else f"{paper.text[:MOST_IN_A_CELL]} ... The rest stands in the PDF file."
    )
