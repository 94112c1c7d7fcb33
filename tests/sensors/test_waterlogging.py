"""Waterlogging points over HTTP: depth, rise, band, rain, stale, as it was, the course for a plot, rights."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.utils import timezone
from rest_framework.test import APIClient

from assets.sensors.actions import load_series, make_station, make_waterlogging_point
from assets.sensors.models import DatastreamState, WaterloggingPoint
from assets.sensors.observing import Reading, observe
from assets.sensors.series import step_for
from assets.sensors.upkeep import note_silence
from geogrid.core.errors import Forbidden
from tests.incidents.conftest import MIDDLE, SIDE, A, B, client_of, person, rows
from tests.sensors.conftest import Gauge, depth_of, station_at

NOW = datetime.now(UTC).replace(second=0, microsecond=0)


def say(gauge: Gauge, *minutes_ago_and_values: tuple[float, float]) -> None:
    observe(
        [
            Reading(gauge.depth.pk, NOW - timedelta(minutes=ago), value)
            for ago, value in minutes_ago_and_values
        ],
        received_at=NOW,
    )


def get(gauge: Gauge, path: str, **query: Any) -> Any:
    answer = client_of(gauge.people.ann).get(f"/api/{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def water_of(gauge: Gauge, **query: Any) -> Any:
    [feature] = get(gauge, "waterlogging", **query)["features"]
    return feature["properties"]["water"]


def test_a_point_says_how_deep_how_fast_and_until_when(gauge: Gauge):
    say(gauge, (15, 20), (10, 22), (5, 24), (0, 26))

    collection = get(gauge, "waterlogging")

    [feature] = collection["features"]
    said = feature["properties"]
    assert collection["type"] == "FeatureCollection"
    assert (feature["id"], feature["geometry"]["coordinates"]) == ("W1", list(MIDDLE[A]))
    assert (said["name"], said["name_en"], said["cell"]) == ("下穿桥", "Underpass", A)
    assert [band["from"] for band in said["bands"]] == [0, 15, 30, 50]
    water = said["water"]
    assert (water["depth_cm"], water["band"], water["is_stale"]) == (26, "watch", False)
    assert (water["cm_per_10min"], water["next_band"]) == (4, "serious")
    assert datetime.fromisoformat(water["next_band_at"]) == NOW + timedelta(minutes=10)


def test_nothing_measured_is_no_depth(gauge: Gauge):
    water = water_of(gauge)

    assert (water["depth_cm"], water["band"], water["is_stale"]) == (None, "", True)


def test_old_values_show_as_stale_and_foretell_nothing(gauge: Gauge):
    say(gauge, (26, 20), (16, 25))

    water = water_of(gauge)

    assert (water["depth_cm"], water["is_stale"], water["next_band"]) == (25, True, "")


def test_the_deepest_fresh_gauge_counts_in_whatever_unit(gauge: Gauge):
    other = depth_of(station_at("S2", MIDDLE[A]), unit_symbol="m", lowest=0, highest=3, thresholds=[])
    gauge.point.stations.add(other.station)
    say(gauge, (0, 20))
    observe([Reading(other.pk, NOW, 0.4)], received_at=NOW)

    water = water_of(gauge)

    assert (water["depth_cm"], water["band"], water["station"]) == (40, "serious", "S2")


def test_it_can_be_asked_as_it_was(gauge: Gauge):
    say(gauge, (60, 40), (55, 45), (50, 50), (0, 1))

    assert water_of(gauge, at=(NOW - timedelta(minutes=50)).isoformat())["depth_cm"] == 50
    assert water_of(gauge, at=(NOW - timedelta(minutes=40)).isoformat())["is_stale"] is False
    assert water_of(gauge, at=(NOW - timedelta(minutes=20)).isoformat())["is_stale"] is True
    assert water_of(gauge, at=(NOW - timedelta(minutes=70)).isoformat())["depth_cm"] is None


def test_a_unit_narrows_the_list(gauge: Gauge):
    assert len(get(gauge, "waterlogging", unit=A[:12])["features"]) == 1
    assert get(gauge, "waterlogging", unit="910101001002")["features"] == []


def test_the_card_has_stations_rain_and_catchment(gauge: Gauge):
    rain = depth_of(
        station_at("R1", MIDDLE[B]), code="rain", phenomenon="rain", unit_symbol="mm", thresholds=[], lowest=0
    )
    now = datetime.now(UTC)  # not the module's: a whole run takes longer than the hour that is told allows
    observe(
        [Reading(rain.pk, now - timedelta(minutes=ago), 1.5) for ago in (0, 5, 10, 58, 75, 90)],
        received_at=now,
    )
    WaterloggingPoint.objects.update(catchment=MultiPolygon(Polygon.from_bbox((24.9, 60.1, 24.95, 60.13))))

    said = get(gauge, "waterlogging/W1")["properties"]

    assert [station["code"] for station in said["stations"]] == ["S1"]
    assert said["stations"][0]["datastreams"][0]["thresholds"][0]["dwell_s"] == 7200
    [gauge_nearby] = said["rain"]
    assert (gauge_nearby["station"], gauge_nearby["last_hour"], gauge_nearby["unit"]) == ("R1", 6, "mm")
    assert 400 < gauge_nearby["distance_m"] < 450  # a cell is 2^-7 degrees wide, at 60° north
    assert said["catchment"]["type"] == "MultiPolygon"


def test_the_course_is_thinned_and_keeps_its_peaks(gauge: Gauge):
    say(gauge, *((float(ago), float(ago % 7)) for ago in range(600)))
    say(gauge, (123.5, 88))

    [series] = get(gauge, "waterlogging/W1/history", points=60)

    assert series["step_s"] == 1800
    assert len(series["times"]) == len(series["highest"]) == len(series["mean"]) <= 60
    assert max(series["highest"]) == 88 and min(series["lowest"]) == 0
    [whole] = get(
        gauge,
        "waterlogging/W1/history",
        begin=(NOW - timedelta(hours=1)).isoformat(),
        end=(NOW + timedelta(minutes=1)).isoformat(),
    )
    assert (whole["step_s"], len(whole["times"])) == (60, 61)
    assert whole["last"] == [float(ago % 7) for ago in range(60, -1, -1)]
    one = get(gauge, f"datastreams/{gauge.depth.pk}/history", points=1)
    assert (one["step_s"], one["unit"]) == (86_400, "cm")


@pytest.mark.parametrize(
    "query",
    [
        {"begin": "2026-01-01T00:00:00Z", "end": "2026-03-01T00:00:00Z"},
        {"begin": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        {"begin": "yesterday"},
        {"end": "0001-01-01T00:00:00Z"},
        {"points": "0"},
        {"points": "100000"},
    ],
    ids=str,
)
def test_a_window_that_makes_no_sense_is_refused(gauge: Gauge, query: dict[str, str]):
    assert client_of(gauge.people.ann).get("/api/waterlogging/W1/history", query).status_code == 422


def test_steps_fit_the_window():
    assert step_for(timedelta(hours=1), 60) == 60
    assert step_for(timedelta(days=30), 500) == 7_200
    assert step_for(timedelta(days=30), 1) == 86_400


def test_every_signed_in_person_sees_and_no_stranger(gauge: Gauge):
    for path in ("waterlogging", "waterlogging/W1", "waterlogging/W1/history", "stations", "alarms"):
        assert client_of(gauge.people.volunteer).get(f"/api/{path}").status_code == 200
        assert APIClient().get(f"/api/{path}").status_code == 401
    assert client_of(gauge.people.ann).get("/api/waterlogging/W9").status_code == 404
    assert client_of(gauge.people.ann).get("/api/datastreams/999999/history").status_code == 404


def test_alarms_are_listed_while_they_are_open(gauge: Gauge):
    say(gauge, (30, 40), (25, 1), (10, 1))
    say(gauge, (5, 60))

    [alarm] = get(gauge, "alarms")

    assert (alarm["station"], alarm["level"], alarm["worst_value"], alarm["unit"]) == (
        "S1",
        "critical",
        60,
        "cm",
    )
    say(gauge, (0, 1))
    assert get(gauge, "alarms")[0]["falling_at"] is not None
    assert len(get(gauge, "alarms", all="true")) == 1


def test_who_edits_assets_there_makes_and_ends_tokens(gauge: Gauge):
    made = client_of(gauge.people.dan).post("/api/stations/S1/tokens", {"name": "modem"}, "json")

    assert made.status_code == 201 and made.json()["token"].startswith("ggs_")
    path = f"/api/stations/S1/tokens/{made.json()['id']}"
    elsewhere = person("elsewhere", "supervisor", "910101002")
    for nobody in (gauge.people.ann, elsewhere):
        assert client_of(nobody).post("/api/stations/S1/tokens", {"name": "x"}, "json").status_code == 403
        assert client_of(nobody).delete(path).status_code == 403
    assert client_of(gauge.people.dan).delete(path).status_code == 204
    assert client_of(gauge.people.dan).delete(path).status_code == 404
    assert client_of(gauge.people.dan).delete("/api/stations/S1/tokens/x").status_code == 404


def test_stations_and_points_are_made_by_who_edits_assets_there(gauge: Gauge):
    bare = station_at("S2", MIDDLE[A])
    asset = bare.asset
    bare.delete()

    with pytest.raises(Forbidden):
        make_station(code="S3", asset=asset, name="x", actor=gauge.people.ann)
    station = make_station(code="S3", asset=asset, name="x", actor=gauge.people.dan)
    point = make_waterlogging_point(
        code="W3", name="桥", place=Point(*MIDDLE[A], srid=4326), stations=[station], actor=gauge.people.dan
    )

    assert point.bands[1] == {"level": "watch", "from": 15}
    assert rows("SELECT kind, refs FROM change WHERE kind = 'waterlogging' ORDER BY id DESC LIMIT 1") == [
        ("waterlogging", ["W3"])
    ]


def test_offline_is_noted_by_the_clock_and_ends_with_the_next_value(gauge: Gauge):
    say(gauge, (0, 1))

    assert note_silence(NOW + timedelta(minutes=14)) == 0
    assert note_silence(NOW + timedelta(minutes=16)) == 1
    assert note_silence(NOW + timedelta(minutes=17)) == 0
    [station] = get(gauge, "stations")
    assert datetime.fromisoformat(station["datastreams"][0]["silent_since"]) == NOW
    observe(
        [Reading(gauge.depth.pk, NOW + timedelta(minutes=20), 1)], received_at=NOW + timedelta(minutes=20)
    )
    assert DatastreamState.objects.get().silent_since is None


def test_three_days_of_the_past_are_loaded_at_once_and_only_once(gauge: Gauge):
    begin = NOW - timedelta(days=3)
    values = [(begin + timedelta(minutes=5 * nr), float(nr % 40)) for nr in range(3 * 288)]

    first = load_series(datastream=gauge.depth, values=values, received_at=timezone.now())
    again = load_series(datastream=gauge.depth, values=values, received_at=timezone.now())

    assert (first, again) == (864, 0)
    assert rows("SELECT count(*) FROM observation_other") == [(0,)]
    [series] = get(gauge, "waterlogging/W1/history", begin=begin.isoformat(), points=80)
    assert (series["step_s"], len(series["times"]) in (72, 73)) == (3600, True)


def test_a_place_in_the_next_cell_is_told_to_that_cell(gauge: Gauge):
    WaterloggingPoint.objects.update(place=Point(MIDDLE[A][0] + SIDE, MIDDLE[A][1], srid=4326))

    [feature] = get(gauge, "waterlogging")["features"]
    assert feature["properties"]["cell"] == B
    units = rows("SELECT units_after FROM change WHERE kind = 'waterlogging' ORDER BY id DESC LIMIT 1")
    assert json.dumps(units[0][0]) == json.dumps([B])
