"""The rehearsal: a simulated storm floods the city, and the commander's wall carries it to its end."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from geogrid.simulate.citizens import LABEL
from geogrid.simulate.doors import Outbox, Server
from geogrid.simulate.plan import Plan
from tests.browser.map_page import PATIENCE_MS
from tests.browser.rehearsal import as_text, asked, open_wall, prepare, start_storm, storm_at
from tests.served_city import ServedCity, served_demo_city

pytestmark = pytest.mark.browser
Picture = Callable[[Page, str], Path]
RISING = (3.5, 4.5, 5.5, 6.0)  # hours of the storm
FALLEN = (9.0, 14.0, 20.0, 26.0)
ALARMED = ("watch", "serious", "critical")


@pytest.fixture(scope="module")
def city() -> Iterator[ServedCity]:
    """A city of its own: the others' water and people are not in it."""
    with served_demo_city() as served:
        yield served


@pytest.fixture(scope="module")
def plan(city: ServedCity) -> Plan:
    """The simulation's stations and people."""
    return prepare(city)


def of_alarms(city: ServedCity, plan: Plan) -> list[Any]:
    """The open incidents that the simulated gauges have opened; citizens tell of the same places."""
    rows = asked(city, "/api/incidents?stage=open")["results"]
    places = {gauge.place for gauge in plan.levels()}
    return [
        row
        for row in rows
        if row["class_code"] == "0506"
        and row["location_text"] in places
        and not row["description"].startswith(LABEL[0])
    ]


def test_prepared_again_nothing_is_there_twice(city: ServedCity, plan: Plan):
    counted = asked(city, "/api/waterlogging")["features"]
    devices = len({walker.token for walker in plan.walkers})

    again = prepare(city)

    assert len(asked(city, "/api/waterlogging")["features"]) == len(counted) == 12
    assert (again.gateway_token, again.citizen_token) == (plan.gateway_token, plan.citizen_token)
    assert {walker.token for walker in again.walkers} == {walker.token for walker in plan.walkers}
    assert devices == len(plan.walkers) > 20


def test_people_and_citizens_come_in_by_the_public_doors_and_are_labelled(city: ServedCity, plan: Plan):
    known = {row["number"] for row in asked(city, "/api/incidents?stage=open")["results"]}
    simulate = ("-m", "geogrid", "simulate")

    storm = start_storm(city, 2000)
    walk = city.start(*simulate, "patrols", "--server", city.url, "--walkers", "4", "--minutes", "0.15")
    tell = city.start(*simulate, "citizens", "--server", city.url, "--count", "3", "--every", "0.05")

    assert (walk.wait(120), tell.wait(120)) == (0, 0)
    seen = [one for one in asked(city, "/api/positions/last") if one["is_simulated"]]
    assert 0 < len(seen) <= 4 and all(one["worker_name"] for one in seen)
    told = [row for row in asked(city, "/api/incidents?stage=open")["results"] if row["number"] not in known]
    assert sum(row["description"].startswith(LABEL[0]) and row["is_simulated"] for row in told) == 3
    levels = asked(city, "/api/waterlogging")["features"]
    assert sum(one["properties"]["water"]["depth_cm"] is not None for one in levels) == 12
    storm.terminate()
    assert storm.wait(30) == 0


def test_a_storm_floods_alarms_is_handed_out_and_falls_again(
    browser: Browser, city: ServedCity, plan: Plan, picture: Picture
):
    page = open_wall(browser, city)
    outbox = Outbox(Server(city.url), print)
    storm_at(plan, outbox, *RISING)

    # Six places and more, each with what stands in the water and who has it; the polygons are on the map.
    page.wait_for_function(
        "() => document.querySelectorAll('[data-water] [data-harm]').length >= 6", timeout=2 * PATIENCE_MS
    )
    expect(page.locator("[data-band=critical]").first).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_function(
        "() => window.__map.getSource('overlay:inundation').serialize().data.features.length >= 6",
        timeout=PATIENCE_MS,
    )
    expect(page.locator("[data-harm]", has_text="→").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("[data-harm]", has_text="households").first).to_be_visible()
    expect(page.get_by_text("Simulated data")).to_be_visible()
    highest_at = datetime.now(UTC)
    picture(page, "rehearsal-1920x1080")
    page.set_viewport_size({"width": 3840, "height": 1080})
    page.wait_for_timeout(2000)
    picture(page, "rehearsal-3840x1080")

    # Each alarm opened exactly one incident, and the worker of its cell has it.
    alarmed = [
        one
        for one in asked(city, "/api/waterlogging")["features"]
        if one["properties"]["water"]["band"] in ALARMED
    ]
    opened = of_alarms(city, plan)
    for _ in range(40):
        if len(opened) >= len(alarmed):
            break
        page.wait_for_timeout(500)
        opened = of_alarms(city, plan)
    assert len(alarmed) >= 6
    assert len({row["location_text"] for row in opened}) == len(opened) >= 6
    assert {one["properties"]["name"] for one in alarmed} <= {row["location_text"] for row in opened}
    assert all(row["worker"] and row["is_simulated"] for row in opened)
    there = asked(city, f"/api/answers?lng={opened[0]['lng']}&lat={opened[0]['lat']}")
    assert opened[0]["worker"] in str(there["worker"])

    # The water falls, and whoever handles it is offered to close.
    storm_at(plan, outbox, *FALLEN)
    assert (outbox.refused, len(outbox)) == (0, 0)
    number = opened[-1]["number"]
    page.wait_for_function(
        "number => fetch(`/api/incidents/${number}`).then(a => a.json()).then(i => i.measured?.offers_close)",
        arg=number,
        timeout=2 * PATIENCE_MS,
        polling=1000,
    )

    # Replay shows the storm again: the levels and the incidents of that moment.
    then = asked(city, f"/api/waterlogging?at={as_text(highest_at)}")["features"]
    assert sum(one["properties"]["water"]["band"] in ALARMED for one in then) >= 6
    replayed = asked(city, f"/api/replay/incidents?at={as_text(highest_at)}")["results"]
    assert {row["number"] for row in opened[1:]} <= {row["number"] for row in replayed}
    page.context.close()
