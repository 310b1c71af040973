"""Studies: drawn from closed events, compared blind by people who do not know the work, told when they are closed."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from calibration.judging import comparing, results, services
from calibration.judging.models import Comparison
from calibration.judging.waiting import waiting_for
from scoring.db import at, db, now, transaction
from scoring.errors import Conflict, Invalid, NotFound
from scoring.events.models import EventStatus
from scoring.responses.models import RosterEntry
from tests import build
from tests.calibration.judging.season import Season
from tests.calibration.papers.season import keep_back


@pytest.fixture
def season(app, nell):
    return Season(nell).open()


def chosen():
    return db.session.scalar(sa.select(sa.func.count()).where(Comparison.choice.is_not(None)))


def test_a_study_takes_every_district_and_every_score(app, nell):
    season = Season(nell, size=8)
    codes = {each.response_id: each.response.district.name for each in season.study.responses}
    assert len(codes) == 8
    assert set(codes.values()) == {"Alder", "Birch"}


def test_an_event_that_is_not_closed_is_not_compared(app, nell):
    season = Season(nell)
    with transaction():
        season.event.status, season.event.closed_at = EventStatus.OPEN, None
    with pytest.raises(Conflict):
        services.create_study(
            season.event.tasks[0], title="x", question="y", size=8, per_response=6, actor=nell
        )


def test_what_is_typed_wrongly_is_named_by_field(app, nell):
    season = Season(nell)
    with pytest.raises(Invalid) as error:
        services.create_study(season.event.tasks[0], title=" ", question="", size=2, per_response=2, actor=nell,
                              deadline_at=now() - timedelta(days=1))  # fmt: skip
    assert set(error.value.fields) == {"title", "question", "size", "per_response", "deadline_at"}


def test_a_leader_of_one_district_has_no_part_in_the_network_s_study(season, lea):
    with pytest.raises(NotFound):
        services.study_by_id(season.study.id, lea)
    assert services.sources(lea) == []
    with pytest.raises(NotFound):
        services.close_study(season.study, actor=lea)


def test_it_opens_with_two_people_and_not_twice(app, nell):
    season = Season(nell, people=("ana",))
    with pytest.raises(Conflict):
        season.open()
    services.invite(season.study, [build.person("eve")], actor=nell)
    season.open()
    with pytest.raises(Conflict):
        season.open()


def test_nobody_is_invited_who_does_not_score_there(season, nell, dora):
    assert services.invite(season.study, [dora], actor=nell) == 0


def test_reloading_gives_the_same_pair(season, ana):
    first = comparing.take_pair(season.seat(ana))
    assert comparing.take_pair(season.seat(ana)).id == first.id


def test_a_choice_sent_twice_is_stored_once_and_another_is_refused(season, ana):
    seat = season.seat(ana)
    pair = comparing.take_pair(seat)
    comparing.choose(seat, pair.id, "left")
    comparing.choose(seat, pair.id, "left")
    assert chosen() == 1
    with pytest.raises(Conflict):
        comparing.choose(seat, pair.id, "right")


def test_a_tie_is_for_studies_that_allow_it(season, ana):
    seat = season.seat(ana)
    with pytest.raises(Invalid):
        comparing.choose(seat, comparing.take_pair(seat).id, "tie")


def test_another_s_pair_is_not_there(season, ana, eve):
    pair = comparing.take_pair(season.seat(ana))
    with pytest.raises(NotFound):
        comparing.choose(season.seat(eve), pair.id, "left")


def test_the_last_choice_can_be_taken_back_for_ten_minutes(season, ana):
    seat = season.seat(ana)
    pair = comparing.take_pair(seat)
    comparing.choose(seat, pair.id, "left")
    comparing.take_pair(seat)
    assert comparing.take_back(seat).id == pair.id
    assert comparing.take_pair(seat).id == pair.id
    comparing.choose(seat, pair.id, "right")
    with at(now() + timedelta(minutes=11)), pytest.raises(Conflict):
        comparing.take_back(seat)


def test_nobody_compares_work_of_their_own_students_or_that_they_were_handed(season, ana):
    seat, own = season.seat(ana), season.responses[:4]
    with transaction() as session:
        session.add_all(RosterEntry(person_id=ana.id, student_id=each.student_id) for each in own)
    other = build.an_event(season.task, [ana], waiting=True, code="LATER")
    build.an_assignment(other, season.responses[4], ana)
    free = comparing.free_responses(season.study, seat)
    known = {each.id for each in season.study.responses if each.response in season.responses[:5]}
    assert not known & set(free)


def test_work_that_may_still_be_scored_is_not_compared_by_anybody(season, ana):
    build.an_event(season.task, ["ben"], code="AGAIN")  # its queue holds all of Alder's responses once more
    ids = {each.response.district.name for each in season.study.responses
           if each.id in comparing.free_responses(season.study, season.seat(ana))}  # fmt: skip
    assert ids == {"Birch"}


def test_work_that_its_district_keeps_back_is_not_compared_by_anybody(season, ana):
    kept = season.responses[0]
    keep_back(kept)
    free = comparing.free_responses(season.study, season.seat(ana))
    left_out = [each.response_id for each in season.study.responses if each.id not in free]
    assert left_out == [kept.id]
    compared = services.settled_scores(season.event, season.task.id)
    assert {each.id for each in season.responses} - {response for response, *_ in compared} == {kept.id}


def test_a_pair_set_aside_never_comes_again(season, ana):
    seat = season.seat(ana)
    pair = comparing.take_pair(seat)
    comparing.set_aside(seat, pair.id)
    free = comparing.free_responses(season.study, seat)
    assert not {pair.first_id, pair.second_id} & set(free)
    assert comparing.take_pair(seat).id != pair.id


def test_the_study_ends_when_all_planned_pairs_are_made(season, ana, ben, eve):
    assert season.compare_all(ana, ben, eve) == season.study.planned == 36
    assert comparing.take_pair(season.seat(ana)) is None


def test_after_the_last_day_nobody_compares(app, nell, ana):
    season = Season(nell, deadline_at=now() + timedelta(days=1)).open()
    seat = season.seat(ana)
    pair = comparing.take_pair(seat)
    with at(now() + timedelta(days=2)):
        assert comparing.take_pair(seat) is None
        with pytest.raises(Conflict):
            comparing.choose(seat, pair.id, "left")


def test_whoever_is_taken_out_sees_nothing_and_their_choices_count(season, nell, ana, sign_in):
    seat = season.seat(ana)
    comparing.choose(seat, comparing.take_pair(seat).id, "left")
    services.take_out(season.study, ana.id, actor=nell)
    with pytest.raises(NotFound):
        season.seat(ana)
    assert chosen() == 1
    assert comparing.compared(season.study) == 1
    assert "1 of 36 pairs are compared" in sign_in(nell).get(f"/comparisons/{season.study.id}").text


def test_nobody_is_asked_to_compare_when_no_pair_is_left_for_them(season, ana, ben, eve):
    assert [each.title for each in waiting_for(eve)] == ["Compare work: Second look"]
    while (pair := comparing.take_pair(season.seat(ana))) is not None:
        comparing.choose(season.seat(ana), pair.id, "left")
    pair = comparing.take_pair(season.seat(eve))
    season.compare_all(ben)
    assert [len(waiting_for(each)) for each in (ben, eve)] == [0, 1], "Eve has a pair on her desk"
    comparing.set_aside(season.seat(eve), pair.id)
    season.compare_all(ben)
    assert comparing.take_pair(season.seat(eve)) is None
    assert waiting_for(eve) == []


def test_results_come_when_it_is_closed_and_say_how_scores_go_with_comparisons(season, ana, ben, eve):
    score = {response.id: 1 + number % 4 for number, response in enumerate(season.responses)}
    season.compare_all(ana, ben, eve, better=lambda response: (score[response.id], -response.id))
    with pytest.raises(Conflict):
        results.of_study(season.study)
    found = results.of_study(season.close().study)
    assert found.comparisons == 36
    assert found.together.spearman.value > 0.9
    assert found.verdict.startswith("Scores and comparisons order the work alike")
    assert [name for name, _ in found.districts] == ["Alder", "Birch"]
    assert {name for name, *_ in found.participants} == {"Ana Ortiz", "Ben Okafor", "Eve Eriksen"}
    table = results.as_csv(season.study)
    assert table.count("\n") == 37
    assert "Ana" not in table


def test_too_few_comparisons_make_no_scale(season, ana):
    seat = season.seat(ana)
    for _ in range(5):
        comparing.choose(seat, comparing.take_pair(seat).id, "left")
    assert "A scale needs 30" in results.of_study(season.close().study).reason


def test_people_who_ask_at_once_keep_the_spread_even(season, app, ana, ben, eve):
    def work(person_id):
        with app.app_context():
            from scoring.people.models import Person

            seat = comparing.seat_of(study_id, db.session.get(Person, person_id))
            for _ in range(6):
                comparing.choose(seat, comparing.take_pair(seat).id, "left")
            db.session.remove()

    study_id = season.study.id
    db.session.commit()
    threads = [threading.Thread(target=work, args=(person.id,)) for person in (ana, ben, eve)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()
    rows = db.session.execute(sa.select(Comparison.first_id, Comparison.second_id)).all()
    counts = [sum(each.id in row for row in rows) for each in season.study.responses]
    assert len(rows) == 18
    assert max(counts) - min(counts) <= 2  # 2 where whoever asked had the last partners left already
