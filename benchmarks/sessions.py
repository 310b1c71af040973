"""Do 30 people in a live session slow scorers down? `python benchmarks/sessions.py [--minutes 10] [--scorers 50] [--people 30]`.

Scorers take turns as in benchmarks/queue.py: each sends scores and gets the next response, at a scorer's pace. Beside them
people sit in a live session; each page asks for its state every five seconds, and fetches the room when it has changed,
which the facilitator sees to every half minute. Rounds without and with the session follow each other, so that both meet
the same machine. Printed are the 95th percentiles of the scorers' turns and how many times longer they take.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # not this folder: its queue.py would stand in the way of Python's own

import argparse
import contextlib
import http.client
import importlib.util
import multiprocessing
import os
import random
import subprocess
import tempfile
import threading
import time
from statistics import median, quantiles
from urllib.parse import urlsplit

from tests.databases import PostgreSQL

specification = importlib.util.spec_from_file_location("scoring_queue", ROOT / "benchmarks" / "queue.py")
scoring_queue = importlib.util.module_from_spec(specification)
specification.loader.exec_module(scoring_queue)
EVERY, MOVED_EVERY = 5, 30  # seconds between two looks of a page, and between two changes of the session
SET_UP = """
import sqlalchemy as sa
from flask.sessions import SecureCookieSessionInterface
from calibration.papers.models import ConsensusScore, Paper
from calibration.sessions import attendance, protocols, running, services
from scoring import create_app
from scoring.db import db, transaction
from scoring.events.models import Event
from scoring.permissions import Role
from scoring.people import services as people
from tests import build

app = create_app()
with app.app_context():
    event = db.session.scalars(sa.select(Event)).one()
    rubric, district = event.tasks[0].rubric, event.districts[0]
    leader = people.add_person(name="Leader", email="leader@load.example.org")
    people.join(leader, district, Role.LEADER)
    work = build.a_response(rubric.task, build.a_student(district.children[0]))
    with transaction() as session:
        paper = Paper(task_id=rubric.task_id, rubric=rubric, response=work, organization_id=district.id, is_kept=True,
                      scores=[ConsensusScore(trait_id=trait.id, score=2) for trait in rubric.traits])
        session.add(paper)
    group = [people.add_person(name=f"Member {n}", email=f"member{n}@load.example.org") for n in range(COUNT)]
    for person in group:
        people.join(person, district, Role.SCORER)
    meeting = services.open_session(district, rubric, title="Load", form="live", protocol=protocols.built_in()[0], papers=[paper],
                                    people=group, actor=leader)
    for person in [leader, *group]:
        attendance.come_in(meeting, actor=person)
    running.begin(meeting, actor=leader)
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    print(meeting.id, app.config["SESSION_COOKIE_NAME"])
    for person in [leader, *group]:
        print(signer.dumps({"_user_id": person.get_id(), "_fresh": True, "csrf_token": "0" * 40}))
