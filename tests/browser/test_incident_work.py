"""Work on an incident: filed or not by the operator, solved on the spot by the worker, never by two."""

import io
import re
from collections.abc import Callable

from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.map_page import Picture, card, fact
from tests.browser.places import Places
from tests.browser.roster import Roster
from tests.browser.test_report import CELL, WORKER, report
from tests.served_city import Person, ServedCity

Visit = Callable[..., Page]


def photo(name: str, colour: str) -> FilePayload:
    """A small JPEG as a phone would send it."""
    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "JPEG")
    return {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def open_incident(desk: Visit, username: str, number: str) -> Locator:
    return card(desk(username, f"pick=incident:{number}"), "Incident")


def take(found: Locator, move: str, note: str = "") -> None:
    """Press a step's button, give the words, confirm."""
    found.get_by_role("button", name=move, exact=True).click()
    if note:
        found.get_by_label(f"{move}: reason or result").fill(note)
    found.get_by_role("button", name="Confirm").click()


def test_the_operator_files_a_report(desk: Visit, operator: Person, places: Places, picture: Picture):
    number = report(operator, places.cell(CELL).place, "to be filed")["number"]
    found = open_incident(desk, "demo-operator", number)
    expect(found.locator(".stage")).to_contain_text("Reported")

    take(found, "File")

    expect(found.locator(".stage")).to_contain_text("Filed")
    expect(found.locator("ol li").last).to_contain_text(re.compile("File|Reported"))
    picture(found.page, "incident-filed")


def test_the_operator_rejects_a_report_only_with_a_reason(
    desk: Visit, operator: Person, places: Places, picture: Picture
):
    number = report(operator, places.cell(CELL).place, "to be rejected")["number"]
    found = open_incident(desk, "demo-operator", number)

    take(found, "Do not file")
    expect(found.locator(".stage")).to_contain_text("Reported")
    found.get_by_label("Do not file: reason or result").fill("It is on private ground")
    found.get_by_role("button", name="Confirm").click()

    expect(found.locator(".stage")).to_contain_text("Not filed")
    expect(found.get_by_text("It is on private ground")).to_be_visible()
    picture(found.page, "incident-rejected")


def test_the_worker_solves_it_on_the_spot_with_photos_of_before_and_after(
    desk: Visit, operator: Person, places: Places, roster: Roster, picture: Picture
):
    roster.only(CELL, WORKER)
    number = report(operator, places.cell(CELL).place, "a bin has fallen over")["number"]
    found = open_incident(desk, WORKER, number)

    found.get_by_role("button", name="Solved on the spot").click()
    found.get_by_label("Photo from before").set_input_files(photo("before", "#803020"))
    found.get_by_label("Photo from after").set_input_files(photo("after", "#208040"))
    picture(found.page, "incident-on-the-spot")
    found.get_by_role("button", name="Confirm").click()

    expect(found.locator(".stage")).to_contain_text("Handled")
    for role in ("before", "after"):
        shown = found.get_by_role("img", name=f"Photo: {role}")
        shown.scroll_into_view_if_needed()
        expect(shown).to_have_js_property("complete", True)
        assert shown.evaluate("picture => picture.naturalWidth") > 0
    picture(found.page, "incident-handled")


def test_the_worker_finds_it_among_their_tasks(
    visit: Visit, operator: Person, places: Places, roster: Roster
):
    roster.only(CELL, WORKER)
    mine = report(operator, places.cell(CELL).place, "a task of mine")["number"]
    page = visit(WORKER)

    page.get_by_role("checkbox", name=re.compile("My tasks")).check()

    expect(page.locator(f"#incident-list [data-number='{mine}']")).to_be_visible()


def test_whoever_comes_second_is_told_so_in_words(
    desk: Visit, city: ServedCity, operator: Person, places: Places, picture: Picture
):
    number = report(operator, places.cell(CELL).place, "two at once")["number"]
    found = open_incident(desk, "demo-operator", number)
    found.get_by_role("button", name="File", exact=True).click()

    # Logged in anew: the server has closed the connection that stood idle while the page opened.
    status, _ = city.log_in("demo-operator").call(
        "POST", f"/api/incidents/{number}/moves", {"move": "reject", "note": "already known"}
    )
    assert status < 300
    found.get_by_role("button", name="Confirm").click()

    expect(found.get_by_role("alert")).to_contain_text("Somebody else has just taken this step")
    expect(found.locator(".stage")).to_contain_text("Not filed")
    picture(found.page, "incident-conflict")


def test_a_contact_is_read_only_with_a_reason(desk: Visit, operator: Person, places: Places):
    number = report(
        operator, places.cell(CELL).place, "with a contact", contact={"name": "Aino", "phone": "040 5550100"}
    )["number"]
    found = open_incident(desk, "demo-operator", number)
    expect(found).not_to_contain_text("040 5550100")

    expect(found.get_by_role("button", name="Show contact")).to_be_disabled()
    found.get_by_label("Your reason (it is logged)").fill("To ask where exactly")
    found.get_by_label("Your reason (it is logged)").press("Enter")

    expect(found).to_contain_text("040 5550100")
    assert fact(found, "Code").inner_text() == number
