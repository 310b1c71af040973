"""Commands of the calibration side: the demonstration season and the chart bundle."""


def init_app(app):
    """Add the commands to `flask --app wsgi`."""
