"""A real browser on a real server: Chromium, watched for errors, refused content and strangers."""

import shutil
import threading
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest
import waitress
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from scoring.db import db

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
PATIENCE = 30_000  # ms: one worker for each core, so browsers have to share
expect.set_options(timeout=PATIENCE)
PARTS_OF_A_PAGE = {"stylesheet", "script", "image", "font", "media", "manifest"}


@contextmanager
def serving(app):
    """Serve the app with waitress on a free loopback port; yields the address."""
    server = waitress.create_server(
        app, host="127.0.0.1", port=0, threads=8, clear_untrusted_proxy_headers=True
    )
    thread = threading.Thread(target=server.run, name="live server", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.task_dispatcher.shutdown(cancel_pending=True)
        with suppress(OSError):  # the loop may have hung up and closed the trigger before it was pulled
            server.trigger.pull_trigger(lambda: hang_up(server))
        thread.join(timeout=10)


def hang_up(server):
    """Stop listening, and end the connections a closed browser left open: the server's loop waits for them."""
    server.close()
    for channel in list(server.active_channels.values()):
        channel.handle_close()


def find_chromium():
    """Debian calls it chromium, others differ."""
    names = ["chromium", "chromium-browser", "google-chrome"]
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise RuntimeError("No Chromium found. On Debian: apt-get install --no-install-recommends chromium")
    return found


@contextmanager
def chromium():
    """Start Chromium; yields the browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


class Desk:
    """Opens pages as somebody, and remembers everything that went wrong on them."""

    def __init__(self, browser, address, app):
        self.browser, self.address, self.app = browser, address, app
        self.contexts, self.problems = [], []
        self.session = db.session()

    def open(self, person=None, **options):
        """Return a new page in a window of its own: signed in as a person, or as nobody.

        Options are those of Playwright's new_context: java_script_enabled, viewport, color_scheme ...
        """
        options.setdefault("viewport", {"width": 1366, "height": 768})
        context = self.browser.new_context(base_url=self.address, reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        if person is not None:
            context.add_cookies([self._session_of(person)])
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.problems.append(f"script error: {error.error}"))
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        return context.new_page()

    def close(self):
        for context in self.contexts:
            context.close()

    def _session_of(self, person):
        client = self.app.test_client().sign_in(person)
        name = self.app.config["SESSION_COOKIE_NAME"]
        return {"name": name, "value": client.get_cookie(name).value, "url": self.address, "httpOnly": True}

    def _on_console(self, message):
        # A missing page or a refused request is the page's business; broken parts are caught in _on_response.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console: {message.text}")

    def _on_request(self, request):
        # The test's own session lets go of the database, or SQLite could not write; its rows are fresh afterwards.
        self.session.commit()
        self.session.expire_all()
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and f"http://{address.netloc}" != self.address:
            self.problems.append(f"request to another host: {request.url}")

    def _on_response(self, response):
        if response.status >= 500 or (
            response.status >= 400 and response.request.resource_type in PARTS_OF_A_PAGE
        ):
            self.problems.append(f"{response.status} for {response.url}")


def axe(page):
    """Fail on every accessibility violation axe finds on the page as it stands."""
    found = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    words = [
        f"{each['id']}: {each['help']}: {[node['html'][:160] for node in each['nodes'][:3]]}"
        for each in found
    ]
    assert not words, f"{page.url}\n" + "\n".join(words)


def overflow(page):
    """How many pixels the page is wider than its window."""
    page.wait_for_load_state()
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.fixture(scope="session")
def browser():
    """Chromium, started once."""
    with chromium() as started:
        yield started


@pytest.fixture
def live_server(app):
    """The address of the app on a free port, on SQLite: browser tests are about pages."""
    with serving(app) as address:
        yield address


@pytest.fixture
def desk(browser, live_server, app):
    """Open pages: `desk.open(ana, color_scheme="dark")`. Fails the test on whatever went wrong on them."""
    with_problems = Desk(browser, live_server, app)
    yield with_problems
    with_problems.close()
    assert not with_problems.problems, "\n".join(with_problems.problems)


@pytest.fixture
def page(desk):
    """One page, nobody signed in."""
    return desk.open()
