"""What supervisors do about patrols: whether one should have found it, and which streets are to be walked."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.map_page import PATIENCE_MS, Picture, card, fact
from tests.browser.places import Place, Places
from tests.browser.roster import Roster
from tests.browser.storm import judge_patrols_of, phone_of, say_where
from tests.browser.test_report import CELL, WORKER, report
from tests.served_city import Person, ServedCity

Visit = Callable[..., Page]


def test_a_report_of_a_citizen_says_who_had_walked_past_it(
    desk: Visit, city: ServedCity, operator: Person, places: Places, roster: Roster, picture: Picture
):
    inside = places.cell(CELL).place
    roster.only(CELL, WORKER)
    token = phone_of(city, WORKER)
    for north in (0.00002, 0.00004):
        assert say_where(city, token, inside.lng, inside.lat + north) == 200
    number = report(operator, inside, "a citizen tells of it")["number"]
    judge_patrols_of(city, number)

    page = desk("demo-commander", f"pick=incident:{number}")

    found = card(page, "Incident")
    expect(found.locator("[data-verdict=miss]")).to_have_text("Missed")
    assert fact(found, "Person").inner_text() != ""
    assert 0 < float(fact(found, "Nearest").inner_text().split()[0]) < 20
    found.get_by_role("button", name="Show the way on the map").click()
    page.wait_for_function("() => window.__map.getZoom() >= 17", timeout=PATIENCE_MS)
    picture(page, "patrol-miss")


def test_a_supervisor_decides_that_a_street_is_not_to_be_patrolled(
    desk: Visit, places: Places, picture: Picture
):
    street = places.street()
    page = desk("demo-admin", Place(*street.place).view(17, f"road:{street.code}"))
    found = page.get_by_role("article").filter(has=page.locator("[data-duty]"))
    expect(found.locator("[data-duty]")).to_contain_text("to be patrolled")

    found.get_by_role("radio", name="not to be patrolled").check()
    found.get_by_role("button", name="Save").click()
    expect(found.get_by_role("alert")).to_have_text("Say why.")
    found.get_by_label("Reason").fill("Closed for building works")
    found.get_by_role("button", name="Save").click()

    expect(found.locator("[data-duty=false]")).to_contain_text("decided by hand")
    assert fact(found, "Reason").inner_text() == "Closed for building works"
    picture(page, "street-duty")
    found.get_by_role("button", name="Leave it to its kind again").click()
    expect(found.locator("[data-duty=true]")).to_contain_text("by the kind of street")
    expect(found.get_by_text("Closed for building works")).to_be_visible()


def test_layers_of_patrols_are_shown_when_asked_for_and_have_a_legend(desk: Visit, picture: Picture):
    page = desk("demo-commander", "map=15/60.1705/24.9440")
    for name in ("Cells by last visit", "Streets of this shift", "Not reached in ten minutes"):
        box = page.get_by_role("checkbox", name=f"Show {name}", exact=True)
        expect(box).not_to_be_checked()
        box.check()
    page.wait_for_function(
        """() => window.__map.queryRenderedFeatures().some(one => one.sourceLayer === 'cell_visits')
             && window.__map.queryRenderedFeatures().some(one => one.sourceLayer === 'road_bits')""",
        timeout=PATIENCE_MS,
    )
    picture(page, "patrol-layers")
