"""Addresses of the closed loop."""

from django.urls import path

from incidents.loop import api

urlpatterns = [
    path("incidents/<str:number>/loop", api.IncidentLoop.as_view(), name="incident-loop"),
    path("incidents/<str:number>/loop/moves", api.LoopMoves.as_view(), name="incident-loop-moves"),
    path(
        "incidents/<str:number>/loop/applications/<int:application>",
        api.Applications.as_view(),
        name="incident-application",
    ),
    path("work-orders", api.WorkOrders.as_view(), name="work-orders"),
]
