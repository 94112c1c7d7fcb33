"""The wall: let in by a code, read from afar, never out of date unsaid, back by itself."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.map_page import PATIENCE_MS, Picture
from tests.browser.storm import flood
from tests.served_city import ServedCity, free_port

STALE_WITHIN_MS = 10_500
DRAWN = "() => window.__map?.loaded() && window.__map.areTilesLoaded() && !window.__map.isMoving()"
# By how much the map is enlarged.
SCALE = """(Number(getComputedStyle(document.querySelector('.map')).getPropertyValue('--map-scale')) || 1)"""
# Every text on the page that is seen, with its size on the screen; the map's own controls are enlarged.
TEXTS = """() => {
  const scale = SCALE
  const found = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement
    const said = walk.currentNode.textContent.trim()
    if (!said || !element.checkVisibility() || element.closest('option')) continue
    const size = parseFloat(getComputedStyle(element).fontSize) * (element.closest('.map-frame') ? scale : 1)
    found.push([size, said.slice(0, 30)])
  }
  const sizes = value => typeof value === 'number' ? [value]
    : ['interpolate', 'step'].includes(value[0])
      ? value.slice(value[0] === 'step' ? 2 : 4).filter((_, i) => i % 2 === 0).flatMap(sizes)
      : [value[0] === 'max' ? value[2] : NaN]
  for (const layer of window.__map.getStyle().layers)
    if (layer.type === 'symbol' && layer.layout?.['text-field'] !== undefined
        && layer.layout.visibility !== 'none')
      for (const size of sizes(layer.layout['text-size'] ?? 16)) found.push([size * scale, layer.id])
  return found
}""".replace("SCALE", SCALE)
# Critical points of the map, the panels, and the marks on the rim.
COVERED = """() => {
  const map = window.__map
  const scale = SCALE
  const panels = [...document.querySelectorAll('[data-panel], .head, .attribution')]
    .map(one => one.getBoundingClientRect())
  const rims = [...document.querySelectorAll('.rim')]
  const onRim = new Set(rims.flatMap(one => one.dataset.keys.split(' ')))
  const seen = []
  const kinds = [['overlay:incidents', 'number', 'status'], ['overlay:water', 'code', 'band']]
  for (const [source, name, wanted] of kinds)
    for (const { properties, geometry } of map.getSource(source).serialize().data.features) {
      if (properties[wanted] !== 'critical') continue
      const at = map.project(geometry.coordinates)
      const [x, y] = [at.x * scale, at.y * scale]
      const off = x < 0 || y < 0 || x > innerWidth || y > innerHeight
      const inside = box => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom
      const under = off || panels.some(inside)
      seen.push({ key: properties[name], under, shown: !under || onRim.has(properties[name]) })
    }
  return seen
}""".replace("SCALE", SCALE)


class Desk:
    """The demo commander at the API; logs in for each call: a connection that waits is closed."""

    def __init__(self, city: ServedCity) -> None:
        self._city = city

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        person = self._city.log_in("demo-commander")
        try:
            return person.call(method, path, body)
        finally:
            person.connection.close()


@pytest.fixture(scope="module")
def commander(city: ServedCity) -> Desk:
    return Desk(city)


@pytest.fixture(scope="module")
def wet_city(city: ServedCity) -> ServedCity:
    flood(city)
    return city


def screen(browser: Browser, city: ServedCity, width: int, height: int, language: str = "en") -> Page:
    """A browser that nobody has signed in to, at the address of the wall."""
    locale = "zh-CN" if language == "zh" else "en-GB"
    context = browser.new_context(
        base_url=city.url, viewport={"width": width, "height": height}, locale=locale
    )
    page = context.new_page()
    page.goto("/wall?still&test")
    return page


def let_in(page: Page, desk: Desk, **asked: Any) -> int:
    """Confirm the code on a screen and wait for its map; the display's id."""
    code = page.locator("[data-code]").get_attribute("data-code", timeout=PATIENCE_MS)
    status, made = desk.call("POST", "/api/displays", {"code": code, "name": "Hall", **asked})
    assert status == 201, made
    page.wait_for_function("() => document.body.dataset.ready", timeout=PATIENCE_MS)
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    return int(made["id"])


