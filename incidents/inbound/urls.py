"""Addresses of other systems' reports."""

from django.urls import path

from incidents.inbound import api

urlpatterns = [
    path("inbound/<slug:source>", api.Inbound.as_view(), name="inbound"),
    path("incidents/<str:number>/original", api.Original.as_view(), name="incident-original"),
    path("incidents/<str:number>/class", api.IncidentClass.as_view(), name="incident-class"),
]
