"""The map page of a demo operator: what there is, where it is, and who answers for it."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.map_page import (
    PATIENCE_MS,
    Picture,
    card,
    centre,
    click_at,
    drawn,
    fact,
    settle,
    wait_drawn,
)
from tests.browser.places import Place, Places
from tests.served_city import ServedCity

Visit = Callable[..., Page]
MANHOLE = "0101"


def test_the_operator_sees_the_city_with_counts_and_legend(desk: Visit, picture: Picture):
    page = desk("demo-operator")
    settle(page)

    panel = page.get_by_role("complementary", name="Layers and legend")
    for layer, count in (
        ("Cells", "46"),
        ("Communities", "9"),
        ("Assets", r"4,\d{3}"),
        ("Buildings", r"4\d\d"),
    ):
        line = panel.locator("label.line").filter(
            has=page.get_by_role("checkbox", name=f"Show {layer}", exact=True)
        )
        expect(line.locator(".count")).to_have_text(re.compile(f"^{count}$"))
    expect(panel.get_by_role("button", name=re.compile("Water manhole cover"))).to_be_visible()
    expect(page.get_by_text("© OpenStreetMap contributors")).to_be_visible()
    assert drawn(page, "cells") >= 46
    picture(page, "map-city")


def test_a_layer_is_taken_off_the_map_and_put_back(desk: Visit):
    page = desk("demo-operator")
    settle(page)
    box = page.get_by_role("checkbox", name="Show Cells", exact=True)

    box.uncheck()
    page.wait_for_function(
        "() => !window.__map.queryRenderedFeatures().some(one => one.sourceLayer === 'cells')"
    )
    assert "cells" not in re.search(r"layers=([^&]*)", page.url).group(1).split(".")  # type: ignore[union-attr]
    box.check()

    page.wait_for_function(
        "() => window.__map.queryRenderedFeatures().some(one => one.sourceLayer === 'cells')"
    )


def offered(page: Page) -> Locator:
    """What the search offers."""
    return page.locator("#search-results [role=option]")


def search(page: Page, words: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(words)
    offered(page).first.wait_for(timeout=PATIENCE_MS)


def test_an_asset_is_found_by_its_code(desk: Visit, places: Places):
    lamp = places.lonely_asset(MANHOLE)
    page = desk("demo-operator")

    search(page, lamp.code)
    page.keyboard.press("Enter")

    assert fact(card(page, "Asset"), "Code").inner_text() == lamp.code
    page.wait_for_function("() => window.__map.getZoom() >= 17")
    at = centre(page)
    assert abs(at.lng - lamp.place.lng) < 0.002 and abs(at.lat - lamp.place.lat) < 0.002


def test_a_cell_is_found_by_its_chinese_name(desk: Visit, picture: Picture):
    page = desk("demo-operator")

    search(page, "长桥")
    picture(page, "search-zh")
    offered(page).filter(has_text="长桥第1网格").click()

    assert fact(card(page, "Cell"), "Code").inner_text() == "990101001001001"


def test_a_street_is_found_by_its_name_and_shown_on_the_map(desk: Visit):
    page = desk("demo-operator")

    search(page, "unionink")
    expect(offered(page).first).to_contain_text("Unioninkatu")
    page.keyboard.press("Enter")

    page.wait_for_function(
        "() => { const at = window.__map.getCenter(); return Math.abs(at.lng - 24.9505) < 0.002 }"
    )


def test_search_says_when_there_is_nothing(desk: Visit):
    page = desk("demo-operator")

    search(page, "qqqqqq")

    expect(offered(page)).to_have_text("Nothing found")


def test_a_click_on_an_asset_opens_its_card(desk: Visit, places: Places, picture: Picture):
    manhole = places.lonely_asset(MANHOLE)
    page = desk("demo-operator", manhole.place.view(18))
    wait_drawn(page, manhole.place, "code", manhole.code)

    click_at(page, manhole.place)

    found = card(page, "Asset")
    assert fact(found, "Code").inner_text() == manhole.code
    for unit in ("Competent authority", "Owner", "Maintainer"):
        assert fact(found, unit).inner_text() not in ("", "unknown")
    assert "simulated" in fact(found, "Maintainer").inner_text()
    expect(found.get_by_text("History")).to_be_visible()
    expect(found.get_by_text(re.compile("Added"))).to_be_visible()
    picture(page, "card-asset")


def test_a_click_on_a_cell_says_who_is_on_duty(desk: Visit, places: Places, picture: Picture):
    page = desk("demo-operator", places.cell("990101001001001").place.view(16.5) + "&layers=cells")
    inside = places.cell("990101001001001")
    wait_drawn(page, inside.place, "code", inside.code)

    click_at(page, inside.place)

    found = card(page, "Cell")
    assert fact(found, "Code").inner_text() == inside.code
    expect(found.get_by_text("Contact card")).to_be_visible()
    expect(found.locator(".contacts .name").first).not_to_be_empty()
    expect(found.locator(".contacts > li")).to_have_count(4)
    assert "derived" in fact(found, "Households").inner_text()
    picture(page, "card-cell")


def test_a_right_click_asks_who_answers_here_and_why(desk: Visit, places: Places, picture: Picture):
    inside = places.cell("990101001001001")
    page = desk("demo-operator", inside.place.view(16.5))
    settle(page)

    click_at(page, inside.place, button="right")

    found = card(page, "Who answers here")
    expect(found.get_by_text("Why this person")).to_be_visible()
    expect(found.locator("ol li").first).to_contain_text(inside.code)
    assert found.locator("ol li").count() >= 2
    picture(page, "card-answers")


def test_an_address_brings_back_the_view_and_what_was_open(desk: Visit, places: Places):
    inside = places.cell("990101001001002")
    page = desk("demo-operator", inside.place.view(17, f"cell:{inside.code}") + "&layers=cells.assets")

    assert fact(card(page, "Cell"), "Code").inner_text() == inside.code
    settle(page)

    assert page.evaluate("() => window.__map.getZoom()") == 17
    expect(page.get_by_role("checkbox", name="Show Buildings", exact=True)).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="Show Cells", exact=True)).to_be_checked()


def test_the_keyboard_alone_is_enough(desk: Visit):
    page = desk("demo-operator")

    page.keyboard.press("/")
    page.keyboard.type("990101001001")
    offered(page).nth(1).wait_for(timeout=PATIENCE_MS)
    page.keyboard.press("ArrowDown")
    second = page.locator("#search-results [aria-selected=true]").inner_text()
    page.keyboard.press("Enter")
    opened = card(page, "Cell")
    assert fact(opened, "Code").inner_text() in second
    page.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    page.locator(".maplibregl-canvas").focus()
    before = centre(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("lng => window.__map.getCenter().lng > lng", arg=before.lng)
    page.keyboard.press("Enter")

    card(page, "Who answers here")


def test_buildings_rise_in_three_dimensions(visit: Visit, picture: Picture):
    page = visit("demo-operator", "map=16.5/60.1705/24.9480")
    button = page.get_by_role("button", name=re.compile("Buildings in 3-D"))

    button.click()

    expect(button).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("() => window.__map.getPitch() > 40")
    settle(page)
    assert page.evaluate(
        "() => window.__map.queryRenderedFeatures().some(one => one.layer.type === 'fill-extrusion')"
    )
    picture(page, "map-3d")


def test_the_page_speaks_chinese_and_remembers_it(visit: Visit, picture: Picture):
    page = visit("demo-analyst")

    page.get_by_role("banner").get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="图层与图例")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("北港示范区")
    settle(page)
    picture(page, "map-zh")
    page.reload()

    expect(page.get_by_role("heading", name="图层与图例")).to_be_visible()


def test_nothing_is_asked_of_any_other_server_and_nothing_goes_wrong(
    visit: Visit, city: ServedCity, places: Places
):
    asked: list[str] = []
    wrong: list[str] = []
    policies: list[str] = []

    def listen(page: Page) -> None:
        def note(request: Request) -> None:
            asked.append(request.url)

        page.context.on("request", note)
        page.on(
            "console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: wrong.append(error.message))
        page.on(
            "response",
            lambda answer: (
                policies.append(answer.headers.get("content-security-policy", ""))
                if answer.request.is_navigation_request()
                else None
            ),
        )

    page = visit("demo-operator", places.cell("990101001001001").place.view(16), prepare=listen)
    page.get_by_role("button", name="Zoom out").click()
    page.get_by_role("button", name=re.compile("Buildings in 3-D")).click()
    page.get_by_role("button", name="Light colours").click()
    settle(page)

    strangers = [url for url in asked if not url.startswith((city.url, "data:", f"blob:{city.url}"))]
    assert len(asked) > 20 and not strangers
    assert any("/tiles/" in url for url in asked)
    assert policies and all(
        "default-src 'none'" in policy and "unsafe-eval" not in policy for policy in policies
    )
    assert not wrong


def test_a_place_outside_the_grid_says_so(desk: Visit):
    page = desk("demo-operator", Place(24.9300, 60.1600).view(15, "place:24.930000,60.160000"))

    found = page.get_by_role("article", name="Who answers here")

    expect(found.get_by_role("heading", name="This point lies in no cell.")).to_be_visible()
