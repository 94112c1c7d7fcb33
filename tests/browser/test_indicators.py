"""The indicators: a commander asks by street and class, opens receipts, goes a level down."""

import hashlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.map_page import Picture
from tests.browser.test_accessibility import findings, prepared
from tests.served_city import Person, ServedCity

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def opened(browser: Browser, city: ServedCity) -> Iterator[Callable[..., Page]]:
    """The indicators as a demo person; an exception in a page fails the test."""
    pages: list[Page] = []
    broken: list[str] = []

    def open_page(
        username: str, address: str = "", language: str = "en", theme: str = "dark", size: Any = DESK
    ) -> Page:
        context = browser.new_context(base_url=city.url, viewport=size, locale="en-GB")
        person = Person(city, username)
        context.add_cookies([{"name": n, "value": v, "url": city.url} for n, v in person.cookies.items()])
        page = context.new_page()
        prepared(language, theme)(page)
        page.on("pageerror", lambda error: broken.append(f"{error.message}\n{error.stack}"))
        pages.append(page)
        page.goto(f"/indicators{address}")
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        return page

    yield open_page
    for page in pages:
        page.context.close()
    assert not broken, "\n".join(broken)


@pytest.fixture
def counted(city: ServedCity) -> None:
    """The worker has counted the history: nothing is behind."""
    person = city.log_in("demo-commander")
    until = time.monotonic() + 300
    while True:
        status, said = person.call("GET", "/api/evaluation/figures?by=DISTRICT")
        assert status == 200, said
        if not said["is_behind"] and said["total"]["received"] > 100:
            return
        assert time.monotonic() < until, "the worker never finished counting"
        time.sleep(0.5)


def test_a_commander_reads_rates_and_their_receipts(
    opened: Callable[..., Page], city: ServedCity, counted: None, picture: Picture
):
    page = opened("demo-commander", "#by=COMMUNITY")
    rows = page.locator("tbody tr[data-key]")
    expect(rows.first).to_be_visible()
    assert rows.count() > 3
    expect(page.locator("figure path[data-code]").first).to_be_visible()
    expect(
        page.locator("section[aria-label='Over time (last in the ranking first)'] li").first
    ).to_be_visible()
    rate = page.locator("tr.total .rate b").inner_text()
    assert rate != "100.0%" and rate.endswith("%")
    picture(page, "indicators")
    assert findings(page) == []

    # Every number opens its receipt; its numbers give the hash of the list.
    rows.last.locator(".rate button").click()
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
    expect(page.locator("aside")).to_contain_text("closed on time / should be closed")
    page.get_by_role("button", name="Denominator").click()
    expect(page.locator("aside li").first).to_be_visible()
    picture(page, "indicators-receipt")
    assert findings(page) == []
    address = page.get_by_role("link", name="Numbers").get_attribute("href")
    assert address is not None
    person = city.log_in("demo-commander")
    status, text = person.call("GET", address)
    assert status == 200
    told = page.locator("aside p.hint code").inner_text().rstrip("…")
    assert hashlib.sha256(text).hexdigest().startswith(told)
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Receipt")).to_have_count(0)

    # Search, another indicator, a level down and back.
    page.get_by_label("Name or code").fill("no such place")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    page.get_by_label("Name or code").fill("")
    page.get_by_role("button", name="Rework rate").click()
    expect(page.get_by_text("reworked / should be closed").first).to_be_visible()
    rows.first.locator("button.into").click()
    expect(page.locator("select[name=by]")).to_have_value("CELL")
    page.get_by_role("button", name="Everything").click()
    expect(page.locator("select[name=by]")).to_have_value("COMMUNITY")

    # By class, by the other scheme, over 90 days; by today's grid.
    page.locator("select[name=by]").select_option("CLASS")
    page.locator("select[name=scheme]").select_option("of-filed")
    page.get_by_role("button", name="90 days").click()
    expect(page.get_by_text("of-filed 1").first).to_be_visible()
    expect(page.get_by_text("There is no map by this").first).to_be_visible()
    assert "by=CLASS" in page.url and "scheme=of-filed" in page.url


def test_hot_spots_are_ranked_and_a_root_cause_case_is_opened_once(
    opened: Callable[..., Page], counted: None, picture: Picture
):
    page = opened("demo-operator")
    page.get_by_role("button", name="90 days").click()
    page.get_by_role("button", name="Hot spots").click()
    page.get_by_label("Within (metres)").fill("150")
    place = page.locator("li[data-place]").first
    expect(place).to_be_visible()
    picture(page, "indicators-hot-spots")
    assert findings(page) == []

    place.get_by_role("button", name="Open a root-cause case").click()

    expect(place.locator("a[href^='/desk']")).to_have_count(1)


def test_the_table_comes_as_a_file_and_on_a_phone(
    opened: Callable[..., Page], city: ServedCity, counted: None, picture: Picture
):
    page = opened("demo-commander", "#by=STREET", language="zh", theme="light", size=PHONE)
    expect(page.locator("tbody tr[data-key]").first).to_be_visible()
    picture(page, "indicators-phone-zh")
    assert findings(page) == []
    page.locator("tbody tr[data-key] .rate button").first.click()
    expect(page.get_by_role("heading", name="凭据")).to_be_visible()
    picture(page, "indicators-phone-receipt-zh")

    address = page.get_by_role("link", name="导出 CSV").get_attribute("href")
    assert address is not None
    status, text = city.log_in("demo-commander").call("GET", address)
    lines = text.decode("utf-8-sig").splitlines()
    assert status == 200 and lines[0].startswith("scheme,geogrid 1")
    assert "closing_rate,closing_rate.numerator" in lines[1] and lines[-1].startswith("TOTAL")


def test_a_handler_sees_the_figures_of_the_own_unit_only(opened: Callable[..., Page], city: ServedCity):
    status, said = city.log_in("demo-handler-2").call("GET", "/api/evaluation/figures?by=UNIT")
    assert status == 200 and len(said["rows"]) <= 1
    status, said = city.log_in("demo-handler-2").call("GET", "/api/evaluation/figures?by=PERSON")
    assert status == 403
