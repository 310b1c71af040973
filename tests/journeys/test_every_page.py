"""Every page there is, in a real browser: on a desk and on a phone, in light and dark, full, empty and with errors.

To look at all of them yourself, give a folder for the pictures:
`SCREENSHOTS=/somewhere ./run test tests/journeys/test_every_page.py`
"""

from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from calibration.community import digests
from calibration.discussions import services as discussions
from calibration.papers import sets
from calibration.papers.models import NameCheck
from scoring.adjudication import finding as discrepancies
from scoring.adjudication import services as adjudication
from scoring.db import db, transaction
from scoring.events import services as events
from scoring.events.models import Event
from scoring.jobs import Job, JobStatus
from scoring.people import invitations
from scoring.people import services as people
from scoring.reads import services as reads
from scoring.responses import services as responses
from scoring.responses.models import Response
from scoring.tasks import services as tasks
from scoring.tasks.models import Task
from tests.browser import Desk, serving
from tests.journeys.crawl import Tour

NO_PAGES = {
    "static", "pages.file", "responses.bad_rows_file",  # files
    "pages.healthz", "pages.job_state", "sessions.state",  # JSON for programs and for the pages' scripts
    "cycles.chart_file", "judging.choices_file",  # files
    "credentials.certificate_file", "credentials.badge_file",
    "credentials.issuer_profile", "credentials.did_document", "credentials.key_set", "credentials.status_list",
    "qualification.scorers_file",  # files
    "reads.rubric",  # a part of a page, for its script
    "sessions.minutes_as_pdf", "sessions.minutes_as_workbook", "sessions.own_hours_as_pdf", "sessions.own_hours_as_csv",
    "sessions.hours_of_people_as_csv", "sessions.hours_of_person_as_pdf",  # files
}  # fmt: skip
ROLES = {
    "visitor": None,
    "scorer": "scorer@example.org",
    "leader": "leader@example.org",
    "district": "district@example.org",
    "network": "network@example.org",
}
WITH_BAD_ROWS = (
    b"student,school,text\nS1,Alder Creek School,Schools should start later.\n,Alder Creek School,Whose?\n"
)


def unfinished_business(who):
    """Leave things half done in the season, so that every page has something to show; return further addresses."""
    at = people.organization_by_code
    alder, task = at("alder-valley"), db.session.scalars(sa.select(Task).order_by(Task.id)).first()
    responses.upload(alder, task, file_name="essays.csv", data=WITH_BAD_ROWS, actor=who.district)
    responses.receive(alder, task, file_name="more.csv", data=WITH_BAD_ROWS, actor=who.district)
    _, links = invitations.invite(
        "Robin Quist, robin@example.org, scorer, Alder Creek School", actor=who.district
    )
    forgotten = invitations.password_link(people.by_email("scorer2@example.org"), actor=who.district)
    local = tasks.create_task(
        alder, code="LOCAL", title="A local task", subject="Art", grade_band="3-5", actor=who.leader
    )
    tasks.start_rubric(local, "single_point", actor=who.leader)
    draft = events.create_event(
        alder,
        code="SPRING",
        name="Spring draft",
        task_rubrics=[(task, task.published_rubric)],
        actor=who.leader,
    )
    with_concerns = reads.take_next(who.scorer)
    reads.raise_concern(with_concerns, who.scorer, "flag", "The second page can not be read.")
    reads.raise_concern(with_concerns, who.scorer, "alert", "The student writes about being hurt.")
    places = discrepant_for(who.leader)
    adjudication.begin(places[0], who.leader)
    begun = adjudication.begin(places[1], who.leader)
    lowest = {trait.id: trait.points[0].value for trait in places[1].rubric.traits}
    adjudication.submit_blind(begun, who.leader, scores=lowest)
    begun_set = sets.create_set(
        alder, task.published_rubric, name="Begun", purpose="practice", actor=who.leader
    )
    with transaction() as session:
        work = session.scalars(
            sa.select(Response).where(Response.district_id == alder.id).order_by(Response.id)
        ).first()
        name_check = NameCheck(response_id=work.id, asked_by_id=who.leader.id)
        session.add(name_check)
    own = discussions.start("task", task.id, title="Half a question", words="Words", actor=who.scorer)
    jobs = [a_job(who.district, JobStatus.RUNNING), a_job(who.district, JobStatus.FAILED)]
    return {
        "visitor": [f"/invitations/{links[0].secret}", f"/invitations/{forgotten.secret}",
                    f"/community/digest/stop/{digests.stop_token(who.scorer)}"],
        "scorer": [f"/discussions/{own.id}", "/reads/next?event=WINTER-26", "/reads/next?event=FALL-26"],
        "leader": [f"/adjudication/{place.id}/score" for place in places] + [
            "/adjudication/", "/adjudication/?settled=1", "/events/WINTER-26", f"/events/{draft.code}", "/reports/agreement/FALL-26",
            "/tasks/1", "/tasks/1/rubrics/1", "/reports/agreement/WINTER-26", "/anchors/events/FALL-26/1",
            f"/anchors/sets/{begun_set.id}/add", f"/tasks/{local.id}/rubrics/1/edit",
        ],
        "district": ["/reports/agreement/FALL-26", f"/anchors/names/{name_check.id}"] + [f"/jobs/{job.id}" for job in jobs],
        "network": ["/tasks/1"],
    }  # fmt: skip


