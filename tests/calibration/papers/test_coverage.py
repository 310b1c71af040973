"""The coverage grid: solid and borderline papers at each score point, gaps in words."""

from calibration.papers.coverage import grid

TRAITS = [("claim", "Claim", [1, 2, 3]), ("org", "Organization", [1, 2])]


def test_an_empty_set_lacks_everything():
    found = grid(TRAITS, [])
    assert found.gaps == ("No 1, 2 or 3 in Claim yet.", "No 1 or 2 in Organization yet.")
    assert {cell.words for _, row in found.rows for cell in row} == {"none"}


def test_solid_and_borderline_papers_are_counted_apart():
    papers = [(True, {"claim": 1, "org": 1}), (True, {"claim": 1, "org": 1}), (False, {"claim": 1, "org": 2}),
              (False, {"claim": 3, "org": 1})]  # fmt: skip
    found = grid(TRAITS, papers)
    assert [(name, [(cell.point, cell.solid, cell.borderline, cell.all) for cell in row]) for name, row in found.rows] == [
        ("Claim", [(1, 2, 1, 3), (2, 0, 0, 0), (3, 0, 1, 1)]),
        ("Organization", [(1, 2, 1, 3), (2, 0, 1, 1)]),
    ]  # fmt: skip
    assert found.rows[0][1][0].words == "2 solid, 1 borderline"
    assert found.gaps == (
        "No 2 in Claim yet.", "Only borderline papers show a 3 in Claim.", "Only borderline papers show a 2 in Organization.",
    )  # fmt: skip


def test_a_covered_rubric_has_no_gaps():
    assert grid([("claim", "Claim", [1])], [(True, {"claim": 1})]).gaps == ()
