"""`measure ratings`: every coefficient of every trait, and the many-facet Rasch model."""

import numpy as np

from calibration.measure import answers, files, tables
from calibration.measurement import coefficients
from calibration.measurement.facets import jml, linking, model, publish
from calibration.measurement.ratings import Ratings

NEEDED = ("response", "scorer", "trait", "score")
OPTIONAL = ("task", "district", "group", "time")


def read(path, points=(), *, labels=()):
    """Return the Ratings of a CSV file; `points` are the words of `--points`, `labels` further columns it must have."""
    columns = files.read(path, (*NEEDED, *labels), tuple(name for name in OPTIONAL if name not in labels))
    score = files.numbers(columns.pop("score"))
    known = files.score_points(points) or files.points_given(columns["trait"], score)
    required = [files.labels(columns.pop(name)) for name in NEEDED[:3]]
    others = {name: files.labels(cells) for name, cells in columns.items()}
    return Ratings.from_columns(*required, np.array(score, float), points=known, **others)


def answer(ratings, *, draws, seed, estimator):
    """Return everything about some ratings as one dict with the keys of docs/statistics.md."""
    found = {
        "design": design(ratings),
        "traits": {
            str(trait): answers.plain(coefficients.every(ratings.of(trait), draws=draws, seed=seed))
            for trait in ratings.traits
        },
    }
    if estimator != "none":
        found["facets"] = facets(ratings, estimator)
    return found


def design(ratings):
    """Return what the ratings are made of: how many, how they hang together, and whether two scorers read all."""
    scored = ratings.score >= 0
    response, scorer = ratings.response.codes[scored], ratings.scorer.codes[scored]
    used, scorer = np.unique(scorer, return_inverse=True)
    order = np.argsort(response, kind="stable")
    joined = linking.connected(response[order], scorer[order], used.size)
    return {
        "responses": int(np.unique(response).size),
        "scorers": int(used.size),
        "ratings": int(scored.sum()),
        "without_score": int(scored.size - scored.sum()),
        "components": int(joined.max(initial=-1)) + 1,
        "fixed_pair": _is_fixed_pair(ratings, scored),
    }


def _is_fixed_pair(ratings, scored):
    """The same two scorers read everything: each response has both on each of its traits."""
    if np.unique(ratings.scorer.codes[scored]).size != 2:
        return False
    width = max(len(ratings.trait.names), 1)
    cell = ratings.response.codes[scored] * width + ratings.trait.codes[scored]
    return bool((np.unique(cell, return_counts=True)[1] == 2).all())


def facets(ratings, estimator):
    """Return the many-facet Rasch model of the ratings, or why there is none."""
    try:
        fit = _fit(ratings, estimator)
    except ValueError as error:
        return {"estimator": estimator, "status": "undefined", "sentence": str(error), "scorers": {}, "traits": {},
                "thresholds": [], "steps": [], "deviance": None, "person_variance": None}  # fmt: skip
    return {
        "estimator": estimator,
        "method": fit.estimator,
        "status": fit.status,
        "scorers": {str(name): _element(each, "severity") for name, each in fit.scorers.items()},
        "traits": {str(name): _element(each, "difficulty") for name, each in fit.items.items()},
        "thresholds": [answers.plain(each.measure) for each in fit.thresholds],
        "steps": [
            {"traits": answers.plain(each.items), **answers.fields(each, "low", "high", "measure", "se")}
            for each in fit.thresholds
        ],
        "deviance": answers.plain(fit.deviance),
        "person_variance": answers.plain(fit.person_variance),
        "notes": answers.plain(fit.notes),
    }


def _fit(ratings, estimator):
    """The published estimates, or those of the joint likelihood without correction, as other programs print them."""
    if estimator == "mml":
        return publish.fit(ratings)
    design = model.Design.of(ratings)
    links = linking.links(design)
    if not links.connected:
        raise ValueError(links.sentences[0])
    return jml.estimate(design)


def _element(element, measure):
    names = ("se", "infit", "outfit", "fair_average", "n")
    return {measure: answers.plain(element.measure), **answers.fields(element, *names)}


def shown(answer):
    """Yield the parts of an answer as text."""
    made = answer["design"]
    yield (
        f"{made['ratings']:,} scores of {made['responses']:,} responses by {made['scorers']:,} scorers"
        f" ({made['without_score']:,} rows without a score)."
    )
    if made["components"] > 1:
        yield f"The scorers fall into {made['components']} sets that share no response: they can not be compared."
    for trait, found in answer["traits"].items():
        named = {name: each for name, each in found.items() if isinstance(each, dict)}
        yield f"{trait}: {found['n_pairs']:,} pairs of reads\n{tables.figures(named)}"
    if "facets" in answer:
        yield from _shown_facets(answer["facets"])


def _shown_facets(found):
    if found.get("sentence"):
        yield f"Many-facet Rasch model: {found['sentence']}"
        return
    parts = [f"Many-facet Rasch model by {found['method']}, in logits"]
    for facet, measure in (("scorers", "severity"), ("traits", "difficulty")):
        header = (facet, measure, "se", "infit", "outfit", "fair average", "scores")
        rows = [
            (
                name,
                *(
                    tables.number(each[key])
                    for key in (measure, "se", "infit", "outfit", "fair_average", "n")
                ),
            )
            for name, each in found[facet].items()
        ]
        parts.append(tables.table(header, rows))
    steps = [
        (f"{each['low']:g} to {each['high']:g}", tables.number(each["measure"]), tables.number(each["se"]))
        for each in found["steps"]
    ]
    parts.append(tables.table(("step", "threshold", "se"), steps))
    parts.append("\n".join(found["notes"]))
    yield "\n\n".join(part for part in parts if part)
