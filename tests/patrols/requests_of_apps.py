"""Requests as the apps' documentation shows them, with our token in the place of theirs.

Traccar Client and OsmAnd: traccar.org/osmand; Traccar's forwarding: its own classes Position and Device;
OwnTracks: owntracks.org/booklet, tech/json and tech/http.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

AT = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=30)
ISO = AT.strftime("%Y-%m-%dT%H:%M:%S.000")
SECONDS = int(AT.timestamp())
LNG, LAT = 24.941, 60.128


def osmand_app(token: str) -> str:
    """The query that OsmAnd fills into the template which we hand out."""
    return (
        f"id={token}&lat={LAT}&lon={LNG}&timestamp={SECONDS * 1000}&hdop=1.4&altitude=12.0"
        "&speed=1.25&speed_unit=mps&bearing=47.0"
    )


def traccar_client_8(token: str) -> str:
    """The query of Traccar Client before version 9: speed in knots, timestamp in seconds."""
    return (
        f"id={token}&timestamp={SECONDS}&lat={LAT}&lon={LNG}&speed=2.429805&bearing=47.0"
        "&altitude=12.0&accuracy=7.0&batt=76.0"
    )


def traccar_client_9(token: str) -> dict[str, Any]:
    """The JSON of Traccar Client 9 and later."""
    return {
        "location": {
            "timestamp": f"{ISO}Z",
            "coords": {
                "latitude": LAT,
                "longitude": LNG,
                "accuracy": 7,
                "speed": 1.25,
                "heading": 47.0,
                "altitude": 12.0,
            },
            "is_moving": True,
            "odometer": 0,
            "event": "motionchange",
            "battery": {"level": 0.76, "is_charging": False},
            "activity": {"type": "walking"},
            "extras": {},
            "_": f"&id={token}&lat={LAT}&lon={LNG}&timestamp={ISO}Z&",
        },
        "device_id": token,
    }


def traccar_server(external_id: str) -> dict[str, Any]:
    """What a Traccar server forwards of one position."""
    return {
        "position": {
            "id": 18336,
            "attributes": {"batteryLevel": 76.0, "distance": 4.2, "totalDistance": 9.1, "motion": True},
            "deviceId": 7,
            "protocol": "gps103",
            "serverTime": f"{ISO}+00:00",
            "deviceTime": f"{ISO}+00:00",
            "fixTime": f"{ISO}+0000",
            "outdated": False,
            "valid": True,
            "latitude": LAT,
            "longitude": LNG,
            "altitude": 12.0,
            "speed": 2.429805,
            "course": 47.0,
            "address": None,
            "accuracy": 7.0,
            "network": None,
        },
        "device": {
            "id": 7,
            "attributes": {},
            "groupId": 0,
            "name": "Radio 7",
            "uniqueId": external_id,
            "status": "online",
            "lastUpdate": f"{ISO}+00:00",
            "positionId": 18335,
            "phone": None,
            "model": None,
            "contact": None,
            "category": None,
            "disabled": False,
        },
    }


def owntracks() -> dict[str, Any]:
    """A location of the OwnTracks app in HTTP mode: velocity in km/h."""
    return {
        "_type": "location",
        "BSSID": "b8:27:eb:00:00:00",
        "acc": 7,
        "alt": 12,
        "batt": 76,
        "bs": 1,
        "cog": 47,
        "conn": "m",
        "created_at": SECONDS + 1,
        "lat": LAT,
        "lon": LNG,
        "m": 2,
        "t": "u",
        "tid": "ph",
        "topic": "owntracks/geogrid/phone",
        "tst": SECONDS,
        "vac": 3,
        "vel": 4.5,
    }
