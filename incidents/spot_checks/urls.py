"""Addresses of spot checks."""

from django.urls import path

from incidents.spot_checks import api

urlpatterns = [
    path("spot-checks", api.Checks.as_view(), name="spot-checks"),
    path("spot-checks/draws", api.Draws.as_view(), name="spot-draws"),
    path("spot-checks/draws/<int:draw>/pool", api.Pool.as_view(), name="spot-draw-pool"),
    path("spot-checks/<int:check>/finding", api.Finding.as_view(), name="spot-check-finding"),
    path("spot-checks/<int:check>/photos", api.Photos.as_view(), name="spot-check-photos"),
]
