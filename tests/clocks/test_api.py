"""The calendar over HTTP: it says when a year's holidays are not known."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from geogrid.core.actor import System
from incidents.clocks.actions import load_holidays
from tests.incidents.conftest import People


def test_a_year_is_shown_with_its_days_or_with_a_warning(city: People, api: Callable[..., Any]):
    load_holidays(years=[2026], actor=System("tests"), at=datetime(2026, 1, 1, tzinfo=UTC))
    client = api(city.stranger)

    known = client.get("/api/calendar", {"year": 2026}).json()
    unknown = client.get("/api/calendar", {"year": 2031}).json()

    assert known["is_covered"] and known["warning"] is None and known["covered_years"] == [2026]
    assert "2026-12-25" in {one["day"] for one in known["days"]}
    assert not unknown["is_covered"]
    assert "2031" in unknown["warning"]["zh"] and "not known" in unknown["warning"]["en"]
    assert len(known["windows"]) == 10


def test_a_deadline_is_told_with_its_warning(city: People, api: Callable[..., Any]):
    client = api(city.stranger)
    start = "2026-09-11T17:00:00+03:00"

    said = client.get("/api/calendar/deadline", {"start": start, "limit": "2工作时"}).json()
    wrong = client.get("/api/calendar/deadline", {"start": start, "limit": "尽快"})

    assert said["due_at"] == "2026-09-14T06:00:00Z"
    assert said["uncovered_years"] == [2026]
    assert said["limit"]["en"] == "2 working hours"
    assert wrong.status_code == 422 and "立即" in wrong.json()["detail"]


def test_the_limits_of_stages_are_told_with_their_version(city: People, api: Callable[..., Any]):
    said = api(city.stranger).get("/api/clock-policy").json()

    assert said["warn_share"] == 0.8
    assert {one["stage"]: one["limit"]["zh"] for one in said["limits"]}["verify"] == "4工作时"
