"""The case desk: one life by keys of several people, a second click, the search, three sizes of screens."""

import io
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.map_page import Picture
from tests.browser.places import Places
from tests.browser.test_accessibility import findings, prepared
from tests.served_city import Person, ServedCity

CELL = "990101001001001"
SAID = "井盖松动 on the corner"


@pytest.fixture
def at_desk(browser: Browser, city: ServedCity) -> Iterator[Callable[..., Page]]:
    """The desk as a demo person; an exception in a page fails the test."""
    pages: list[Page] = []
    broken: list[str] = []

    def opened(username: str, address: str = "", language: str = "en", theme: str = "dark") -> Page:
        context = browser.new_context(
            base_url=city.url, viewport={"width": 1440, "height": 900}, locale="en-GB"
        )
        person = Person(city, username)
        context.add_cookies([{"name": n, "value": v, "url": city.url} for n, v in person.cookies.items()])
        page = context.new_page()
        prepared(language, theme)(page)
        page.on("pageerror", lambda error: broken.append(f"{error.message}\n{error.stack}"))
        pages.append(page)
        page.goto(f"/desk?still&test{address}")
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        return page

    yield opened
    for page in pages:
        page.context.close()
    assert not broken, "\n".join(broken)


def photo() -> FilePayload:
    """A picture that nobody sent before."""
    file = io.BytesIO()
    Image.effect_noise((64, 48), 90).save(file, "JPEG")
    return {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def stage(page: Page, number: str) -> Any:
    return expect(page.locator(f"[data-case='{number}']"))


def move(person: Person, number: str, **said: Any) -> None:
    status, answer = person.call("POST", f"/api/incidents/{number}/loop/moves", said)
    assert status == 200, answer


def loop_of(person: Person, number: str) -> Any:
    return person.call("GET", f"/api/incidents/{number}/loop")[1]


def send_photo(person: Person, number: str) -> None:
    boundary, picture = uuid.uuid4().hex, photo()["buffer"]
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="role"\r\n\r\nnear\r\n--{boundary}\r\n'
        'Content-Disposition: form-data; name="file"; filename="p.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    ).encode() + picture + f"\r\n--{boundary}--\r\n".encode()  # fmt: skip
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Cookie": "; ".join(f"{name}={value}" for name, value in person.cookies.items()),
        "X-CSRFToken": person.cookies["geogrid_csrf"],
    }
    person.connection.request("POST", f"/api/incidents/{number}/photos", body, headers)
    answer = person.connection.getresponse()
    said = answer.read()
    assert answer.status == 201, said


