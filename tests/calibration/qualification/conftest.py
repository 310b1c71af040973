"""What the tests of qualification share."""

import pytest

from tests.calibration.qualification.world import World


@pytest.fixture
def world(app, lea):
    return World(lea)