def steer(desk: Desk, display: int, **wishes: Any) -> None:
    status, said = desk.call("PATCH", f"/api/displays/{display}", {"wishes": wishes})
    assert status == 200, said


@pytest.fixture(scope="module")
def wall(browser: Browser, wet_city: ServedCity, commander: Desk) -> Iterator[tuple[Page, int]]:
    """A small paired wall that the tests of this file share, and the id of its display."""
    page = screen(browser, wet_city, 1280, 720)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(error.message))
    yield page, let_in(page, commander)
    page.context.close()
    assert not broken, "\n".join(broken)


def test_a_paired_wall_shows_every_panel_the_legend_and_the_citys_clock(
    wall: tuple[Page, int], picture: Picture
):
    page, _ = wall

    for name in ("Indicators", "Patrol coverage by street", "Cameras", "Waterlogging", "Incidents"):
        expect(page.get_by_role("region", name=name, exact=True)).to_be_visible()
    expect(page.get_by_label("Legend")).to_contain_text("≥ 50 cm")
    expect(page.get_by_text("Simulated data")).to_be_visible()
    expect(page.get_by_text("Helsinki time")).to_be_visible()
    picture(page, "wall-1280x720")


def test_the_worst_water_comes_first_with_its_band_rise_and_depth(wall: tuple[Page, int]):
    page, _ = wall
    rows = page.locator("[data-water]")
    expect(rows).to_have_count(7)

    bands = [row.get_attribute("data-band") for row in rows.all()]

    assert bands == ["critical", "critical", "serious", "serious", "watch", "notice", "notice"]
    expect(rows.nth(0)).to_contain_text("cm/10 min")
    expect(rows.nth(0).locator(".depth")).to_have_text("58cm")


def test_a_figure_opens_to_what_it_is_made_of(wall: tuple[Page, int]):
    page, _ = wall

    page.locator("[data-indicator=open]").click()

    opened = page.get_by_role("region", name="open", exact=True)
    expect(opened).to_contain_text("Incidents that are reported and neither closed nor rejected nor void.")
    value, numerator = opened.locator(".value"), opened.locator("dd").nth(0)
    assert value.inner_text() == numerator.inner_text()
    opened.get_by_role("button", name="Close").click()
    page.locator("[data-indicator=filing_rate]").click()
    rate = page.get_by_role("region", name="filing rate")
    expect(rate).to_contain_text("Reported in the period and filed ÷ reported in the period.")
    filed, received = (int(rate.locator("dd").nth(n).inner_text().replace(",", "")) for n in (0, 1))
    expected = f"{100 * filed / received:.1f}".removesuffix(".0") + "%" if received else "–"
    assert rate.locator(".value").inner_text() == expected
    rate.get_by_role("button", name="Close").click()


def test_a_clock_that_is_set_changes_no_time_on_the_wall(wall: tuple[Page, int]):
    page, _ = wall

    page.evaluate("() => { const real = Date.now; Date.now = () => real() + 3 * 3600_000 }")
    page.wait_for_timeout(1100)

    shown = datetime.fromisoformat(str(page.locator("time[data-clock]").get_attribute("datetime")))
    assert abs(shown - datetime.now(UTC)) < timedelta(seconds=5)
    expect(page.locator("[data-stale=true]")).to_have_count(0)


