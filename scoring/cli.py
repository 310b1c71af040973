"""Commands for whoever looks after an installation: migrate, serve, worker, check, audit, mail."""

import json

import click
from flask import current_app
from flask.cli import AppGroup

from scoring import audit, check, db, mail, replay
from scoring.errors import Misconfigured, ScoringError
from scoring.people.cli import people
from scoring.serve import answer, serve, usual_processes, work

audit_commands = AppGroup("audit", help="Look after the audit log.")
mail_commands = AppGroup("mail", help="Look after e-mail.")


def init_app(app):
    """Add the commands to `flask --app wsgi`."""
    for command in (
        migrate,
        serve_command,
        web,
        worker,
        check_command,
        audit_commands,
        mail_commands,
        people,
    ):
        app.cli.add_command(command)


@click.command("migrate")
@click.option("--revision", default="head", help="Stop at this revision.")
def migrate(revision):
    """Bring the database up to date."""
    db.upgrade(revision)
    click.echo("The database is up to date.")


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--processes", type=int, default=usual_processes, show_default="one for each core, at most 4")
@click.option("--threads", default=8, show_default=True, help="Of each web process.")
def serve_command(host, port, processes, threads):
    """Serve the pages and do the jobs, until stopped."""
    serve(host, port, processes, threads)


@click.command("web", hidden=True)
@click.option("--socket", "descriptor", type=int, required=True)
@click.option("--threads", default=8)
def web(descriptor, threads):
    """Serve the pages from a socket that `serve` has opened."""
    answer(current_app._get_current_object(), descriptor, threads)


@click.command("worker")
def worker():
    """Do jobs only: for servers that run the pages with gunicorn."""
    work(current_app._get_current_object())


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check_command(as_json):
    """Check every promise the data must keep; exit 1 and name the rows if one is broken."""
    findings = check.run()
    if as_json:
        click.echo(json.dumps({"ok": not any(findings.values()), "checks": findings}, indent=1, default=str))
    else:
        for name, rows in findings.items():
            click.echo(f"{'FAIL' if rows else 'ok  '}  {name}")
            for row in rows:
                click.echo(f"        {row}")
    if any(findings.values()):
        raise SystemExit(1)


@audit_commands.command("verify")
def verify():
    """Walk the chains, the checkpoints, and the replay of every score; exit 1 at the first that does not hold."""
    problems = audit.problems() + replay.problems()
    for problem in problems:
        click.echo(problem)
    if problems:
        raise SystemExit(1)
    click.echo("Every entry follows the one before it, and replaying them gives the scores that are stored.")


@audit_commands.command("checkpoint")
def checkpoint():
    """Sign the present end of every chain into a file outside the database."""
    click.echo(f"Signed {audit.checkpoint()} chains.")


@mail_commands.command("test")
@click.argument("address")
def mail_test(address):
    """Send one e-mail to ADDRESS, to see whether MAIL_URL is right."""
    words = "This is a test from Rangefinder. If you can read it, e-mail works."
    try:
        mail.send(address, "A test from Rangefinder", words)
    except (ScoringError, Misconfigured) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Sent to {address}.")
