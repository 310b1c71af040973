"""The `measure` commands: files in, the same keys out whatever the ratings, and errors in words."""

import json
import random
from itertools import product

import pytest

from calibration.measure import files

FIGURES = {
    "exact", "adjacent", "discrepant", "kappa", "kappa_linear", "kappa_quadratic", "scott_pi", "fleiss_kappa",
    "conger_kappa", "brennan_prediger", "gwet_ac1", "gwet_ac2", "gwet_ac2_linear", "alpha_nominal", "alpha_ordinal",
    "alpha_interval", "alpha_ratio", "icc_1_1", "icc_2_1", "icc_3_1", "icc_1_k", "icc_2_k", "icc_3_k", "pearson",
    "spearman", "smd", "kendall_w",
}  # fmt: skip
HEAD = "response,scorer,trait,score\n"


@pytest.fixture
def measure(app, tmp_path):
    """Run one command on a file with this text; returns the exit code and what was printed."""

    def run(command, text, *options):
        path = tmp_path / "file.csv"
        path.write_text(text)
        done = app.test_cli_runner().invoke(args=["measure", command, str(path), *options])
        return done.exit_code, done.output

    return run


@pytest.fixture
def answer(measure):
    """Run one command and return its JSON."""

    def run(command, text, *options):
        code, output = measure(command, text, *options, "--json")
        assert code == 0, output
        return json.loads(output)

    return run


def essays(scorers="ab", traits=("ideas", "voice"), n=60, seed=1):
    """Rows of a made-up scoring: every scorer reads every response."""
    some, rows = random.Random(seed), []
    for response in range(n):
        quality = some.gauss(2.5, 1)
        for trait, scorer in product(traits, scorers):
            score = min(max(round(quality + some.gauss(0, 0.6)), 1), 4)
            rows.append(f"R{response},{scorer},{trait},{score}\n")
    return HEAD + "".join(rows)


def test_every_figure_of_a_fixed_pair(answer):
    found = answer("ratings", essays(), "--points", "1-4", "--bootstrap", "50")
    assert found["design"] == {
        "responses": 60, "scorers": 2, "ratings": 240, "without_score": 0, "components": 1, "fixed_pair": True,
    }  # fmt: skip
    for trait in ("ideas", "voice"):
        figures = found["traits"][trait]
        assert set(figures) == FIGURES | {"n_pairs"}
        assert figures["n_pairs"] == 60
        for name in FIGURES:
            assert figures[name]["status"] == "ok", name
            assert figures[name]["value"] is not None, name
    facets = found["facets"]
    assert (facets["estimator"], set(facets["scorers"]), set(facets["traits"])) == (
        "mml",
        {"a", "b"},
        {"ideas", "voice"},
    )
    assert len(facets["thresholds"]) == 3
    assert sum(each["severity"] for each in facets["scorers"].values()) == pytest.approx(0, abs=1e-9)
    assert facets["person_variance"] > 0 < facets["deviance"]
    for name in ("severity", "se", "infit", "outfit", "fair_average"):
        assert all(each[name] is not None for each in facets["scorers"].values())


def test_what_needs_a_fixed_pair_says_so(answer):
    rows = essays("abc", n=30)
    rotating = HEAD + "".join(
        row
        for place, row in enumerate(rows.removeprefix(HEAD).splitlines(keepends=True))
        if place // 6 % 3 != place % 3
    )
    found = answer(
        "ratings", rotating, "--facets", "jml", "--points", "ideas=1-4", "--points", "voice=1,2,3,4"
    )
    figures = found["traits"]["ideas"]
    assert found["design"]["fixed_pair"] is False
    for name in ("kappa", "kappa_quadratic", "pearson", "spearman", "smd", "icc_2_1", "icc_3_k", "kendall_w"):
        assert (figures[name]["value"], figures[name]["status"]) == (None, "undefined:not_fixed"), name
    assert figures["icc_1_1"]["value"] is not None
    assert (found["facets"]["estimator"], found["facets"]["person_variance"]) == ("jml", None)


