"""What people do on the map page, in words: look, point, open cards."""

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.places import Place

Picture = Callable[[Page, str], Path]
# Chromium draws WebGL in software, and the machine may be busy.
PATIENCE_MS = 30_000


def settle(page: Page) -> None:
    """Wait until what the map shows is there."""
    page.wait_for_function(
        "() => window.__map.loaded() && window.__map.areTilesLoaded() && !window.__map.isMoving()",
        timeout=PATIENCE_MS,
    )


def pixel(page: Page, place: Place) -> tuple[float, float]:
    """Where a place is on the screen."""
    found = page.evaluate(
        """([lng, lat]) => {
             const box = window.__map.getCanvas().getBoundingClientRect()
             const at = window.__map.project([lng, lat])
             return [box.left + at.x, box.top + at.y]
           }""",
        list(place),
    )
    return float(found[0]), float(found[1])


def wait_drawn(page: Page, place: Place, name: str, value: str) -> None:
    """Wait until a feature that has this property is drawn at the place."""
    page.wait_for_function(
        """([lng, lat, name, value]) => {
             const at = window.__map.project([lng, lat])
             const box = [[at.x - 5, at.y - 5], [at.x + 5, at.y + 5]]
             const found = window.__map.queryRenderedFeatures(box)
             return found.some(one => String(one.properties[name]) === value)
           }""",
        arg=[*place, name, value],
        timeout=PATIENCE_MS,
    )


def drawn(page: Page, published: str) -> int:
    """How many features of a published layer are drawn."""
    return int(
        page.evaluate(
            """published => window.__map.queryRenderedFeatures()
                 .filter(one => one.sourceLayer === published).length""",
            published,
        )
    )


def click_at(page: Page, place: Place, **options: object) -> None:
    """Click the map at a place."""
    page.mouse.click(*pixel(page, place), **options)  # type: ignore[arg-type]


def card(page: Page, name: str) -> Locator:
    """The open card of that kind, waited for until it holds something."""
    found = page.get_by_role("article", name=name, exact=True)
    expect(found.get_by_role("heading").first).to_be_visible(timeout=PATIENCE_MS)
    return found


def fact(of: Locator, name: str) -> Locator:
    """The value of a fact on a card."""
    title = of.page.locator("dt", has_text=name).filter(has_text=name)
    return of.locator("dl > div").filter(has=title).locator("dd").first


def choose_class(page: Page, text: str) -> None:
    """Pick the first class that the report form finds for a word."""
    box = page.get_by_role("combobox", name="What")
    box.fill(text)
    page.locator("#class-0").wait_for()
    box.press("Enter")


def centre(page: Page) -> Place:
    found = json.loads(page.evaluate("() => JSON.stringify(window.__map.getCenter())"))
    return Place(found["lng"], found["lat"])
