"""Watching an open map page: when an incident is drawn, and what the page knows of it."""

import json
from collections.abc import Callable

from playwright.sync_api import Browser, Page

from tests.served_city import Person, ServedCity

MARKS = "overlay:incidents-marks"
# Looks in every frame which incidents are drawn, and notes when each was first there (ms since 1970).
NOTE_WHEN_DRAWN = """() => {
  window.drawnAt = {}
  const look = () => {
    const map = window.__map
    if (map && map.getLayer(%s)) {
      const now = performance.timeOrigin + performance.now()
      for (const feature of map.queryRenderedFeatures({ layers: [%s] }))
        window.drawnAt[feature.properties.number] ??= now
    }
    requestAnimationFrame(look)
  }
  look()
}"""


def open_map(
    browser: Browser,
    city: ServedCity,
    username: str,
    view: str = "",
    *,
    prepare: Callable[[Page], object] | None = None,
    **context: object,
) -> Page:
    """The map page, logged in as a demo person; `view` is the part of the address after #.

    `prepare` gets the page before it loads anything.
    """
    options = {"viewport": {"width": 1280, "height": 720}, "locale": "en-GB", **context}
    made = browser.new_context(base_url=city.url, **options)  # type: ignore[arg-type]
    person = Person(city, username)
    made.add_cookies(
        [{"name": name, "value": value, "url": city.url} for name, value in person.cookies.items()]
    )
    page = made.new_page()
    if prepare:
        prepare(page)
    page.goto(f"/?still&test{'#' + view if view else ''}")
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    return page


def note_when_drawn(page: Page) -> Callable[[str, float], float | None]:
    """Start noting; the returned function waits for a number at most so many seconds.

    It gives the moment the incident was first drawn, in seconds since 1970, or None.
    """
    layer = json.dumps(MARKS)
    page.evaluate(NOTE_WHEN_DRAWN % (layer, layer))

    def drawn_at(number: str, within_s: float) -> float | None:
        found = page.evaluate(
            """([number, ms]) => new Promise(done => {
                 const until = performance.now() + ms
                 const look = () => window.drawnAt[number] || performance.now() > until
                   ? done(window.drawnAt[number] ?? null) : setTimeout(look, 10)
                 look()
               })""",
            [number, within_s * 1000],
        )
        return None if found is None else float(found) / 1000

    return drawn_at
