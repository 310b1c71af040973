"""Pages of improvement cycles: from the first plan to the shared record, in words first."""

from datetime import timedelta

import pytest

from calibration.cycles import services, sharing, studying
from calibration.cycles.models import Measure, Stage
from scoring.db import db, now, transaction
from scoring.permissions import Role
from tests import build
from tests.browser import axe, overflow
from tests.calibration.cycles.season import Weeks
from tests.calibration.cycles.test_services import decided, plan, started, studied

pytestmark = pytest.mark.breaks_invariants
TYPED = {
    "name": "Talk first", "aim": "See the same line.", "change_kind": "session", "change": "A session.", "prediction": "More.",
    "measure": "line", "line": "1:evidence", "hoped": "15", "planned_papers": "40",
    "reference": "https://example.org/anchors/sets/3",
}  # fmt: skip


def moments(weeks, look=None):
    form = "%Y-%m-%dT%H:%M"
    return {"changed_at": weeks.change.strftime(form), "looks_at": (look or weeks.look).strftime(form)}


def test_a_leader_plans_starts_studies_and_decides_on_pages(app, sign_in, lea):
    weeks = Weeks({"alder": 60}, organization="alder")
    client = sign_in(lea)
    assert "No cycles yet" in client.get("/cycles").text
    reply = client.post("/cycles/new", data={"name": "Talk first", "task": weeks.task.id,
                                             "organization": build.organization("alder").id})  # fmt: skip
    assert client.get(reply.location).status_code == 200
    (cycle,) = db.session.scalars(services.listed_cycles(lea))
    page = client.get(f"/cycles/{cycle.id}").text
    assert "Before you can start" in page
    sent = TYPED | moments(weeks, look=now() + timedelta(days=3)) | {"events": weeks.event.id}
    assert client.post(f"/cycles/{cycle.id}/plan", data=sent).status_code == 302
    page = client.get(f"/cycles/{cycle.id}").text
    for words in (
        "Evidence: 2 or 3",
        "such cycles",
        'href="/anchors/sets/3"',
        "The line split",
        "Start the cycle",
    ):
        assert words in page, words
    client.post(f"/cycles/{cycle.id}/start")
    assert "No verdict before the look" in client.get(f"/cycles/{cycle.id}").text
    with transaction():  # three days later
        db.session.refresh(cycle)
        cycle.looks_at = weeks.look
    page = client.get(f"/cycles/{cycle.id}").text
    assert "The moment of the look has come" in page
    assert "It helped" not in page
    wrong = client.post(f"/cycles/{cycle.id}/done", data={"words": "", "done_at": ""})
    assert (wrong.status_code, "Say what was done." in wrong.text) == (422, True)
    client.post(
        f"/cycles/{cycle.id}/done", data={"words": "We met.", "done_at": moments(weeks)["changed_at"]}
    )
    client.post(f"/cycles/{cycle.id}/study")
    page = client.get(f"/cycles/{cycle.id}").text
    assert page.index("Before and after") < page.index("Over time") < page.index("How this is worked out")
    for words in ("We met.", "This measure decides.", "Papers on both sides of the line", "Fingerprint of the reads",
                  "What follows?"):  # fmt: skip
        assert words in page, words
    wrong = client.post(f"/cycles/{cycle.id}/decision", data={"decision": "adopt", "words": ""})
    assert (wrong.status_code, "Say why." in wrong.text) == (422, True)
    client.post(f"/cycles/{cycle.id}/decision", data={"decision": "adapt", "words": "Once more."})
    client.post(f"/cycles/{cycle.id}/next")
    assert "It follows from" in client.get(f"/cycles/{cycle.id + 1}").text
    assert "Talk first" in client.get("/cycles").text


