"""The application, for every server and for the `flask` command."""

from scoring import create_app

app = create_app()
