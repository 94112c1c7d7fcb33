"""Addresses of the grid workshop."""

from django.urls import path

from grid_units.workshop import api

urlpatterns = [
    path("workshop/grid", api.GridInForce.as_view(), name="workshop-grid"),
    path("workshop/drafts", api.Drafts.as_view(), name="drafts"),
    path("workshop/drafts/<int:draft_id>", api.OneDraft.as_view(), name="draft"),
    path("workshop/drafts/<int:draft_id>/grid", api.DraftGrid.as_view(), name="draft-grid"),
    path("workshop/drafts/<int:draft_id>/edits", api.DraftEdits.as_view(), name="draft-edits"),
    path("workshop/drafts/<int:draft_id>/feed", api.DraftFeed.as_view(), name="draft-feed"),
]
