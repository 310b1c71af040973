"""The agreement page, the list of events and the API: who sees what, and in which words."""

import pytest

from calibration.measurement.alpha import NotReplicated
from calibration.reports import content, services
from scoring.db import db, transaction
from scoring.people.models import Person
from scoring.people.services import issue_token
from tests import build
from tests.browser import axe, overflow
from tests.calibration.reports.season import a_season

# These tests write reads straight into the tables, past the audit log.
pytestmark = pytest.mark.breaks_invariants
PAGE = "/reports/agreement/WINTER"


def test_a_leader_reads_words_first_and_finds_every_table(app, sign_in, lea):
    a_season({"alder": 60, "birch": 40})
    page = sign_in(lea).get(f"{PAGE}?trait=evidence").text
    assert "Two scorers gave the same score on" in page
    assert page.index("In words") < page.index("Trait by trait") < page.index("How this is worked out")
    assert "of 54 papers" in page, "six of the sixty carry a condition code"
    for words in ("First and second read", "How often each score was given", "At each score point", "Scorers",
                  "Which line splits scorers", "Condition codes were given in 12 reads", "Scott-type",
                  "replicated with krippendorff 0.9", "few papers"):  # fmt: skip
        assert words in page, words
    assert "Ana Ortiz" in page
    assert "Ben Okafor" in page
    assert "Scorer in Birch" in page
    assert "Eve Eriksen" not in page


def test_other_districts_are_numbers_only(app, sign_in, lea, dan, nell):
    a_season({"alder": 60, "birch": 40})
    every = sign_in(lea).get(f"{PAGE}?scope=all").text
    assert "of 90 papers" in every
    assert "By the district of the scorers" in every
    for detail in (
        "First and second read",
        "How often each score was given",
        "Which line splits",
        "Eve Eriksen",
        "Scorer in Birch",
    ):
        assert detail not in every, detail
    own = sign_in(dan).get(PAGE).text
    assert "of 36 papers" in own
    assert "Eve Eriksen" in own
    assert "Scorer in Alder" in own
    assert "Ana Ortiz" not in own
    network = sign_in(nell).get(PAGE).text
    assert "of 90 papers" in network
    assert "First and second read" in network
    assert "Eve Eriksen" in network


def test_a_small_district_stays_hidden_and_so_does_what_gives_it_away(app, sign_in, lea, nell, dan):
    a_season({"alder": 60, "birch": 8})
    assert "Not enough to show yet" in sign_in(lea).get(f"{PAGE}?scope=all").text, (
        "all less Alder would be Birch"
    )
    network = sign_in(nell).get(PAGE).text
    assert "of 62 papers" in network
    assert network.count("fewer than 10, or hidden with them") == 2, (
        "beside the total, Alder would give Birch away"
    )
    own = sign_in(dan).get(f"{PAGE}?scope=own").text
    assert "of 8 papers" in own, "their own students"


def test_a_district_with_few_papers_starts_where_more_can_be_said(app, sign_in, dan, lea):
    a_season({"alder": 60, "birch": 20})
    assert "of 72 papers" in sign_in(dan).get(PAGE).text, "with 18 of their own they start at all districts"
    assert "of 54 papers" in sign_in(lea).get(PAGE).text, "54 are enough for a coefficient"


def test_few_papers_show_counts_but_no_coefficients(app, sign_in, lea):
    a_season({"alder": 20})
    page = sign_in(lea).get(PAGE).text
    assert "of 18 papers" in page
    assert "below 30 papers" in page
    assert "need 30 papers read twice" in page
    assert "Krippendorff&#39;s alpha is" not in page
    assert "not enough yet" in page


def test_everyone_giving_one_score_is_undefined_not_perfect(app, sign_in, lea):
    event, _ = a_season({"alder": 40})
    with transaction() as session:
        session.execute(build.sa.text("UPDATE trait_score SET score = 3"))
    page = sign_in(lea).get(PAGE).text
    assert "100 %" in page
    assert "undefined" in page
    assert "everyone gave the same score" in page.lower()


