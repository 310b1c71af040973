"""Published examples through the commands, as somebody with the same files would check them."""

import csv
import json
from pathlib import Path

import pytest

from calibration.measure import decisions, ratings, studies

SHARED = Path(__file__).parents[4] / "shared" / "oracles"
pytestmark = pytest.mark.skipif(
    not (SHARED / "open.json").exists(), reason="the published files are not here"
)


def rows_of(name):
    with (SHARED / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def long(tmp_path):
    """Write a table with a column for each scorer (or item) as one with a row for each score."""

    def write(table, *, keep=(), names=("response", "scorer", "trait", "score"), fixed="t"):
        path = tmp_path / "long.csv"
        with path.open("w", newline="") as file:
            out = csv.writer(file)
            out.writerow(names)
            for number, row in enumerate(table, 1):
                kept = [row[name] for name in keep]
                for name, value in row.items():
                    if name not in {*keep, "unit", "Units", "Group", "person"} and value not in {
                        "",
                        "NA",
                        None,
                    }:
                        parts = {"response": number, "scorer": name, "trait": fixed, "score": value}
                        if len(keep) == 2:
                            parts |= {"response": kept[0], "scorer": kept[1], "trait": name}
                        out.writerow([parts.get(each, number if each == "person" else name) if each != "score" else value
                                      for each in names])  # fmt: skip
        return path

    return write


def expected(name):
    return {each["id"]: each for each in json.loads((SHARED / "open.json").read_text())}[name]


def figures(path, *points):
    answer = ratings.answer(ratings.read(path, points), draws=0, seed=1, estimator="none")
    return next(iter(answer["traits"].values()))


def test_krippendorffs_example(long):
    found = figures(long(rows_of("krippendorff_c_4x12.csv")), "1-5")
    for level in ("nominal", "ordinal", "interval"):
        wanted = expected(f"kripp_C_{level}")
        assert found[f"alpha_{level}"]["value"] == pytest.approx(wanted["expected"], abs=wanted["tol"])


def test_shrout_and_fleiss(long):
    found = figures(long(rows_of("shrout_fleiss_1979.csv")), "1-10")
    for oracle, key in {"ICC2": "icc_2_1", "ICC3": "icc_3_1", "ICC1k": "icc_1_k", "ICC2k": "icc_2_k"}.items():
        wanted = expected(f"sf79_{oracle}")
        assert found[key]["value"] == pytest.approx(wanted["expected"]["point"], abs=wanted["tol"])
        assert [found[key]["low"], found[key]["high"]] == pytest.approx(
            wanted["expected"]["ci95"], abs=wanted["tol"]
        )


def test_anxiety(long):
    found = figures(long(rows_of("irr_anxiety.csv")), "1-6")
    for oracle, key in {"ICC(1,1)": "icc_1_1", "ICC(C,1)": "icc_3_1", "ICC(A,1)": "icc_2_1"}.items():
        wanted = expected(f"irr_anx_{oracle}")
        assert found[key]["value"] == pytest.approx(wanted["expected"]["point"], abs=wanted["tol"])
    assert found["kendall_w"]["value"] == pytest.approx(0.53965688, abs=1e-6)
    pair = [{name: row[name] for name in ("rater1", "rater2")} for row in rows_of("irr_anxiety.csv")]
    two = figures(long(pair), "1-6")
    for kind, key in {"unweighted": "kappa", "linear": "kappa_linear"}.items():
        wanted = expected(f"irr_anx_kappa2_{kind}")
        assert two[key]["value"] == pytest.approx(wanted["expected"]["kappa"], abs=wanted["tol"])


def test_fleiss(long):
    found = figures(long(rows_of("fleiss1971_diagnoses.csv")), "1-5")
    assert found["fleiss_kappa"]["value"] == pytest.approx(0.43024452, abs=1e-6)


def test_gwets_four_raters(long):
    found = figures(long(rows_of("gwet_cac_raw4raters.csv")), "1-5")
    wanted = expected("gwet_raw4")
    keys = {"ac1": "gwet_ac1", "fleiss": "fleiss_kappa", "conger": "conger_kappa", "bp": "brennan_prediger"}
    for oracle, key in keys.items():
        value, se = wanted["expected"][oracle]
        assert found[key]["value"] == pytest.approx(value, abs=wanted["tol"]), key
        assert found[key]["se"] == pytest.approx(se, abs=wanted["tol"]), key


def test_tams_many_facet_models(long):
    for name, keep, steps in (
        ("sirt_data_ratings1", ("idstud", "rater"), "0-3"),
        ("tam_data_ex10", ("pid", "rater"), "0-1"),
    ):
        oracle = "tam_ratings1_mml" if steps == "0-3" else "tam_ex10_mml"
        wanted = expected(oracle)["expected"]["xsi"]
        path = long(rows_of(f"{name}.csv"), keep=keep)
        found = ratings.answer(ratings.read(path, [steps]), draws=0, seed=1, estimator="mml")["facets"]
        for scorer, each in found["scorers"].items():
            key = f"rater{scorer}"
            if key in wanted:
                assert each["severity"] == pytest.approx(wanted[key], abs=0.003), key
        for place, threshold in enumerate(found["thresholds"], 1):
            assert threshold == pytest.approx(wanted.get(f"step{place}", threshold), abs=0.003)
    joint = expected("tam_ratings1_jml")["expected"]["xsi"]
    path = long(rows_of("sirt_data_ratings1.csv"), keep=("idstud", "rater"))
    found = ratings.answer(ratings.read(path, ["0-3"]), draws=0, seed=1, estimator="jml")["facets"]
    for scorer, each in found["scorers"].items():
        assert each["severity"] == pytest.approx(joint.get(f"rater{scorer}", each["severity"]), abs=0.02)


@pytest.mark.parametrize(("oracle", "table"), [("brennan_syn1", "brennan_syn1_p_x_i.csv"),
                                              ("brennan_missing", "brennan_missing_p_x_i.csv")])  # fmt: skip
def test_brennans_crossed_examples(long, oracle, table):
    wanted = expected(oracle)
    path = long(rows_of(table), names=("person", "item", "score"))
    found = studies.answer(path, "person x item")
    for key, effect in {"p": "person", "i": "item", "pi": "person x item"}.items():
        assert found["components"][effect]["value"] == pytest.approx(
            wanted["expected"]["var"][key], abs=wanted["tol"]
        )
    for key, name in {"Erho2": "relative", "rho2": "relative", "Phi": "absolute", "phi": "absolute"}.items():
        if key in wanted["expected"]:
            assert found["coefficients"][name]["value"] == pytest.approx(
                wanted["expected"][key], abs=wanted["tol"]
            )


def test_brennans_nested_example():
    wanted = expected("brennan_syn4")
    found = studies.answer(SHARED / "brennan_syn4_p_x_r_in_t.csv", "Person x (Rater:Task)")
    values = [each["value"] for each in found["components"].values()]
    assert sorted(values) == pytest.approx(sorted(wanted["expected"]["var"].values()), abs=wanted["tol"])


def test_livingston_and_lewis(tmp_path):
    case = expected("ll_2P_one_cut")
    data, wanted = case["data"], case["expected"]
    path = tmp_path / "totals.csv"
    pairs = zip(data["scores"], data["times"], strict=True)
    path.write_text("score\n" + "".join(f"{score}\n" * times for score, times in pairs))
    found = decisions.answer(path, str(data["cut"]), f"{data['min']}-{data['max']}", data["reliability"])
    assert found["effective_length"] == pytest.approx(wanted["etl"], abs=1e-3)
    assert found["accuracy"]["value"] == pytest.approx(wanted["accuracy"], abs=case["tol"])
    assert found["consistency"]["value"] == pytest.approx(wanted["consistency_p"], abs=case["tol"])
