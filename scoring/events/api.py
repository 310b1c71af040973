"""API."""

from scoring.api import api_blueprint

bp = api_blueprint("events")
