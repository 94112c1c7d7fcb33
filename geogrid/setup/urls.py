"""Addresses of the API of geogrid.setup."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