def discrepant_for(leader):
    """Two discrepant responses that this leader may settle."""
    ids = [event.id for event in db.session.scalars(sa.select(Event).order_by(Event.id))]
    found = db.session.scalars(discrepancies.discrepant_responses(ids)).unique().all()
    return [place for place in found if not discrepancies.why_not(place, leader)][:2]


def a_job(person, status):
    with transaction() as session:
        job = Job(kind="responses.import", title="Import of essays.csv", status=status, progress=40, total=100,
                  error="The file is gone." if status is JobStatus.FAILED else None, created_by_id=person.id)  # fmt: skip
        session.add(job)
    return job


@pytest.fixture(scope="module")
def tour(season, browser):
    """The tour through the season, done once; the tests ask what it found."""
    with season.app_context(), serving(season) as address:
        desk = Desk(browser, address, season)
        found = Tour(season)
        who = SimpleNamespace(**{role: people.by_email(email) for role, email in ROLES.items() if email})
        starts = unfinished_business(who)
        for role, email in ROLES.items():
            page = desk.open(getattr(who, role) if email else None)
            found.walk(role, page, ["/", *starts[role]], NO_PAGES)
            if email:
                page.goto("/no-such-page")
                found.look(page, f"missing-{role}", fully=role == "scorer")
        desk.close()
        found.wrong += desk.problems
    return found


def test_axe_finds_nothing_on_any_page(tour):
    assert tour.violations == []


def test_every_page_fits_a_phone_and_twice_the_size(tour):
    assert tour.too_wide == []


def test_nothing_is_refused_missing_or_fetched_elsewhere(tour):
    assert tour.wrong == []


def test_somebody_found_a_way_to_every_page(tour, season):
    pages = {
        rule.endpoint
        for rule in season.url_map.iter_rules()
        if "GET" in rule.methods and not rule.rule.startswith("/api/") and rule.endpoint not in NO_PAGES
    }
    assert pages - set(tour.seen) == set()


# The same pages in other states

WRONG = [  # who, where, what is typed, and the button that sends it
    ("visitor", "/sign-in", {"E-mail": "nobody@example.org", "Password": "not the password"}, "Sign in"),
    ("leader", "/tasks/new", {}, "Save task"),
    ("leader", "/events/new", {"Share read twice": "150"}, "Save event"),
    ("district", "/responses/imports/new", {}, "Upload and look at it"),
    ("district", "/responses/rosters", {}, "Upload and look at it"),
    (
        "district",
        "/people/invite",
        {"Paste the list": "Robin, no address, scorer, Nowhere"},
        "Look at the list",
    ),
    ("district", "/people/invite", {}, "Look at the list"),
    ("visitor", "/credentials/verify", {}, "Check the badge"),
    ("network", "/credentials/rules/new", {"Double-read responses": "2"}, "Save the rule"),
    ("scorer", "/account", {"Present password": "wrong", "New password": "short"}, "Change the password"),
    ("scorer", "/reads/next?event=WINTER-26", {}, "Save and next"),
]


@pytest.fixture(scope="module")
def mistakes(season, browser):
    """The forms of the season, filled in wrongly."""
    with season.app_context(), serving(season) as address:
        desk = Desk(browser, address, season)
        found = Tour(season)
        for number, (role, path, typed, send) in enumerate(WRONG):
            page = desk.open(people.by_email(ROLES[role]) if ROLES[role] else None)
            page.goto(path)
            for label, words in typed.items():
                page.get_by_label(label, exact=label == "New password").first.fill(words)
            page.get_by_role("button", name=send).last.click()
            page.locator(
                ".error-summary, .field-error, .flash-error, .callout-danger, .callout-warning:not([hidden])"
            ).first.wait_for()
            found.look(page, f"wrong-{number}")
            page.context.close()
        found.wrong += desk.problems
    return found


def test_forms_with_mistakes_are_as_sound(mistakes):
    assert (mistakes.violations, mistakes.too_wide, mistakes.wrong) == ([], [], [])


def test_pages_with_nothing_on_them_yet(desk, app, ana, lea, dora, nell):
    """The day after the installation: people, and nothing else."""
    found = Tour(app)
    for role, person in {
        "new-scorer": ana,
        "new-leader": lea,
        "new-district": dora,
        "new-network": nell,
    }.items():
        found.walk(role, desk.open(person), ["/"], NO_PAGES)
    assert (found.violations, found.too_wide, found.wrong) == ([], [], [])
    assert len(found.seen) > 15


def test_pages_of_errors(desk, app, ana):
    found = Tour(app)
    page = desk.open(ana)
    for path, status in (("/tasks/", 403), ("/nothing/here", 404), ("/people/999", 403), ("/reads/999", 404)):
        assert page.goto(path).status == status
        found.look(page, f"error-{status}")
    page = desk.open()
    page.goto("/sign-in")
    page.context.clear_cookies()
    page.get_by_label("E-mail").fill("ana@example.org")
    page.get_by_label("Password").fill("whatever it is")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("This page was open too long").wait_for()
    found.look(page, "error-stale")
    assert (found.violations, found.too_wide, found.wrong) == ([], [], [])
