"""Scoring: how student work becomes scores of record."""

import os

from flask import Flask


def create_app(overrides=None):
    """Build the application. The one place that may import every part of it."""
    from calibration import cli as calibration_cli
    from calibration import hub
    from calibration.community import views as community
    from calibration.credentials import views as credentials
    from calibration.cycles import views as cycles
    from calibration.discussions import views as discussions
    from calibration.judging import views as judging
    from calibration.papers import views as papers
    from calibration.qualification import views as qualification
    from calibration.rangefinding import views as rangefinding
    from calibration.reports import api as reports_api
    from calibration.reports import views as reports
    from calibration.sessions import views as sessions
    from scoring import cli, config, db, errors, jobs, pages, permissions, storage, web
    from scoring.adjudication import views as adjudication
    from scoring.events import api as events_api
    from scoring.events import views as events
    from scoring.oversight import views as oversight
    from scoring.people import session
    from scoring.people import views as people
    from scoring.reads import api as reads_api
    from scoring.reads import views as reads
    from scoring.responses import views as responses
    from scoring.tasks import views as tasks

    overrides = overrides or {}
    instance = overrides.get("INSTANCE_PATH") or os.environ.get("INSTANCE_PATH")
    app = Flask(
        __name__,
        instance_path=os.path.abspath(instance) if instance else None,
        instance_relative_config=True,
        template_folder="../templates",
        static_folder="../static",
    )
    app.config.from_object(config)
    app.config.from_pyfile("settings.py", silent=True)
    app.config.from_prefixed_env("RANGEFINDER")
    app.config.update(overrides)
    config.settle(app)
    for part in (errors, db, permissions, session, web, storage, jobs, pages, cli, calibration_cli, hub):
        part.init_app(app)
    for part in (
        people, tasks, responses, events, oversight, reads, adjudication, hub, papers, discussions, rangefinding, qualification, sessions, judging, reports, cycles, credentials, community,
    ):  # fmt: skip
        app.register_blueprint(part.bp)
    for part in (events_api, reads_api, reports_api):
        app.register_blueprint(part.bp)
    return app
