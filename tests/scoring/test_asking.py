"""What no database holds is taken out of a request, or is no address at all."""

import re

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import FileStorage

from calibration.discussions.models import Post
from scoring.asking import MOST, Values
from scoring.db import db
from tests import build

NOUGHT = "a\x00b"


def test_texts_lose_what_can_not_be_stored_and_files_stay_as_they_are():
    file = FileStorage(filename="work.csv")
    assert Values([("words", NOUGHT), ("words", "c")]).getlist("words") == ["ab", "c"]
    assert Values([("file", file)])["file"] is file
    assert dict(Values({"words": NOUGHT})) == {"words": "ab"}


@pytest.mark.parametrize(
    ("text", "number"), [("7", 7), (str(MOST), MOST), (str(MOST + 1), None), ("x", None)]
)
def test_numbers_fit_their_columns(text, number):
    values = Values({"page": text})
    assert values.get("page", type=int) == number
    assert values.getlist("page", type=int) == ([] if number is None else [number])


def test_forms_and_addresses_with_it_work_on_both_databases(app, ana, ben, sign_in):
    task = build.a_task()
    build.an_event(task, [ana, ben])
    client = sign_in(ana)
    sent = {"title": "What\x00 is it?", "words": "Not\x00 sure."}
    assert client.post(f"/discussions/new?kind=task&id={task.id}", data=sent).status_code == 302
    assert db.session.scalar(sa.select(Post.words)) == "Not sure."
    assert client.get("/discussions/?words=%00&task=99999999999999999999").status_code == 200
    assert client.get("/reads/next?event=%00").status_code == 200


def test_there_is_nothing_at_addresses_that_fit_no_column(app, sandbox, nell, sign_in):
    client, asked = sign_in(nell), 0
    for rule in sandbox.app.url_map.iter_rules():
        if (
            "GET" not in rule.methods
            or not rule.arguments
            or rule.endpoint == "static"
            or rule.rule.startswith("/api/")
        ):
            continue
        path = re.sub(r"<int:\w+>", str(10**30), rule.rule)
        path = re.sub(r"<(?:\w+:)?\w+>", "%00", path)
        assert client.get(path).status_code in {403, 404}, path
        asked += 1
    assert asked > 60


def test_the_same_of_the_programs_interface(app, sandbox):
    for rule in sandbox.app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and "GET" in rule.methods and rule.arguments:
            path = re.sub(r"<int:\w+>", str(10**30), rule.rule)
            assert sandbox.app.test_client().get(re.sub(r"<(?:\w+:)?\w+>", "%00", path)).status_code in {
                401,
                404,
            }, path
