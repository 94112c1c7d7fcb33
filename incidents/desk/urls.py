"""Addresses of the desk."""

from django.urls import path

from incidents.desk import api

urlpatterns = [
    path("desk/queues", api.DeskQueues.as_view(), name="desk-queues"),
    path("desk/incidents", api.DeskIncidents.as_view(), name="desk-incidents"),
    path("desk/incidents/<str:number>/choices", api.DeskChoices.as_view(), name="desk-choices"),
]