def test_an_alpha_that_is_not_found_again_is_withheld(app, sign_in, lea, monkeypatch):
    a_season({"alder": 40})

    def differ(*_, **__):
        raise NotReplicated(
            "Alpha came out as 0.8 here and 0.7 in the krippendorff package. Do not use either figure."
        )

    monkeypatch.setattr(content.agreement, "summarize", differ)
    page = sign_in(lea).get(PAGE).text
    assert "are withheld" in page
    assert "0.8 here and 0.7" in page
    assert "QWK" in page


def test_an_event_without_reads_and_one_of_strangers(app, sign_in, lea, dan, nell, ana):
    task = build.a_task()
    response = build.a_response(task)
    build.an_event([task, build.a_task(title="Second task")], code="EMPTY")
    client = sign_in(lea)
    assert "No paper has two reads yet" in client.get("/reports/agreement/EMPTY").text
    assert "Second task" in client.get("/reports/agreement/EMPTY").text
    assert client.get("/reports/agreement/EMPTY?task=999999").status_code == 404
    assert client.get("/reports/agreement/NONE").status_code == 404
    assert sign_in(dan).get("/reports/agreement/EMPTY").status_code == 404, "Birch has no part in it"
    assert sign_in(ana).get("/reports/agreement/EMPTY").status_code == 403
    assert sign_in(nell).get("/reports/agreement/EMPTY").status_code == 200
    assert response.code not in client.get("/reports/agreement/EMPTY").text


def test_the_list_tells_each_event_in_one_line(app, sign_in, lea, nell, dora):
    assert "No events yet" in sign_in(lea).get("/reports").text
    a_season({"alder": 60, "birch": 40})
    build.an_event(code="QUIET")
    page = sign_in(lea).get("/reports").text
    assert "No paper has two scored reads yet" in page
    assert ">54<" in page, "Alder's own papers"
    assert "Exports" not in page
    network = sign_in(nell).get("/reports").text
    assert ">90<" in network
    assert "/reports/exports" in network
    with app.test_request_context():
        found = services.headlines([services.report_event("WINTER", dora)], dora, smallest=10)
        few = services.headlines([services.report_event("WINTER", nell)], nell, smallest=1000)
    (headline,), (nothing,) = found.values(), few.values()
    assert (headline.papers, headline.pairs) == (54, 108)
    assert headline.exact < headline.within <= headline.pairs
    assert nothing is None


def test_programs_get_the_same_figures(app, client, sign_in, lea, ana):
    event, task = a_season({"alder": 60, "birch": 40})
    secret = issue_token(db.session.get(Person, lea.id), "report", actor=lea)
    reply = client.get("/api/v1/events/WINTER/agreement", headers={"Authorization": f"Bearer {secret}"})
    assert reply.status_code == 200
    (found,) = reply.json["tasks"]
    assert (found["task"], found["rubric_version"], found["n_read_twice"], found["scope"]) == (
        task.code,
        1,
        60,
        "own",
    )
    claim = found["traits"]["claim"]
    assert claim["papers"] == 54
    assert (
        0
        < claim["exact"]["low"]
        < claim["exact"]["value"]
        == claim["exact_count"] / 54
        < claim["exact"]["high"]
        < 1
    )
    assert claim["alpha_ordinal"]["status"] == "warning:small_n"
    page = sign_in(lea).get(PAGE).text
    assert claim["sentence"] in page
    (pair,) = found["districts"]["pairs"]
    assert (pair["first"], pair["second"], pair["papers_both_read"] > 0) == ("Alder", "Birch", True)
    assert pair["verdict"] in page
    scorer = issue_token(db.session.get(Person, ana.id), "scorer", actor=ana)
    refused = client.get("/api/v1/events/WINTER/agreement", headers={"Authorization": f"Bearer {scorer}"})
    assert refused.status_code == 403


def test_the_pages_in_a_browser(desk, lea, dora):
    a_season({"alder": 60, "birch": 40})
    for options in (
        {"color_scheme": "dark", "viewport": {"width": 320, "height": 700}},
        {"java_script_enabled": True},
    ):
        page = desk.open(dora, **options)
        for path in (
            PAGE,
            f"{PAGE}?scope=all",
            "/reports",
            "/reports/exports",
            "/reports/exports/new/WINTER",
        ):
            page.goto(path)
            assert overflow(page) == 0, path
            axe(page)
    page.goto(PAGE)
    page.get_by_text("How this is worked out").click()
    page.get_by_text("All figures of this trait").click()
    axe(page)
