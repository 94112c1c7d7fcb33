"""The map page on a phone, a laptop, a desk and a wall."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.map_page import Picture, card, settle
from tests.browser.places import Places

Visit = Callable[..., Page]
DESKS = [(1440, 900), (1920, 1080), (3840, 1080)]
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
INSIDE = """name => {
  const panel = document.querySelector('aside.left').getBoundingClientRect()
  return [...document.querySelectorAll(name)].map(one => one.getBoundingClientRect())
    .filter(box => box.width > 0 && (box.right > panel.right + 0.5 || box.left < panel.left - 0.5)).length
}"""


def fits(page: Page) -> bool:
    """Whether the document is no wider than the screen."""
    return bool(page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"))


def in_view(page: Page, selector: str) -> bool:
    """Whether all of an element is on the screen."""
    box = page.locator(selector).first.bounding_box()
    size = page.viewport_size
    assert box and size
    return bool(
        box["x"] >= 0
        and box["y"] >= 0
        and box["x"] + box["width"] <= size["width"] + 0.5
        and box["y"] + box["height"] <= size["height"] + 0.5
    )


@pytest.mark.parametrize(("width", "height"), DESKS)
def test_a_desk_has_everything_in_sight(visit: Visit, picture: Picture, width: int, height: int):
    page = visit("demo-operator", viewport={"width": width, "height": height})
    settle(page)
    picture(page, f"size-{width}x{height}")

    assert fits(page)
    for control in (
        "header",
        "[role=search] input",
        "aside.left",
        "aside.right",
        "[role=toolbar]",
        ".report",
    ):
        assert in_view(page, control), control
    assert page.evaluate(INSIDE, "aside.left .count") == 0
    assert page.evaluate(INSIDE, "aside.left dd") == 0


def test_a_wall_shows_the_card_beside_the_list(visit: Visit, places: Places, picture: Picture):
    inside = places.cell("990101001001001")
    page = visit(
        "demo-operator",
        inside.place.view(16, f"cell:{inside.code}"),
        viewport={"width": 3840, "height": 1080},
    )

    card(page, "Cell")

    expect(page.locator("#incident-list")).to_be_visible()
    assert fits(page)
    picture(page, "size-3840x1080-card")


def test_a_phone_has_map_sheet_search_and_report(visit: Visit, picture: Picture):
    page = visit("demo-worker-11a", **PHONE)
    settle(page)
    picture(page, "size-phone")

    assert fits(page)
    for control in ("[role=search] input", "[role=tab] >> nth=0", ".report", ".buttons .locate"):
        assert in_view(page, control), control
    page.get_by_role("tab", name="Layers").tap()
    expect(page.get_by_role("checkbox", name="Show Cells", exact=True)).to_be_visible()
    picture(page, "size-phone-layers")
    page.get_by_role("button", name="Report", exact=True).tap()
    expect(page.get_by_role("region", name="Report a problem")).to_be_visible()
    assert fits(page)
    picture(page, "size-phone-report")


def test_targets_on_a_phone_are_as_wide_as_a_finger(visit: Visit):
    page = visit("demo-worker-11a", **PHONE)

    small = page.evaluate(
        """() => [...document.querySelectorAll('button, [role=tab], select')]
             .map(one => [one.getAttribute('aria-label') ?? one.innerText, one.getBoundingClientRect()])
             .filter(([, box]) => box.width > 0 && (box.height < 40 || box.width < 40))
             .map(([name, box]) => `${name} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
    )

    assert [one for one in small if not one.startswith("More ")] == []  # the sheet's handle is dragged


def test_a_finger_opens_a_card(visit: Visit, places: Places, picture: Picture):
    inside = places.cell("990101001001001")
    page = visit("demo-operator", inside.place.view(16.5) + "&layers=cells", **PHONE)
    settle(page)
    at = page.evaluate("at => Object.values(window.__map.project(at))", list(inside.place))

    page.touchscreen.tap(*at)

    card(page, "Cell")
    picture(page, "size-phone-card")
