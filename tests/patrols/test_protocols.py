"""Every protocol says the same position in its own units; what cannot be read is named."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_units.patrols import protocols
from grid_units.patrols.fixes import Fix
from grid_units.patrols.protocols import Unreadable
from tests.patrols import requests_of_apps as apps
from tests.patrols.requests_of_apps import AT, LAT, LNG, SECONDS

NOW = datetime(2026, 1, 14, 8, tzinfo=UTC)


def query(text: str) -> dict[str, str]:
    return dict(parse_qsl(text))


SAID: dict[str, Any] = {
    "OsmAnd": lambda: protocols.of_osmand(query(apps.osmand_app("t")), NOW),
    "Traccar Client 8": lambda: protocols.of_osmand(query(apps.traccar_client_8("t")), NOW),
    "Traccar Client 9": lambda: protocols.of_traccar_client(apps.traccar_client_9("t")),
    "Traccar server": lambda: protocols.of_traccar_server(apps.traccar_server("imei")),
    "OwnTracks": lambda: protocols.of_owntracks(apps.owntracks()),
    "ours": lambda: protocols.of_batch(
        {
            "positions": [
                {
                    "at": (AT + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S+02:00"),
                    "lng": LNG,
                    "lat": LAT,
                    "accuracy_m": 7,
                    "speed_mps": 1.25,
                    "heading_deg": 47,
                    "altitude_m": 12,
                    "battery_pct": 76,
                }
            ]
        }
    ),
}


@pytest.mark.parametrize("app", SAID)
def test_each_says_the_same(app: str) -> None:
    [fix] = SAID[app]().fixes

    assert (fix.at, fix.lng, fix.lat, fix.is_valid) == (AT, LNG, LAT, True)
    assert fix.speed_mps == pytest.approx(1.25, abs=1e-6)
    assert (fix.heading_deg, fix.altitude_m) == (47, 12)
    assert fix.accuracy_m == 7  # OsmAnd: HDOP 1.4
    assert fix.battery_pct == (None if app == "OsmAnd" else 76)


def test_what_apps_send_for_unknown_is_unknown() -> None:
    told = apps.traccar_client_9("t")
    told["location"]["coords"] |= {"accuracy": -1, "speed": -1, "heading": -1}
    told["location"]["battery"]["level"] = -1

    [fix] = protocols.of_traccar_client(told).fixes

    assert fix == Fix(AT, LNG, LAT, altitude_m=12)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (str(SECONDS), AT),
        (f"{SECONDS}.5", AT.replace(microsecond=500_000)),
        (str(SECONDS * 1000), AT),
        (f"{AT:%Y-%m-%dT%H:%M:%S}Z", AT),
        ("1970-01-01T02:00:00+02:00", datetime(1970, 1, 1, tzinfo=UTC)),
        (f"{AT:%Y-%m-%d %H:%M:%S}", AT),
        ("0", datetime(1970, 1, 1, tzinfo=UTC)),
        ("", NOW),
    ],
    ids=range(8),
)
def test_a_timestamp_in_any_of_its_forms(text: str, moment: datetime) -> None:
    said = protocols.of_osmand({"lat": "60", "lon": "24", "timestamp": text}, NOW)

    assert said.fixes[0].at == moment


def test_osmand_says_a_place_in_one_parameter_too() -> None:
    [fix] = protocols.of_osmand({"location": "60.1,24.9", "valid": "0"}, NOW).fixes

    assert (fix.lat, fix.lng, fix.is_valid) == (60.1, 24.9, False)


def test_traccar_repeating_an_old_position_says_so() -> None:
    told = apps.traccar_server("x")
    told["position"]["outdated"] = True

    assert not protocols.of_traccar_server(told).fixes[0].is_valid


@pytest.mark.parametrize("kind", ["lwt", "waypoint", "waypoints", "transition", "card", "status", "steps"])
def test_other_messages_of_owntracks_hold_no_fix(kind: str) -> None:
    assert protocols.of_owntracks({"_type": kind, "tst": SECONDS, "lat": LAT, "lon": LNG}).fixes == ()


GOOD = {"at": SECONDS, "lng": LNG, "lat": LAT}
UNREADABLE: dict[str, tuple[Any, Any, str]] = {
    "no object": (protocols.of_batch, [], "a JSON object"),
    "no list": (protocols.of_batch, {"positions": {}}, "positions: send a list"),
    "an empty list": (protocols.of_batch, {"positions": []}, "positions: send a list"),
    "too many": (protocols.of_batch, {"positions": [GOOD] * 5_001}, "positions: at most 5000"),
    "no time": (
        protocols.of_batch,
        {"positions": [GOOD, {**GOOD, "at": None}]},
        "positions[1].at: is missing",
    ),
    "no such time": (protocols.of_batch, {"positions": [{**GOOD, "at": "noon"}]}, "positions[0].at: 'noon'"),
    "a time out of this world": (
        protocols.of_batch,
        {"positions": [{**GOOD, "at": 1e14 * 9}]},
        "years 1 and",
    ),
    "year 1 in Samoa": (
        protocols.of_batch,
        {"positions": [{**GOOD, "at": "0001-01-01T00:00:00+14:00"}]},
        "[0].at",
    ),
    "a place off the earth": (
        protocols.of_batch,
        {"positions": [{**GOOD, "lat": 91}]},
        "positions[0].lat: 91",
    ),
    "a place in words": (
        protocols.of_batch,
        {"positions": [{**GOOD, "lng": "east"}]},
        "lng: 'east' is no number",
    ),
    "a truth for a number": (protocols.of_batch, {"positions": [{**GOOD, "lng": True}]}, "lng: a number"),
    "an unknown word": (protocols.of_batch, {"positions": [{**GOOD, "speed": 1}]}, "[0].speed: is not known"),
    "no latitude": (lambda said: protocols.of_osmand(said, NOW), {"lon": "1"}, "lat: is missing"),
    "NaN": (lambda said: protocols.of_osmand(said, NOW), {"lon": "1", "lat": "nan"}, "lat: this number"),
    "another unit": (
        lambda said: protocols.of_osmand(said, NOW),
        {"lon": "1", "lat": "1", "speed_unit": "mph"},
        "speed_unit",
    ),
    "no location": (protocols.of_traccar_client, {"device_id": "x"}, "location: a JSON object"),
    "an event, no position": (protocols.of_traccar_server, {"event": {}}, "position: a JSON object"),
    "a device without a name": (
        protocols.of_traccar_server,
        {"position": {}, "device": {}},
        "device.uniqueId",
    ),
    "encrypted": (protocols.of_owntracks, {"_type": "encrypted", "data": "x"}, "empty the encryption key"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_named(case: str) -> None:
    read, said, words = UNREADABLE[case]

    with pytest.raises(Unreadable) as refused:
        read(said)

    assert words in str(refused.value)


words = st.sampled_from(
    ["positions", "at", "lng", "lat", "location", "coords", "position", "device", "uniqueId", "_type", "tst"]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("abcTZ019.:-+ ", max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(words, anything, max_size=6))
def test_nothing_that_is_sent_breaks_the_reading(said: dict[str, Any]) -> None:
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in said.items()}
    for read, what in (
        (protocols.of_batch, said),
        (protocols.of_traccar_client, said),
        (protocols.of_traccar_server, said),
        (protocols.of_owntracks, said | {"_type": "location"}),
        (lambda asked: protocols.of_osmand(asked, NOW), texts),
    ):
        try:
            fixes = read(what).fixes
        except Unreadable:
            continue
        assert all(fix.at.tzinfo is UTC and abs(fix.lat) <= 90 for fix in fixes)
