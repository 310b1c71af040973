"""What the journeys share: the demonstration season, loaded once into an app of its own."""

import pytest

from calibration.demo import season as demonstration
from scoring import create_app
from scoring.db import db, transaction, upgrade
from tests.conftest import settings
from tests.pages import CheckingClient


@pytest.fixture(scope="module")
def season(scratch):
    """An app with the demonstration season in it. Open its context before asking the database."""
    folder = scratch / "season"
    app = create_app(
        settings(folder / "instance", f"sqlite:///{folder / 'scoring.sqlite'}", JOBS_IMMEDIATELY=False)
    )
    app.test_client_class = CheckingClient
    folder.mkdir(parents=True, exist_ok=True)
    with app.app_context():
        upgrade()
        with transaction():
            demonstration.build()
    yield app
    with app.app_context():
        db.engine.dispose()
