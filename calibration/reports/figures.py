"""The charts of a report, as rows for the macros of components/figure.html. Pure: one definition for each chart.

Nothing here draws: the page does, on the server, and each chart is a table or has its table beside it.
"""

COMMON_RULE = 0.7


def exact_by_trait(content):
    """The share of papers with the same score, trait by trait, with its interval."""
    return [
        _interval(trait.name, trait.summary.exact, percent=True) for trait in content.traits if trait.summary
    ]


def coefficients(trait):
    """The chance-corrected figures of one trait on one scale from 0 to 1."""
    summary = trait.summary
    named = [
        ("Quadratic weighted kappa", summary.qwk),
        ("Kappa", summary.kappa),
        ("Ordinal alpha", summary.alpha_ordinal),
        ("AC2", trait.ac2),
    ]
    return [_interval(label, statistic) for label, statistic in named]


def by_district(rows, smallest):
    """The share of papers with the same score in each district; too small ones are said, not shown."""
    return [
        _interval(row.label, row.agreement.exact, percent=True)
        if row.agreement
        else {
            "label": row.label,
            "value": None,
            "low": None,
            "high": None,
            "text": f"fewer than {smallest}, or hidden with them",
        }
        for row in rows
    ]


def distribution(trait):
    """How often each score was given: all scored reads, then first and second reads of papers read twice."""
    table = trait.summary.table
    rows = [{"label": "All reads", "counts": [share.n for share in trait.summary.distribution]}]
    if trait.summary.n_pairs:
        rows += [
            {"label": "First reads", "counts": [sum(row) for row in table]},
            {"label": "Second reads", "counts": [sum(column) for column in zip(*table, strict=True)]},
        ]
    return points(trait), rows


def points(trait):
    """The score points of a trait as people write them."""
    return [f"{point:g}" for point in trait.summary.points]


def _interval(label, statistic, *, percent=False):
    """One row: where there is no number, the words that say so."""
    row = {"label": label, "value": None, "low": None, "high": None, "n": f"{round(statistic.n_units):,}"}
    row["text"] = statistic.percent_text() if percent else statistic.text()
    scale = 100 if percent else 1
    if statistic.defined:
        row["value"] = statistic.value * scale
    if statistic.defined and statistic.has_interval:
        row |= {"low": statistic.low * scale, "high": statistic.high * scale}
    return row
