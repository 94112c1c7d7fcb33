"""Addresses of coverage."""

from django.urls import path

from assets.seen import api

urlpatterns = [path("coverage", api.CoverageOfUnits.as_view(), name="coverage")]
