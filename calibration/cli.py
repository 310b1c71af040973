"""Commands of the calibration side."""

from calibration.credentials.cli import credentials
from calibration.demo.cli import demo
from calibration.measure.cli import measure


def init_app(app):
    """Add the commands to `flask --app wsgi`."""
    app.cli.add_command(credentials)
    app.cli.add_command(demo)
    app.cli.add_command(measure)
