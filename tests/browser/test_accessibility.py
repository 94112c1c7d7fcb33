"""What axe finds on the pages, in both languages and both styles: nothing serious and nothing critical."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.map_page import PATIENCE_MS, card, settle
from tests.browser.places import Places
from tests.served_city import ServedCity

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
CELL = "990101001001001"
# Both languages and both styles, each with each of the other once; a phone for the sheet.
LOOKS = [("en", "dark"), ("zh", "light")]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def prepared(language: str, theme: str) -> Callable[[Page], None]:
    """Bring axe along and choose the looks. A script of the browser's own is not under the page's CSP."""

    def prepare(page: Page) -> None:
        page.add_init_script(path=AXE)
        page.add_init_script(
            f"localStorage.setItem('geogrid.language', '{language}');"
            f"localStorage.setItem('geogrid.theme', '{theme}')"
        )

    return prepare


def findings(page: Page) -> list[str]:
    """What axe calls serious or critical, with the first places."""
    found: list[dict[str, Any]] = page.evaluate(
        "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
    )
    return [
        f"{one['impact']} {one['id']}: {one['help']}: "
        + "; ".join(f"{node['html'][:160]} ({node['failureSummary'][:300]})" for node in one["nodes"][:3])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A page of somebody who is not logged in."""
    pages: list[Page] = []

    def opened(address: str, language: str, theme: str) -> Page:
        page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
        pages.append(page)
        prepared(language, theme)(page)
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE_MS)
        return page

    yield opened
    for page in pages:
        page.context.close()


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_the_map_page_with_its_panels_cards_and_form(
    visit: Callable[..., Page], places: Places, language: str, theme: str
):
    inside = places.cell(CELL)
    page = visit("demo-operator", inside.place.view(17), prepare=prepared(language, theme))
    settle(page)
    assert findings(page) == []

    names = {"en": ("Incident", "Cell", "Report"), "zh": ("案件", "单元网格", "上报")}[language]
    page.locator("#incident-list button").first.click()
    card(page, names[0])
    assert findings(page) == []

    page.evaluate("pick => { location.hash = location.hash.replace(/pick=.*/, pick) }", f"pick=cell:{CELL}")
    card(page, names[1])
    assert findings(page) == []

    page.keyboard.press("Escape")
    page.get_by_role("button", name=names[2], exact=True).click()
    page.locator("form button[type=submit]").click()
    expect(page.locator("form [role=alert]").first).to_be_visible()
    assert findings(page) == []


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_the_map_page_on_a_phone(visit: Callable[..., Page], language: str, theme: str):
    page = visit("demo-operator", prepare=prepared(language, theme), **PHONE)
    settle(page)

    assert findings(page) == []


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_the_door(stranger: Callable[..., Page], city: ServedCity, language: str, theme: str):
    page = stranger(f"{city.url}/login", language, theme)

    assert findings(page) == []


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_the_first_run(stranger: Callable[..., Page], empty_city: ServedCity, language: str, theme: str):
    page = stranger(f"{empty_city.url}/setup", language, theme)

    assert findings(page) == []
