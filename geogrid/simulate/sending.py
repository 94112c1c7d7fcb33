"""What is simulated, as the messages of the public protocols."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlencode

from geogrid.simulate.doors import Letter, letter
from geogrid.simulate.plan import Gauge, Walker
from geogrid.simulate.walking import Where

MOST_IN_ONE = 500


def as_osmand(walker: Walker, at: datetime, where: Where) -> Letter:
    """One position as the OsmAnd app sends it, the speed in metres per second."""
    said = {
        "id": walker.token,
        "timestamp": f"{at.timestamp():.0f}",
        "lat": where.lat,
        "lon": where.lng,
        "accuracy": where.accuracy_m,
        "speed": where.speed_mps,
        "speed_unit": "mps",
        "bearing": where.heading_deg,
    }
    return Letter(f"/positions/osmand?{urlencode(said)}", method="GET")


def as_batch(walker: Walker, seen: Iterable[tuple[datetime, Where]]) -> list[Letter]:
    """Positions in our own JSON, as many letters as it takes."""
    rows = [
        {
            "at": at.isoformat(),
            "lng": where.lng,
            "lat": where.lat,
            "accuracy_m": where.accuracy_m,
            "speed_mps": where.speed_mps,
            "heading_deg": where.heading_deg,
        }
        for at, where in seen
    ]
    return [
        letter("/positions", {"positions": some}, walker.token, counts=len(some))
        for some in (rows[first : first + MOST_IN_ONE] for first in range(0, len(rows), MOST_IN_ONE))
    ]


def as_observations(token: str, values: Iterable[tuple[Gauge, datetime, float]]) -> Letter:
    """Values of gauges in the plain form; the times are those of the values."""
    rows = [
        {
            "station": gauge.station,
            "datastream": gauge.datastream,
            "time": at.isoformat(timespec="milliseconds"),
            "value": value,
        }
        for gauge, at, value in values
    ]
    return letter("/observations", {"observations": rows}, token, counts=len(rows))
