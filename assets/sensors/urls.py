"""Addresses of the API of stations, alarms and waterlogging points."""

from django.urls import path

from assets.sensors import api
from assets.sensors.api_replay import WaterThen

urlpatterns = [
    path("waterlogging", api.WaterloggingPoints.as_view(), name="waterlogging-points"),
    path("waterlogging/<str:code>", api.OneWaterloggingPoint.as_view(), name="waterlogging-point"),
    path("waterlogging/<str:code>/history", api.WaterloggingHistory.as_view(), name="waterlogging-history"),
    path(
        "datastreams/<str:datastream_id>/history", api.DatastreamHistory.as_view(), name="datastream-history"
    ),
    path("replay/waterlogging", WaterThen.as_view(), name="replay-waterlogging"),
    path("stations", api.Stations.as_view(), name="stations"),
    path("stations/<str:code>/tokens", api.StationTokens.as_view(), name="station-tokens"),
    path("stations/<str:code>/tokens/<str:token_id>", api.StationTokenEnd.as_view(), name="station-token"),
    path("alarms", api.Alarms.as_view(), name="alarms"),
]
