"""Addresses of the grid workshop."""

from django.urls import path

from grid_units.workshop import api, api_review, api_standing

urlpatterns = [
    path("workshop/grid", api.GridInForce.as_view(), name="workshop-grid"),
    path("workshop/drafts", api.Drafts.as_view(), name="drafts"),
    path("workshop/drafts/<int:draft_id>", api.OneDraft.as_view(), name="draft"),
    path("workshop/drafts/<int:draft_id>/grid", api.DraftGrid.as_view(), name="draft-grid"),
    path("workshop/drafts/<int:draft_id>/edits", api.DraftEdits.as_view(), name="draft-edits"),
    path("workshop/drafts/<int:draft_id>/feed", api.DraftFeed.as_view(), name="draft-feed"),
    path("workshop/drafts/<int:draft_id>/review", api_review.AskForReview.as_view(), name="draft-review"),
    path("workshop/drafts/<int:draft_id>/approve", api_review.Approve.as_view(), name="draft-approve"),
    path("workshop/drafts/<int:draft_id>/return", api_review.GiveBack.as_view(), name="draft-return"),
    path("workshop/drafts/<int:draft_id>/discard", api_review.Discard.as_view(), name="draft-discard"),
    path("workshop/drafts/<int:draft_id>/publish", api_review.Publish.as_view(), name="draft-publish"),
    path("workshop/drafts/<int:draft_id>/rebase", api_review.Rebase.as_view(), name="draft-rebase"),
    path("workshop/drafts/<int:draft_id>/compare", api_review.Compare.as_view(), name="draft-compare"),
    path("workshop/figures", api_review.FiguresOfOutlines.as_view(), name="workshop-figures"),
    path("workshop/rules", api_standing.Rules.as_view(), name="workshop-rules"),
    path("workshop/statistics", api_standing.Statistics.as_view(), name="workshop-statistics"),
    path("workshop/edits", api_review.Corrections.as_view(), name="grid-correction"),
    path("workshop/editions", api_review.Editions.as_view(), name="editions"),
    path("workshop/editions/<int:edition_id>/grid", api_review.OldGrid.as_view(), name="edition-grid"),
    path("workshop/editions/<int:edition_id>/restore", api_review.Restore.as_view(), name="edition-restore"),
    path(
        "workshop/editions/<int:edition_id>/changes",
        api_review.EditionChanges.as_view(),
        name="edition-changes",
    ),
]
