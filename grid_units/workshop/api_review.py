"""Review, publishing, rebasing, direct correction, and the editions of the past, over HTTP."""

from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.pages import page_of
from geogrid.organisations.api import owner_of
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from grid_units.models import Edition
from grid_units.workshop import correcting, figures, grid, publishing, rebasing, review
from grid_units.workshop.api import GRID, draft_of, packed, require_workshop
from grid_units.workshop.edits import drawn_cells, edit_of
from grid_units.workshop.models import DutyNotice, Lineage, Regridded, RegridGround
from grid_units.workshop.serializers import (
    ComparisonSerializer,
    CorrectedSerializer,
    DropSerializer,
    EditionSerializer,
    EditSerializer,
    FiguresByKeySerializer,
    GivenUpSerializer,
    NoteSerializer,
    OutlinesSerializer,
    PublishSerializer,
    ReasonSerializer,
    RegridSerializer,
    WorkshopEditionSerializer,
)

STEP = answering({204: None}, *BODY_REFUSED, 404, 409)


def read(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The validated body."""
    asked = kind(data=request.data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


class AskForReview(APIView):
    """Hand a draft in."""

    @extend_schema(request={JSON: NoteSerializer}, responses=STEP, operation_id="reviewDraft")
    def post(self, request: Request, draft_id: int) -> Response:
        draft = draft_of(request, draft_id)
        review.ask_for_review(
            draft=draft, actor=owner_of(request), note=read(NoteSerializer, request)["note"]
        )
        return Response(status=204)


class Approve(APIView):
    """Say yes to what others drew."""

    @extend_schema(request={JSON: NoteSerializer}, responses=STEP, operation_id="approveDraft")
    def post(self, request: Request, draft_id: int) -> Response:
        draft = draft_of(request, draft_id)
        review.approve(draft=draft, actor=owner_of(request), note=read(NoteSerializer, request)["note"])
        return Response(status=204)


class GiveBack(APIView):
    """Return a draft to those who draw."""

    @extend_schema(request={JSON: NoteSerializer}, responses=STEP, operation_id="returnDraft")
    def post(self, request: Request, draft_id: int) -> Response:
        draft = draft_of(request, draft_id)
        review.give_back(draft=draft, actor=owner_of(request), note=read(NoteSerializer, request)["note"])
        return Response(status=204)


class Discard(APIView):
    """Give a draft up."""

    @extend_schema(request={JSON: NoteSerializer}, responses=STEP, operation_id="discardDraft")
    def post(self, request: Request, draft_id: int) -> Response:
        draft = draft_of(request, draft_id)
        review.discard(draft=draft, actor=owner_of(request), note=read(NoteSerializer, request)["note"])
        return Response(status=204)


class Publish(APIView):
    """Put an approved draft in force, now or at a moment."""

    @extend_schema(
        request={JSON: PublishSerializer},
        responses=answering({(200, JSON): WorkshopEditionSerializer, 202: None}, *BODY_REFUSED, 404, 409),
        operation_id="publishDraft",
    )
    def post(self, request: Request, draft_id: int) -> Response:
        draft = draft_of(request, draft_id)
        said = read(PublishSerializer, request)
        if said["at"] is not None:
            review.set_time(draft=draft, actor=owner_of(request), at=said["at"], reason=said["reason"])
            return Response(status=202)
        edition = publishing.publish(draft=draft, actor=owner_of(request), reason=said["reason"])
        return Response(WorkshopEditionSerializer(edition).data)


class Rebase(APIView):
    """Base a draft on the edition in force."""

    @extend_schema(
        request={JSON: DropSerializer},
        responses=answering({(200, JSON): GivenUpSerializer}, *BODY_REFUSED, 404, 409),
        operation_id="rebaseDraft",
    )
    def post(self, request: Request, draft_id: int) -> Response:
        draft = draft_of(request, draft_id)
        given_up = rebasing.rebase(
            draft=draft, actor=owner_of(request), drop=read(DropSerializer, request)["drop"]
        )
        return Response({"given_up": given_up})


class Compare(APIView):
    """What a draft does, before > after, by cell and by worker."""

    @extend_schema(responses=answering({(200, JSON): ComparisonSerializer}, 404), operation_id="compareDraft")
    def get(self, request: Request, draft_id: int) -> Response:
        draft = draft_of(request, draft_id)
        return Response(figures.told(figures.compare(draft), owner_of(request)))


class FiguresOfOutlines(APIView):
    """Figures of outlines that are only drawn, for what lies under the pointer."""

    @extend_schema(
        request={JSON: OutlinesSerializer},
        responses=answering({(200, JSON): FiguresByKeySerializer}, *BODY_REFUSED),
        operation_id="figuresOfOutlines",
    )
    def post(self, request: Request) -> Response:
        require_workshop(owner_of(request))
        cells = drawn_cells(read(OutlinesSerializer, request)["cells"])
        found = figures.figures_of(cells, [cell.cell_id for cell in cells if cell.cell_id is not None])
        return Response({"figures": {key: each.told() for key, each in found.items()}})


class Corrections(APIView):
    """Small corrections of the grid in force."""

    @extend_schema(
        request={JSON: EditSerializer},
        responses=answering({(200, JSON): CorrectedSerializer}, *BODY_REFUSED, 404, 409),
        operation_id="correctGrid",
    )
    def post(self, request: Request) -> Response:
        require(owner_of(request), Action.CORRECT_GRID)
        edit = edit_of(read(EditSerializer, request))
        return Response(correcting.correct(edit=edit, actor=owner_of(request)))


class Editions(APIView):
    """Editions of the grid, the latest first."""

    @extend_schema(
        parameters=[
            OpenApiParameter("page", int),
            OpenApiParameter("automatic", bool, description="Those of edits outside the workshop, too"),
        ],
        responses=answering({(200, JSON): EditionSerializer(many=True)}, 422),
        operation_id="listEditions",
    )
    def get(self, request: Request) -> Response:
        require_workshop(owner_of(request))
        rows = Edition.objects.order_by("-id")
        if request.query_params.get("automatic") != "true":
            rows = rows.filter(is_automatic=False)
        return Response(
            page_of(request, rows, lambda some: EditionSerializer(some, many=True).data)["results"]
        )


class OldGrid(APIView):
    """The grid as an edition had it."""

    @extend_schema(responses=GRID, operation_id="editionGrid")
    def get(self, request: Request, edition_id: int) -> HttpResponse:
        require_workshop(owner_of(request))
        edition = get_object_or_404(Edition, pk=edition_id)
        return packed(request, grid.as_json(grid.at_moment(edition.opened_at), edition))


class Restore(APIView):
    """Bring an earlier edition back."""

    @extend_schema(
        request={JSON: ReasonSerializer},
        responses=answering({(200, JSON): WorkshopEditionSerializer}, *BODY_REFUSED, 404, 409),
        operation_id="restoreEdition",
    )
    def post(self, request: Request, edition_id: int) -> Response:
        require(owner_of(request), Action.APPROVE_GRID)
        edition = get_object_or_404(Edition, pk=edition_id)
        back = publishing.restore(
            edition=edition, actor=owner_of(request), reason=read(ReasonSerializer, request)["reason"]
        )
        return Response(WorkshopEditionSerializer(back).data)


class EditionChanges(APIView):
    """What an edition changed: lineage, duties to look at, and how far things have followed."""

    @extend_schema(responses=answering({(200, JSON): RegridSerializer}, 404), operation_id="editionChanges")
    def get(self, request: Request, edition_id: int) -> Response:
        require_workshop(owner_of(request))
        edition = get_object_or_404(Edition, pk=edition_id)
        listed = Regridded.objects.filter(edition=edition)
        ground = RegridGround.objects.filter(edition=edition)
        waiting = ground.filter(assets_done_at=None) | ground.filter(incidents_done_at=None)
        return Response(
            {
                "lineage": list(
                    Lineage.objects.filter(edition=edition)
                    .order_by("id")
                    .values("kind", "from_code", "to_code")
                ),
                "duties": list(
                    DutyNotice.objects.filter(edition=edition)
                    .order_by("id")
                    .values("duty_id", "kind", "from_code", "to_code")
                ),
                "ground": ground.count(),
                "waiting": waiting.count(),
                "counts": dict(listed.values_list("kind").annotate(amount=Count("id")).order_by("kind")),
                "list": list(
                    listed.order_by("kind", "ref").values("kind", "ref", "code_before", "code_after")[:1000]
                ),
            }
        )
