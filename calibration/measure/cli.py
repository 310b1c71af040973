"""`flask --app wsgi measure ...`: the measurement engine on files, without a database."""

import json
from functools import wraps
from pathlib import Path

import click

from calibration.measure import comparison, decisions, judgments, ratings, studies

ROWS = "Rows are counted from the first one below the header."


@click.group("measure")
def measure():
    """Measure ratings in CSV files: agreement, Rasch, generalizability, decisions, comparability, judgments."""


def command(name, show):
    """Make a function that returns an answer from a file into a command that prints it, as a table or as JSON."""

    def decorate(function):
        @measure.command(name)
        @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
        @click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
        @wraps(function)
        def run(file, as_json, **options):
            try:
                answer = function(file, **options)
            except ValueError as error:
                raise click.ClickException(
                    f"{error}\n{ROWS}" if "Row " in str(error) else str(error)
                ) from None
            if as_json:
                click.echo(json.dumps(answer, indent=1, ensure_ascii=False, allow_nan=False))
            else:
                click.echo("\n\n".join(show(answer)))

        return run

    return decorate


@command("ratings", ratings.shown)
@click.option(
    "--points",
    multiple=True,
    metavar="1-6",
    help="Score points of the rubric, for all traits or as trait=0-3.",
)
@click.option("--bootstrap", "draws", type=click.IntRange(0), default=1000, show_default=True,
              help="Draws for the intervals of alpha; 0 for none.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="For the draws.")
@click.option("--facets", "estimator", type=click.Choice(["mml", "jml", "none"]), default="mml", show_default=True,
              help="How to fit the many-facet Rasch model.")  # fmt: skip
def measure_ratings(file, points, draws, seed, estimator):
    """Every coefficient of agreement by trait, and severity of scorers by the many-facet Rasch model.

    FILE has the columns response, scorer, trait, score, and if known task, district, group, time.
    """
    return ratings.answer(ratings.read(file, points), draws=draws, seed=seed, estimator=estimator)


@command("design", studies.shown)
@click.option("--design", required=True, help='How the facets are crossed and nested: "response x scorer".')
def measure_design(file, design):
    """Generalizability: where the noise comes from, and what more scorers or tasks would bring.

    FILE has a column for each facet that the design names, and score.
    """
    return studies.answer(file, design)


@command("judgments", judgments.shown)
@click.option("--method", type=click.Choice(["likelihood", "prior", "epsilon"]),
              help="By default maximum likelihood where it exists, else with a prior.")  # fmt: skip
def measure_judgments(file, method):
    """Comparative judgment: a scale from pairs, by the model of Bradley and Terry.

    FILE has the columns judge, chosen, not_chosen.
    """
    return judgments.answer(file, method)


@command("decisions", decisions.shown)
@click.option("--cuts", required=True, help="Cut scores, the lowest score of each higher level: 12,18.")
@click.option(
    "--range", "span", required=True, metavar="4-24", help="The lowest and the highest possible score."
)
@click.option("--reliability", type=float, help="Reliability of the scores; by default estimated as KR-21.")
@click.option("--second-cut", type=click.Choice(["below", "same"]), default="below", show_default=True,
              help="Where the second scoring is cut when a cut falls between two scores: as R's betafunctions does, or at the same one.")  # fmt: skip
def measure_decisions(file, cuts, span, reliability, second_cut):
    """How often students would land in the same level again, and in the true one (Livingston and Lewis).

    FILE has a column score: one total score for each student.
    """
    return decisions.answer(file, cuts, span, reliability, second_cut)


@command("compare", comparison.shown)
@click.option(
    "--margin", type=float, default=0.25, show_default=True, help="Points that are too few to matter."
)
@click.option(
    "--points",
    multiple=True,
    metavar="1-6",
    help="Score points of the rubric, for all traits or as trait=0-3.",
)
def measure_compare(file, margin, points):
    """Whether scorers of different districts score alike: "a 3 here is a 3 there".

    FILE has the columns response, scorer, district (the scorer's), trait, score.
    """
    return comparison.answer(file, margin, points)
