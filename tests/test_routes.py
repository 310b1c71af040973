"""Every address: who may open it, and how it is written."""

import re

import pytest
from flask import Flask, g
from werkzeug.routing import BaseConverter

from scoring import create_app, permissions
from scoring.permissions import ALLOWED, Permission, Role
from scoring.web import NAVIGATION
from tests.conftest import settings

PUBLIC = {
    "static", "pages.home", "pages.theme", "pages.healthz", "people.sign_in", "people.accept_invitation",
    "community.stop_digest",
    "credentials.verify", "credentials.shared", "credentials.issuer_profile", "credentials.did_document",
    "credentials.key_set", "credentials.status_list",
}  # fmt: skip


@pytest.fixture(scope="module")
def application(tmp_path_factory):
    folder = tmp_path_factory.mktemp("routes")
    return create_app(settings(folder, f"sqlite:///{folder / 'none.sqlite'}"))


@pytest.fixture(scope="module")
def rules(application):
    return list(application.url_map.iter_rules())


def test_every_page_says_who_may_open_it(application, rules):
    silent = [
        rule.endpoint
        for rule in rules
        if not hasattr(application.view_functions[rule.endpoint], "permission")
    ]
    assert silent == []


def test_only_these_are_open_to_anyone(application):
    views = application.view_functions.items()
    assert {name for name, view in views if view.permission is Permission.ANYONE} == PUBLIC


def test_a_page_that_does_not_say_so_is_closed(application):
    forgetful = Flask("forgetful")
    forgetful.before_request(lambda: setattr(g, "request_id", "x"))
    forgetful.add_url_rule("/open", "forgotten", lambda: "secret")
    permissions.init_app(forgetful)
    reply = forgetful.test_client().get("/open")
    assert reply.status_code == 403
    assert b"secret" not in reply.data


def test_addresses_are_lower_case_and_hyphenated(rules):
    fixed = re.compile(r"<[^>]*>")
    odd = [rule.rule for rule in rules if re.search(r"[^a-z0-9/\-.]", fixed.sub("", rule.rule))]
    assert odd == []


def test_numbers_in_addresses_are_numbers(rules):
    """An id is `<int:...>`; what is text is a code or a token by name."""
    odd = [
        f"{rule.rule}: {name}"
        for rule in rules
        for name, converter in rule._converters.items()
        if (name.endswith("_id") or name in {"number", "version", "page"}) != (converter.regex == r"\d+")
        and isinstance(converter, BaseConverter)
    ]
    assert odd == []


def test_reading_changes_nothing(rules):
    """What changes data has a POST address; GET is for looking."""
    verbs = re.compile(
        r"\.(delete|remove|retire|publish|open|close|pause|submit|undo|revoke|deactivate)[a-z_]*$"
    )
    getting = [
        rule.endpoint
        for rule in rules
        if verbs.search(rule.endpoint) and "GET" in rule.methods and "POST" not in rule.methods
    ]
    assert getting == []


def test_every_address_of_the_api_is_under_its_version(rules):
    assert {rule.rule.startswith("/api/v1/") for rule in rules if rule.endpoint.startswith("api_")} == {True}


def test_every_place_in_the_navigation_exists(application):
    missing = [endpoint for endpoint, *_ in NAVIGATION if endpoint not in application.view_functions]
    assert missing == []
    for endpoint, _, permission, _ in NAVIGATION:
        assert application.view_functions[endpoint].permission is permission, endpoint


def test_every_role_has_somewhere_to_go():
    for role in Role:
        assert any(permission in ALLOWED[role] for _, _, permission, _ in NAVIGATION), role


def test_every_permission_is_used_and_given(application):
    used = {view.permission for view in application.view_functions.values()}
    given = set().union(*ALLOWED.values()) | {Permission.ANYONE, Permission.SIGNED_IN}
    assert used <= given
    assert given == set(Permission)


@pytest.mark.engines("sqlite")
def test_visitors_are_sent_to_sign_in_and_programs_are_told(app, client):
    """Walk every address without signing in: nothing but the public pages answers with anything."""
    with app.test_request_context():
        sign_in_page = app.url_for("people.sign_in")
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            continue
        values = {
            name: 1 if converter.regex == r"\d+" else "x" for name, converter in rule._converters.items()
        }
        with app.test_request_context():
            path = app.url_for(rule.endpoint, **values)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            reply = client.open(path, method=method)
            if path.startswith("/api/"):
                assert reply.status_code == 401, (method, path)
                assert set(reply.json["error"]) >= {"code", "message", "fields"}
            else:
                assert reply.status_code == 302, (method, path, reply.status_code)
                assert reply.location.partition("?")[0] == sign_in_page, path


@pytest.mark.engines("sqlite")
def test_a_page_refuses_what_was_not_sent_from_it(app, sign_in, ana):
    """Every address that takes a form answers 400 without the token of the form."""
    client = sign_in(ana)
    for rule in app.url_map.iter_rules():
        if "POST" not in rule.methods or rule.rule.startswith("/api/"):
            continue
        if rule.endpoint == "community.stop_digest":  # programs for e-mail post there, by a signed address
            continue
        values = {
            name: 1 if converter.regex == r"\d+" else "x" for name, converter in rule._converters.items()
        }
        with app.test_request_context():
            path = app.url_for(rule.endpoint, **values)
        assert client.post(path, csrf=False).status_code == 400, path