def test_what_is_typed_in_a_plan_comes_back_with_the_mistake_beside_it(app, sign_in, nell):
    weeks = Weeks({"alder": 4})
    cycle = plan(weeks, nell)
    sent = TYPED | {"line": "", "events": weeks.event.id, "changed_at": "", "looks_at": "", "hoped": "500"}
    reply = sign_in(nell).post(f"/cycles/{cycle.id}/plan", data=sent)
    assert reply.status_code == 422
    assert "See the same line." in reply.text
    assert "Give a number from 0 to 100." in reply.text
    reply = sign_in(nell).post(f"/cycles/{cycle.id}/plan", data=sent | {"hoped": "15"})
    assert (reply.status_code, "Choose the line that you hope to make clearer." in reply.text) == (422, True)


def test_a_plan_can_be_saved_half_done_and_its_form_says_what_was_saved(app, sign_in, nell):
    weeks = Weeks({"alder": 4})
    cycle = plan(weeks, nell)
    page = sign_in(nell).get(f"/cycles/{cycle.id}/plan").text
    assert 'value="80.0"' in page
    empty = dict.fromkeys(
        ("aim", "change", "prediction", "reference", "changed_at", "looks_at", "hoped", "planned_papers"), ""
    )
    half = empty | {"name": "Half", "change_kind": "other", "events": weeks.event.id, "measure": "spread"}
    assert sign_in(nell).post(f"/cycles/{cycle.id}/plan", data=half).status_code == 302
    found = services.cycle_by_id(cycle.id, nell)
    db.session.refresh(found)
    assert (found.name, found.measure, found.aim) == ("Half", Measure.SPREAD, "")
    assert (found.changed_at, found.looks_at, found.hoped, found.planned_papers) == (None, None, None, None)


def test_a_started_plan_has_no_form_and_a_refusal_is_said(app, sign_in, nell):
    weeks = Weeks({"alder": 4})
    client, cycle = sign_in(nell), started(weeks, nell)
    assert client.get(f"/cycles/{cycle.id}/plan").status_code == 409
    client.post(f"/cycles/{cycle.id}/discard")
    assert "Its plan does not change any more" in client.get(f"/cycles/{cycle.id}").text
    assert client.get(f"/cycles/{cycle.id}/share").status_code == 409
    draft = plan(weeks, nell)
    assert client.get(f"/cycles/{draft.id}/run-chart.csv").status_code == 409
    client.post(f"/cycles/{draft.id}/discard")
    assert "Bring it back" in client.get(f"/cycles/{draft.id}").text
    client.post(f"/cycles/{draft.id}/bring-back")
    assert services.cycle_by_id(draft.id, nell).stage is Stage.PLAN


def test_a_change_that_is_not_after_less_before_says_why(app, sign_in, nell):
    cycle = studied(Weeks({"alder": 60}), nell)
    with transaction():
        exact = cycle.record["exact"]
        sides = {"before": exact["before"] | {"value": 0.6}, "after": exact["after"] | {"value": 0.58}}
        cycle.record = cycle.record | {"exact": exact | sides | {"change": exact["change"] | {"value": 0.02}}}
    assert (
        "As counted, it went from 60 to 58; the change compares like with like"
        in sign_in(nell).get(f"/cycles/{cycle.id}").text
    )


def test_the_run_chart_is_a_file_too(app, sign_in, nell):
    cycle = studied(Weeks({"alder": 60}), nell)
    reply = sign_in(nell).get(f"/cycles/{cycle.id}/run-chart.csv")
    lines = reply.text.splitlines()
    assert reply.mimetype == "text/csv"
    assert lines[0].startswith("from,side,papers")
    assert sum(int(line.split(",")[2]) for line in lines[1:]) == 60
    assert {line.split(",")[1] for line in lines[1:]} == {"before", "after"}


