"""Watching an open map page: when an incident is drawn, and what the page knows of it."""

import json
from collections.abc import Callable

from playwright.sync_api import Browser, Page

from tests.served_city import Person, ServedCity

MARKS = "overlay:incidents-marks"
# Looks after each frame of the map which incidents it shows, and notes when the last pixel of the first such
# frame was there (ms since 1970): a fence tells when the graphics have done all that was asked of them.
# A loop of animation frames would notice it a frame late: a quarter second where WebGL is software.
NOTE_WHEN_DRAWN = """() => {
  window.drawnAt = {}
  const map = window.__map
  const gl = map.getCanvas().getContext('webgl2')
  const asked = new Set()
  const look = () => {
    if (!map.getLayer(%s)) return
    const numbers = map.queryRenderedFeatures({ layers: [%s] }).map(feature => feature.properties.number)
    const first = numbers.filter(number => !asked.has(number))
    if (first.length === 0) return
    for (const number of first) asked.add(number)
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)
    gl.flush()
    const wait = () => {
      if (gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) return setTimeout(wait, 2)
      for (const number of first) window.drawnAt[number] = performance.timeOrigin + performance.now()
    }
    setTimeout(wait)
  }
  map.on('render', look)
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
