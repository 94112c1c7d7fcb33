"""What supervisors do on the page of the workshop, in words: pick, drag, draw, wait until it is saved."""

from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.map_page import PATIENCE_MS
from tests.served_city import Person, ServedCity

Place = tuple[int, int]
# The pixel of a place in steps of 2^-27 degree.
_PIXEL = """([x, y]) => {
  const box = window.__map.getCanvas().getBoundingClientRect()
  const at = window.__map.project([x / 2 ** 27, y / 2 ** 27])
  return [box.left + at.x, box.top + at.y]
}"""
_INSIDE = """(coverage, cell) => {
  const ring = coverage.drawn(cell)[0]
  const ys = ring.map(([, y]) => y)
  const y = (Math.min(...ys) + Math.max(...ys)) / 2 + 0.5
  const met = ring.flatMap((a, i) => {
    const b = ring[(i + 1) % ring.length]
    return a[1] > y === b[1] > y ? [] : [a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1])]
  }).sort((p, q) => p - q)
  return [Math.round((met[0] + met[1]) / 2), Math.round(y)]
}"""


class Drawing:
    """An open workshop of a demo person."""

    def __init__(
        self,
        browser: Browser,
        city: ServedCity,
        username: str,
        *,
        person: Person | None = None,
        **context: Any,
    ) -> None:
        options = {"viewport": {"width": 1280, "height": 720}, "locale": "en-GB", **context}
        made = browser.new_context(base_url=city.url, **options)
        self.person = person or Person(city, username)
        made.add_cookies(
            [{"name": name, "value": value, "url": city.url} for name, value in self.person.cookies.items()]
        )
        self.broken: list[str] = []
        self.page: Page = made.new_page()
        self.page.on("pageerror", lambda error: self.broken.append(f"{error.message}\n{error.stack}"))

    def open(self, draft: int | None = None) -> None:
        """The page anew, also when only the part after # is another."""
        self.page.goto("about:blank")
        self.page.goto(f"/workshop?still&test{f'#draft={draft}' if draft else ''}")
        self.page.wait_for_selector("body[data-ready]", timeout=2 * PATIENCE_MS)
        self.page.wait_for_function("() => window.__bench.coverage.cells.size > 0", timeout=PATIENCE_MS)

    def make_draft(self, name: str) -> int:
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_role("button", name="New draft").click()
        self.page.wait_for_function("() => !window.__bench.isReadOnly", timeout=PATIENCE_MS)
        return int(self.page.url.partition("#draft=")[2])

    def look_at(self, *keys: str) -> None:
        """Bring cells into view, large."""
        self.page.evaluate(
            """keys => {
                 const { coverage } = window.__bench
                 const corners = keys.flatMap(key => coverage.drawn(coverage.cell(key))[0])
                 const xs = corners.map(([x]) => x / 2 ** 27), ys = corners.map(([, y]) => y / 2 ** 27)
                 const corner = of => [of(...xs), of(...ys)]
                 window.__map.fitBounds([corner(Math.min), corner(Math.max)],
                   { padding: { left: 210, top: 60, right: 60, bottom: 60 }, animate: false })
               }""",
            list(keys),
        )

    def go_near(self, place: Place) -> None:
        """A place in the middle of the map, a metre some five pixels."""
        self.page.evaluate(
            "([x, y]) => window.__map.jumpTo({ center: [x / 2 ** 27, y / 2 ** 27], zoom: 18.5 })", list(place)
        )

    def pick(self, key: str) -> None:
        self.look_at(key)
        self.click(self.inside(key))
        self.page.wait_for_function("key => window.__bench.picked.includes(key)", arg=key)

    def pixel(self, place: Place) -> tuple[float, float]:
        x, y = self.page.evaluate(_PIXEL, list(place))
        return x, y

    def inside(self, key: str) -> Place:
        """A place inside a cell."""
        found = self.page.evaluate(
            f"key => ({_INSIDE})(window.__bench.coverage, window.__bench.coverage.cell(key))", key
        )
        return found[0], found[1]

    def click(self, place: Place, **options: Any) -> None:
        self.page.mouse.click(*self.pixel(place), **options)

    def drag(self, start: Place, end: Place, steps: int = 6) -> None:
        self.page.mouse.move(*self.pixel(start))
        self.page.mouse.down()
        self.page.mouse.move(*self.pixel(end), steps=steps)
        self.page.evaluate("() => new Promise(requestAnimationFrame)")
        self.page.mouse.up()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def tell(self, script: str, *arguments: Any) -> Any:
        """A question to the bench: `bench => ...`."""
        return self.page.evaluate(f"given => ({script})(window.__bench, ...given)", list(arguments))

    def saved(self) -> None:
        """Wait until the server has every step."""
        state = self.page.locator("[data-saving]")
        expect(state).to_have_attribute("data-saving", "saved", timeout=PATIENCE_MS)
        expect(state).to_have_attribute("data-unsaved", "0")

    @property
    def cells(self) -> int:
        return int(self.tell("bench => bench.coverage.cells.size"))

    def outline(self, key: str) -> list[Place]:
        found = self.tell("(bench, key) => bench.coverage.drawn(bench.coverage.cell(key))[0]", key)
        return [(x, y) for x, y in found]

    def close(self) -> None:
        self.page.context.close()
        assert not self.broken, "\n".join(self.broken)
