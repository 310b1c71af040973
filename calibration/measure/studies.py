"""`measure design`: a generalizability study of a file."""

from calibration.measure import answers, files, tables
from calibration.measurement.generalizability import designs, g_study


def answer(path, design):
    """Return the variance components, the coefficients and the D study of a design as one dict."""
    facets = designs.parse(design).facets
    columns = files.read(path, (*facets, "score"))
    columns["score"] = files.numbers(columns["score"])
    study = g_study.study(columns, design)
    return {
        "design": study.design,
        "object": study.object,
        "balanced": study.balanced,
        "method": study.method,
        "n_scores": study.n_scores,
        "n_excluded": study.n_excluded,
        "conditions": answers.plain(study.conditions),
        "components": answers.plain(study.components),
        "coefficients": answers.plain(study.coefficients),
        "d_study": answers.plain(study.d_study),
        "sentences": list(study.sentences),
    }


def shown(answer):
    """Yield the parts of an answer as text."""
    yield "\n".join(answer["sentences"])
    header = ("component", "variance", "of every 100", "se")
    rows = [
        (
            name,
            tables.number(each["value"], 4),
            tables.number(each["percent"], 1),
            tables.number(each["se"], 4),
        )
        for name, each in answer["components"].items()
    ]
    yield tables.table(header, rows)
    yield tables.figures(answer["coefficients"])
    if answer["d_study"]:
        header = tuple(answer["d_study"][0])
        rows = [tuple(tables.number(each) for each in row.values()) for row in answer["d_study"]]
        yield "With other numbers of conditions:\n" + tables.table(header, rows)