def test_few_ratings_are_measured_and_marked(answer):
    found = answer("ratings", HEAD + "1,a,t,1\n1,b,t,2\n2,a,t,3\n2,b,t,3\n", "--facets", "none")
    assert found["traits"]["t"]["exact"]["value"] == 0.5
    assert found["traits"]["t"]["exact"]["status"] == "warning:small_n"
    assert "facets" not in found


def test_scorers_who_share_nothing_are_not_compared(answer, measure):
    rows = essays("ab", n=20) + essays("cd", n=20, seed=2).removeprefix(HEAD).replace("R", "Q")
    found = answer("ratings", rows, "--bootstrap", "0")
    assert found["design"]["components"] == 2
    assert (found["facets"]["status"], found["facets"]["scorers"]) == ("undefined", {})
    assert found["facets"]["sentence"] in measure("ratings", rows)[1]


def test_one_score_by_everybody_is_undefined_not_perfect(answer):
    found = answer("ratings", HEAD + "".join(f"{r},{s},t,2\n" for r in range(40) for s in "ab"))
    figures = found["traits"]["t"]
    assert figures["exact"]["value"] == 1
    for name in FIGURES - {"exact", "adjacent", "discrepant"}:
        assert (figures[name]["value"], figures[name]["status"]) == (None, "undefined:no_variation"), name
    assert found["facets"]["sentence"]


@pytest.mark.parametrize(("text", "options", "words"), [
    ("", (), "The file is empty"),
    (HEAD, (), "no rows below its header"),
    ("response,scorer,score\n1,a,2\n", (), "no column 'trait'"),
    ("response,scorer,trait,score,score\n1,a,t,2,3\n", (), "two columns 'score'"),
    (HEAD + "1,a,t\n", (), "Row 1 has 3 cells"),
    (HEAD + "1,a,t,two\n", (), "Row 1: 'two' is no score"),
    (HEAD + "1,a,t,inf\n", (), "Row 1: 'inf' is no score"),
    (HEAD + "1,a,t,1\n1,,t,2\n", (), "Row 2 has no scorer"),
    (HEAD + "1,a,t,1\n1,a,t,2\n", (), "a second time for scorer a"),
    (HEAD + "1,a,t,7\n", ("--points", "1-4"), "7.0 is no score point"),
    (HEAD + "1,a,t,7\n", ("--points", "u=1-4"), "'t' is no trait"),
    (HEAD + "1,a,t,7\n", ("--points", "4-1"), "no range of score points"),
    (HEAD + "1,a,t,7\n", ("--points", "x"), "no range of score points"),
    (HEAD + "1,a,t,7\n", ("--points", "1-4", "--points", "1-5"), "once for all traits"),
    (HEAD + "1,a,t,7\n", ("--points", "1-4", "--points", "t=1-5"), "not both"),
    ("\x00\x01", (), "not a text file"),
])  # fmt: skip
def test_what_is_wrong_with_a_file_is_said_in_words(measure, text, options, words):
    code, output = measure("ratings", text, *options)
    assert (code, words in output, "Traceback" in output) == (1, True, False), output


def test_files_of_other_programs_are_read(tmp_path):
    for name, data in {
        "semicolons": b"Score;TRAIT;scorer;response\n2;t;a;1\n",
        "bom": b"\xef\xbb\xbfresponse,scorer,trait,score\r\n1,a,t,2\r\n\r\n",
        "utf16": "response,scorer,trait,score\n1,a,t,2\n".encode("utf-16"),
        "cp1252": b"response,scorer,trait,score,note\n1,a,t,2,\xe9\n",
    }.items():
        path = tmp_path / name
        path.write_bytes(data)
        columns = files.read(path, ("response", "scorer", "trait", "score"))
        assert columns == {"response": ["1"], "scorer": ["a"], "trait": ["t"], "score": ["2"]}, name


def test_tables_can_be_read(measure):
    code, output = measure("ratings", essays("abc", n=40))
    assert code == 0
    for words in (
        "ideas: 120 pairs of reads",
        "gwet_ac2",
        "undefined:not_fixed",
        "Many-facet Rasch model",
        "severity",
    ):
        assert words in output, words