def test_what_is_critical_is_never_under_a_panel_unsaid(
    wall: tuple[Page, int], commander: Desk, picture: Picture
):
    page, display = wall
    whole = page.evaluate(COVERED)
    steer(commander, display, view={"lng": 24.9413, "lat": 60.1705, "zoom": 17.5})
    page.wait_for_function("() => window.__map.getZoom() > 17.4", timeout=PATIENCE_MS)
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    page.wait_for_timeout(300)

    near = page.evaluate(COVERED)

    assert whole and all(one["shown"] for one in whole)
    assert any(one["under"] for one in near), "the view was to leave some of them out"
    assert [one for one in near if not one["shown"]] == []
    picture(page, "wall-near")
    steer(commander, display, view=None)


def test_the_desk_steers_layout_panel_and_language(wall: tuple[Page, int], commander: Desk):
    page, display = wall

    steer(commander, display, layout="wide", panel="water", language="zh")

    expect(page.locator("[data-layout=wide]")).to_be_visible()
    expect(page.get_by_role("region", name="积水点", exact=True)).to_be_visible()
    steer(commander, display, layout="auto", panel=None, language="en")
    expect(page.get_by_role("region", name="Waterlogging", exact=True)).to_be_visible()


def test_replay_shows_what_was_open_then(wall: tuple[Page, int], commander: Desk, picture: Picture):
    page, display = wall
    at = (datetime.now(UTC) - timedelta(hours=20)).replace(second=0, microsecond=0)

    def open_then() -> str:
        _, told = commander.call("GET", f"/api/replay/incidents?at={at:%Y-%m-%dT%H:%M:%SZ}")
        return f"{len(told['results'])} in all"

    before = open_then()

    steer(commander, display, replay_at=at.isoformat())

    expect(page.locator(f"[data-replay='{at:%Y-%m-%dT%H:%M:%S}.000Z']")).to_be_visible()
    expect(page.get_by_text("Fetching what it was like…")).to_have_count(0)
    note = page.get_by_role("region", name="Incidents", exact=True).locator(".note").inner_text()
    # The demonstration's simulated past may still be growing.
    assert note in (before, open_then())
    picture(page, "wall-replay")
    steer(commander, display, replay_at=None)
    expect(page.locator("[data-replay]")).to_have_count(0)


def test_a_map_that_the_graphics_card_dropped_is_made_anew(wall: tuple[Page, int]):
    page, _ = wall
    page.evaluate(
        """() => {
             window.__lost = window.__map
             window.__map.getCanvas().getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()
           }"""
    )

    expect(page.get_by_role("alert")).to_contain_text("Bringing the map back")

    page.wait_for_function("() => window.__map && window.__map !== window.__lost", timeout=PATIENCE_MS)
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    expect(page.get_by_role("alert")).to_be_empty()
    assert page.evaluate("() => Boolean(window.__map.getLayer('overlay:people'))")


def test_names_are_not_sent_once_visitors_are_there_and_an_ended_wall_asks_for_a_code(
    wall: tuple[Page, int], commander: Desk
):
    page, display = wall

    def workers() -> set[str]:
        listed = page.evaluate("() => fetch('/api/incidents?stage=open').then(answer => answer.json())")
        return {row["worker"] for row in listed["results"]} - {""}

    assert workers()
    commander.call("PATCH", f"/api/displays/{display}", {"hides_people": True})
    expect(page.get_by_text("Visitors present: no names shown")).to_be_visible()
    assert not workers()

    assert commander.call("DELETE", f"/api/displays/{display}")[0] == 204
    expect(page.locator("[data-code]")).to_be_visible(timeout=PATIENCE_MS)


@pytest.fixture
def second_server(city: ServedCity) -> Iterator[ServedCity]:
    second = replace(city, port=free_port(), processes=[])
    yield second
    for process in second.processes:
        process.terminate()
        process.wait(20)


