"""Addresses of the SensorThings API, as the standard names them."""

from django.urls import re_path

from assets.sensors.sta import api

_KIND = r"^sta/v1\.1/(?P<kind>Things|Datastreams|Observations)"
_ONE = _KIND + r"\((?P<pk>\d{1,18})\)"

urlpatterns = [
    re_path(r"^sta/v1\.1/?$", api.Root.as_view(), name="sta"),
    re_path(_KIND + r"$", api.Collection.as_view(), name="sta-collection"),
    re_path(_ONE + r"$", api.Entity.as_view(), name="sta-entity"),
    re_path(
        _ONE + r"/(?P<related>Datastreams|Thing|Observations|Datastream)$",
        api.Related.as_view(),
        name="sta-related",
    ),
]
