"""An event for load tests: as many synthetic responses and scorers as asked for, through the public services."""

import csv
import io
import random

import sqlalchemy as sa

from calibration.demo.season import do_jobs
from scoring.db import db
from scoring.errors import Conflict
from scoring.events import services as events
from scoring.events.models import Event
from scoring.people import services as people
from scoring.people.models import OrganizationKind
from scoring.permissions import Role
from scoring.responses import services as responses
from scoring.tasks import services as tasks

CODE = "LOAD"
DOMAIN = "load.example.org"
WORDS = (
    "the water in each cup was measured twice because one number alone can be wrong we think that the second cup "
    "kept more ice since the wool holds air and air does not carry heat well the table shows this and it is fair"
).split()
LEVELS = ("Beginning", "Developing", "Proficient", "Advanced")


def build(n_responses, n_scorers, n_districts):
    """Set up the event LOAD, open it, and return one scorer's API token after another."""
    if db.session.scalar(sa.select(Event.id).where(Event.code == CODE)):
        raise Conflict(
            "The event LOAD is there already. Start from an empty database, or use `demo --fresh` first."
        )
    network = people.add_organization(OrganizationKind.NETWORK, name="Load test network", code="load")
    admin = _person("Load network admin", "admin", network, Role.NETWORK_ADMIN)
    rubric = _rubric(network, admin)
    districts, scorers = [], []
    for number in range(n_districts):
        district = people.add_organization(
            OrganizationKind.DISTRICT,
            name=f"Load district {number + 1}",
            code=f"load-{number + 1}",
            parent=network,
        )
        school = people.add_organization(
            OrganizationKind.SCHOOL, name="Load school", code=f"load-{number + 1}-school", parent=district
        )
        district_admin = _person(
            f"Load admin {number + 1}", f"admin{number + 1}", district, Role.DISTRICT_ADMIN
        )
        scorers += [
            _person(f"Load scorer {each + 1}", f"scorer{each + 1}", school, Role.SCORER)
            for each in range(number, n_scorers, n_districts)
        ]
        data = _responses(range(number, n_responses, n_districts))
        batch = responses.upload(district, rubric.task, file_name="load.csv", data=data, actor=district_admin)
        responses.accept(batch, actor=district_admin)
        districts.append(district)
    do_jobs()
    event = events.create_event(
        network, code=CODE, name="Load test", task_rubrics=[(rubric.task, rubric)], districts=districts,
        scorers=scorers, share_read_twice=20, actor=admin,
    )  # fmt: skip
    events.open_event(event, actor=admin)
    return [people.issue_token(scorer, "load test") for scorer in scorers]


def _person(name, mailbox, organization, role):
    person = people.add_person(name=name, email=f"{mailbox}@{DOMAIN}")
    people.join(person, organization, role)
    return person


def _rubric(network, admin):
    task = tasks.create_task(
        network, code="LOAD-1", title="Load test task", subject="Science", grade_band="6-8",
        directions="Explain what the table shows.", actor=admin,
    )  # fmt: skip
    traits = [
        {"key": key, "name": key.capitalize(), "description": "", "weight": 1.0,
         "points": [{"value": value, "label": label, "descriptor": f"The {key} is {label.lower()}."}
                    for value, label in enumerate(LEVELS, 1)]}
        for key in ("claim", "evidence", "reasoning", "clarity")
    ]  # fmt: skip
    codes = [{"code": "B", "name": "Blank", "description": "There is nothing on the page."}]
    wanted = {"kind": "analytic", "title": "Load test rubric", "traits": traits, "condition_codes": codes}
    return tasks.publish(tasks.draft_rubric(task, wanted, actor=admin), actor=admin)


def _responses(numbers):
    chance, file = random.Random("load"), io.StringIO()
    rows = csv.writer(file)
    rows.writerow(["student", "school", "text"])
    for number in numbers:
        text = " ".join(chance.choices(WORDS, k=chance.randint(60, 220)))
        rows.writerow([f"L-{number}", "Load school", f"Response {number}. {text}."])
    return file.getvalue().encode()