def test_old_data_is_called_old_within_ten_seconds_and_a_restart_needs_no_reload(
    browser: Browser, second_server: ServedCity, commander: Desk, picture: Picture
):
    server = second_server.serve()
    page = screen(browser, second_server, 1280, 720)
    let_in(page, commander)
    expect(page.locator("[data-live=live]")).to_be_visible(timeout=PATIENCE_MS)
    page.evaluate("() => { window.sameDocument = true }")

    server.terminate()
    server.wait(30)

    expect(page.locator("[data-stale=true]")).to_be_visible(timeout=STALE_WITHIN_MS)
    expect(page.get_by_role("alert")).to_contain_text("Out of date: nothing new since")
    picture(page, "wall-stale")
    second_server.serve()
    expect(page.locator("[data-stale=false]")).to_be_visible(timeout=PATIENCE_MS)
    assert page.evaluate("() => window.sameDocument")
    page.context.close()


def pixel(shot: Image.Image, x: float, y: float) -> str:
    found: Any = shot.getpixel((round(x), round(y)))
    return "#" + "".join(f"{part:02x}" for part in found[:3])


@pytest.mark.parametrize(("width", "height", "language"), [(3840, 1080, "zh"), (3840, 2160, "en")])
def test_a_large_wall_is_legible_in_the_palettes_colours(
    browser: Browser,
    wet_city: ServedCity,
    commander: Desk,
    picture: Picture,
    width: int,
    height: int,
    language: str,
):
    page = screen(browser, wet_city, width, height, language)
    display = let_in(page, commander)
    steer(commander, display, language=language, distance_m=5, pitch_mm=1.25 if height > 1080 else 1.9)
    page.wait_for_function("() => document.documentElement.style.fontSize !== '15px'", timeout=PATIENCE_MS)
    expect(page.locator("[data-water]")).to_have_count(7)
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    least = page.evaluate("() => parseFloat(document.documentElement.style.fontSize) * 0.86")
    wanted = 5000 * 0.0046542 / (1.25 if height > 1080 else 1.9) / 0.72

    assert least >= wanted - 0.1
    small = [one for one in page.evaluate(TEXTS) if not one[0] >= least - 0.05]
    assert small == []
    shot = Image.open(io.BytesIO(picture(page, f"wall-{width}x{height}-{language}").read_bytes()))
    for band, colour in (
        ("critical", "#f0403d"), ("serious", "#f9a14f"), ("watch", "#ffe938"), ("notice", "#65b3fe"),
    ):  # fmt: skip
        # Asked of the page itself: the driver gives up while so large a picture is drawn in software.
        box = page.evaluate(
            "band => document.querySelector(`[data-band=${band}] svg`).getBoundingClientRect().toJSON()", band
        )
        # Inside of the shape, and under its mark of exclamation.
        down = 0.87 if band == "critical" else 0.72
        assert pixel(shot, box["x"] + box["width"] * 0.5, box["y"] + box["height"] * down) == colour
    worst = page.evaluate(
        """() => {
             const scale = SCALE
             const found = window.__map.queryRenderedFeatures({ layers: ['overlay:water-marks'] })
               .find(one => one.properties.band === 'critical')
             const at = window.__map.project(found.geometry.coordinates)
             return [at.x * scale, at.y * scale, scale]
           }""".replace("SCALE", SCALE)
    )
    x, y, scale = worst
    assert pixel(shot, x - 5.5 * scale, y) == "#f0403d"
    assert [one for one in page.evaluate(COVERED) if not one["shown"]] == []
    page.context.close()


Visit = Callable[..., Page]


def test_the_labels_of_the_ordinary_map_grow_with_the_screen(visit: Visit, picture: Picture):
    page = visit("demo-operator", "map=15.5/60.1700/24.9420", viewport={"width": 1280, "height": 1440})
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)

    scale, ratio, canvas = page.evaluate(
        """() => [SCALE,
                  window.__map.getPixelRatio(), window.__map.getCanvas().width]""".replace("SCALE", SCALE)
    )

    assert scale == pytest.approx(1440 / 67.5 / 16, abs=0.01) == ratio
    assert canvas == pytest.approx(1280, abs=2)
    picture(page, "size-1280x1440")
