"""Staffing (D7): a substitute for tonight put in by drag and by keys; the printed sheet of a cell."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.map_page import Picture
from tests.browser.places import Places, Thing
from tests.browser.roster import Roster
from tests.browser.test_accessibility import findings, prepared
from tests.served_city import Person, ServedCity

CELL = "990101001001001"
COMMUNITY = CELL[:12]
AWAY, SUBSTITUTE, BY_DAY = "demo-worker-11a", "demo-worker-12a", "demo-worker-11b"
# The shift of now began with the present hour, so it is one of today, and has eight hours.
SHIFT_H = (0, 8)


@pytest.fixture
def open_staffing(browser: Browser, city: ServedCity) -> Iterator[Callable[..., Page]]:
    """The staffing page (or the sheet) as a demo person; an exception in a page fails the test."""
    pages: list[Page] = []
    broken: list[str] = []

    def opened(
        username: str, address: str, language: str = "en", theme: str = "dark", **options: Any
    ) -> Page:
        looks = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **options}
        context = browser.new_context(base_url=city.url, **looks)
        person = Person(city, username)
        context.add_cookies([{"name": n, "value": v, "url": city.url} for n, v in person.cookies.items()])
        page = context.new_page()
        prepared(language, theme)(page)
        page.on("pageerror", lambda error: broken.append(f"{error.message}\n{error.stack}"))
        pages.append(page)
        page.goto(address)
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        return page

    yield opened
    for page in pages:
        page.context.close()
    assert not broken, "\n".join(broken)


@pytest.fixture
def supervisor(city: ServedCity) -> Person:
    return city.log_in("demo-community-1")


@pytest.fixture
def tonight(roster: Roster, supervisor: Person) -> tuple[int, str]:
    """The cell has two shifts and nobody above them; who has tonight's is away. Duty, and the shift's day."""
    for unit in (COMMUNITY, COMMUNITY[:9], COMMUNITY[:6]):
        roster.nobody(unit)
    night = roster.only(CELL, AWAY)
    roster.every_day(night, from_h=SHIFT_H[0], to_h=SHIFT_H[1])
    roster.every_day(roster.also(CELL, BY_DAY), from_h=SHIFT_H[1], to_h=SHIFT_H[0])
    zone = ZoneInfo(supervisor.call("GET", "/api/city")[1]["zone"])
    begins = datetime.now(UTC).astimezone(zone)
    until = datetime.now(UTC) + timedelta(hours=SHIFT_H[1])
    leave = {
        "valid_from": (datetime.now(UTC) - timedelta(hours=2)).isoformat(),
        "valid_to": until.isoformat(),
        "reason": "ill",
    }
    path = f"/api/duties/{night}/substitutions"
    status, said = supervisor.call("POST", path, leave)
    assert status == 201, said
    return night, str(begins.date())


def worker_of_a_report(reporter: Person, cell: Thing, text: str) -> Any:
    """Who gets a report from the middle of the cell."""
    body = {"lng": cell.place.lng, "lat": cell.place.lat, "description": text, "channel": "phone"}
    key = {"Idempotency-Key": str(uuid.uuid4())}
    status, receipt = reporter.call("POST", "/api/incidents", body, **key)
    assert status == 201, receipt
    return receipt["worker"]["name"]


def name_of(supervisor: Person, username: str) -> str:
    _, people = supervisor.call("GET", f"/api/staffing/people?unit={COMMUNITY}")
    return next(str(one["name"]) for one in people if one["username"] == username)


def row_of(page: Page, code: str = CELL) -> Locator:
    return page.locator(f".row[data-code='{code}']")


def hours_with_nobody(page: Page) -> int:
    """Hours of the week, from now on, in which somebody is missing at every level."""
    return int((page.locator("[data-gaps]").get_attribute("data-gaps") or "").split("/")[0])


def test_a_substitute_dragged_in_for_tonight_gets_the_next_report_and_the_gap_is_gone(
    open_staffing: Callable[..., Page],
    supervisor: Person,
    operator: Person,
    places: Places,
    tonight: tuple[int, str],
    picture: Picture,
):
    duty, day = tonight
    cell = places.cell(CELL)
    name = name_of(supervisor, SUBSTITUTE)
    assert worker_of_a_report(operator, cell, "Before") != name
    page = open_staffing("demo-community-1", f"/staffing#unit={COMMUNITY}&day={day}")
    expect(row_of(page)).to_contain_text("Nobody")
    expect(row_of(page)).to_contain_text("Away, nobody stands in")
    assert hours_with_nobody(page) > 0
    picture(page, "staffing-gap")

    page.locator(f"[data-person={SUBSTITUTE}]").drag_to(row_of(page).locator(f"[data-duty='{duty}']"))
    expect(page.get_by_role("form", name="Put in")).to_contain_text("this shift only")
    picture(page, "staffing-dropped")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status").filter(has_text="stands in for")).to_be_visible()
    expect(row_of(page)).to_contain_text(f"Sub: {name}")
    expect(row_of(page)).not_to_contain_text("Nobody")
    assert hours_with_nobody(page) == 0
    picture(page, "staffing-filled")
    assert worker_of_a_report(operator, cell, "After") == name
    assert findings(page) == []

    row_of(page).locator(f"[data-duty='{duty}']").click()
    page.get_by_role("button", name="Away without substitute").click()
    expect(row_of(page)).to_contain_text("Nobody")


def test_keys_alone_put_a_substitute_in_and_a_phone_shows_it(
    open_staffing: Callable[..., Page], supervisor: Person, tonight: tuple[int, str], picture: Picture
):
    duty, day = tonight
    name = name_of(supervisor, SUBSTITUTE)
    page = open_staffing(
        "demo-community-1", f"/staffing#unit={COMMUNITY}&day={day}", language="zh", theme="light"
    )

    page.locator(f"[data-person={SUBSTITUTE}]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=name)).to_be_visible()
    row_of(page).locator("[data-at]").first.focus()
    at = row_of(page).locator(".slot", has=page.locator(f"[data-duty='{duty}']")).get_attribute("data-at")
    for _ in range(int((at or "0/0").split("/")[1])):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("form")).to_contain_text("只代这一班")
    page.keyboard.press("Enter")

    expect(row_of(page)).to_contain_text(f"代班 {name}")
    picture(page, "staffing-zh-light")
    assert findings(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    picture(page, "staffing-phone")
    row_of(page).locator(f"[data-duty='{duty}']").click()
    picture(page, "staffing-phone-duty")
    page.set_viewport_size({"width": 3840, "height": 1080})
    picture(page, "staffing-wall")


def test_a_sheet_is_printed_with_map_people_neighbours_and_assets(
    open_staffing: Callable[..., Page], places: Places, picture: Picture
):
    a4 = {"width": 794, "height": 1123}
    page = open_staffing("demo-community-1", f"/sheet#{CELL}", viewport=a4)
    cell = places.cell(CELL)

    expect(page.get_by_role("heading", level=1)).to_have_text(cell.named)
    expect(page.locator("[data-level]")).to_have_count(4)
    assert page.locator("path.outline").count() == 1
    assert page.locator("path.building").count() > 3 and page.locator("circle.asset").count() > 3
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    picture(page, "cell-sheet")
    pages = page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n")
    assert pages == 1
