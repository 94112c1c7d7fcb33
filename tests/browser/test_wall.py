"""The wall: let in by a code, read from afar, never out of date unsaid, back by itself."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import floor

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.large_wall import (
    COVERED,
    DRAWN,
    SCALE,
    SIZES,
    Desk,
    Size,
    faults_of,
    large_wall,
    let_in,
    screen,
    steer,
)
from tests.browser.map_page import PATIENCE_MS, Picture
from tests.browser.storm import devices, flood, on_patrol, say_where
from tests.served_city import ServedCity, free_port

STALE_WITHIN_MS = 10_500
# How many people the map shows.
PEOPLE = "() => window.__map.getLayer('overlay:people').implementation.count"


@pytest.fixture(scope="module")
def commander(city: ServedCity) -> Desk:
    return Desk(city)


@pytest.fixture(scope="module")
def wet_city(city: ServedCity) -> ServedCity:
    flood(city)
    return city


@pytest.fixture(scope="module")
def wall(browser: Browser, wet_city: ServedCity, commander: Desk) -> Iterator[tuple[Page, int]]:
    """A small paired wall that the tests of this file share, and the id of its display."""
    page = screen(browser, wet_city, 1280, 720)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(error.message))
    yield page, let_in(page, commander)
    page.context.close()
    assert not broken, "\n".join(broken)


def test_a_paired_wall_shows_every_panel_the_legend_and_the_citys_clock(
    wall: tuple[Page, int], picture: Picture
):
    page, _ = wall

    for name in ("Indicators", "Patrol coverage by street", "Cameras", "Waterlogging", "Incidents"):
        expect(page.get_by_role("region", name=name, exact=True)).to_be_visible()
    expect(page.get_by_label("Legend")).to_contain_text("≥ 50 cm")
    expect(page.get_by_text("Simulated data")).to_be_visible()
    expect(page.get_by_text("Helsinki time")).to_be_visible()
    picture(page, "wall-1280x720")


def test_the_worst_water_comes_first_with_its_band_rise_and_depth(wall: tuple[Page, int]):
    page, _ = wall
    rows = page.locator("[data-water]")
    expect(rows).to_have_count(7)

    bands = [row.get_attribute("data-band") for row in rows.all()]

    assert bands == ["critical", "critical", "serious", "serious", "watch", "notice", "notice"]
    expect(rows.nth(0)).to_contain_text("cm/10 min")
    expect(rows.nth(0).locator(".depth")).to_have_text("58cm")


def test_a_figure_opens_to_what_it_is_made_of(wall: tuple[Page, int]):
    page, _ = wall

    page.locator("[data-indicator=open]").click()

    opened = page.get_by_role("region", name="open", exact=True)
    expect(opened).to_contain_text("Incidents that are reported and neither closed nor rejected nor void.")
    value, numerator = opened.locator(".value"), opened.locator("dd").nth(0)
    assert value.inner_text() == numerator.inner_text()
    opened.get_by_role("button", name="Close").click()
    page.locator("[data-indicator=filing_rate]").click()
    rate = page.get_by_role("region", name="filing rate")
    expect(rate).to_contain_text("Reported in the period and filed ÷ reported in the period.")
    filed, received = (int(rate.locator("dd").nth(n).inner_text().replace(",", "")) for n in (0, 1))
    tenths = (2000 * filed + received) // (2 * received) if received else 0  # a half is rounded up
    expected = f"{tenths / 10:.1f}".removesuffix(".0") + "%" if received else "–"
    assert rate.locator(".value").inner_text() == expected
    rate.get_by_role("button", name="Close").click()


def test_a_clock_that_is_set_changes_no_time_on_the_wall(wall: tuple[Page, int]):
    page, _ = wall

    page.evaluate("() => { const real = Date.now; Date.now = () => real() + 3 * 3600_000 }")
    page.wait_for_timeout(1100)

    shown = datetime.fromisoformat(str(page.locator("time[data-clock]").get_attribute("datetime")))
    assert abs(shown - datetime.now(UTC)) < timedelta(seconds=5)
    expect(page.locator("[data-stale=true]")).to_have_count(0)


def test_what_is_critical_is_never_under_a_panel_unsaid(
    wall: tuple[Page, int], commander: Desk, picture: Picture
):
    page, display = wall
    whole = page.evaluate(COVERED)
    steer(commander, display, view={"lng": 24.9413, "lat": 60.1705, "zoom": 17.5})
    page.wait_for_function("() => window.__map.getZoom() > 17.4", timeout=PATIENCE_MS)
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    page.wait_for_timeout(300)

    near = page.evaluate(COVERED)

    assert whole and all(one["shown"] for one in whole)
    assert any(one["under"] for one in near), "the view was to leave some of them out"
    assert [one for one in near if not one["shown"]] == []
    picture(page, "wall-near")
    steer(commander, display, view=None)


def test_the_desk_steers_layout_panel_and_language(wall: tuple[Page, int], commander: Desk):
    page, display = wall

    steer(commander, display, layout="wide", panel="water", language="zh")

    expect(page.locator("[data-layout=wide]")).to_be_visible()
    expect(page.get_by_role("region", name="积水点", exact=True)).to_be_visible()
    steer(commander, display, layout="auto", panel=None, language="en")
    expect(page.get_by_role("region", name="Waterlogging", exact=True)).to_be_visible()


def test_replay_shows_the_city_of_then_and_nothing_live(
    wall: tuple[Page, int], wet_city: ServedCity, commander: Desk, picture: Picture
):
    page, display = wall
    at = (datetime.now(UTC) - timedelta(hours=2)).replace(second=0, microsecond=0)
    [(device, token, _)] = devices(wet_city, 1)
    on_patrol(wet_city, device, at)
    assert say_where(wet_city, token, 24.9413, 60.1705, at - timedelta(minutes=1)) == 200
    deepest = page.locator("[data-water]").nth(0).locator(".depth")
    # The live door asked for that moment: another question to the same values.
    _, levels = commander.call("GET", f"/api/waterlogging?at={at:%Y-%m-%dT%H:%M:%SZ}")
    depth = max(one["properties"]["water"]["depth_cm"] for one in levels["features"])
    assert 20 < depth < 40
    incidents = page.get_by_role("region", name="Incidents", exact=True).locator(".note")

    def open_then() -> str:
        _, told = commander.call("GET", f"/api/replay/incidents?at={at:%Y-%m-%dT%H:%M:%SZ}")
        return f"{len(told['results'])} in all"

    steer(commander, display, replay_at=at.isoformat())

    # Every panel says so, and shows what was.
    expect(page.locator(f"[data-replay='{at:%Y-%m-%dT%H:%M:%S}.000Z']")).to_be_visible()
    expect(page.locator("[data-panel] [data-then]")).to_have_count(5)
    expect(deepest).to_have_text(f"{floor(depth + 0.5)}cm")
    assert incidents.inner_text().partition(" · ")[0] == open_then()
    assert page.evaluate(PEOPLE) == 1
    expect(page.get_by_text("Not replayed")).to_be_visible()
    expect(page.locator("[data-live=live]")).to_be_hidden()
    # What happens meanwhile is not shown, and is there at once back in the present.
    shown = incidents.inner_text()
    status, _ = commander.call(
        "POST", "/api/incidents", {"description": "Now", "lng": 24.9413, "lat": 60.1705, "channel": "app"}
    )
    assert status == 201
    page.wait_for_timeout(1500)
    assert (incidents.inner_text(), page.evaluate(PEOPLE)) == (shown, 1)
    picture(page, "wall-replay")
    steer(commander, display, replay_at=None)
    expect(page.locator("[data-replay], [data-then]")).to_have_count(0)
    expect(deepest).to_have_text("58cm")
    expect(page.locator("[data-incident]").first).to_contain_text("Now")


def test_a_map_that_the_graphics_card_dropped_is_made_anew(wall: tuple[Page, int]):
    page, _ = wall
    page.evaluate(
        """() => {
             window.__lost = window.__map
             window.__map.getCanvas().getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()
           }"""
    )

    expect(page.get_by_role("alert")).to_contain_text("Bringing the map back")

    page.wait_for_function("() => window.__map && window.__map !== window.__lost", timeout=PATIENCE_MS)
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)
    expect(page.get_by_role("alert")).to_be_empty()
    assert page.evaluate("() => Boolean(window.__map.getLayer('overlay:people'))")


def test_names_are_not_sent_once_visitors_are_there_and_an_ended_wall_asks_for_a_code(
    wall: tuple[Page, int], commander: Desk
):
    page, display = wall

    def workers() -> set[str]:
        listed = page.evaluate("() => fetch('/api/incidents?stage=open').then(answer => answer.json())")
        return {row["worker"] for row in listed["results"]} - {""}

    assert workers()
    commander.call("PATCH", f"/api/displays/{display}", {"hides_people": True})
    expect(page.get_by_text("Visitors present: no names shown")).to_be_visible()
    assert not workers()

    assert commander.call("DELETE", f"/api/displays/{display}")[0] == 204
    expect(page.locator("[data-code]")).to_be_visible(timeout=PATIENCE_MS)


@pytest.fixture
def second_server(city: ServedCity) -> Iterator[ServedCity]:
    second = replace(city, port=free_port(), processes=[])
    yield second
    for process in second.processes:
        process.terminate()
        process.wait(20)


def test_old_data_is_called_old_within_ten_seconds_and_a_restart_needs_no_reload(
    browser: Browser, second_server: ServedCity, commander: Desk, picture: Picture
):
    server = second_server.serve()
    page = screen(browser, second_server, 1280, 720)
    let_in(page, commander)
    expect(page.locator("[data-live=live]")).to_be_visible(timeout=PATIENCE_MS)
    page.evaluate("() => { window.sameDocument = true }")

    server.terminate()
    server.wait(30)

    expect(page.locator("[data-stale=true]")).to_be_visible(timeout=STALE_WITHIN_MS)
    expect(page.get_by_role("alert")).to_contain_text("Out of date: nothing new since")
    picture(page, "wall-stale")
    second_server.serve()
    expect(page.locator("[data-stale=false]")).to_be_visible(timeout=PATIENCE_MS)
    assert page.evaluate("() => window.sameDocument")
    page.context.close()


@pytest.mark.parametrize(("size", "language"), [(SIZES[0], "zh"), (SIZES[1], "en")], ids=str)
def test_a_large_wall_is_legible_in_the_palettes_colours(
    browser: Browser, wet_city: ServedCity, commander: Desk, picture: Picture, size: Size, language: str
):
    page = large_wall(browser, wet_city, commander, size, language)
    with page.context:
        shot = picture(page, f"wall-{size}-{language}").read_bytes()

        assert faults_of(page, shot, size) == []


Visit = Callable[..., Page]


def test_the_labels_of_the_ordinary_map_grow_with_the_screen(visit: Visit, picture: Picture):
    page = visit("demo-operator", "map=15.5/60.1700/24.9420", viewport={"width": 1280, "height": 1440})
    page.wait_for_function(DRAWN, timeout=PATIENCE_MS)

    scale, ratio, canvas = page.evaluate(
        """() => [SCALE,
                  window.__map.getPixelRatio(), window.__map.getCanvas().width]""".replace("SCALE", SCALE)
    )

    assert scale == pytest.approx(1440 / 67.5 / 16, abs=0.01) == ratio
    assert canvas == pytest.approx(1280, abs=2)
    picture(page, "size-1280x1440")
