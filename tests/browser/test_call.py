"""The call screen: calls in a row without the mouse, the same problem by one key, a draft that stays."""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.map_page import Picture
from tests.browser.places import Places
from tests.browser.test_accessibility import findings, prepared
from tests.served_city import Person, ServedCity

CELL = "990101001001001"
WAITING = 20_000


@pytest.fixture
def at_phone(browser: Browser, city: ServedCity) -> Iterator[Callable[..., Page]]:
    """The call screen as a demo person; an exception in a page fails the test."""
    pages: list[Page] = []
    broken: list[str] = []

    def opened(
        username: str = "demo-operator", language: str = "zh", theme: str = "dark", **size: int
    ) -> Page:
        viewport: Any = {"width": 1440, "height": 900} | size
        context = browser.new_context(base_url=city.url, viewport=viewport, locale="en-GB")
        person = Person(city, username)
        context.add_cookies([{"name": n, "value": v, "url": city.url} for n, v in person.cookies.items()])
        page = context.new_page()
        prepared(language, theme)(page)
        page.on("pageerror", lambda error: broken.append(f"{error.message}\n{error.stack}"))
        pages.append(page)
        page.goto("/call?still&test")
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        expect(page.locator("#call-phone")).to_be_focused()
        return page

    yield opened
    for page in pages:
        page.context.close()
    assert not broken, "\n".join(broken)


def type_call(page: Page, number: str, caller: str, letters: str, where: str, text: str) -> None:
    """A whole call by keys: number, name, class by its letters, place by its code, words."""
    keys = page.keyboard
    keys.type(number)
    keys.press("Enter")
    keys.type(caller)
    keys.press("Enter")
    keys.type(letters)
    keys.press("Enter")
    expect(page.locator("#call-place")).to_be_focused()
    keys.type(where)
    expect(page.locator("#call-places [role=option].active")).to_contain_text(where, timeout=WAITING)
    keys.press("Enter")
    expect(page.locator("#call-text")).to_be_focused()
    keys.type(text)


def read_out(page: Page) -> tuple[str, str]:
    shown = page.locator("[data-number][data-kind]")
    expect(shown).to_be_visible(timeout=WAITING)
    return shown.get_attribute("data-number") or "", shown.get_attribute("data-kind") or ""


def test_three_calls_in_a_row_without_the_mouse(
    at_phone: Callable[..., Page], operator: Person, places: Places, picture: Picture
):
    page = at_phone()

    # The first: recorded and filed by one key; the class is found by the first letters of its pinyin.
    type_call(page, "13800000001", "王女士", "dljs", CELL, "路口积水没过脚踝")
    expect(page.locator("[data-around]")).to_be_visible(timeout=WAITING)
    expect(page.locator("#call-condition")).to_be_visible()
    picture(page, "call-typed-zh")
    assert findings(page) == []
    page.keyboard.press("F9")
    first, kind = read_out(page)
    assert kind == "filed"
    picture(page, "call-number-zh")
    assert findings(page) == []
    status, card = operator.call("GET", f"/api/incidents/{first}")
    assert (status, card["stage"], card["channel"], card["class_code"]) == (200, "FILED", "phone", "0506")
    assert card["has_contact"] is True

    # The second tells of the same: it is seen while typing, and joined by one key.
    expect(page.get_by_role("button", name="下一通来电")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#call-phone")).to_be_focused()
    type_call(page, "13800000002", "李先生", "道路积水", CELL, "还是那个路口")
    expect(page.locator(f"[data-like='{first}'][aria-current=true]")).to_be_visible(timeout=WAITING)
    picture(page, "call-same-zh")
    assert findings(page) == []
    page.keyboard.press("F2")
    assert read_out(page) == (first, "followed")
    same = operator.call("GET", f"/api/incidents/{first}/same")[1]
    assert [one["words"].splitlines()[0] for one in same["followers"]] == ["还是那个路口"]

    # The third is only recorded.
    page.keyboard.press("Enter")
    type_call(page, "13800000003", "", "noise", CELL, "广场舞太吵")
    page.keyboard.press("F8")
    third, kind = read_out(page)
    assert kind == "recorded" and third != first


def test_a_draft_survives_a_reload_and_is_of_this_tab(at_phone: Callable[..., Page], picture: Picture):
    page = at_phone(language="en", theme="light")
    type_call(page, "112", "Ms Ai", "flood", CELL, "water in the cellar")
    page.reload()
    page.wait_for_selector("body[data-ready]", timeout=60_000)

    expect(page.locator("#call-phone")).to_have_value("112")
    expect(page.locator("#call-text")).to_have_value("water in the cellar")
    expect(page.get_by_text("The unfinished call was restored")).to_be_visible()
    assert page.evaluate("localStorage.getItem('geogrid.call')") is None
    picture(page, "call-restored-en")
    assert findings(page) == []


def test_what_is_missing_is_said_and_nothing_is_lost_on_a_phone(
    at_phone: Callable[..., Page], picture: Picture
):
    page = at_phone(language="en", width=390, height=844)
    page.keyboard.press("F8")
    expect(page.get_by_role("alert").filter(has_text="Choose a class")).to_be_visible()
    page.locator("#call-text").fill("somebody shouts")
    picture(page, "call-phone-size")
    assert findings(page) == []
    page.keyboard.press("F8")
    number, kind = read_out(page)
    assert kind == "recorded" and number


def test_two_cases_are_merged_and_split_side_by_side_at_the_desk(
    at_phone: Callable[..., Page], operator: Person, places: Places, picture: Picture
):
    place = places.cell(CELL).place
    said = {"lng": place.lng, "lat": place.lat, "channel": "phone", "event_class": "0102"}
    numbers = []
    for nr in range(2):
        key = {"Idempotency-Key": str(uuid.uuid4())}
        status, receipt = operator.call("POST", "/api/incidents", said | {"description": f"seen {nr}"}, **key)
        assert status == 201, receipt
        numbers.append(receipt["number"])
    first, second = numbers

    page = at_phone(language="en")
    page.goto(f"/desk?still&test#queue=to_file&case={second}")
    same = page.locator(f"[data-same='{second}']")
    expect(same.locator(f"[data-like='{first}']")).to_contain_text("seen 0", timeout=WAITING)
    same.locator(f"[data-like='{first}']").scroll_into_view_if_needed()
    picture(page, "desk-same-problem")
    assert findings(page) == []
    same.locator(f"[data-like='{first}']").get_by_role("button", name="Merge").click()

    expect(page.locator(f"[data-case='{second}']")).to_have_attribute(
        "data-stage", "REJECTED", timeout=WAITING
    )
    expect(same.get_by_text("This is a duplicate")).to_be_visible()
    same.get_by_label("Why it is split").fill("another place")
    same.get_by_role("button", name="Split").click()
    expect(page.locator(f"[data-case='{second}']")).to_have_attribute(
        "data-stage", "REPORTED", timeout=WAITING
    )

    page.keyboard.press("x")
    page.get_by_label("Text to the reporter").select_option("too_little")
    expect(page.get_by_label("Reason")).to_have_value(re.compile("not enough"))
    picture(page, "desk-response-text")
