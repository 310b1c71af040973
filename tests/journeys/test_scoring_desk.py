"""The scoring screen with other hands: by mouse alone, by keyboard alone, and with large letters.

What each key does, drafts, undo and the outbox are tested with the screen itself, in tests/scoring/reads.
"""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from scoring.db import db
from scoring.reads.models import Read
from tests import build
from tests.browser import overflow
from tests.cast import PASSWORD

COVERED = """element => {
  const box = element.getBoundingClientRect();
  if (!box.width || !box.height) return "has no size";
  if (box.bottom <= 0 || box.top >= innerHeight) return "is outside the window";
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 2);
  const y = Math.min(Math.max(box.top + Math.min(box.height, 40) / 2, 1), innerHeight - 2);
  const top = document.elementFromPoint(x, y);
  const label = element.closest("label") || element.labels?.[0];
  return top && (element.contains(top) || top.contains(element) || label?.contains(top)) ? "" : "is covered by " + top?.outerHTML.slice(0, 90);
}"""


@pytest.fixture
def event(app):
    """Four responses on a task with three traits, one of them of several screens."""
    task = build.a_task(rubric=False)
    build.a_rubric(task, {"claim": [1, 2, 3, 4], "evidence": [0, 1, 2], "voice": [1, 2, 3]})
    for _ in range(4):
        build.a_response(task, text="A long paragraph about sleep and school. " * 120)
    return build.an_event(task, share_read_twice=0)


def reads():
    db.session.commit()
    query = sa.select(Read).where(Read.reopened_at.is_(None)).order_by(Read.id)
    return [{each.trait.key: each.score for each in read.scores} for read in db.session.scalars(query)]


def opened(desk, event, person, **options):
    page = desk.open(person, **options)
    page.goto(f"/reads/next?event={event.code}")
    page.locator(".trait.is-current").wait_for()
    return page


def is_saved(page, done):
    page.locator("[data-progress]", has_text=f"{done} of").wait_for()
    page.locator("[data-save-state][data-state=saved]").wait_for()


def test_by_mouse_alone(desk, event, ana):
    """A click on a number of a folded trait chooses it, and opens the trait: the number must not jump away first."""
    page = opened(desk, event, ana)
    for trait, value in (("voice", 3), ("evidence", 0), ("claim", 4), ("claim", 2)):
        box = page.locator(f"#trait-{trait}-{value} ~ .point-value").bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.up()
        expect(page.locator(f"#trait-{trait}-{value}")).to_be_checked()
        assert page.locator(".trait.is-current").get_attribute("data-trait") == trait
    page.get_by_role("button", name="Save and next").click()
    is_saved(page, 1)
    assert reads() == [{"claim": 2, "evidence": 0, "voice": 3}]


@pytest.mark.parametrize("size", [(1366, 768), (683, 384), (320, 640)], ids=["desk", "zoomed", "phone"])
def test_by_tab_and_arrows_alone_and_nothing_covers_the_focus(desk, event, ana, size):
    page = desk.open(viewport={"width": size[0], "height": size[1]})
    page.goto("/sign-in")
    page.get_by_label("E-mail").focus()
    page.keyboard.type("ana@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="My work").wait_for()
    tab_to(page, "Start scoring")
    page.keyboard.press("Enter")
    page.locator(".trait.is-current").wait_for()
    assert overflow(page) == 0
    passed = tab_to(page, "Save and next", choosing=True)
    assert {"trait-claim", "trait-evidence", "trait-voice"} <= passed
    page.keyboard.press("Enter")
    is_saved(page, 1)
    assert reads() == [{"claim": 2, "evidence": 1, "voice": 2}]


def tab_to(page, words, *, choosing=False):
    """Press Tab until a button or link with these words has the focus; return the names of the fields on the way.

    `choosing` gives each trait its second score point by the arrow keys. Whatever has the focus must be seen.
    """
    passed = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        found = focused.evaluate(
            "element => ({text: element.innerText, name: element.name || '', type: element.type})"
        )
        hidden = focused.evaluate(COVERED)
        assert not hidden, f"{found} {hidden}"
        if words in (found["text"] or ""):
            return passed
        if choosing and found["type"] == "radio" and found["name"].startswith("trait-"):
            page.keyboard.press("Space")
            page.keyboard.press("ArrowDown")
        passed.add(found["name"])
    raise AssertionError(f"Tab never came to {words!r}.")
