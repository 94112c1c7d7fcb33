"""A simulated storm over the served city, and what a wall shows of each sample and when."""

import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from geogrid.simulate import storm
from geogrid.simulate.doors import Outbox
from geogrid.simulate.patrols import utc_now
from geogrid.simulate.plan import Plan, read_plan
from geogrid.simulate.sending import as_observations
from tests.browser.map_page import PATIENCE_MS
from tests.served_city import ServedCity

_PREPARE = "from geogrid.simulate.commands import prepare_plan; prepare_plan()"
# Notes when the list shows another depth: [milliseconds since 1970, the place's number, the depth].
_WATCH = """() => {
  window.depths = []
  const shown = new Map()
  const look = () => {
    for (const row of document.querySelectorAll('[data-water]')) {
      const depth = row.querySelector('.depth').innerText.replace(/\\D/g, '')
      if (shown.get(row.dataset.water) === depth) continue
      shown.set(row.dataset.water, depth)
      requestAnimationFrame(() => window.depths.push([Date.now(), row.dataset.water, Number(depth)]))
    }
  }
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true })
}"""


def prepare(city: ServedCity) -> Plan:
    """Stations, devices and tokens of the simulation; the plan with them."""
    assert city.start("-c", _PREPARE).wait(120) == 0
    plan = read_plan(plan_file(city))
    assert plan is not None
    return plan


def plan_file(city: ServedCity) -> Path:
    return Path(city.environment["GEOGRID_VAR"]) / "simulation" / "plan.json"


def start_storm(city: ServedCity, speed: float) -> subprocess.Popen[bytes]:
    """`geogrid simulate storm`, as somebody types it."""
    asked = ("--server", city.url, "--speed", str(speed))
    return city.start("-m", "geogrid", "simulate", "storm", *asked)


def storm_at(plan: Plan, outbox: Outbox, *hours: float) -> None:
    """Let all gauges say what they say so many hours into a storm, one after the other, now."""
    for hour in hours:
        values = storm.storm_values(plan, utc_now(), timedelta(hours=hour), timedelta(minutes=10))
        outbox.put([as_observations(plan.gateway_token, values)])
        assert outbox.send() == 0


def open_wall(browser: Browser, city: ServedCity, width: int = 1920, height: int = 1080) -> Page:
    """The wall on the commander's own screen, its map drawn; depths that it shows are noted."""
    person = city.log_in("demo-commander")
    context = browser.new_context(
        base_url=city.url, viewport={"width": width, "height": height}, locale="en-GB"
    )
    cookies = person.cookies.items()
    context.add_cookies([{"name": name, "value": value, "url": city.url} for name, value in cookies])
    person.connection.close()
    page = context.new_page()
    page.goto("/wall?still&test")
    page.wait_for_function("() => document.body.dataset.ready", timeout=2 * PATIENCE_MS)
    page.evaluate(_WATCH)
    return page


def asked(city: ServedCity, path: str) -> Any:
    """What the commander is answered."""
    person = city.log_in("demo-commander")
    try:
        status, said = person.call("GET", path)
        assert status == 200, said
        return said
    finally:
        person.connection.close()


@dataclass(frozen=True)
class Sample:
    """A depth that was sent: to the second of the station's clock, as the wall rounds it."""

    place: str
    at: datetime
    depth_cm: int


def samples(plan: Plan, began: datetime, ended: datetime, speed: float) -> list[Sample]:
    """What a storm has sent: the same as `storm_live` computes. Only where the depth on the wall changes."""
    every, step = storm.pace(speed)
    found: list[Sample] = []
    last: dict[str, int] = {}
    for nr in range(int((ended - began) / every)):
        at = began + nr * every
        for gauge, _, value in storm.storm_values(plan, at, (at - began) * speed, step):
            place = gauge.station.replace("SIM-W", "SIM-P")
            depth = as_shown(value)
            if gauge.phenomenon == "level" and last.get(place) != depth:
                found.append(Sample(place, at, depth))
                last[place] = depth
    return found


def as_shown(depth_cm: float) -> int:
    """Whole centimetres as the page rounds them: a half goes up, where Python's round() goes to even."""
    return int(Decimal(str(depth_cm)).quantize(Decimal(1), ROUND_HALF_UP))


def waits_s(sent: list[Sample], seen: list[tuple[float, str, int]]) -> list[float]:
    """Seconds from each sample to the moment in which the wall showed it, or a later one of the same place.

    A sample that was never shown, nor one after it, counts as infinitely late.
    """
    found = []
    for place in {sample.place for sample in sent}:
        own = [sample for sample in sent if sample.place == place]
        shown = [(at_ms / 1000, depth) for at_ms, code, depth in seen if code == place]
        newest = []  # (moment, number of the newest sample that the wall can have shown then)
        for at, depth in shown:
            fitting = [nr for nr, one in enumerate(own) if one.depth_cm == depth and one.at.timestamp() <= at]
            if fitting:
                newest.append((at, max(fitting)))
        for nr, sample in enumerate(own):
            moments = [at for at, number in newest if number >= nr]
            found.append(min(moments) - sample.at.timestamp() if moments else float("inf"))
    return found


def noted_depths(page: Page) -> list[tuple[float, str, int]]:
    return [(float(at), str(code), int(depth)) for at, code, depth in page.evaluate("() => window.depths")]


def as_text(moment: datetime) -> str:
    """A moment in an address."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
