"""Addresses of the responsibility table and of managed areas."""

from django.urls import path

from incidents.responsibility import api

urlpatterns = [
    path("responsibility/simulate", api.Simulate.as_view(), name="responsibility-simulate"),
    path("responsibility/gaps", api.Gaps.as_view(), name="responsibility-gaps"),
    path("responsibility/rules", api.Rules.as_view(), name="responsibility-rules"),
    path("managed-areas", api.ManagedAreas.as_view(), name="managed-areas"),
    path("managed-areas/<int:area>", api.OneArea.as_view(), name="managed-area"),
]
