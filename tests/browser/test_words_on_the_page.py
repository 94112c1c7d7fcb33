"""What the page says of an incident: in the reader's language, whole, and once."""

import re
import uuid
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.map_page import Picture, card, fact
from tests.browser.places import Places
from tests.served_city import Person

Visit = Callable[..., Page]
NAMED_CELL = "990101001001002"
CHINESE = re.compile(r"[一-鿿]")


def test_the_english_page_calls_a_cell_by_its_english_name(
    visit: Visit, operator: Person, places: Places, picture: Picture
):
    inside = places.cell(NAMED_CELL)
    assert inside.name_en and CHINESE.search(inside.name)
    said = {"lng": inside.place.lng, "lat": inside.place.lat, "channel": "phone", "description": "Said once."}
    status, made = operator.call("POST", "/api/incidents", said, **{"Idempotency-Key": str(uuid.uuid4())})
    assert status == 201, made

    page = visit("demo-operator", inside.place.view(17, f"incident:{made['number']}"))

    found = card(page, "Incident")
    expect(fact(found, "Cell")).to_have_text(inside.name_en)
    expect(found.get_by_role("heading", level=2)).to_have_text("Not classified yet")
    expect(found.get_by_text("Said once.")).to_have_count(1)
    picture(page, "words-incident")
    found.get_by_role("button", name="Close", exact=True).click()
    row = page.locator(f"#incident-list [data-number='{made['number']}']")
    expect(row.locator(".place")).to_have_text(inside.name_en)
    expect(row.get_by_text("Said once.")).to_have_count(1)
    answers = page.request.get(f"/api/answers?lng={inside.place.lng}&lat={inside.place.lat}").json()
    assert inside.name_en in answers["why"][0]["en"]
    assert inside.name in answers["why"][0]["zh"]


def test_the_simulated_tag_of_a_row_is_never_cut(visit: Visit, operator: Person):
    page = visit("demo-commander")
    page.get_by_role("combobox", name="Stage").select_option("all")
    tag = page.locator("#incident-list .tag").first
    expect(tag).to_be_visible()

    outside = page.evaluate(
        """() => [...document.querySelectorAll('#incident-list .tag')].filter(tag => {
             const [inner, outer] = [tag, tag.closest('button')].map(one => one.getBoundingClientRect())
             return inner.right > outer.right || tag.scrollWidth > tag.clientWidth
           }).length"""
    )

    assert outside == 0
