"""Addresses of devices, positions and patrols."""

from django.urls import path

from grid_units.patrols import api
from grid_units.patrols.api_replay import PositionsThen

urlpatterns = [
    path("devices", api.Devices.as_view(), name="devices"),
    path("devices/<int:device_id>", api.OneDevice.as_view(), name="device"),
    path("positions/last", api.LastPositions.as_view(), name="last-positions"),
    path("patrols", api.Patrols.as_view(), name="patrols"),
    path("patrols/tracks", api.Uploads.as_view(), name="patrol-tracks"),
    path("patrols/<uuid:public_id>", api.OnePatrol.as_view(), name="patrol"),
    path("replay/positions", PositionsThen.as_view(), name="replay-positions"),
    path("absences", api.Absences.as_view(), name="absences"),
]
