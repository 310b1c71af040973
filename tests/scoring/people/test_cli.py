"""Commands about people: the first network, its admin, and a token that a script can use."""

import pytest

from scoring.db import db
from scoring.people import passwords, services
from scoring.people.models import ApiToken
from scoring.people.tokens import token_hash


@pytest.fixture
def run(app):
    """Run `flask people ...` and return what it printed."""

    def run(*arguments, fails=False, **options):
        db.session.commit()  # a reading transaction of the test would keep the command from writing to SQLite
        result = app.test_cli_runner().invoke(args=["people", *arguments], **options)
        assert (result.exit_code != 0) == fails, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        db.session.expire_all()
        return result.output

    return run


def test_an_empty_installation_gets_its_first_admin(run):
    assert (
        run("organization", "network", "north", "North Network")
        == "Added the network North Network with the code north.\n"
    )
    run("organization", "district", "elm", "Elm", "--parent", "north")
    run("add", "kim@example.org", "Kim Kay", "--in", "north", "--role", "network_admin")
    run("password", "kim@example.org", input="five words that do not match\n" * 2)
    assert passwords.is_right(
        services.by_email("kim@example.org").password_hash, "five words that do not match"
    )
    run("add", "lou@example.org", "Lou")
    assert run("join", "lou@example.org", "elm", "scorer") == "lou@example.org is scorer of Elm.\n"
    assert run("list", "--in", "north").splitlines() == [
        "kim@example.org\tKim Kay\tnetwork_admin of north", "lou@example.org\tLou\tscorer of elm",
    ]  # fmt: skip
    assert run("list", "--in", "north", "--role", "scorer").count("\n") == 1
    assert "elm\tdistrict\tElm\n" in run("organizations")


def test_a_token_is_printed_alone(run, app, ana):
    printed = run("token", "ana@example.org", "--name", "export")
    secret = printed.removesuffix("\n")
    assert db.session.query(ApiToken).one().token_hash == token_hash(secret)


def test_locking_out_and_in(run, ana):
    run("deactivate", "ana@example.org")
    assert "ana@example.org" not in run("list")
    run("reactivate", "ana@example.org")
    assert "ana@example.org" in run("list")


def test_mistakes_are_told_in_words(run, dora):
    assert "Nobody here has the e-mail" in run("token", "nobody@example.org", fails=True)
    assert "last district admin of Alder" in run("deactivate", "dora@example.org", fails=True)
    assert "no organization with the code" in run("add", "x@example.org", "X", "--in", "nowhere", fails=True)
    assert "x@example.org" not in run("list")
    assert "Use at least 15 characters" in run(
        "password", "dora@example.org", "--password", "short", fails=True
    )
    assert "Nobody can be leader of a school" in run(
        "join", "dora@example.org", "alder-high", "leader", fails=True
    )
