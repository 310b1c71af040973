"""The application, for every server and for the `flask` command."""

import os

# numpy shares its small solves out among threads that then fight for the cores of the other processes: 10 times slower.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

from scoring import create_app

app = create_app()
