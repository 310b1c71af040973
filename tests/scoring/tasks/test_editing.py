"""The rubric editor's buttons, as rules and as a form that works without scripts and keeps what was typed."""

import re

import pytest

from scoring.tasks import editing, services, specification
from tests import build


def rubric(kind="analytic", names=("Claim", "Evidence", "Style")):
    made = specification.blank(kind, "Title")
    made["traits"] = [specification.blank_trait(kind, key=name.lower(), name=name) for name in names]
    for trait in made["traits"]:
        for point in trait["points"]:
            point["descriptor"] = f"{trait['name']} {point['value']}"
    return made


@pytest.mark.parametrize(
    ("button", "names", "place"),
    [
        ("traits-0-down", ["Evidence", "Claim", "Style"], "traits-1"),
        ("traits-2-up", ["Claim", "Style", "Evidence"], "traits-1"),
        ("traits-0-up", ["Claim", "Evidence", "Style"], "traits-0"),
        ("traits-1-remove", ["Claim", "Style"], "traits-0"),
        ("traits-1-duplicate", ["Claim", "Evidence", "Evidence (copy)", "Style"], "traits-2"),
        ("traits-add", ["Claim", "Evidence", "Style", ""], "traits-3"),
        ("traits-9-remove", ["Claim", "Evidence", "Style"], ""),
        ("nonsense", ["Claim", "Evidence", "Style"], ""),
        ("condition_codes-0-points-0-up", ["Claim", "Evidence", "Style"], ""),
    ],
)
def test_buttons_on_traits(button, names, place):
    before = rubric()
    after, focus = editing.press(before, button)
    assert [trait["name"] for trait in after["traits"]] == names
    assert focus == place
    assert before == rubric(), "the original is left alone"


@pytest.mark.parametrize(
    ("button", "points"),
    [
        ("traits-0-points-add", [(1, "Claim 1"), (2, "Claim 2"), (3, "Claim 3"), (4, "Claim 4"), (5, "")]),
        ("traits-0-points-1-up", [(1, "Claim 2"), (2, "Claim 1"), (3, "Claim 3"), (4, "Claim 4")]),
        ("traits-0-points-3-down", [(1, "Claim 1"), (2, "Claim 2"), (3, "Claim 3"), (4, "Claim 4")]),
        ("traits-0-points-0-remove", [(2, "Claim 2"), (3, "Claim 3"), (4, "Claim 4")]),
        ("traits-0-points-0-duplicate", [(1, "Claim 1"), (2, "Claim 2"), (3, "Claim 3"), (4, "Claim 4"), (5, "Claim 1")]),
        ("traits-0-points-7-up", [(1, "Claim 1"), (2, "Claim 2"), (3, "Claim 3"), (4, "Claim 4")]),
    ],
)  # fmt: skip
def test_buttons_on_score_points_move_words_and_leave_the_scores_in_order(button, points):
    after, _ = editing.press(rubric(), button)
    assert [(point["value"], point["descriptor"]) for point in after["traits"][0]["points"]] == points


def test_buttons_on_codes_and_the_last_row_of_all():
    after, place = editing.press(rubric(), "condition_codes-0-duplicate")
    assert [code["code"] for code in after["condition_codes"]] == ["B", "", "I", "L", "T", "M"]
    assert place == "condition_codes-1"
    after, place = editing.press(
        {"kind": "analytic", "traits": [{}], "condition_codes": []}, "traits-0-remove"
    )
    assert (after["traits"], place) == ([], "")
    holistic = rubric("holistic", ["Overall"])
    assert len(editing.press(holistic, "traits-add")[0]["traits"]) == 1


def typed(html):
    """Return the fields of the editor as a browser would send them, apart from its buttons."""
    fields = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            fields[name[1]] = value[1] if value else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\s*([^<]*)</textarea>', html):
        fields[name] = text
    return fields


@pytest.fixture
def draft(alder, lea):
    return services.start_rubric(build.a_task(organization=alder, rubric=False), "analytic", actor=lea)