@pytest.mark.parametrize("who", ["ana", "bo"])
def test_nobody_else_opens_a_cycle(app, sign_in, lea, ana, who):
    cycle = plan(Weeks({"alder": 4}, organization="alder"), lea, owner="alder")
    bo = build.a_person(Role.LEADER, build.organization("birch"))
    client = sign_in({"ana": ana, "bo": bo}[who])
    status = {"ana": 403, "bo": 404}[who]
    for path in ("", "/plan", "/share", "/run-chart.csv"):
        assert client.get(f"/cycles/{cycle.id}{path}").status_code == status, path
    for path in ("start", "study", "done", "decision", "discard", "next", "withdraw", "plan", "share"):
        assert client.post(f"/cycles/{cycle.id}/{path}").status_code == status, path
    assert client.get("/cycles/shared").status_code == (403 if who == "ana" else 200)
    if who == "bo":
        real, made_up = (client.get(f"/cycles/shared/{number}") for number in (cycle.id, 98765))
        assert real.text.partition("<main")[2][:400] == made_up.text.partition("<main")[2][:400]
        assert client.get(f"/cycles/shared/{cycle.id}").status_code == 404


def test_what_is_shared_holds_no_name_no_fingerprint_and_no_private_word(app, sign_in, lea):
    weeks = Weeks({"alder": 60}, organization="alder")
    cycle = decided(
        weeks, lea, owner="alder", change="PRIVATE-WORDS of a session", reference="/anchors/sets/77"
    )
    client, bo = sign_in(lea), build.a_person(Role.LEADER, build.organization("birch"))
    page = client.get(f"/cycles/{cycle.id}/share").text
    assert "PRIVATE-WORDS" in page
    words = sharing.own_words(cycle) | {"change": "A session."}
    wrong = client.post(f"/cycles/{cycle.id}/share", data=words | {"aim": "As Scorer Secret1 said."})
    assert (wrong.status_code, "This names Scorer Secret1" in wrong.text) == (422, True)
    assert client.post(f"/cycles/{cycle.id}/share", data=words).status_code == 302
    stranger = sign_in(bo)
    listed, shown = stranger.get("/cycles/shared"), stranger.get(f"/cycles/shared/{cycle.id}")
    assert "Talk first" in listed.text
    assert "Before and after" in shown.text
    for reply in (listed, shown):
        for canary in ("PRIVATE-WORDS", "Secret", lea.name, cycle.record["inputs"]["fingerprint"], "sets/77", "WEEKS",
                       "Weeks of scoring", "run-chart.csv"):  # fmt: skip
            assert canary.encode() not in reply.data, canary
    client.post(f"/cycles/{cycle.id}/withdraw")
    assert stranger.get(f"/cycles/shared/{cycle.id}").status_code == 404
    assert "Nothing is shared yet" in stranger.get("/cycles/shared").text


def test_a_cycle_about_few_papers_is_shared_without_figures(app, sign_in, nell, lea):
    cycle = decided(Weeks({"alder": 12}), nell)
    assert "without its figures" in sign_in(nell).get(f"/cycles/{cycle.id}/share").text
    sharing.share(cycle, sharing.own_words(cycle), actor=nell)
    page = sign_in(lea).get(f"/cycles/shared/{cycle.id}").text
    assert "The figures are not shown" in page
    assert "Before and after" not in page


def test_a_look_that_has_come_waits_on_the_page_of_calibration(app, sign_in, lea):
    started(Weeks({"alder": 4}), lea, owner="alder")
    assert "Did it help? Talk first" in sign_in(lea).get("/calibration/").text


def test_the_pages_of_a_cycle_are_open_to_everybody_who_looks_otherwise(app, desk, nell):
    """Axe finds nothing and nothing is too wide: while it runs, when it is decided, and as others see it."""
    weeks = Weeks({"alder": 60})
    running, done = studied(weeks, nell), decided(weeks, nell)
    sharing.share(done, sharing.own_words(done), actor=nell)
    page = desk.open(nell)
    for path in (
        f"/cycles/{running.id}",
        f"/cycles/{done.id}",
        f"/cycles/shared/{done.id}",
        f"/cycles/{done.id}/share",
    ):
        page.goto(path)
        for details in page.locator("main details").all():
            details.evaluate("each => { each.open = true }")
        for width in (1366, 320):
            page.set_viewport_size({"width": width, "height": 700})
            assert overflow(page) == 0, (path, width)
            axe(page)
    assert studying.present_record(done) == done.record
