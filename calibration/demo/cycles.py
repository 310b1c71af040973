"""Two improvement cycles of the demonstration: one over the finished event, to its end, and one that is planned."""

from datetime import timedelta

from calibration.cycles import services, sharing, studying
from calibration.cycles.models import ChangeKind, Decision, Measure
from scoring.db import at

AIM = "Two scorers should see the same line between neighboring score points, also where a response is long and uneven."
CHANGE = (
    "After the first half of the responses all scorers meet for 40 minutes. They score three papers silently, reveal, "
    "and talk about the widest differences in the words of the rubric."
)
DONE = "Six scorers met by video. We read three papers and wrote down two clarifications. One paper took most of the time."
WHY = {
    "better": (Decision.ADOPT, "The figures and the scorers say the same. From now on every event has a session after its first half."),
    "no evidence yet": (Decision.ADAPT, "So few papers can not show a change of this size. Scorers found the session useful. "
                        "Next time we hold it earlier, so that more papers come after it."),
    "worse": (Decision.ABANDON, "The session did not do what we hoped. We look for another way before the next event."),
}  # fmt: skip


def build(people, fall, winter, today):
    """Let the network study a session in the middle of the fall event; let a leader plan the next cycle."""
    admin, task, today = (
        people.network_admin,
        fall.tasks[0].task,
        today.replace(minute=0, second=0, microsecond=0),
    )
    with at(today - timedelta(days=33)):
        cycle = services.draft_cycle(people.network, task, name="A session half-way", actor=admin)
        services.edit_plan(
            cycle, events=[fall], actor=admin, aim=AIM, change_kind=ChangeKind.SESSION, change=CHANGE,
            prediction="Scorers who have talked about the same papers give the same score more often.",
            measure=Measure.EXACT, hoped=0.8, planned_papers=40,
            changed_at=today - timedelta(days=31, hours=12), looks_at=today - timedelta(days=25),
        )  # fmt: skip
        services.start(cycle, actor=admin)
    with at(today - timedelta(days=30)):
        services.note_done(cycle, DONE, done_at=today - timedelta(days=31, hours=12), actor=admin)
    with at(today - timedelta(days=24)):
        studying.close_study(cycle, actor=admin)
        studying.decide(cycle, *WHY[cycle.verdict], actor=admin)
        sharing.share(cycle, sharing.own_words(cycle), actor=admin)
    alder = people.districts[0]
    with at(today - timedelta(days=3)):
        planned = services.draft_cycle(
            alder.district, task, name="Look at the anchors first", actor=alder.leader
        )
        services.edit_plan(
            planned, events=[winter], actor=alder.leader, change_kind=ChangeKind.ANCHORS,
            aim="Scorers should differ less in how strict they are.",
            change="Every scorer reads the anchor papers of both neighboring score points before the first response of a day.",
            prediction="Strict and lenient scorers come closer together.", measure=Measure.SPREAD, hoped=0.2,
            planned_papers=60, changed_at=today + timedelta(days=2), looks_at=today + timedelta(days=16),
        )  # fmt: skip
