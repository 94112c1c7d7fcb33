"""Several people at the desk: claims, many at once, kept lists, lasso, what is stuck, papers and files."""

import uuid
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.map_page import Picture
from tests.browser.places import Places
from tests.browser.test_accessibility import findings
from tests.browser.test_desk import at_desk, move
from tests.served_city import Person, ServedCity

__all__ = ["at_desk"]
CELL = "990101002001001"


def filed(operator: Person, places: Places, words: str, event_class: str = "") -> str:
    place = places.cell(CELL).place
    body: dict[str, Any] = {"lng": place.lng, "lat": place.lat, "description": words, "channel": "phone"}
    if event_class:
        body["event_class"] = event_class
    status, receipt = operator.call("POST", "/api/incidents", body, **{"Idempotency-Key": str(uuid.uuid4())})
    assert status == 201, receipt
    number = str(receipt["number"])
    move(operator, number, move="file")
    return number


def test_two_at_one_case_know_of_each_other(
    at_desk: Callable[..., Page], operator: Person, places: Places, picture: Picture
):
    number = filed(operator, places, "two at one case")
    chief = at_desk("demo-commander", "#queue=to_dispatch")
    row = chief.locator(f"main [data-number='{number}']")
    expect(row).to_be_visible()
    expect(chief.locator("[data-live=live]")).to_be_visible()

    dispatching = at_desk("demo-dispatcher", f"#queue=to_dispatch&case={number}")
    expect(dispatching.locator("[data-claim=mine]")).to_be_visible()
    expect(row.locator("[data-claimed]")).to_be_visible(timeout=5_000)

    # The other sees who has it, is refused a decision, and takes it over with a word.
    row.click()
    expect(chief.locator("[data-claim=other]")).to_contain_text("In work by")
    chief.keyboard.press("d")
    chief.get_by_role("button", name="Confirm").click()
    expect(chief.get_by_role("alert").filter(has_text="take it over first")).to_be_visible()
    chief.get_by_role("button", name="Take over…").click()
    chief.get_by_label("A word to whoever has it").fill("I know the place")
    picture(chief, "team-take-over")
    assert findings(chief) == []
    chief.get_by_role("button", name="Take over", exact=True).click()
    expect(chief.locator("[data-claim=mine]")).to_contain_text("taken over from")
    expect(dispatching.locator("[data-claim=other]")).to_contain_text("I know the place", timeout=5_000)

    # After the move it is free again; so it is when the case is closed on the page.
    chief.keyboard.press("d")
    chief.get_by_role("button", name="Confirm").click()
    expect(chief.locator(f"[data-case='{number}']")).to_have_attribute("data-stage", "DISPATCHED")
    expect(dispatching.locator("[data-claim=other]")).to_be_hidden(timeout=5_000)


def test_many_at_once_kept_lists_and_the_lasso(
    at_desk: Callable[..., Page], city: ServedCity, operator: Person, places: Places, picture: Picture
):
    numbers = [filed(operator, places, f"kiikku {n}") for n in range(3)]
    page = at_desk("demo-dispatcher", "#queue=to_dispatch")
    page.get_by_role("searchbox").fill("kiikku")
    expect(page.locator("main [data-number]")).to_have_count(3)

    # A list is kept by its name, and shown again after another.
    page.get_by_role("button", name="Keep this list…").click()
    page.get_by_label("Name of the list").fill("My lassos")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Forget this list")).to_be_visible()
    page.locator("[data-queue=overdue]").click()
    page.get_by_role("searchbox").fill("")
    page.get_by_label("Kept lists").select_option("My lassos")
    expect(page.locator("main [data-number]")).to_have_count(3)
    expect(page.get_by_role("searchbox")).to_have_value("kiikku")

    # A line drawn round all of the map chooses all rows; one is taken out by hand, one is moved by another.
    page.get_by_role("button", name="Lasso").click()
    area = page.get_by_role("application", name="Draw round cases…")
    box = area.bounding_box()
    assert box
    corners = [(0.05, 0.1), (0.95, 0.1), (0.95, 0.95), (0.05, 0.95), (0.05, 0.12)]
    page.mouse.move(box["x"] + box["width"] * 0.05, box["y"] + box["height"] * 0.1)
    page.mouse.down()
    for x, y in corners:
        page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y, steps=3)
    page.mouse.up()
    expect(page.get_by_text("3 chosen", exact=True)).to_be_visible()
    page.get_by_role("button", name="Dispatch all").click()
    page.get_by_label("Leading unit").select_option("DEMO-LIGHT")
    picture(page, "team-bulk")
    assert findings(page) == []
    move(commander(city), numbers[0], move="dispatch", units=[{"unit": "DEMO-CLEAN"}])
    page.get_by_role("button", name="Dispatch 3", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="1 not dispatched")).to_contain_text(numbers[0])
    picture(page, "team-bulk-refused")
    expect(page.locator("main [data-number]")).to_have_count(0)


def commander(city: ServedCity) -> Person:
    """Somebody else who may dispatch there."""
    return city.log_in("demo-commander")


def test_what_is_stuck_papers_and_files(
    at_desk: Callable[..., Page], city: ServedCity, operator: Person, places: Places, picture: Picture
):
    number = filed(operator, places, "a letter", "0189")
    dispatcher = city.log_in("demo-dispatcher")
    move(dispatcher, number, move="dispatch", units=[{"unit": "DEMO-CLEAN"}])
    places.rows(
        "UPDATE loop_message SET state = 'stuck', error = 'not acknowledged in time' WHERE channel = 'app'"
        " AND ack_due_at IS NOT NULL AND incident_id = (SELECT id FROM incident WHERE number = %s)"
        " RETURNING key",
        number,
    )
    page = at_desk("demo-dispatcher", f"#queue=open&case={number}", theme="light")

    page.locator("[data-move=remind]").click()
    page.get_by_label("Reason").fill("请于时限前办结")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("[data-letter=remind]")).to_contain_text("提〔")
    address = page.locator("[data-letter=remind]").get_attribute("href")
    for path in (address, f"/api/incidents/{number}/case-file"):
        answer = page.request.get(str(path), timeout=60_000)
        assert answer.status == 200 and answer.body().startswith(b"%PDF")
    page.get_by_label("Export").select_option("xlsx")
    expect(page.get_by_role("status").filter(has_text="Being made")).to_be_visible()

    page.locator("[data-queue=stuck]").click()
    stuck = page.locator("[data-stuck]").filter(has_text=number)
    expect(stuck).to_contain_text("not acknowledged in time")
    picture(page, "team-stuck")
    stuck.get_by_role("button", name="Give up…").click()
    page.get_by_label("Why nobody waits").fill("Told by telephone")
    assert findings(page) == []
    page.get_by_role("button", name="Give up", exact=True).click()
    expect(stuck).to_have_count(0)
    page.set_viewport_size({"width": 390, "height": 844})
    page.keyboard.press("Escape")
    picture(page, "team-phone-stuck")
    chosen = page.locator("[data-queue=stuck]")
    expect(chosen).to_be_in_viewport()
