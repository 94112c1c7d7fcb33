"""Keeping stations, datastreams, points and tokens; loading a series of the past. Values: `observing`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Point

from assets.editing import require_at
from assets.models import Asset
from assets.sensors import speaking
from assets.sensors.models import Datastream, Station, StationToken, WaterloggingPoint
from assets.sensors.observing import Reading, observe
from assets.sensors.upkeep import make_observation_days
from geogrid.core.actor import Actor, acting_as
from geogrid.core.errors import NotFound
from geogrid.organisations.models import User

AT_ONCE = 5_000


def make_station(
    *, code: str, asset: Asset, name: str, name_en: str = "", is_simulated: bool = False, actor: Actor
) -> Station:
    """Let an asset speak. `code` is the name that it has in its own messages.

    Raises:
        Forbidden: when the actor may not edit assets at its place.
        IntegrityError: when the code is taken, or the asset speaks already.
    """
    _require(actor, asset)
    with acting_as(actor):
        return Station.objects.create(
            code=code, asset=asset, name=name, name_en=name_en, is_simulated=is_simulated
        )


def add_datastream(*, station: Station, fields: dict[str, Any], actor: Actor) -> Datastream:
    """Let a station measure something. `fields` are those of the model, limits and thresholds among them.

    Raises:
        Forbidden: as `make_station`.
        IntegrityError: with the constraint that the fields break.
    """
    _require(actor, station.asset)
    with acting_as(actor):
        return Datastream.objects.create(station=station, **fields)


def make_waterlogging_point(
    *,
    code: str,
    name: str,
    place: Point,
    stations: Sequence[Station],
    actor: Actor,
    name_en: str = "",
    bands: list[dict[str, Any]] | None = None,
    catchment: MultiPolygon | None = None,
    is_simulated: bool = False,
) -> WaterloggingPoint:
    """Name a place that floods, and the stations that say how deep. Places in degrees (WGS 84)."""
    for station in stations:
        _require(actor, station.asset)
    how: dict[str, Any] = {} if bands is None else {"bands": bands}
    with acting_as(actor):
        point = WaterloggingPoint.objects.create(
            code=code,
            name=name,
            name_en=name_en,
            place=place,
            catchment=catchment,
            is_simulated=is_simulated,
            **how,
        )
        point.stations.set(stations)
    return point


def make_token(
    *, stations: Sequence[Station], name: str, actor: Actor, expires_at: datetime | None = None
) -> tuple[StationToken, str]:
    """A token that speaks for these stations: its row, and the token itself, which is kept nowhere.

    Raises:
        Forbidden: when the actor may not edit assets where one of them stands.
    """
    for station in stations:
        _require(actor, station.asset)
    with acting_as(actor):
        return speaking.make_token(name=name, stations=stations, expires_at=expires_at)


def revoke_token(*, station: Station, token_id: str, actor: Actor, at: datetime) -> None:
    """End a token of a station; one of a gateway speaks for none of its stations any more.

    Raises:
        Forbidden: as `make_token`.
        NotFound: when the station has no such token in use.
    """
    _require(actor, station.asset)
    is_number = token_id.isascii() and token_id.isdecimal() and len(token_id) < 19
    with acting_as(actor):
        ended = is_number and StationToken.objects.filter(
            pk=int(token_id), stations=station, revoked_at=None
        ).update(revoked_at=at)
    if not ended:
        raise NotFound("The station has no such token.")
    speaking.known_tokens.forget()


def load_series(
    *, datastream: Datastream, values: Iterable[tuple[datetime, float]], received_at: datetime
) -> int:
    """Take in the past of a datastream, in the order of its times; how many values were new.

    Everything holds as for values that come live: checks, roll-ups, the last value, and the alarm, which is
    decided at the end of each 5,000. A series that is loaded again adds nothing.
    """
    new, remaining = 0, iter(values)
    while some := [Reading(datastream.pk, at, value) for at, value in islice(remaining, AT_ONCE)]:
        new += sum(kept.is_new for kept in observe(some, received_at=received_at))
    make_observation_days(received_at)
    return new


def _require(actor: Actor, asset: Asset) -> None:
    """People need the right at the place; the system acts as it must."""
    if isinstance(actor, User):
        require_at(actor, Asset.objects.select_related("cell").get(pk=asset.pk))
