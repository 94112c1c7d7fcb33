"""Addresses of the API of incidents."""

from django.urls import path

from incidents import api, api_evidence, wall_api

urlpatterns = [
    path("incidents", api.Incidents.as_view(), name="incidents"),
    path("incidents/<str:number>", api.IncidentCard.as_view(), name="incident"),
    path("incidents/<str:number>/moves", api.IncidentMoves.as_view(), name="incident-moves"),
    path("incidents/<str:number>/place", api.IncidentPlace.as_view(), name="incident-place"),
    path("incidents/<str:number>/photos", api.IncidentPhotos.as_view(), name="incident-photos"),
    path(
        "incidents/<str:number>/evidence", api_evidence.IncidentEvidence.as_view(), name="incident-evidence"
    ),
    path("incidents/<str:number>/contact", api.IncidentContactRead.as_view(), name="incident-contact"),
    path("catalogue/events", api.EventClasses.as_view(), name="event-classes"),
    path("replay/incidents", wall_api.IncidentsThen.as_view(), name="replay-incidents"),
    path("replay/bars", wall_api.IncidentBars.as_view(), name="replay-bars"),
    path("indicators", wall_api.Indicators.as_view(), name="indicators"),
    path("answers", api.Answers.as_view(), name="answers"),
]
