"""The pages of scorers and leaders, without a browser."""

import re

import pytest

from calibration.qualification import programs, services, standings
from calibration.qualification.rules import Rule
from calibration.qualification.steps import Stage, State
from scoring.db import db
from tests import build
from tests.calibration.qualification.world import World, finish, practiced, shifted, tried
from tests.statements import statements

BASE = "/qualification"


def sheet(paper, off=0):
    """A filled-in form for one paper of an attempt."""
    keys = {each.trait_id: each.trait.key for each in paper.paper.scores}
    return {"number": paper.position} | {
        f"trait-{keys[trait]}": str(score) for trait, score in shifted(paper.paper, off).items()
    }


def test_a_scorer_practices_and_sees_the_consensus_after_each_paper(world, ana, sign_in):
    reasons = [world.a_paper([3, 2], commentary="The reason is named."), world.a_paper(2)]
    program = world.a_program(practice=(world.a_set(Stage.PRACTICE, reasons),))
    client, step = sign_in(ana), program.steps_of(Stage.PRACTICE)[0]
    page = client.get(f"{BASE}/").text
    assert "Practice set 1 first." in page and "Later start" in page
    begun = client.post(f"{BASE}/programs/{program.id}/practice/{step.id}")
    desk = begun.location
    assert "Paper 1 of 2" in client.get(desk).text
    attempt = standings.standing_of(program, ana).open_of(Stage.PRACTICE).attempt
    assert client.post(desk, data={"number": 1}).status_code == 422
    sent = client.post(desk, data=sheet(attempt.papers[0], 1))
    assert sent.location == f"{desk}/papers/1"
    page = client.get(sent.location).text
    assert "0 of 2 scores are the consensus scores." in page
    assert "The reason is named." in page and "You gave 1 point less" in page and "Next paper" in page
    assert "1 of 2 done" in client.get(f"{BASE}/").text
    client.post(desk, data=sheet(attempt.papers[1]))
    assert "See the summary" in client.get(f"{desk}/papers/2").text
    assert client.get(desk).location == f"{desk}/result"
    page = client.get(f"{desk}/result").text
    assert "2 of 4 scores were the consensus scores." in page and "You can qualify now." in page


def test_how_far_apart_scores_are_is_not_cut_off_beside_the_work(lea, ana, desk):
    world = World(lea, traits=("organization", "conventions"))
    program = world.a_program(practice=(world.a_set(Stage.PRACTICE, [world.a_paper(4)]),))
    attempt = finish(
        services.begin_practice(program, program.steps_of(Stage.PRACTICE)[0].id, ana), ana, off=2
    )
    page = desk.open(ana, viewport={"width": 1366, "height": 800})
    page.goto(f"{BASE}/attempts/{attempt.id}/papers/1")
    page.get_by_text("You gave 2 points less").first.wait_for()
    ends = page.locator(".compared").evaluate(
        "each => [each.getBoundingClientRect().right, ...[...each.querySelectorAll('.badge')].map(one => one.getBoundingClientRect().right)]"
    )
    assert max(ends[1:]) <= ends[0]


def test_a_try_tells_nothing_before_its_end_and_then_the_rule(world, ana, sign_in):
    program = world.a_program(practice=(), qualification=(4, 4))
    client = sign_in(ana)
    desk = client.post(f"{BASE}/programs/{program.id}/try").location
    attempt = standings.standing_of(program, ana).open_of(Stage.QUALIFICATION).attempt
    for paper in attempt.papers[:3]:
        reply = client.post(desk, data=sheet(paper, 1))
        assert reply.location == desk
        assert client.get(f"{desk}/papers/{paper.position}").status_code == 404
        assert client.get(f"{desk}/result").location == desk
    client.post(desk, data=sheet(attempt.papers[3]))
    page = client.get(f"{desk}/result").text
    assert "Not passed this time" in page
    assert "You need 6 of 8 exact and none more than 1 apart." in page and "You had 2 exact." in page
    assert "This is clear, also with 4 papers" in page
    assert "Only your leader sees the consensus scores" in page and "You have 1 try." in page
    assert client.get(f"{desk}/papers/1").status_code == 404


