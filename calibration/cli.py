"""Commands of the calibration side."""

from calibration.demo.cli import demo


def init_app(app):
    """Add the commands to `flask --app wsgi`."""
    app.cli.add_command(demo)
