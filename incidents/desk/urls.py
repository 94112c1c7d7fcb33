"""Addresses of the desk."""

from django.urls import path

from incidents.desk import api, api_claims

urlpatterns = [
    path("desk/queues", api.DeskQueues.as_view(), name="desk-queues"),
    path("desk/incidents", api.DeskIncidents.as_view(), name="desk-incidents"),
    path("desk/incidents/<str:number>/choices", api.DeskChoices.as_view(), name="desk-choices"),
    path("desk/incidents/<str:number>/claim", api_claims.IncidentClaim.as_view(), name="desk-claim"),
    path("desk/dispatch", api_claims.BulkDispatch.as_view(), name="desk-dispatch"),
    path("desk/filters", api_claims.DeskFilters.as_view(), name="desk-filters"),
    path("desk/filters/<int:saved>", api_claims.DeskFilter.as_view(), name="desk-filter"),
]
