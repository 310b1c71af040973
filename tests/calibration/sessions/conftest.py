"""The room that tests of sessions meet in."""

import pytest

from tests.calibration.sessions.room import Room


@pytest.fixture
def room(ana, ben, ada, lea):
    return Room(lea, ana, ben, ada)
