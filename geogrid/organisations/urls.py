"""Addresses of tokens."""

from django.urls import path

from geogrid.organisations import api

urlpatterns = [
    path("tokens", api.Tokens.as_view(), name="tokens"),
    path("tokens/<int:token_id>", api.OneToken.as_view(), name="token"),
]