def test_every_button_keeps_what_was_typed_and_saves_nothing(draft, lea, sign_in):
    client, url = sign_in(lea), f"/tasks/{draft.task_id}/rubrics/1/edit"
    fields = typed(client.get(url).text)
    fields |= {
        "title": "Typed",
        "traits-0-name": "Claim & focus",
        "traits-0-points-0-value": "zero",
        "traits-0-weight": "half",
    }
    page = client.post(url, data=fields | {"do": "traits-1-points-add"})
    assert page.status_code == 200
    assert "Not saved yet" in page.text
    kept = typed(page.text)
    assert kept["traits-0-name"] == "Claim &amp; focus"
    assert (kept["traits-0-points-0-value"], kept["traits-0-weight"]) == ("zero", "half")
    assert kept["traits-1-points-4-value"] == "5"
    assert re.search(
        r'id="traits-1-points-4-value"[^>]*autofocus|autofocus[^>]*id="traits-1-points-4-value"', page.text
    )
    assert services.task_by_id(draft.task_id, lea).draft_rubric.title != "Typed"


def test_saving_says_what_can_not_be_stored_and_keeps_it_on_the_page(draft, lea, sign_in):
    client, url = sign_in(lea), f"/tasks/{draft.task_id}/rubrics/1/edit"
    fields = typed(client.get(url).text) | {"traits-0-points-0-value": "one", "title": "Typed"}
    page = client.post(url, data=fields | {"do": "save"})
    assert page.status_code == 422
    assert "“one” is no score. Use a whole number from 0 to 20." in page.text
    assert '<a href="#traits-0-points-0-value">' in page.text
    assert typed(page.text)["title"] == "Typed"
    fields = typed(page.text) | {
        "traits-0-points-0-value": "0",
        "traits-1-name": "Evidence",
        "traits-1-key": "",
    }
    assert client.post(url, data=fields | {"do": "preview"}).status_code == 302
    assert draft.title == "Typed"
    assert [(trait.key, trait.values) for trait in draft.traits] == [
        ("trait-1", [0, 2, 3, 4]),
        ("evidence", [1, 2, 3, 4]),
    ]


def test_two_leaders_do_not_overwrite_each_other_unseen(draft, lea, ada, sign_in):
    url = f"/tasks/{draft.task_id}/rubrics/1/edit"
    mine, hers = sign_in(lea), sign_in(ada)
    fields, her_fields = typed(mine.get(url).text), typed(hers.get(url).text)
    hers.post(url, data=her_fields | {"title": "Hers", "do": "save"})
    page = mine.post(url, data=fields | {"title": "Mine", "do": "save"})
    assert page.status_code == 409
    assert "Somebody else saved this draft" in page.text
    assert draft.title == "Hers"
    mine.post(url, data=typed(page.text) | {"do": "save"})
    assert draft.title == "Mine"


def test_from_nothing_to_a_published_version_and_on_to_the_next(alder, lea, nell, sign_in):
    client = sign_in(lea)
    task = build.a_task(organization=alder, rubric=False)
    url = f"/tasks/{task.id}/rubrics"
    assert client.post(url, data={"kind": "single_point"}).location == f"{url}/1/edit"
    assert client.post(url, data={"kind": "holistic"}).status_code == 409
    fields = typed(client.get(f"{url}/1/edit").text) | {
        "traits-0-name": "Reasoning",
        "traits-0-points-1-descriptor": "Compares.",
    }
    assert client.post(f"{url}/1/edit", data=fields | {"do": "save"}).location == f"{url}/1/edit"
    page = client.get(f"{url}/1/edit")
    assert "The draft is saved." in page.text
    assert "Trait 2 needs a name." in client.get(f"{url}/1").text
    assert client.post(f"{url}/1/publish").status_code == 422
    shorter = client.post(f"{url}/1/edit", data=typed(page.text) | {"do": "traits-1-remove"})
    client.post(f"{url}/1/edit", data=typed(shorter.text) | {"do": "save"})
    assert client.post(f"{url}/1/publish").status_code == 302
    assert task.published_rubric.traits[0].points[1].descriptor == "Compares."
    page = client.get(f"{url}/1")
    assert "Compares." in page.text
    assert client.get(f"{url}/1/edit").status_code == 409
    assert client.post(f"{url}/1/discard").status_code == 409
    assert client.post(f"{url}/1/new-version").location == f"{url}/2/edit"
    assert "What changed" in client.get(f"{url}/2/edit").text
    assert client.post(f"{url}/2/discard").status_code == 302
    assert task.draft_rubric is None
