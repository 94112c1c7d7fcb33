"""Misses and gaps as the API tells them: to whom, in which words, with which figures."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from geogrid.organisations.models import User
from incidents.models import Incident
from incidents.patrol_quality.actions import judge_patrols
from tests.incidents.conftest import COUNTY, A, People, client_of, person
from tests.patrol_quality.test_miss_gap_neither import (  # noqa: F401 (a fixture)
    REPORTED,
    RIPE,
    minutes_before,
    past,
    reported,
    street,
)
from tests.patrols.conftest import carried_by
from tests.seen.conftest import walk

DAY = timedelta(days=1)
SPAN = f"start={REPORTED - DAY:%Y-%m-%dT%H:%M:%SZ}&end={REPORTED + DAY:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def missed(city: People, street: int) -> Incident:  # noqa: F811
    """Ann walked past ten metres away, an hour before."""
    walk(carried_by(city.ann).device, past(), **minutes_before(60))
    incident = reported()
    judge_patrols(RIPE)
    return incident


def of(client: APIClient, incident: Incident) -> Any:
    answer = client.get(f"/api/incidents/{incident.number}/patrol-quality")
    assert answer.status_code in (200, 404)
    return answer.json() if answer.status_code == 200 else None


def test_a_supervisor_reads_who_walked_past_when_and_where(city: People, missed: Incident):
    said = of(client_of(city.dan), missed)

    assert (said["verdict"], said["worker"]["name"]) == ("miss", "Ann")
    assert said["nearest_m"] == pytest.approx(10, abs=0.05) and len(said["way"]) == len(past())
    assert of(client_of(city.eve), missed) == said
    assert client_of(city.dan).get(f"/api/incidents/{missed.number}").json()["is_judged"] is True
    assert client_of(city.oona).get(f"/api/incidents/{missed.number}").json()["is_judged"] is True
    assert said["words"]["zh"].startswith("漏报") and said["words"]["en"].startswith("Missed")


def test_the_worker_reads_it_and_colleagues_neighbours_and_reporters_do_not(city: People, missed: Incident):
    inspector = person("ines", "inspector", COUNTY)  # sees the incident, not where people are

    assert of(client_of(city.ann), missed)["worker"]["name"] == "Ann"
    assert of(client_of(city.bo), missed) is None
    assert of(client_of(city.cai), missed) is None
    assert of(client_of(city.stranger), missed) is None
    assert of(client_of(inspector), missed) is None


def test_figures_by_cell_street_and_person_tell_their_denominator(city: People, missed: Incident):
    elsewhere = reported(at=REPORTED + timedelta(hours=2))
    judge_patrols(RIPE + timedelta(hours=2))
    client = client_of(city.dan)

    [cell] = client.get(f"/api/patrol-quality?{SPAN}").json()
    [street_unit] = client.get(f"/api/patrol-quality?by=STREET&{SPAN}").json()
    [ann] = client.get(f"/api/patrol-quality?by=WORKER&{SPAN}").json()

    assert (cell["code"], cell["miss"], cell["gap"], cell["neither"], cell["judged"]) == (A, 1, 1, 0, 2)
    assert street_unit["code"] == A[:9] and street_unit["judged"] == 2
    assert (ann["name"], ann["miss"], ann["gap"]) == ("Ann", 1, 0)
    listed = client.get(f"/api/patrol-quality/incidents?{SPAN}").json()
    assert [row["number"] for row in listed["results"]] == [elsewhere.number, missed.number]
    only = client.get(f"/api/patrol-quality/incidents?verdict=miss&unit={A[:12]}&{SPAN}").json()
    assert [row["number"] for row in only["results"]] == [missed.number]


def test_other_parts_of_the_city_are_not_counted_for_whom_they_are_none_of_their_business(
    city: People, missed: Incident
):
    far: User = person("north", "supervisor", "910101001002")

    assert client_of(far).get(f"/api/patrol-quality?{SPAN}").json() == []
    assert client_of(far).get(f"/api/patrol-quality/incidents?{SPAN}").json()["count"] == 0
    assert client_of(city.ann).get(f"/api/patrol-quality?{SPAN}").status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        "start=2026-02-01T00:00:00Z&end=2026-01-01T00:00:00Z",
        "start=yesterday",
        "by=WARD",
        "start=2020-01-01T00:00:00Z&end=2026-01-01T00:00:00Z",
    ],
)
def test_a_span_that_is_none_is_refused_in_words(city: People, wrong: str):
    answer = client_of(city.eve).get(f"/api/patrol-quality?{wrong}")

    assert answer.status_code == 422 and answer.json()["fields"]
