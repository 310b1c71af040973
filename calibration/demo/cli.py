"""Commands about the demonstration season and about load tests."""

import shutil
import time
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from calibration.demo import load as load_event
from calibration.demo import season
from calibration.demo.cast import PASSWORD
from scoring import storage
from scoring.audit import checkpoint_file
from scoring.db import db, downgrade, transaction, upgrade
from scoring.errors import ScoringError
from scoring.pages import DEMO_CODE, is_demo_loaded
from scoring.people.models import Organization

HOW_TO_SIGN_IN = (
    "The demonstration season: sign in as scorer@example.org, leader@example.org, district@example.org or\n"
    f"network@example.org. The password is {PASSWORD}"
)


@click.group("demo", cls=AppGroup, invoke_without_command=True)
@click.option("--fresh", is_flag=True, help="Throw the present season away and build it anew.")
@click.option("--if-empty", is_flag=True, help="Only when the database holds nothing at all.")
@click.pass_context
@with_appcontext
def demo(context, fresh, if_empty):
    """Load the demonstration season: made-up people, work and scores. Loading it twice changes nothing."""
    if context.invoked_subcommand:
        return
    strangers = db.session.scalar(
        sa.select(sa.func.count(Organization.id)).where(
            Organization.parent_id.is_(None), Organization.code != DEMO_CODE
        )
    )
    if if_empty and (strangers or is_demo_loaded()):
        if is_demo_loaded():
            click.echo(HOW_TO_SIGN_IN)
        return
    if fresh:
        if strangers:
            raise click.ClickException(
                "This database holds more than the demonstration. --fresh would delete it all."
            )
        clear()
    if is_demo_loaded():
        click.echo("The demonstration season is loaded already. To build it anew: demo --fresh")
        return
    start = time.perf_counter()
    with transaction():
        season.build(click.echo)
    click.echo(f"The demonstration season is loaded ({time.perf_counter() - start:.0f} seconds).")
    click.echo(HOW_TO_SIGN_IN)


def clear():
    """Empty the database and the store of a demonstration."""
    db.session.rollback()
    downgrade("base")
    upgrade()
    storage.remove(storage.listing())
    shutil.rmtree(checkpoint_file().parent, ignore_errors=True)
    current_app.extensions["huey"].flush()


@demo.command("load")
@click.option("--responses", default=10_000, show_default=True, help="How many synthetic responses.")
@click.option("--scorers", default=50, show_default=True, help="How many scorers.")
@click.option("--districts", default=2, show_default=True, help="How many districts they come from.")
@click.option("--tokens", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="Where to write the scorers' API tokens, one a line.")  # fmt: skip
def load(responses, scorers, districts, tokens):
    """Add the event LOAD with synthetic responses, for load tests."""
    try:
        secrets = load_event.build(responses, scorers, districts)
    except ScoringError as error:
        raise click.ClickException(str(error)) from None
    tokens.write_text("".join(f"{secret}\n" for secret in secrets))
    tokens.chmod(0o600)
    click.echo(f"LOAD is open: {responses} responses, {scorers} scorers, tokens in {tokens}.")
