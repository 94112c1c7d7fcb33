"""Watching an open map page: when an incident is drawn, and what the page knows of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from tests.served_city import Person, ServedCity

MARKS = "overlay:incidents-marks"
# Notes (ms since 1970) when an incident is first on the screen. A new one is first a mark over the map, an
# element: it is there when the frame after the one in which it appeared begins. Then it is drawn by the map
# itself: looked for after each frame of the map, and a fence tells when the graphics have done all that was
# asked of them. A loop of animation frames would notice that a frame late: a quarter second where WebGL is
# software.
NOTE_WHEN_DRAWN = """() => {
  window.seen = {}
  window.drawnAt = {}
  const now = () => performance.timeOrigin + performance.now()
  const note = (number, at, where) => { window.seen[number] ??= { at, where } }
  const see = (element) => {
    const box = element.getBoundingClientRect()
    const ground = window.__map.getCanvas().getBoundingClientRect()
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return
    const middle = [box.left + box.width / 2 - ground.left, box.top + box.height / 2 - ground.top]
    note(element.dataset.incident, now(), window.__map.unproject(middle).toArray())
  }
  new MutationObserver(changes => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes)
        if (node instanceof HTMLElement && node.matches('.fresh-mark'))
          requestAnimationFrame(() => requestAnimationFrame(() => see(node)))
  }).observe(document.body, { childList: true, subtree: true })
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
      for (const number of first) note(number, window.drawnAt[number] = now())
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


@dataclass(frozen=True)
class Seen:
    """When an incident was first on the screen, and drawn by the map itself (seconds since 1970).

    `where` is the longitude and latitude under the middle of the mark that was seen first, when it was an
    element over the map; None when it was the map's own drawing.
    """

    at: float
    drawn_at: float
    where: tuple[float, float] | None


def note_when_drawn(page: Page) -> Callable[[str, float], Seen | None]:
    """Start noting; the returned function waits for a number at most so many seconds."""
    layer = json.dumps(MARKS)
    page.evaluate(NOTE_WHEN_DRAWN % (layer, layer))

    def seen(number: str, within_s: float) -> Seen | None:
        found = page.evaluate(
            """([number, ms]) => new Promise(done => {
                 const until = performance.now() + ms
                 const look = () => window.drawnAt[number] || performance.now() > until
                   ? done([window.seen[number] ?? null, window.drawnAt[number] ?? null])
                   : setTimeout(look, 10)
                 look()
               })""",
            [number, within_s * 1000],
        )
        first, drawn_at = found
        if first is None or drawn_at is None:
            return None
        where = first.get("where")
        return Seen(first["at"] / 1000, drawn_at / 1000, tuple(where) if where else None)

    return seen
