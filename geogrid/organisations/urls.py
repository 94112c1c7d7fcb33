"""Addresses of the API of geogrid.organisations."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
