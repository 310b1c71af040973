"""`measure compare`: whether scorers of different districts score alike."""

from calibration.measure import answers, ratings, tables
from calibration.measurement.comparability import districts


def answer(path, margin, points=()):
    """Return effects, differences, verdicts and what would settle them, over all traits and by trait, as one dict."""
    found = districts.compare(ratings.read(path, points, labels=("district",)), margin=margin)
    return {
        "margin": found.margin,
        "verdict": found.verdict,
        "sentences": list(found.sentences),
        **_comparison(found.overall),
        "traits": {str(each.trait): _comparison(each) for each in found.traits},
    }


def _comparison(found):
    return {
        "effects": {str(each.district): _effect(each) for each in found.effects},
        "pairs": [_pair(each) for each in found.pairs],
        "verdicts": {f"{each.first} : {each.second}": each.verdict for each in found.pairs},
        "responses_needed": {f"{each.first} : {each.second}": each.responses_needed for each in found.pairs},
        "reads_needed": {
            f"{each.first} : {each.second}": _reads(each.responses_needed) for each in found.pairs
        },
        "scorer_sd": answers.plain(found.scorer_sd),
        "read_sd": answers.plain(found.read_sd),
        "n_scorers": found.n_scorers,
        "n_responses": found.n_responses,
        "n_shared": found.n_shared,
        "n_excluded": found.n_excluded,
        "sentence": found.sentence,
        "notes": list(found.notes),
    }


def _reads(responses):
    """A shared paper is one that scorers of both districts read."""
    return None if responses is None else 2 * responses


def _effect(effect):
    return {
        **answers.plain(effect.effect), "df": answers.plain(effect.df), "verdict": effect.verdict,
        "n_scorers": effect.n_scorers, "raw_mean": answers.plain(effect.mean),
    }  # fmt: skip


def _pair(pair):
    return {
        "first": str(pair.first), "second": str(pair.second), **answers.plain(pair.difference),
        "df": answers.plain(pair.df), "verdict": pair.verdict,
        "equivalence_low": answers.plain(pair.low), "equivalence_high": answers.plain(pair.high),
        "p_difference": answers.plain(pair.p_difference), "p_adjusted": answers.plain(pair.p_adjusted),
        "p_equivalence": answers.plain(pair.p_equivalence), "n_shared": pair.n_shared,
        "responses_needed": pair.responses_needed, "scorers_needed": pair.scorers_needed,
        "raw_difference": answers.plain(pair.raw_difference),
    }  # fmt: skip


def shown(answer):
    """Yield the parts of an answer as text."""
    yield "\n".join(answer["sentences"])
    yield _table(answer)
    for trait, found in answer["traits"].items():
        if len(answer["traits"]) > 1:
            yield f"{trait}: {found['sentence']}\n{_table(found)}"


def _table(found):
    header = ("districts", "difference", "95 % interval", "verdict", "shared", "papers needed")
    rows = [
        (f"{each['first']} - {each['second']}", tables.number(each["value"]), tables.limits(each),
         each["verdict"], each["n_shared"], tables.number(each["responses_needed"]))
        for each in found["pairs"]
    ]  # fmt: skip
    return tables.table(header, rows) if rows else "There are no two districts to compare."
