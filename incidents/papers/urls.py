"""Addresses of papers."""

from django.urls import path

from incidents.papers import api

urlpatterns = [
    path("incidents/<str:number>/case-file", api.CaseFile.as_view(), name="case-file"),
    path("incidents/<str:number>/letters", api.Letters.as_view(), name="letters"),
    path("incidents/<str:number>/letters/<int:letter>", api.LetterFile.as_view(), name="letter"),
]
