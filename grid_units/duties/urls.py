"""Addresses of the API of grid_units.duties."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
