"""Addresses of coverage."""

from django.urls import path

from assets.seen import api
from assets.seen.api_replay import CoverageThen

urlpatterns = [
    path("coverage", api.CoverageOfUnits.as_view(), name="coverage"),
    path("replay/coverage", CoverageThen.as_view(), name="replay-coverage"),
]
