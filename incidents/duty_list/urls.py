"""Addresses of the duty list."""

from django.urls import path

from incidents.duty_list import api

urlpatterns = [
    path("duty-list", api.DutyList.as_view(), name="duty-list"),
    path("duty-list/imports", api.DutyListImport.as_view(), name="duty-list-imports"),
    path("duty-list/packs", api.Packs.as_view(), name="duty-list-packs"),
    path("duty-list/packs/<slug:slug>", api.OnePack.as_view(), name="duty-list-pack"),
]
