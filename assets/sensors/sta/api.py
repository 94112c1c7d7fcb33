"""OGC SensorThings API 1.1, the part for reading. Observations are posted to a raw handler (receiving.py)."""

from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets.sensors.models import Datastream, Observation
from assets.sensors.speaking import Speaker, StationAuthentication
from assets.sensors.sta.entities import (
    DATASTREAMS,
    KINDS,
    OBSERVATIONS,
    THINGS,
    Kind,
    Showing,
    ordered,
    where,
)
from assets.sensors.sta.options import NotUnderstood, Options, read_options
from geogrid.core.errors import NotFound
from geogrid.organisations.authentication import BearerToken

ROOT: Final = "/sta/v1.1"
# Only what holds whole: expansions have one level here, and filters know times and ids.
CONFORMS_TO: Final = [
    f"http://www.opengis.net/spec/iot_sensing/1.1/req/{name}"
    for name in (
        "resource-path/resource-path-to-entities",
        "request-data/orderby",
        "request-data/top",
        "request-data/skip",
        "request-data/count",
        "request-data/pagination",
        "create-observations-via-mqtt/observations-creation",
    )
]


@extend_schema(exclude=True)  # the standard is its document
class SensorThings(APIView):
    """Base: who may read, and the address of the service. A station's token reads its own stations."""

    authentication_classes = [StationAuthentication, BearerToken, SessionAuthentication]

    def base(self, request: Request) -> str:
        return request.build_absolute_uri(ROOT)

    def rows(self, request: Request, kind: Kind) -> QuerySet[Any]:
        """What the reader may see: stations stand in the street for every signed-in person."""
        rows = kind.rows()
        reader: Any = request.user
        if not isinstance(reader, Speaker) or reader.station_ids is None:
            return rows
        return rows.filter(**{f"{kind.station_column}__in": sorted(reader.station_ids)})

    def one(self, request: Request, kind: Kind, pk: str) -> Any:
        found = self.rows(request, kind).filter(pk=int(pk)).first()
        if found is None:
            raise NotFound(f"There is no {kind.name}({pk}) here.")
        return found

    def page(self, request: Request, kind: Kind, rows: QuerySet[Any], by: str = "id") -> Response:
        """A page of entities, its count, and the link to the next, as asked for; else in the order `by`."""
        asked = _options(request, kind)
        if asked.condition is not None:
            rows = rows.filter(where(asked.condition, kind))
        said: dict[str, Any] = {}
        if asked.count:
            said["@iot.count"] = rows.count()
        most = min(asked.top, 100) if "Observations" in asked.expand else asked.top
        found = list(ordered(rows, asked, kind, by)[asked.skip : asked.skip + most + 1])
        if len(found) > most > 0:
            query = request.query_params.dict() | {"$skip": str(asked.skip + most)}
            link = request.build_absolute_uri(request.path)
            said["@iot.nextLink"] = f"{link}?{urlencode(query, safe='$')}"
        said["value"] = Showing(self.base(request)).entities(found[:most], kind, asked)
        return Response(said)

    def shown(self, request: Request, kind: Kind, row: Any) -> Response:
        asked = _options(request, kind)
        return Response(Showing(self.base(request)).entities([row], kind, asked)[0])


def _options(request: Request, kind: Kind) -> Options:
    try:
        return read_options(request.query_params.dict(), kind.known)
    except NotUnderstood as wrong:
        raise ValidationError(str(wrong)) from None


class Root(SensorThings):
    """What there is."""

    def get(self, request: Request) -> Response:
        base = self.base(request)
        return Response(
            {
                "value": [{"name": name, "url": f"{base}/{name}"} for name in KINDS],
                "serverSettings": {"conformance": CONFORMS_TO},
            }
        )


class Collection(SensorThings):
    """All entities of a kind."""

    def get(self, request: Request, kind: str) -> Response:
        return self.page(request, KINDS[kind], self.rows(request, KINDS[kind]))


class Entity(SensorThings):
    """One entity."""

    def get(self, request: Request, kind: str, pk: str) -> Response:
        return self.shown(request, KINDS[kind], self.one(request, KINDS[kind], pk))


class Related(SensorThings):
    """What one entity is linked with."""

    def get(self, request: Request, kind: str, pk: str, related: str) -> Response:
        if related not in KINDS[kind].known.related:
            raise NotFound(f"{kind} have no {related}.")
        row = self.one(request, KINDS[kind], pk)
        if related == "Datastreams":
            return self.page(request, DATASTREAMS, Datastream.objects.filter(station=row))
        if related == "Observations":
            return self.page(
                request, OBSERVATIONS, Observation.objects.filter(datastream=row), "phenomenon_at"
            )
        if related == "Thing":
            return self.shown(request, THINGS, row.station)
        return self.shown(request, DATASTREAMS, row.datastream)