def test_whoever_is_in_the_middle_when_a_program_closes_is_told_so(world, ana, lea, sign_in):
    program = world.a_program(practice=(2,), qualification=(2,))
    client = sign_in(ana)
    step = program.steps_of(Stage.PRACTICE)[0]
    desk = client.post(f"{BASE}/programs/{program.id}/practice/{step.id}").location
    attempt = standings.standing_of(program, ana).open_of(Stage.PRACTICE).attempt
    client.post(desk, data=sheet(attempt.papers[0]))
    late = sheet(attempt.papers[1])
    assert "Tries that go on end without a result." in sign_in(lea).get(f"{BASE}/programs/{program.id}").text
    programs.close(program, actor=lea)
    assert client.post(desk, data=late).location == desk
    page = client.get(client.get(desk).location).text
    assert "The program was closed" in page and "This practice set ended with it." in page
    assert "Ask your leader whether another one takes its place." in page and "Go on" not in page
    person = sign_in(lea).get(f"{BASE}/programs/{program.id}/people/{ana.id}").text
    assert "when the program was closed" in person


def test_nothing_is_repeated_while_another_practice_set_is_begun(world, ana, sign_in):
    program = world.a_program(practice=(1, 2))
    client, (first, second) = sign_in(ana), program.steps_of(Stage.PRACTICE)
    finish(services.begin_practice(program, first.id, ana), ana)
    assert "Repeat" in client.get("/qualification/").text
    services.begin_practice(program, second.id, ana)
    assert "Repeat" not in client.get("/qualification/").text


def test_what_is_out_of_turn_leads_back_with_a_reason(world, ana, sign_in):
    program = world.a_program(practice=(1, 1))
    client, second = sign_in(ana), program.steps_of(Stage.PRACTICE)[1]
    for path in (f"practice/{second.id}", "try", "recalibration"):
        reply = client.post(f"{BASE}/programs/{program.id}/{path}")
        assert (reply.status_code, reply.location) == (303, f"{BASE}/")
    assert "Practice set 1 comes first." in client.get(f"{BASE}/").text
    assert client.post(f"{BASE}/programs/{program.id}/practice/98765").status_code == 404
    assert client.post(f"{BASE}/programs/98765/try").status_code == 404


def test_what_belongs_to_another_scorer_is_not_there(world, ana, ben, sign_in):
    program = world.a_program(practice=(), qualification=(2, 2))
    attempt = services.begin_try(program, ana)
    other = sign_in(ben)
    for path in ("", "/papers/1", "/result"):
        assert other.get(f"{BASE}/attempts/{attempt.id}{path}").status_code == 404
    assert other.post(f"{BASE}/attempts/{attempt.id}", data=sheet(attempt.papers[0])).status_code == 404


def test_a_leader_sets_up_a_program_and_opens_it(world, lea, sign_in, ana):
    practice, qualification = (
        world.a_set(Stage.PRACTICE, 2, name="Steps"),
        world.a_set(Stage.QUALIFICATION, 3, name="Secret"),
    )
    client = sign_in(lea)
    assert "No program yet" in client.get(f"{BASE}/programs").text
    form = client.get(f"{BASE}/programs/new?rubric={world.rubric.id}").text
    assert re.search(r'name="exact_share"[^>]*value="70"', form)
    values = {
        "rubric": world.rubric.id, "organization": world.home.id, "exact_share": 75, "most_discrepant": "", "scope": "all_traits",
        "sets_to_see": 1, "judging": "each", "sets_to_pass": 1, "tries": 2, "expiry_days": "", "away_hours": 24, "recalibration_papers": 5,
    }  # fmt: skip
    wrong = client.post(f"{BASE}/programs/new", data=values | {"exact_share": 500, "sets_to_pass": 3})
    assert wrong.status_code == 422 and "Give a number from 1 to 100." in wrong.text
    place = client.post(f"{BASE}/programs/new", data=values).location
    page = client.get(place).text
    assert "It can not open yet" in page and "A try takes 1 set for qualification." in page
    for stage, chosen in (("practice", practice), ("qualification", qualification)):
        client.post(f"{place}/sets", data={"stage": stage, f"{stage}-set": chosen.id})
    page = client.get(place).text
    assert "It is ready to open" in page and "At least 75 of every 100 scores must be exact" in page
    assert "Not begun" in page and "Ana Ortiz" in page
    client.post(f"{place}/open")
    program = db.session.scalars(programs.program_query(lea)).one()
    assert (program.is_open, program.rule.most_discrepant, program.expiry_days) == (True, None, None)
    assert "Secret" not in sign_in(ana).get(f"{BASE}/").text
    edited = client.post(f"{place}/edit", data={**values, "exact_share": 60})
    assert (edited.status_code, program.rule.exact_share) == (302, 60)
    client.post(f"{place}/sets", data={"stage": "practice", "practice-set": qualification.id})
    assert "Choose a frozen set" in client.get(place).text
    client.post(f"{place}/close")
    assert "Closed" in client.get(f"{BASE}/programs").text


