"""Commands about people: the first network and its admin, roles, passwords, tokens."""

from contextlib import contextmanager

import click
from flask.cli import AppGroup

from scoring.db import db, transaction
from scoring.errors import ScoringError
from scoring.people import access, directory, rules, services
from scoring.people.models import OrganizationKind
from scoring.permissions import Role

people = AppGroup("people", help="Look after organizations, people, their roles, passwords and tokens.")
ROLES = click.Choice([role.value for role in Role])
KINDS = click.Choice([kind.value for kind in OrganizationKind])


@contextmanager
def in_words():
    """Say what went wrong in words, without a traceback, and exit 1."""
    try:
        yield
    except ScoringError as error:
        raise click.ClickException(error.message) from None


@people.command("add")
@click.argument("email")
@click.argument("name")
@click.option("--in", "code", help="Give the new person a role in the organization with this code.")
@click.option(
    "--role", type=ROLES, default=Role.SCORER.value, show_default=True, help="The role given with --in."
)
def add(email, name, code, role):
    """Add a person with EMAIL and NAME. Then set a password with `people password`."""
    with in_words(), transaction():
        person = services.add_person(name=name, email=email)
        if code:
            services.join(person, services.organization_by_code(code), role)
    click.echo(f"Added {person.name}, {person.email}.")


@people.command("list")
@click.option("--in", "code", help="Only people of the organization with this code, and of those below it.")
@click.option("--role", type=ROLES, help="Only people with this role.")
def list_people(code, role):
    """List active people: e-mail, name, roles."""
    with in_words():
        tops = [services.organization_by_code(code)] if code else directory.networks()
    places = [each.id for top in tops for each in top.below]
    for person in db.session.scalars(services.people_in(places, role)):
        roles = ", ".join(f"{each.role} of {each.organization.code}" for each in person.memberships)
        click.echo(f"{person.email}\t{person.name}\t{roles}")


@people.command("token")
@click.argument("email")
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
def token(email, name):
    """Print a new API token of the person EMAIL, and nothing else."""
    with in_words():
        secret = services.issue_token(services.by_email(email), name)
    click.echo(secret)


@people.command("password")
@click.argument("email")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True,
              help="Asked for when it is not given.")  # fmt: skip
def password(email, password):
    """Set the password of the person EMAIL. It ends all sessions of that person."""
    with in_words():
        services.set_password(services.by_email(email), password)
    click.echo(f"The password of {email} is set.")


@people.command("deactivate")
@click.argument("email")
def deactivate(email):
    """Lock the person EMAIL out at once. Scores stay."""
    with in_words():
        access.deactivate(services.by_email(email))
    click.echo(f"{email} can no longer sign in.")


@people.command("reactivate")
@click.argument("email")
def reactivate(email):
    """Let the person EMAIL in again."""
    with in_words():
        access.reactivate(services.by_email(email))
    click.echo(f"{email} can sign in again.")


@people.command("join")
@click.argument("email")
@click.argument("orgcode")
@click.argument("role", type=ROLES)
def join(email, orgcode, role):
    """Give the person EMAIL the ROLE in the organization with the code ORGCODE."""
    with in_words():
        organization = services.organization_by_code(orgcode)
        services.join(services.by_email(email), organization, role)
    click.echo(f"{email} is {rules.ROLE_NAMES[Role(role)]} of {organization.name}.")


@people.command("organizations")
def organizations():
    """List the tree of organizations: code, kind, name."""
    for top in directory.networks():
        for each in top.below:
            click.echo(f"{each.code}\t{each.kind}\t{each.name}")


@people.command("organization")
@click.argument("kind", type=KINDS)
@click.argument("code")
@click.argument("name")
@click.option("--parent", help="The code of the network of a district, or of the district of a school.")
def organization(kind, code, name, parent):
    """Add an organization of KIND with CODE and NAME, such as the first network."""
    with in_words():
        above = services.organization_by_code(parent) if parent else None
        made = services.add_organization(kind, name=name, code=code, parent=above)
    click.echo(f"Added the {made.kind} {made.name} with the code {made.code}.")
