"""Addresses of presence."""

from django.urls import path

from assets.presence import api

urlpatterns = [path("presence", api.Presence.as_view(), name="presence")]
