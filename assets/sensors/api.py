"""Stations, alarms and waterlogging points over HTTP: public things, for everybody who is signed in."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets.sensors import actions
from assets.sensors.models import Alarm, Datastream, Station, WaterloggingPoint, seen_by
from assets.sensors.serializers import (
    AlarmOut,
    NewTokenIn,
    NewTokenOut,
    PointsQuery,
    SeriesOut,
    StationOut,
    WaterloggingDetail,
    WaterloggingFeature,
    WindowQuery,
)
from assets.sensors.series import series_of
from assets.sensors.waterlogging import cells_of, rain_near, water_at
from assets.serializers import checked
from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.errors import NotFound
from geogrid.organisations.api import owner_of as signed_in

MOST_ALARMS = 500
STATION_WITH = ("asset__cell",)


def _points(request: Request) -> Any:
    points = seen_by(signed_in(request), WaterloggingPoint.objects.filter(is_active=True))
    return points.order_by("code")


def _point(request: Request, code: str) -> WaterloggingPoint:
    found: WaterloggingPoint | None = _points(request).filter(code=code).first() if "\0" not in code else None
    if found is None:
        raise NotFound("There is no such waterlogging point.")
    return found


def _station(request: Request, code: str) -> Station:
    stations = seen_by(signed_in(request), Station.objects.select_related(*STATION_WITH))
    found = stations.filter(code=code).first() if "\0" not in code else None
    if found is None:
        raise NotFound("There is no such station.")
    return found


class WaterloggingPoints(APIView):
    """The waterlogging points, live or as they were."""

    @extend_schema(
        operation_id="listWaterlogging",
        parameters=[PointsQuery],
        responses=answering({(200, JSON): WaterloggingFeature(many=True)}, 422),
    )
    def get(self, request: Request) -> Response:
        """All points with their water, as GeoJSON."""
        asked = checked(PointsQuery(data=request.query_params))
        points = list(_points(request).defer("catchment"))
        cells = cells_of(points)
        points = [point for point in points if cells[point.pk].startswith(asked["unit"])]
        water = water_at(points, now=timezone.now(), at=asked["at"])
        return Response(WaterloggingFeature(points, many=True, context={"water": water, "cells": cells}).data)


class OneWaterloggingPoint(APIView):
    """The card of a waterlogging point."""

    @extend_schema(
        operation_id="waterlogging",
        parameters=[PointsQuery],
        responses=answering({(200, JSON): WaterloggingDetail}, 404, 422),
    )
    def get(self, request: Request, code: str) -> Response:
        """One point with its stations, the rain nearby and its catchment."""
        asked = checked(PointsQuery(data=request.query_params))
        point, now = _point(request, code), timezone.now()
        context = {
            "water": water_at([point], now=now, at=asked["at"]),
            "cells": cells_of([point]),
            "rain": rain_near(point, asked["at"] or now),
        }
        return Response(WaterloggingDetail(point, context=context).data)


class WaterloggingHistory(APIView):
    """The course of the levels at a point."""

    @extend_schema(
        operation_id="waterloggingHistory",
        parameters=[WindowQuery],
        responses=answering({(200, JSON): SeriesOut(many=True)}, 404, 422),
    )
    def get(self, request: Request, code: str) -> Response:
        """For a plot: one series for each gauge."""
        asked = checked(WindowQuery(data=request.query_params, context={"now": timezone.now()}))
        gauges = Datastream.objects.filter(
            station__waterlogging_points=_point(request, code), phenomenon="level", is_active=True
        )
        found = [_course(one, asked) for one in gauges.select_related("station").order_by("id")]
        shown: Any = SeriesOut(found, many=True)  # type: ignore[arg-type] # stubs know no lists
        return Response(shown.data)


class DatastreamHistory(APIView):
    """The course of any datastream."""

    @extend_schema(
        operation_id="datastreamHistory",
        parameters=[WindowQuery, OpenApiParameter("datastream_id", int, "path")],
        responses=answering({(200, JSON): SeriesOut}, 404, 422),
    )
    def get(self, request: Request, datastream_id: str) -> Response:
        """For a plot, in the unit of the datastream."""
        asked = checked(WindowQuery(data=request.query_params, context={"now": timezone.now()}))
        rows = seen_by(signed_in(request), Datastream.objects.select_related("station"))
        is_number = datastream_id.isascii() and datastream_id.isdecimal() and len(datastream_id) < 19
        found = rows.filter(pk=int(datastream_id)).first() if is_number else None
        if found is None:
            raise NotFound("There is no such datastream.")
        return Response(SeriesOut(_course(found, asked)).data)


def _course(datastream: Datastream, asked: dict[str, Any]) -> Any:
    return series_of(datastream, asked["begin"], asked["end"], asked["points"])


class Stations(APIView):
    """The stations."""

    @extend_schema(operation_id="listStations", responses=answering({(200, JSON): StationOut(many=True)}))
    def get(self, request: Request) -> Response:
        """All stations with what they measure and their last values."""
        stations = seen_by(signed_in(request), Station.objects.select_related(*STATION_WITH))
        with_all = stations.prefetch_related("datastreams__state").order_by("code")
        return Response(StationOut(with_all, many=True).data)


class Alarms(APIView):
    """The alarms."""

    @extend_schema(
        operation_id="listAlarms",
        parameters=[OpenApiParameter("all", bool, description="Also those that are closed")],
        responses=answering({(200, JSON): AlarmOut(many=True)}),
    )
    def get(self, request: Request) -> Response:
        """Open alarms, or the newest of all; the newest first."""
        alarms = seen_by(signed_in(request), Alarm.objects.select_related("datastream__station"))
        if request.query_params.get("all", "").lower() not in ("1", "true"):
            alarms = alarms.filter(closed_at=None)
        return Response(AlarmOut(alarms.order_by("-id")[:MOST_ALARMS], many=True).data)


class StationTokens(APIView):
    """The tokens by which a station speaks."""

    @extend_schema(
        operation_id="createStationToken",
        request={JSON: NewTokenIn},
        responses=answering({(201, JSON): NewTokenOut}, *BODY_REFUSED, 404),
    )
    def post(self, request: Request, code: str) -> Response:
        """Make a token. It is shown this once."""
        station = _station(request, code)
        asked = checked(NewTokenIn(data=request.data))
        made, token = actions.make_token(
            stations=[station], name=asked["name"], expires_at=asked["expires_at"], actor=signed_in(request)
        )
        return Response(NewTokenOut({"id": made.pk, "name": made.name, "token": token}).data, status=201)


class StationTokenEnd(APIView):
    """One token of a station."""

    @extend_schema(
        operation_id="revokeStationToken",
        parameters=[OpenApiParameter("token_id", int, "path")],
        responses=answering({204: None}, 404),
    )
    def delete(self, request: Request, code: str, token_id: str) -> Response:
        """Revoke it; what it is sent with is refused some seconds later."""
        station = _station(request, code)
        actions.revoke_token(station=station, token_id=token_id, actor=signed_in(request), at=timezone.now())
        return Response(status=204)
