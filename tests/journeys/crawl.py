"""Walks through the product as one person after the other, and notes what each page is like.

A tour opens every page it finds a link to, at most two of one kind for each role. The first two of a kind get the full
look: axe in light and in dark, on a desk and on a phone; every page must fit the windows it is shown in.
"""

import os
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.browser import AXE_OPTIONS, overflow

DESK, ZOOMED, PHONE = (1366, 768), (683, 384), (320, 640)  # ZOOMED is the desk at 200 %
MOST_OF_A_KIND = 2
LINKS = "[...document.querySelectorAll('a[href]')].map(each => each.href)"


@dataclass
class Tour:
    """What was seen: pages by kind, and everything that was wrong with one of them."""

    app: object
    violations: list = field(default_factory=list)
    too_wide: list = field(default_factory=list)
    wrong: list = field(default_factory=list)
    seen: Counter = field(default_factory=Counter)

    def __post_init__(self):
        self.map = self.app.url_map.bind("localhost")
        folder = os.environ.get("SCREENSHOTS")
        self.pictures = Path(folder) if folder else None
        if self.pictures:
            self.pictures.mkdir(parents=True, exist_ok=True)

    def endpoint(self, address):
        """The endpoint that answers a GET of this address, or None."""
        try:
            return self.map.match(urlsplit(address).path, method="GET")[0]
        except RequestRedirect as redirect:
            return self.endpoint(redirect.new_url)
        except HTTPException:
            return None

    def walk(self, role, page, starts, skip):
        """Open `starts` and what they link to; `skip` are the endpoints that answer no page."""
        waiting, known, visits = deque(starts), set(), Counter()
        while waiting:
            path = waiting.popleft()
            endpoint = self.endpoint(path)
            if endpoint is None or endpoint in skip or visits[endpoint] >= MOST_OF_A_KIND:
                continue
            visits[endpoint] += 1
            reply = page.goto(path)
            if reply.status >= 400:
                self.wrong.append(f"{role}: {path} answers {reply.status}")
            waiting.extend(self._links(page, known))
            landed = self.endpoint(page.url)
            if landed != endpoint:
                visits[landed] += 1
            self.seen[landed] += 1
            self.look(page, f"{landed}-{role}-{self.seen[landed]}", fully=self.seen[landed] <= MOST_OF_A_KIND)

    def _links(self, page, known):
        """Links to pages of ours that were not found before, as paths."""
        for each in page.evaluate(LINKS):
            address = urlsplit(each)
            if address.netloc == urlsplit(page.url).netloc and address.path not in known:
                known.add(address.path)
                yield f"{address.path}?{address.query}" if address.query else address.path

    def look(self, page, name, *, fully=True):
        """See whether the page fits; if wanted, let axe look at it as well, light and dark, on a desk and on a phone."""
        if fully:
            page.evaluate(AXE_SCRIPT)
        for size in (DESK, ZOOMED, PHONE):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            if wide := overflow(page):
                self.too_wide.append(f"{name} at {size[0]}: {wide} pixels too wide ({page.url})")
            for theme in ("light", "dark") if fully and size != ZOOMED else ():
                page.emulate_media(color_scheme=theme)
                self._axe(page, f"{name}, {theme}, {size[0]}")
                self._picture(page, name, theme, size)
            page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": DESK[0], "height": DESK[1]})

    def _axe(self, page, where):
        run = "async (options) => (await axe.run(document, options)).violations"
        for found in page.evaluate(run, AXE_OPTIONS):
            parts = [node["html"][:160] for node in found["nodes"][:3]]
            self.violations.append(f"{where}: {found['id']}: {found['help']}: {parts}")

    def _picture(self, page, name, theme, size):
        if self.pictures:
            page.screenshot(
                path=self.pictures / f"{name}-{size[0]}-{theme}.png", full_page=True, animations="disabled"
            )