def test_a_life_from_the_desk_by_keys(
    at_desk: Callable[..., Page], city: ServedCity, operator: Person, places: Places, picture: Picture
):
    place = places.cell(CELL).place
    report = {"lng": place.lng, "lat": place.lat, "description": SAID, "channel": "phone", "event_class": ""}
    key = {"Idempotency-Key": str(uuid.uuid4())}
    status, receipt = operator.call("POST", "/api/incidents", report, **key)
    assert status == 201, receipt
    number = receipt["number"]

    # The operator finds it by a word of two signs and files it: Enter, F, Enter.
    desk = at_desk("demo-operator")
    expect(desk.locator("[data-queue=to_file]")).to_have_attribute("aria-current", "true")
    desk.keyboard.press("/")
    desk.keyboard.type("井盖松动")
    desk.keyboard.press("Enter")
    expect(desk.locator("main [data-number]")).to_have_count(1)
    expect(desk.locator(f"main [data-number='{number}']")).to_contain_text("Phone")
    desk.keyboard.press("Enter")
    stage(desk, number).to_have_attribute("data-stage", "REPORTED")
    picture(desk, "desk-operator")
    assert findings(desk) == []
    desk.keyboard.press("f")
    expect(desk.get_by_role("button", name="Confirm")).to_be_focused()
    desk.keyboard.press("Enter")
    stage(desk, number).to_have_attribute("data-stage", "FILED")
    expect(desk.locator("main [data-number]")).to_have_count(0)
    expect(desk.locator("main")).to_contain_text("Nothing matches")

    # The dispatcher sends the unit of the rule that fired: D, Enter (six keys from file to dispatch).
    dispatching = at_desk(
        "demo-dispatcher", f"#queue=to_dispatch&case={number}", language="zh", theme="light"
    )
    stage(dispatching, number).to_have_attribute("data-stage", "FILED")
    dispatching.keyboard.press("d")
    expect(dispatching.get_by_label("主办单位")).to_have_value("DEMO-STREETWORKS")
    expect(dispatching.get_by_role("button", name="确认")).to_be_focused()
    picture(dispatching, "desk-dispatch-zh")
    assert findings(dispatching) == []
    dispatching.keyboard.press("Enter")
    stage(dispatching, number).to_have_attribute("data-stage", "DISPATCHED")

    # The handler accepts, arrives, and hands in with a photo. A second click is refused kindly.
    handling = at_desk("demo-handler-2")
    expect(handling.locator("[data-queue=unit_new]")).to_have_attribute("aria-current", "true")
    handling.locator(f"main [data-number='{number}']").click()
    stage(handling, number).to_have_attribute("data-stage", "DISPATCHED")
    handling.keyboard.press("a")
    accepting = handling.get_by_role("button", name="Confirm")
    expect(accepting).to_be_focused()
    move(city.log_in("demo-handler-2"), number, move="accept")  # the same person elsewhere, first
    handling.keyboard.press("Enter")
    expect(handling.get_by_role("alert").filter(has_text="loaded anew")).to_be_visible()
    stage(handling, number).to_have_attribute("data-stage", "HANDLING")
    handling.keyboard.press("r")
    handling.keyboard.press("Enter")
    expect(handling.get_by_role("status").filter(has_text="Arrive")).to_be_visible()
    handling.keyboard.press("h")
    handling.get_by_role("textbox", name="Result").fill("Cover fixed")
    handling.get_by_label("Photo from after").set_input_files(photo())
    picture(handling, "desk-handler")
    handling.get_by_role("button", name="Confirm").click()
    stage(handling, number).to_have_attribute("data-stage", "HANDLED")

    # Who was drawn verifies; the dispatcher, whose page has stood open, sees it and closes.
    verifier = verifier_of(city, places, number)
    send_photo(verifier, number)
    move(verifier, number, move="pass_check", mark=5)
    stage(dispatching, number).to_have_attribute("data-stage", "VERIFIED")
    dispatching.keyboard.press("c")
    expect(dispatching.get_by_role("button", name="确认")).to_be_focused()
    dispatching.keyboard.press("Enter")
    stage(dispatching, number).to_have_attribute("data-stage", "CLOSED")
    steps = loop_of(city.log_in("demo-operator"), number)["steps"]
    moves = [step["move"] for step in steps]
    wanted = ["report", "file", "dispatch", "accept", "arrive", "hand_in", "pass_check", "close"]
    assert [one for one in moves if one in wanted] == wanted
    dispatching.context.close()
    handling.context.close()

    # Other sizes, on the page that is open: nothing sticks out.
    desk.keyboard.press("Escape")
    desk.locator("[data-queue=open]").click()
    desk.get_by_role("searchbox").fill("")
    expect(desk.locator("main [data-number]").nth(3)).to_be_visible()
    desk.locator("main [data-number]").nth(2).click()
    expect(desk.locator("[data-case]")).to_be_visible()
    for name, width, height in (("wall", 3840, 1080), ("wide", 1920, 1080), ("phone", 390, 844)):
        desk.set_viewport_size({"width": width, "height": height})
        assert desk.evaluate("document.documentElement.scrollWidth") <= width
        picture(desk, f"desk-{name}")
    desk.keyboard.press("Escape")
    expect(desk.locator("[data-case]")).to_be_hidden()
    picture(desk, "desk-phone-list")


def verifier_of(city: ServedCity, places: Places, number: str) -> Person:
    """Who was drawn blind to verify the result."""
    [[username]] = places.rows(
        "SELECT u.username FROM verification v JOIN user_account u ON u.id = v.verifier_id"
        " JOIN incident i ON i.id = v.incident_id WHERE i.number = %s AND v.verdict = 'waiting'",
        number,
    )
    return city.log_in(username)
