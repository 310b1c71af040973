"""What a generalizability study says, in a few plain sentences."""

from calibration.measurement.generalizability import d_study

MATTERS = 0.005  # in a coefficient: what rounding to two digits would show


def of(found, analysis, estimates, weights, coefficients, numbers):
    """The headline first, then what was set to 0 or left out, then what would help."""
    made = [_headline(found, analysis, estimates, weights), _as_made(found, coefficients, numbers)]
    made.append(_different_conditions(found, coefficients))
    made.append(_negative(analysis))
    if analysis.scores.n_excluded:
        left_out = analysis.scores.n_excluded
        made.append(
            f"{left_out} row{'' if left_out == 1 else 's'} without a score {'was' if left_out == 1 else 'were'} left out."
        )
    made.append(d_study.advice(found, estimates, numbers))
    return tuple(said for said in made if said)


def _headline(found, analysis, estimates, weights):
    """How much is real, and where most of the noise comes from, in the mean scores people use."""
    tau, _, capital = (float(part) for part in weights.variances(estimates))
    error = weights.absolute * estimates
    real = f"Real differences make up {100 * tau / (tau + capital):.0f} of every 100 parts of the variance of a score"
    if not error.max() > 0:
        return f"{real}; no error was found."
    largest = int(error.argmax())
    label = analysis.scores.design.label(analysis.scores.design.effects[largest])
    return f"{real}. Most of the noise comes from {label} ({100 * error[largest] / error.sum():.0f} of every 100 parts of it)."


def _as_made(found, coefficients, numbers):
    made_from = ", ".join(f"{facet} {numbers[facet]:.3g}" for facet in found.random)
    relative, absolute, sem = (coefficients[name] for name in ("relative", "absolute", "sem"))
    if not (relative.defined and absolute.defined):
        return ""
    return (
        f"As scores were made ({made_from}), E rho^2 is {relative.value:.2f} and Phi is {absolute.value:.2f}; a score "
        f"is off by about {sem.value:.2f} points."
    )


def _different_conditions(found, coefficients):
    relative, as_scored = coefficients["relative"], coefficients["as_scored"]
    if not as_scored.defined or relative.value - as_scored.value < MATTERS:
        return ""
    return (
        f"Not every {found.object} met the same conditions; comparing them all the same lowers E rho^2 to "
        f"{as_scored.value:.2f}."
    )


def _negative(analysis):
    design = analysis.scores.design
    below = [
        design.label(effect)
        for effect, value in zip(design.effects, analysis.components, strict=True)
        if value < 0
    ]
    if not below:
        return ""
    was = "estimate was negative and is" if len(below) == 1 else "estimates were negative and are"
    return f"The {was} taken as 0: {', '.join(below)}."
