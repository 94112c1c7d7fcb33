"""Addresses of coverage."""

from django.urls import path

from assets.seen import api, api_streets

urlpatterns = [
    path("coverage", api.CoverageOfUnits.as_view(), name="coverage"),
    path("roads/<str:road_id>", api_streets.Street.as_view(), name="road"),
    path("roads/<str:road_id>/patrol-duty", api_streets.DutyOfStreet.as_view(), name="road-patrol-duty"),
]
