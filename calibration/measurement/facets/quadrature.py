"""Nodes on which abilities are summed out: wide enough for the distribution, fine enough for every posterior."""

import numpy as np

from calibration.measurement.facets import marginal

STANDARD = np.linspace(-6, 6, 21)  # what R TAM uses unless told otherwise
NARROWEST_SD = 0.4  # of the abilities; for narrower ones the standard nodes lie too far apart
FOUR_SD, THREE_SD = 1.5, 2.0  # the standard nodes reach so many standard deviations
FEW = 500  # responses; the variance of abilities is 2 % low where nodes reach only three, far less than its error here
STANDARD_STEP = 2.5  # of the narrowest posterior standard deviation
REACH, STEP = 5.5, 1.15  # the same for nodes laid for a design
MOST = 801


def grids(design, patterns, parameters, ability, *, exact=False):
    """Equally spaced nodes for each tier of patterns, as a tuple of arrays.

    The standard nodes where they do, so that figures are those of R TAM; otherwise, or if `exact`, nodes laid for
    this design. A sum over nodes h apart is off by about 2 exp(-2 (pi s / h)^2) for a normal posterior of standard
    deviation s, so the spacing follows the most informative way of being read in each tier. A paper that 200
    scorers read gets a fine grid without the others paying for it.
    """
    reach = REACH * ability.sd
    rough = ability.mean + np.linspace(-reach, reach, STANDARD.size)
    widest = THREE_SD if len(design.persons) <= FEW else FOUR_SD
    information = patterns.sum_cells(marginal.Curves.at(design, patterns, parameters, rough).variance)
    found = []
    for blocks in patterns.tiers:
        most = max(information[block.bundles].sum(axis=1).max() for block in blocks)
        narrowest = 1 / np.sqrt(1 / ability.variance + most)
        close = STANDARD[1] - STANDARD[0] <= STANDARD_STEP * narrowest
        if not exact and close and NARROWEST_SD <= ability.sd <= widest:
            found.append(ability.mean + STANDARD)
        else:
            half = int(np.clip(np.ceil(reach / (STEP * narrowest)), STANDARD.size // 2, MOST // 2))
            found.append(ability.mean + np.linspace(-reach, reach, 2 * half + 1))
    return tuple(found)