"""


class Page:
    """The open page of one person: asks for the state, and for the room when it has changed."""

    def __init__(self, url, number, cookie):
        self.address, self.number = urlsplit(url), number
        self.connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=60)
        self.headers = {"Cookie": cookie, "Accept": "application/json"}
        self.tag = None
        self.counts = {200: 0, 304: 0}

    def look(self):
        headers = self.headers | ({"If-None-Match": self.tag} if self.tag else {})
        status, reply, _ = self.get(f"/sessions/{self.number}/state", headers)
        self.counts[status] += 1
        if status == 200:
            known, self.tag = self.tag, reply.getheader("ETag")
            if known:  # the page was loaded with the state it had when it was opened
                self.get(f"/sessions/{self.number}?fragment=1", {"Cookie": self.headers["Cookie"]})

    def get(self, path, headers):
        self.connection.request("GET", path, headers=headers)
        reply = self.connection.getresponse()
        body = reply.read()
        if reply.status not in {200, 304}:
            raise RuntimeError(f"{path} answered {reply.status}: {body[:200]}")
        return reply.status, reply, body


def sit(url, number, cookies, seconds, answers):
    """Let every page look every five seconds, each at its own moment; now and then the timer is paused and goes on."""
    pages = [Page(url, number, cookie) for cookie in cookies]
    until = time.perf_counter() + seconds
    failed = []

    def watch(page):
        try:
            time.sleep(random.uniform(0, EVERY))
            while time.perf_counter() < until:
                page.look()
                time.sleep(EVERY)
        except Exception as error:
            failed.append(repr(error))

    threads = [threading.Thread(target=watch, args=(page,)) for page in pages]
    for thread in threads:
        thread.start()
    lead(url, number, cookies[0], until)
    for thread in threads:
        thread.join()
    answers.put(({kind: sum(page.counts[kind] for page in pages) for kind in (200, 304)}, failed))


def lead(url, number, cookie, until):
    """Change the session every half minute, as a facilitator does."""
    address, is_paused = urlsplit(url), False
    while time.perf_counter() + MOVED_EVERY < until:
        time.sleep(MOVED_EVERY)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        connection.request("GET", f"/sessions/{number}", headers={"Cookie": cookie})
        page = connection.getresponse().read().decode()
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        is_paused = not is_paused
        body = f"csrf_token={token}&wish={'pause' if is_paused else 'go-on'}"
        headers = {
            "Cookie": cookie,
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": url,
            "Referer": url,
        }
        connection.request("POST", f"/sessions/{number}/timer", body, headers)
        reply = connection.getresponse()
        if reply.status != 302:
            raise RuntimeError(f"The facilitator's button answered {reply.status}: {reply.read()[:300]}")


def score(url, tokens, seconds, pace, answers):
    """Let scorers take turns at a scorer's pace; put the times of their turns in `answers`."""
    taken, failed = [], []
    until = time.perf_counter() + seconds

    def work(token):
        try:
            scorer = scoring_queue.Scorer(url, token)
            scorer.begin()
            time.sleep(random.uniform(0, pace))
            while scorer.held and time.perf_counter() < until:
                taken.append(scorer.turn())
                time.sleep(random.uniform(0.5, 1.5) * pace)
        except Exception as error:
            failed.append(repr(error))

    threads = [threading.Thread(target=work, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put((taken, failed))


def one_round(url, tokens, seat, seconds, pace):
    """One round: with a session when `seat` (its number and cookies) is given. Returns the turns' times."""
    answers, polls = multiprocessing.Queue(), multiprocessing.Queue()
    processes = [multiprocessing.Process(target=score, args=(url, tokens, seconds, pace, answers))]
    if seat:
        processes.append(multiprocessing.Process(target=sit, args=(url, *seat, seconds, polls)))
    for process in processes:
        process.start()
    taken, failed = answers.get(timeout=seconds + 180)
    counts, failed_too = polls.get(timeout=180) if seat else ({}, [])
    for process in processes:
        process.join()
    if failed or failed_too:
        raise SystemExit(
            f"{len(failed)} scorers and {len(failed_too)} pages failed, the first with {(failed + failed_too)[0]}"
        )
    return taken, counts


def report(name, url, tokens, seat, options):
    """Alternate rounds without and with the session; print each, and the median of how they compare."""
    ratios, seconds = [], options.minutes * 60 / options.rounds
    for number in range(1, options.rounds + 1):
        told = {}
        for kind in ("without", "with") if number % 2 else ("with", "without"):
            taken, counts = one_round(url, tokens, seat if kind == "with" else None, seconds, options.pace)
            told[kind] = quantiles(taken, n=100)[94]
            polls = f", {counts[304]} looks unchanged, {counts[200]} changed" if counts else ""
            print(f"{name:<11} round {number}, {kind:<7} session: p95 {told[kind] * 1000:7.1f} ms  median {median(taken) * 1000:7.1f} ms  "
                  f"({len(taken)} turns, 0 errors{polls})", flush=True)  # fmt: skip
        ratios.append(told["with"] / told["without"])
    print(
        f"{name:<11} p95 with / without: median {median(ratios):.2f} of {[round(each, 2) for each in ratios]}",
        flush=True,
    )


def seat_people(folder, database_url, count):
    """Set up a live session through the services; return its number and the cookies of everybody in it."""
    environment = os.environ | {"INSTANCE_PATH": str(folder / "instance"), "DATABASE_URL": database_url or ""}
    code = SET_UP.replace("COUNT", str(count - 1))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    first, *cookies = done.stdout.split("\n")[:-1][-count - 1 :]
    number, name = first.split()
    return int(number), [f"{name}={cookie}" for cookie in cookies]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="of each kind, over all rounds")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scorers", type=int, default=50)
    parser.add_argument("--people", type=int, default=30, help="in the session, its facilitator among them")
    parser.add_argument(
        "--pace", type=float, default=5, help="seconds from one turn of a scorer to the next, about"
    )
    parser.add_argument("--responses", type=int, default=20_000)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    options = parser.parse_args()
    size = argparse.Namespace(responses=options.responses, scorers=[options.scorers])
    for name in options.databases:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rangefinder-sessions-")))
            url = None
            if name == "postgresql":
                postgres = PostgreSQL(safe=True)
                stack.callback(postgres.stop)
                url = postgres.url("sessions")
            address, tokens = stack.enter_context(scoring_queue.server(folder, url, size))
            report(name, address, tokens, seat_people(folder, url, options.people), options)


if __name__ == "__main__":
    main()
