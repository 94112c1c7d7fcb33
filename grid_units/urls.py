"""Addresses of the API of grid_units."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
