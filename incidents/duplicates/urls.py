"""Addresses of duplicates."""

from django.urls import path

from incidents.duplicates import api

urlpatterns = [
    path("duplicates", api.Duplicates.as_view(), name="duplicates"),
    path("incidents/<str:number>/same", api.SameProblem.as_view(), name="same-problem"),
    path("incidents/<str:number>/followers", api.Followers.as_view(), name="followers"),
    path(
        "incidents/<str:number>/followers/contacts",
        api.FollowerContacts.as_view(),
        name="follower-contacts",
    ),
    path("incidents/<str:number>/merge", api.Merges.as_view(), name="incident-merge"),
    path("incidents/<str:number>/split", api.Splits.as_view(), name="incident-split"),
]