def test_a_leader_coaches_grants_and_withdraws(world, ana, lea, sign_in):
    program = world.a_program(practice=(1,), qualification=(2,))
    practiced(program, ana)
    tried(program, ana, off=1)
    client = sign_in(lea)
    place = f"{BASE}/programs/{program.id}/people/{ana.id}"
    table = client.get(f"{BASE}/programs/{program.id}?state=needs_coach").text
    assert f'href="{place}"' in table and "0 of 4 exact" in table
    page = client.get(place).text
    assert "Needs a coach" in page and "Lower by 1.0 on average" in page and "2, consensus <b>3</b>" in page
    assert "give another try" in page
    assert client.post(f"{place}/coach", data={"note": ""}).status_code == 422
    client.post(f"{place}/coach", data={"note": "Look at the second anchor."})
    page = client.get(place).text
    assert "Look at the second anchor." in page and "give another try" not in page
    assert "Look at the second anchor." in sign_in(ana).get(f"{BASE}/").text
    assert client.post(f"{place}/grant", data={"grant_reason": ""}).status_code == 422
    client.post(f"{place}/grant", data={"grant_reason": "Long known.", "until": "2090-01-01"})
    assert standings.standing_of(program, ana).place.state is State.QUALIFIED
    client.post(f"{place}/withdraw", data={"withdraw_reason": "Drifted."})
    assert "Drifted." in sign_in(ana).get(f"{BASE}/").text
    assert standings.standing_of(program, ana).place.state is State.NEEDS_COACH  # no set is new to her


def test_the_table_comes_as_a_file_too(world, ana, lea, sign_in):
    program = world.a_program(practice=(), qualification=(2, 2))
    tried(program, ana)
    reply = sign_in(lea).get(f"{BASE}/programs/{program.id}/scorers.csv")
    rows = reply.get_data(as_text=True).splitlines()
    assert reply.mimetype == "text/csv" and len(rows) == 3
    assert rows[1].startswith("Ana Ortiz,Qualified,0,0,0,4,4,4,20")
    assert rows[2] == "Ben Okafor,Ready to qualify,0,0,0,,,,"


def test_the_file_asks_as_much_for_few_scorers_as_for_many(world, ana, ben, lea, sign_in):
    program, client = world.a_program(practice=(), qualification=(2, 2)), sign_in(lea)

    def asked():
        db.session.expire_all()
        return len(statements(lambda: client.get(f"{BASE}/programs/{program.id}/scorers.csv")))

    tried(program, ana)
    tried(program, ben, off=1)
    asked()  # whatever is kept in memory is there now
    before = asked()
    for number in range(6):
        tried(program, build.a_person(), off=number % 2)
    assert asked() == before


def test_leaders_see_all_sets_of_a_try_and_the_one_that_decided(world, ana, lea, sign_in):
    program = world.a_program(practice=(), qualification=(4, 4), rule=Rule(sets_to_see=2, sets_to_pass=2))
    tried(program, ana, off=1, wrong=4)
    client = sign_in(lea)
    row = client.get(f"{BASE}/programs/{program.id}/scorers.csv").get_data(as_text=True).splitlines()[1]
    assert row == "Ana Ortiz,Needs a coach,0,0,1,8,16,16,"
    table = client.get(f"{BASE}/programs/{program.id}").text
    assert "8 of 16 exact" in table and "3 of 4 exact needed in a set and 2 of 2 sets to pass" in table
    page = client.get(f"{BASE}/programs/{program.id}/people/{ana.id}").text
    assert "Exact over many papers in set 1: most likely between 0 and" in page
    assert "The chance that all that must reach 70 of every 100 do is at most" in page


@pytest.mark.parametrize("state", ["", "qualified", "nonsense"])
def test_the_table_can_be_narrowed(world, ana, lea, sign_in, state):
    program = world.a_program(practice=(), qualification=(2, 2))
    tried(program, ana)
    page = sign_in(lea).get(f"{BASE}/programs/{program.id}?state={state}").text
    assert "Ana Ortiz" in page
    assert ("Ben Okafor" in page) == (state != "qualified")


def test_those_without_the_role_are_told_so(world, ana, lea, dora, sign_in):
    program = world.a_program()
    assert sign_in(lea).get(f"{BASE}/").status_code == 403
    for person in (ana, dora):
        assert sign_in(person).get(f"{BASE}/programs").status_code == 403
        assert sign_in(person).get(f"{BASE}/programs/{program.id}").status_code == 403
