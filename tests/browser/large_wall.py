"""What must hold of a wall of any size: text and colours that are legible, and nothing critical out of sight.

Judged by what is on the screen: the sizes that the browser computes, and the pixels of a picture of it.
"""

import io
from dataclasses import dataclass
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.map_page import PATIENCE_MS
from tests.served_city import ServedCity

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


# The mark of a band in the list of water; where the list has no room for such a row, in the legend.
MARK = """([band, place]) => {
  const listed = [...document.querySelectorAll(`[data-band=${band}]`)].find(row => {
    const [own, panel] = [row, row.closest('[data-panel]')].map(one => one.getBoundingClientRect())
    return own.right <= panel.right && own.bottom <= panel.bottom
  })
  const mark = listed?.querySelector('svg') ?? document.querySelectorAll('dl div:first-child dd svg')[place]
  return mark.getBoundingClientRect().toJSON()
}"""


# Where the deepest point stands on the screen, and the scale of the map.
WORST = """() => {
  const scale = SCALE
  const found = window.__map.queryRenderedFeatures({ layers: ['overlay:water-marks'] })
    .find(one => one.properties.band === 'critical')
  const at = window.__map.project(found.geometry.coordinates)
  return [at.x * scale, at.y * scale, scale]
}""".replace("SCALE", SCALE)


@dataclass(frozen=True)
class Size:
    """Pixels of a wall, and what one of them measures (mm); people sit five metres away."""

    width: int
    height: int
    pitch_mm: float

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


SIZES = (Size(3840, 1080, 1.9), Size(3840, 2160, 1.25), Size(7680, 2160, 1.25))
DISTANCE_M = 5
# 16 minutes of arc, and the height of a capital letter as a part of the size of its text.
ARC, CAPITAL = 0.0046542, 0.72
BANDS = {"critical": "#f0403d", "serious": "#f9a14f", "watch": "#ffe938", "notice": "#65b3fe"}


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


def screen(browser: Browser, city: ServedCity, width: int, height: int, language: str = "en") -> Page:
    """A browser that nobody has signed in to, at the address of the wall."""
    locale = "zh-CN" if language == "zh" else "en-GB"
    context = browser.new_context(
        base_url=city.url, viewport={"width": width, "height": height}, locale=locale
    )
    page = context.new_page()
    page.goto("/wall?still&test")
    return page


def let_in(page: Page, desk: Desk, patience_ms: int = PATIENCE_MS, **asked: Any) -> int:
    """Confirm the code on a screen and wait for its map; the display's id."""
    code = page.locator("[data-code]").get_attribute("data-code", timeout=patience_ms)
    status, made = desk.call("POST", "/api/displays", {"code": code, "name": "Hall", **asked})
    assert status == 201, made
    page.wait_for_function("() => document.body.dataset.ready", timeout=patience_ms)
    page.wait_for_function(DRAWN, timeout=patience_ms)
    return int(made["id"])


def steer(desk: Desk, display: int, **wishes: Any) -> None:
    status, said = desk.call("PATCH", f"/api/displays/{display}", {"wishes": wishes})
    assert status == 200, said


def large_wall(
    browser: Browser, city: ServedCity, desk: Desk, size: Size, language: str, patience_ms: int = PATIENCE_MS
) -> Page:
    """A wall of that size, paired, set to its distance and pitch, drawn; with the water of `flood`."""
    page = screen(browser, city, size.width, size.height, language)
    page.set_default_timeout(patience_ms)
    display = let_in(page, desk, patience_ms)
    steer(desk, display, language=language, distance_m=DISTANCE_M, pitch_mm=size.pitch_mm)
    page.wait_for_function(
        "() => document.documentElement.style.fontSize !== '15px'"
        " && document.querySelectorAll('[data-water]').length === 7"
    )
    page.wait_for_function(DRAWN)
    return page


def faults_of(page: Page, png: bytes, size: Size) -> list[str]:
    """What is not as it must be, in words; `png` is a picture of the page."""
    faults = []
    least = page.evaluate("() => parseFloat(document.documentElement.style.fontSize) * 0.86")
    wanted = DISTANCE_M * 1000 * ARC / size.pitch_mm / CAPITAL
    if least < wanted - 0.1:
        faults.append(f"the smallest text is {least} px, {wanted:.1f} px are wanted")
    faults += [f"too small: {one}" for one in page.evaluate(TEXTS) if not one[0] >= least - 0.05]
    if "≥ 50 cm" not in page.locator("dl").first.inner_text():
        faults.append("there is no legend")
    shot = Image.open(io.BytesIO(png))
    if shot.size != (size.width, size.height):
        faults.append(f"the picture has {shot.size} pixels")
    for band, colour in BANDS.items():
        # Asked of the page itself: the driver gives up while so large a picture is drawn in software.
        box = page.evaluate(MARK, [band, list(BANDS).index(band)])
        # Inside of the shape, and under its mark of exclamation.
        down = 0.87 if band == "critical" else 0.72
        seen = pixel(shot, box["x"] + box["width"] * 0.5, box["y"] + box["height"] * down)
        if seen != colour:
            faults.append(f"the mark of {band} is {seen}, not {colour}")
    x, y, scale = page.evaluate(WORST)
    seen = pixel(shot, x - 5.5 * scale, y)
    if seen != BANDS["critical"]:
        faults.append(f"critical on the map is {seen}, not {BANDS['critical']}")
    critical = page.evaluate(COVERED)
    if not critical:
        faults.append("nothing critical is on the map: nothing was judged")
    faults += [f"covered: {one}" for one in critical if not one["shown"]]
    return faults


def pixel(shot: Image.Image, x: float, y: float) -> str:
    found: Any = shot.getpixel((round(x), round(y)))
    return "#" + "".join(f"{part:02x}" for part in found[:3])
