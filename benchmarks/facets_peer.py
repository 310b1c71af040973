"""RaschPy on a file of reads: `PYTHON benchmarks/facets_peer.py FILE.npz REPETITIONS`, run by benchmarks/facets.py.

It runs in RaschPy's own environment and knows nothing of this project.
"""

import json
import sys
import time
import warnings

import numpy as np


def main(path, repetitions):
    import pandas as pd
    from raschpy import MFRM

    warnings.simplefilter("ignore")
    reads = np.load(path)
    rows = pd.DataFrame({name: reads[name] for name in ("response", "scorer", "trait", "score")})
    table = rows.pivot(index=["scorer", "response"], columns="trait", values="score").astype(float)
    table.index = table.index.set_names(["Rater", "Person"])
    taken = []
    for _ in range(repetitions):
        start = time.perf_counter()
        fitted = MFRM(table, max_score=3)
        fitted.calibrate(model="global")
        taken.append(1000 * (time.perf_counter() - start))
    severities = fitted.raters_global
    json.dump(
        {
            "ms": sorted(taken)[len(taken) // 2],
            "severity": [float(severities[s]) for s in np.unique(reads["scorer"])],
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
