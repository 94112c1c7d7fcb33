"""Addresses of coverage."""

from django.urls import path

from assets.seen import api, api_streets
from assets.seen.api_replay import CoverageThen

urlpatterns = [
    path("coverage", api.CoverageOfUnits.as_view(), name="coverage"),
    path("replay/coverage", CoverageThen.as_view(), name="replay-coverage"),
    path("roads/<str:road_id>", api_streets.Street.as_view(), name="road"),
    path("roads/<str:road_id>/patrol-duty", api_streets.DutyOfStreet.as_view(), name="road-patrol-duty"),
]
