"""Addresses of the duty list."""

from django.urls import path

from incidents.duty_list import api, editing_api

urlpatterns = [
    path("duty-list", api.DutyList.as_view(), name="duty-list"),
    path("duty-list/conditions", editing_api.Conditions.as_view(), name="duty-list-conditions"),
    path(
        "duty-list/conditions/<int:condition>", editing_api.OneCondition.as_view(), name="duty-list-condition"
    ),
    path("duty-list/history", editing_api.History.as_view(), name="duty-list-history"),
    path("duty-list/editions", editing_api.Editions.as_view(), name="duty-list-editions"),
    path("duty-list/imports", api.DutyListImport.as_view(), name="duty-list-imports"),
    path("duty-list/packs", api.Packs.as_view(), name="duty-list-packs"),
    path("duty-list/packs/<slug:slug>", api.OnePack.as_view(), name="duty-list-pack"),
]
