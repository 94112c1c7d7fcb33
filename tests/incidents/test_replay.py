"""Incidents as they were, and figures with what they are made of."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents import actions
from incidents.indicators import Indicator, indicators
from incidents.intake import Report, report
from incidents.models import Incident
from incidents.replay import BARS, open_at, reported_by_bar
from tests.incidents.conftest import COUNTY, MIDDLE, A, B, People, client_of, person

NOW = timezone.now().replace(microsecond=0)
HOUR = timedelta(hours=1)


@pytest.fixture
def story(city: People) -> Incident:
    """Reported ten hours ago in A, moved to B eight hours ago, filed six hours ago."""
    answer = report(said=Report("web", "积水", *MIDDLE[A]), actor=city.oona, at=NOW - 10 * HOUR).answer
    incident = Incident.objects.get(number=answer["number"])
    lng, lat = MIDDLE[B]
    actions.move_place(incident=incident, lng=lng, lat=lat, actor=city.oona, at=NOW - 8 * HOUR, note="here")
    actions.file(incident=incident, actor=city.oona, at=NOW - 6 * HOUR, note="", filing_condition="")
    return incident


def then(hours_ago: float) -> list[tuple[str, tuple[float, float]]]:
    rows = open_at(Incident.objects.all(), NOW - hours_ago * HOUR)
    return [(row["stage"], (row["lng"], row["lat"])) for row in rows]


def test_stage_and_place_are_those_of_the_moment(story: Incident):
    assert then(11) == []
    assert then(9) == [("REPORTED", MIDDLE[A])]
    assert then(7) == [("REPORTED", MIDDLE[B])]
    assert then(5) == [("FILED", MIDDLE[B])]


def test_what_is_over_now_was_open_then(city: People):
    answer = report(said=Report("web", "x", *MIDDLE[A]), actor=city.oona, at=NOW - 10 * HOUR).answer
    incident = Incident.objects.get(number=answer["number"])
    actions.reject(incident=incident, actor=city.oona, at=NOW - 2 * HOUR, note="nothing there")

    assert then(3) == [("REPORTED", MIDDLE[A])]
    assert then(1) == []


def test_replay_shows_what_the_viewer_may_see_and_no_names(story: Incident, city: People):
    path = f"/api/replay/incidents?at={(NOW - 5 * HOUR).isoformat().replace('+00:00', 'Z')}"
    commander = client_of(person("commander", "commander", COUNTY)).get(path)

    assert [row["number"] for row in commander.json()["results"]] == [story.number]
    assert "Cai" not in commander.content.decode()
    assert client_of(city.stranger).get(path).json()["results"] == []


@pytest.mark.parametrize("at", ["", "yesterday", "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_replay_of_no_such_moment_is_refused_in_words(city: People, at: str):
    answer = client_of(city.eve).get(f"/api/replay/incidents?at={at}")

    assert answer.status_code == 422 and "at" in answer.json()["fields"]


def test_each_report_is_in_its_bar(city: People):
    for minutes in (1, 2, 119):
        report(said=Report("web", "x", *MIDDLE[A]), actor=city.oona, at=NOW - timedelta(minutes=minutes))

    bars = reported_by_bar(Incident.objects.all(), NOW - 2 * HOUR, NOW)

    assert len(bars) == BARS and sum(bars) == 3
    assert sum(bars[-3:]) == 2 and sum(bars[:3]) == 1


def test_a_figure_tells_what_it_is_made_of(story: Incident, city: People):
    Incident.objects.filter(pk=story.pk).update(deadline_at=NOW - HOUR)
    report(said=Report("web", "x", *MIDDLE[A]), actor=city.oona, at=NOW - HOUR)

    found = indicators(Incident.objects.all(), start=NOW - timedelta(days=30), day=NOW - 2 * HOUR, now=NOW)

    by_key = {one.key: (one.numerator, one.denominator) for one in found}
    assert by_key == {
        "open": (2, None),
        "late": (1, 2),
        "today": (1, None),
        "filing_rate": (1, 2),
        "closing_rate": (0, 1),
        "closing_rate_of_filed": (0, 1),
        "patrol_share": (0, 2),
    }


def test_a_share_of_nothing_has_no_value():
    assert Indicator("x", 0, 0).value is None
    assert Indicator("x", 1, 4).value == 0.25
    assert Indicator("x", 3).value == 3


def test_figures_come_with_their_formulas_over_what_the_viewer_sees(story: Incident, city: People):
    seen = client_of(city.eve).get("/api/indicators").json()["results"]
    unseen = client_of(city.stranger).get("/api/indicators").json()["results"]

    assert {"key": "open", "value": 1, "numerator": 1, "denominator": None, "scheme": "geogrid-1"} in seen
    assert all(one["numerator"] == 0 for one in unseen)