def test_a_generalizability_study(answer, measure):
    text = essays("abc", traits=("t",)).replace("trait", "kind")
    found = answer("design", text, "--design", "response x scorer")
    assert set(found["components"]) == {"response", "scorer", "response x scorer"}
    assert 0 < found["coefficients"]["absolute"]["value"] <= found["coefficients"]["relative"]["value"] < 1
    row = next(row for row in found["d_study"] if row["scorer"] == 3)
    assert row["relative"] == pytest.approx(found["coefficients"]["relative"]["value"])
    assert "With other numbers of conditions" in measure("design", text, "--design", "response x scorer")[1]
    code, output = measure("design", text, "--design", "response x task")
    assert (code, "no column 'task'" in output) == (1, True)
    code, output = measure("design", text, "--design", "response and scorer")
    assert (code, "Traceback" in output) == (1, False)


def test_a_scale_from_judgments(answer, measure):
    some, rows = random.Random(3), ["judge,chosen,not_chosen\n"]
    for place in range(400):
        one, other = some.sample(range(8), 2)
        first = some.random() < 1 / (1 + 2.718 ** (other - one))
        rows.append(f"J{place % 4},S{one if first else other},S{other if first else one}\n")
    text = "".join(rows)
    found = answer("judgments", text)
    order = sorted(found["scripts"], key=lambda name: -found["scripts"][name]["ability"])
    assert (order[0], order[-1]) == ("S7", "S0")
    assert found["separation_reliability"]["value"] > 0.8
    assert set(found["scripts"]["S0"]) >= {"ability", "se", "infit"}
    assert "separation_reliability" in measure("judgments", text, "--method", "prior")[1]
    code, output = measure("judgments", "judge,chosen,not_chosen\nj,a,b\nj,c,d\n")
    assert (code, "Traceback" in output) == (1, False)


def test_decisions_at_cuts(answer, measure):
    some = random.Random(4)
    text = "score\n" + "".join(f"{min(max(round(some.gauss(14, 4)), 4), 24)}\n" for _ in range(300)) + "\n"
    found = answer("decisions", text, "--cuts", "12,18", "--range", "4-24", "--reliability", "0.8")
    assert [each["cut"] for each in found["by_cut"]] == [12, 18]
    assert 0.5 < found["consistency"]["value"] < found["accuracy"]["value"] < 1
    assert "KR-21" in measure("decisions", text, "--cuts", "12", "--range", "4-24")[1]
    for cuts, span, words in (("x", "4-24", "no cut scores"), ("12", "24-4", "no range of scores")):
        code, output = measure("decisions", text, "--cuts", cuts, "--range", span)
        assert (code, words in output) == (1, True), output


def test_districts_are_compared(answer, measure):
    some, rows = random.Random(5), ["response,scorer,district,trait,score\n"]
    for response in range(150):
        quality = some.gauss(3, 1)
        for district in "AB":
            scorer = f"{district}{some.randrange(6)}"
            score = min(max(round(quality - (district == "B") + some.gauss(0, 0.4)), 1), 6)
            rows.append(f"R{response},{scorer},{district},t,{score}\n")
    text = "".join(rows)
    found = answer("compare", text, "--margin", "0.25")
    assert (found["margin"], found["verdict"], found["verdicts"]) == (
        0.25,
        "different",
        {"A : B": "different"},
    )
    assert found["pairs"][0]["low"] < 1 < found["pairs"][0]["high"]
    assert found["effects"]["A"]["value"] > 0 > found["effects"]["B"]["value"]
    assert found["reads_needed"] == {"A : B": 0}
    assert "different" in measure("compare", text)[1]
    alone = "response,scorer,district,trait,score\n" + "".join(
        f"{d}{r},{d}{s},{d},t,{1 + (r + s) % 3}\n" for d in "AB" for r in range(40) for s in range(2)
    )
    refused = answer("compare", alone)
    assert refused["verdict"] == "not enough evidence yet"
    assert refused["pairs"][0]["value"] is None
    code, output = measure("compare", text, "--margin", "0")
    assert (code, "margin must be above 0" in output) == (1, True)
