"""Addresses of the quality of patrols."""

from django.urls import path

from incidents.patrol_quality import api

urlpatterns = [
    path(
        "incidents/<str:number>/patrol-quality",
        api.JudgementOfIncident.as_view(),
        name="incident-patrol-quality",
    ),
    path("patrol-quality", api.JudgementTallies.as_view(), name="patrol-quality"),
    path("patrol-quality/incidents", api.Judgements.as_view(), name="patrol-quality-incidents"),
]
