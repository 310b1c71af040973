"""How soon the next response is on the screen: `python benchmarks/screen.py [--turns 40]`.

From the Enter key, or without JavaScript from the click on the button, to the next response painted, in a browser on
this machine: as it is, with a slow computer, and with a slow computer on a slow line.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from scoring.db import db
from scoring.people.models import Person
from tests import build
from tests.browser import Desk, chromium, serving
from tests.conftest import Sandbox

TEXT = "Schools should start later, because sleep matters and tired students learn little. " * 40
SETTINGS = {  # processor so many times slower, milliseconds for a round trip, kilobits a second
    "as it is": (1, 0, 0),
    "processor 4 times slower": (4, 0, 0),
    "6 times slower, 300 ms, 700 kbit/s": (6, 300, 700),
}
WATCH = """() => {
  window.times = [];
  let pressed = 0;
  addEventListener("keydown", (event) => { if (event.key === "Enter") pressed = performance.now(); }, true);
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => window.times.push(performance.now() - pressed))))
    .observe(document.querySelector("[data-work]"), { childList: true });
}"""


def slow_down(page, processor, round_trip, kilobits):
    tools = page.context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": processor})
    if round_trip:
        rate = kilobits * 1000 / 8
        tools.send("Network.emulateNetworkConditions", {
            "offline": False, "latency": round_trip, "downloadThroughput": rate, "uploadThroughput": rate,
        })  # fmt: skip


def by_keys(page, turns):
    """Milliseconds of each turn with the script at work, at a quick scorer's pace."""
    page.evaluate(WATCH)
    for done in range(1, turns + 1):
        page.wait_for_timeout(250)
        for _ in range(4):
            page.keyboard.press("3")
        page.keyboard.press("Enter")
        while page.evaluate("window.times.length") < done:
            page.wait_for_timeout(20)
    return page.evaluate("window.times")


def by_buttons(page, turns):
    """Milliseconds of each turn without JavaScript: a whole page each time."""
    times = []
    for _ in range(turns):
        for trait in range(4):
            page.locator(f"#trait-t{trait}-3").check()
        start = time.perf_counter()
        page.get_by_role("button", name="Save and next").last.click()
        page.locator(".work-text").wait_for()
        times.append((time.perf_counter() - start) * 1000)
    return times


def told(name, times):
    print(
        f"{name:40} {median(times):6.0f} ms in the middle {quantiles(times, n=20)[-1]:6.0f} ms at the 95th percentile"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=40, help="Responses scored in each setting.")
    turns = parser.parse_args().turns
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(Path(folder), f"sqlite:///{folder}/scoring.sqlite")
        with sandbox.app.app_context(), serving(sandbox.app) as address, chromium() as browser:
            task = build.a_task(rubric=False)
            build.a_rubric(task, [f"t{number}" for number in range(4)])
            for _ in range((turns + 5) * (len(SETTINGS) + 1)):
                build.a_response(task, text=TEXT)
            event = build.an_event(task, share_read_twice=0)
            ana = db.session.get(Person, sandbox.ids.people["ana"])
            desk = Desk(browser, address, sandbox.app)
            for name, conditions in SETTINGS.items():
                page = desk.open(ana)
                page.goto(f"/reads/next?event={event.code}")
                page.locator(".trait.is-current").wait_for()
                slow_down(page, *conditions)
                told(name, by_keys(page, turns))
                page.close()
            page = desk.open(ana, java_script_enabled=False)
            page.goto(f"/reads/next?event={event.code}")
            told("without JavaScript", by_buttons(page, turns))
            desk.close()
        sandbox.close()


if __name__ == "__main__":
    main()
