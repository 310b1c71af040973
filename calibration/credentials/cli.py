"""Commands about credentials: the key, what was given, and checking a badge without any network."""

import json
from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from calibration.credentials import issuer, keys, services, verifying
from calibration.credentials.models import Credential
from calibration.credentials.verifying import State
from scoring.db import db
from scoring.errors import ScoringError

credentials = AppGroup("credentials", help="Look after credentials and the key that signs them.")
EXIT = {State.VALID: 0, State.REVOKED: 3, State.EXPIRED: 4, State.UNKNOWN_KEY: 5, State.WRONG_ISSUER: 5,
        State.UNCHECKED: 6}  # every other finding is 1, and a file that can not be read is 2  # fmt: skip


@credentials.command("key")
def key():
    """Show the issuer, and the fingerprints of all keys. Makes the key if there is none yet."""
    try:
        keys.present()
    except ScoringError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Issuer: {issuer.issuer_id()}")
    for row in keys.all_keys():
        state = "distrusted" if row.distrusted_at else "retired" if row.retired_at else "signs"
        click.echo(f"{row.thumbprint}  {state}, made {row.made_at:%Y-%m-%d}")


@credentials.command("rotate-key")
@click.option(
    "--distrust", is_flag=True, help="The old key may be in wrong hands: nothing counts that it signed."
)
def rotate_key(distrust):
    """Make a new key. With --distrust, sign again what the old one signed."""
    before = keys.at_hand()
    made = keys.rotate()
    click.echo(f"The key {made.thumbprint} signs from now on. Back it up: {keys.key_file().name}")
    if distrust and before is not None:
        count = services.sign_again(keys.distrust(before.row))
        click.echo(f"{count} credentials are signed again. Their holders must download the badge anew.")


@credentials.command("list")
@click.option("--revoked", is_flag=True, help="Only those that were revoked.")
def list_credentials(revoked):
    """List credentials: holder, what for, when given, and how each stands."""
    query = sa.select(Credential).order_by(Credential.issued_at, Credential.id)
    if revoked:
        query = query.where(Credential.revoked_at.is_not(None))
    for each in db.session.scalars(query):
        click.echo(
            f"{each.issued_at:%Y-%m-%d}  {each.state:8}  {each.person.email}  {each.title}  {each.identifier}"
        )


@credentials.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--issuer", "did_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The saved did.json of another installation that should have given it.")  # fmt: skip
@click.option("--status", "status_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Its saved list of revoked badges.")  # fmt: skip
def verify(file, did_file, status_file):
    """Check the badge in FILE. Exit 0 genuine, 1 refused, 3 revoked, 4 expired, 5 unknown key or issuer, 6 not known whether revoked."""
    text = verifying.text_of(file.read_bytes())
    try:
        if text is None:
            verdict = verifying.Verdict(State.NO_BADGE)
        elif did_file is None:
            verdict = verifying.check(text)
        else:
            verdict = verifying.elsewhere(
                text, json.loads(did_file.read_bytes()), status_file and status_file.read_text()
            )
    except ValueError as error:
        raise click.UsageError(f"{error}") from None
    click.echo(f"{verdict.state}: {verdict.title}. {verdict.advice}")
    for term, words in verdict.said:
        click.echo(f"  {term}: {words}")
    raise SystemExit(EXIT.get(verdict.state, 1))
