"""Who agreed to a paper's scores: names are given, taken back while nothing rests on them, and never forgotten."""

import pytest

from calibration.papers import services, sets
from calibration.papers.consensus import settle_anew
from scoring.db import now
from scoring.errors import Conflict, NotAllowed
from tests.calibration.papers.season import Season


@pytest.fixture
def paper(ana, ben, lea):
    return Season(ana, ben).promote("two", lea)


def names(paper):
    return [each.person.name for each in paper.agreements]


def told(paper):
    return [f"{name} {words}" for _, name, words in services.history_of_agreement(paper)]


def test_a_name_is_taken_back_and_given_again_and_the_log_tells_it(paper, lea, ada):
    services.agree(paper, actor=ada)
    services.withdraw(paper, actor=lea)
    assert names(paper) == ["Ada Abara"]
    services.agree(paper, actor=lea)
    assert names(paper) == ["Ada Abara", "Lea Lindqvist"]
    assert told(paper) == ["Lea Lindqvist agreed", "Ada Abara agreed", "Lea Lindqvist took their name back", "Lea Lindqvist agreed"]  # fmt: skip


def settle(paper, people, actor, scores=None):
    """Let a group put its scores under a paper, others than it had unless they are given."""
    scores = scores or {each.trait_id: each.score + 1 for each in paper.scores}
    return settle_anew(paper, scores=scores, reasons={}, agreed={each.id: now() for each in people}, actor=actor)  # fmt: skip


def test_who_writes_down_what_others_agreed_on_is_not_taken_for_one_of_them(ana, ben, lea):
    paper = Season(ana, ben).keep("two", lea, agreed={ana.id: now()})
    assert told(paper) == ["Ana Ortiz agreed"]


def test_names_that_scores_settled_anew_bring_and_take_are_told(paper, ana, ben, ada, lea):
    services.agree(paper, actor=ada)
    settle(paper, [ana, ada], lea)
    assert names(paper) == ["Ana Ortiz", "Ada Abara"]
    settle(paper, [ben], lea, {each.trait_id: each.score for each in paper.scores})
    assert told(paper) == [
        "Lea Lindqvist agreed", "Ada Abara agreed", "Lea Lindqvist agreed to the earlier scores only", "Ana Ortiz agreed",
        "Ada Abara agreed", "Ben Okafor agreed",
    ]  # fmt: skip


def test_a_paper_written_anew_names_those_who_agreed_to_its_scores(paper, ana, ben, lea, alder):
    held = sets.create_set(alder, paper.rubric, name="First", purpose="calibration", actor=lea)
    sets.add_paper(held, paper, actor=lea)
    sets.freeze_set(held, actor=lea)
    made = settle(paper, [ana, ben], lea)
    assert made.id != paper.id
    assert (told(made), told(paper)) == (["Ana Ortiz agreed", "Ben Okafor agreed"], ["Lea Lindqvist agreed"])


def test_nobody_takes_back_what_they_did_not_give_or_may_not(paper, ada, ana):
    with pytest.raises(Conflict, match="does not stand"):
        services.withdraw(paper, actor=ada)
    with pytest.raises(NotAllowed):
        services.withdraw(paper, actor=ana)
    assert names(paper) == ["Lea Lindqvist"]


def test_names_stay_when_a_frozen_set_rests_on_the_paper(paper, lea, alder):
    held = sets.create_set(alder, paper.rubric, name="First", purpose="calibration", actor=lea)
    sets.add_paper(held, paper, actor=lea)
    services.withdraw(paper, actor=lea)
    services.agree(paper, actor=lea)
    sets.freeze_set(held, actor=lea)
    for change in (lambda: None, lambda: sets.retire_set(held, actor=lea)):
        change()
        with pytest.raises(Conflict, match="frozen set"):
            services.withdraw(paper, actor=lea)
    assert names(paper) == ["Lea Lindqvist"]


def test_names_under_a_retired_paper_stay(paper, lea):
    services.retire(paper, actor=lea)
    with pytest.raises(Conflict, match="retired"):
        services.withdraw(paper, actor=lea)


def test_the_page_offers_what_is_possible(paper, lea, ada, alder, sign_in):
    client, url = sign_in(lea), f"/anchors/{paper.id}"
    assert "Take my name back" in client.get(url).text
    client.post(f"{url}/withdraw")
    page = client.get(url).text
    assert "Nobody&#39;s name stands under the scores." in page or "Nobody's name stands" in page
    assert "Lea Lindqvist took their name back" in page
    assert "I agree with these scores" in page
    assert sign_in(ada).post(f"{url}/withdraw").status_code == 409
    client.post(f"{url}/agree")
    held = sets.create_set(alder, paper.rubric, name="First", purpose="calibration", actor=lea)
    sets.add_paper(held, paper, actor=lea)
    sets.freeze_set(held, actor=lea)
    page = client.get(url).text
    assert "so names stay" in page
    assert "Take my name back" not in page
