"""Things, Datastreams and Observations as OGC SensorThings 1.1 writes them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import F, Q, QuerySet

from assets.sensors.models import Datastream, Observation, Station
from assets.sensors.sta.options import Compared, Condition, Known, Options

MEASUREMENT: Final = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
EXPANDED_AT_MOST: Final = 10  # newest observations of each expanded datastream
_LOOKUPS: Final = {"eq": "exact", "gt": "gt", "ge": "gte", "lt": "lt", "le": "lte"}
Json = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of entity: its table, how its names lead to columns, and how it is written."""

    name: str
    rows: Callable[[], QuerySet[Any]]
    known: Known
    columns: dict[str, str]
    station_column: str
    show: Callable[[Any], Json]


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _thing(station: Station) -> Json:
    return {
        "name": station.name,
        "description": station.name_en or station.name,
        "properties": {
            "code": station.code,
            "asset": station.asset.code,
            "is_simulated": station.is_simulated,
            "lng": station.asset.geom.centroid.x,
            "lat": station.asset.geom.centroid.y,
        },
    }


def _datastream(datastream: Datastream) -> Json:
    return {
        "name": datastream.name,
        "description": datastream.name_en or datastream.name,
        "observationType": MEASUREMENT,
        "unitOfMeasurement": {
            "name": datastream.unit_name or datastream.unit_symbol,
            "symbol": datastream.unit_symbol,
            "definition": "",
        },
        "properties": {
            "code": datastream.code,
            "observedProperty": datastream.phenomenon,
            "expectedInterval": datastream.expected_interval_s,
            "thresholds": datastream.thresholds,
            "isActive": datastream.is_active,
        },
    }


def _observation(observation: Observation) -> Json:
    return {
        "phenomenonTime": _time(observation.phenomenon_at),
        "resultTime": _time(observation.result_at),
        "result": observation.value,
        "resultQuality": observation.flag or "good",
        "parameters": {"receivedTime": _time(observation.received_at)},
    }


THINGS = Kind(
    "Things",
    lambda: Station.objects.select_related("asset"),
    Known(
        ids=frozenset({"id"}),
        related=frozenset({"Datastreams"}),
        properties=frozenset({"id", "name", "description", "properties"}),
    ),
    {"id": "id"},
    "id",
    _thing,
)
DATASTREAMS = Kind(
    "Datastreams",
    lambda: Datastream.objects.all(),
    Known(
        ids=frozenset({"id", "Thing/id"}),
        related=frozenset({"Thing", "Observations"}),
        properties=frozenset(
            {"id", "name", "description", "observationType", "unitOfMeasurement", "properties"}
        ),
    ),
    {"id": "id", "Thing/id": "station_id"},
    "station_id",
    _datastream,
)
OBSERVATIONS = Kind(
    "Observations",
    lambda: Observation.objects.all(),
    Known(
        times=frozenset({"phenomenonTime", "resultTime"}),
        ids=frozenset({"id", "Datastream/id"}),
        related=frozenset({"Datastream"}),
        properties=frozenset({"id", "phenomenonTime", "resultTime", "result", "resultQuality", "parameters"}),
    ),
    {
        "id": "id",
        "phenomenonTime": "phenomenon_at",
        "resultTime": "result_at",
        "Datastream/id": "datastream_id",
    },
    "datastream__station_id",
    _observation,
)
KINDS: Final = {kind.name: kind for kind in (THINGS, DATASTREAMS, OBSERVATIONS)}


def where(condition: Condition, kind: Kind) -> Q:
    """The condition on the rows of a kind."""
    if isinstance(condition, Compared):
        column = kind.columns[condition.name]
        if condition.operator == "ne":
            return ~Q(**{column: condition.value})
        return Q(**{f"{column}__{_LOOKUPS[condition.operator]}": condition.value})
    parts = [where(part, kind) for part in condition.parts]
    if condition.by == "not":
        return ~parts[0]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined & part if condition.by == "and" else joined | part
    return joined


def ordered(rows: QuerySet[Any], options: Options, kind: Kind, by: str) -> QuerySet[Any]:
    """`rows` in the order asked for, and by the column `by` where that leaves it open."""
    fields = [
        F(kind.columns[name]).desc(nulls_last=True) if falls else F(kind.columns[name]).asc(nulls_last=True)
        for name, falls in options.orderby
    ]
    return rows.order_by(*fields, by)


class Showing:
    """Renders entities with links below `base`, the address of the service."""

    def __init__(self, base: str) -> None:
        self._base = base

    def entities(self, rows: Iterable[Any], kind: Kind, options: Options) -> list[Json]:
        """Entities with what is expanded; of the properties only the selected ones, if any are."""
        found = list(rows)
        expanded = {name: self._expanded(found, kind, name) for name in options.expand}
        return [self._entity(row, kind, options, expanded) for row in found]

    def _entity(self, row: Any, kind: Kind, options: Options, expanded: dict[str, dict[int, Json]]) -> Json:
        link = f"{self._base}/{kind.name}({row.pk})"
        entity: Json = {"@iot.id": row.pk, "@iot.selfLink": link, **kind.show(row)}
        for name in sorted(kind.known.related):
            entity[f"{name}@iot.navigationLink"] = f"{link}/{name}"
        if options.select:
            chosen = {"@iot.id" if name == "id" else name for name in options.select}
            links = {f"{name}@iot.navigationLink" for name in options.select}
            entity = {key: value for key, value in entity.items() if key in chosen | links}
        for name in options.expand:
            entity |= expanded[name][row.pk]
        return entity

    def _expanded(self, rows: list[Any], kind: Kind, name: str) -> dict[int, Json]:
        """What is linked with each row under `name`, by the row's id."""
        plain = Options()
        if name in ("Thing", "Datastream"):
            other = THINGS if name == "Thing" else DATASTREAMS
            column = "station_id" if name == "Thing" else "datastream_id"
            ids = {getattr(row, column) for row in rows}
            shown = {
                one["@iot.id"]: one for one in self.entities(other.rows().filter(pk__in=ids), other, plain)
            }
            return {row.pk: {name: shown[getattr(row, column)]} for row in rows}
        if name == "Datastreams":
            datastreams = Datastream.objects.filter(station__in=[row.pk for row in rows]).order_by("id")
            by_station: dict[int, list[Json]] = {row.pk: [] for row in rows}
            for one in datastreams:
                by_station[one.station_id] += self.entities([one], DATASTREAMS, plain)
            return {pk: {name: shown_ones} for pk, shown_ones in by_station.items()}
        return {row.pk: self._newest_of(row, kind) for row in rows}

    def _newest_of(self, datastream: Datastream, kind: Kind) -> Json:
        rows = Observation.objects.filter(datastream=datastream).order_by("-phenomenon_at")
        newest = list(rows[: EXPANDED_AT_MOST + 1])
        said: Json = {"Observations": self.entities(newest[:EXPANDED_AT_MOST], OBSERVATIONS, Options())}
        if len(newest) > EXPANDED_AT_MOST:
            link = f"{self._base}/{kind.name}({datastream.pk})/Observations"
            said["Observations@iot.nextLink"] = (
                f"{link}?$orderby=phenomenonTime%20desc&$skip={EXPANDED_AT_MOST}"
            )
        return said
