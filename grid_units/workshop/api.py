"""The grid workshop over HTTP: grids to draw on, drafts, their edits.

Coordinates travel as whole numbers of 2^-27 degree: `rings` of `[x, y]` without the closing corner, the outer
one first and counter-clockwise. A cell's `key` is `c<id>` when it is in force and `n<number>` when it is new
(choose a random number below 10^15: several people may draw in one draft). Its `version` is what an edit must
name: 0 for a cell that the draft has not touched; in `/workshop/grid`, when the cell was last written.

POST .../edits answers 200 `{"number", "versions"}`; 409 `{"code", "detail", "conflicts": [{"key", "yours",
"theirs", "by", "at"}]}` when somebody saved a touched cell since; 422 `{"code", "detail", "place": [x, y],
"kind"}` when it would leave a gap or an overlap. `kind`: gap, overlap, outside, corner, crooked.
"""

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from isal import igzip
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.errors import Forbidden
from geogrid.organisations.api import owner_of
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import may
from grid_units.workshop import drafts, grid, rebasing
from grid_units.workshop.edits import edit_of
from grid_units.workshop.models import Draft
from grid_units.workshop.serializers import (
    DraftPersonSerializer,
    DraftSerializer,
    EditSerializer,
    FeedEntrySerializer,
    NewDraftSerializer,
    OneDraftSerializer,
    SavedSerializer,
)

GRID = answering({(200, JSON): OpenApiTypes.OBJECT}, 404)


def require_workshop(user: User) -> None:
    """Let pass who draws or approves.

    Raises:
        Forbidden: with a sentence.
    """
    if not (may(user, Action.EDIT_GRID) or may(user, Action.APPROVE_GRID)):
        raise Forbidden("Your role does not open the grid workshop.")


def draft_of(request: Request, draft_id: int) -> Draft:
    """The draft, when the person may see it: who draws or approves about its ground."""
    rows = Draft.objects.visible_to(owner_of(request)).select_related(
        "base", "made_by", "approved_by", "published"
    )
    return get_object_or_404(rows, pk=draft_id)


def packed(request: Request, said: Any) -> HttpResponse:
    """Compact JSON, gzipped at the cheapest level for who takes it."""
    plain = json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()
    response = HttpResponse(content_type=JSON)
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Accept-Encoding"
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response["Content-Encoding"] = "gzip"
        plain = igzip.compress(plain, 1, mtime=0)
    response.content = plain
    return response


class GridInForce(APIView):
    """The grid in force, to draw on."""

    @extend_schema(responses=GRID, operation_id="workshopGrid")
    def get(self, request: Request) -> HttpResponse:
        require_workshop(owner_of(request))
        return packed(request, grid.as_json(grid.in_force(), grid.edition_in_force()))


class Drafts(APIView):
    """Drafts about one's own ground; new ones."""

    @extend_schema(responses=answering({(200, JSON): DraftSerializer(many=True)}), operation_id="listDrafts")
    def get(self, request: Request) -> Response:
        require_workshop(owner_of(request))
        rows = Draft.objects.visible_to(owner_of(request)).select_related(
            "base", "made_by", "approved_by", "published"
        )
        return Response(DraftSerializer(list(rows.order_by("-id")[:500]), many=True).data)

    @extend_schema(
        request={JSON: NewDraftSerializer},
        responses=answering({(201, JSON): DraftSerializer}, *BODY_REFUSED, 404),
        operation_id="makeDraft",
    )
    def post(self, request: Request) -> Response:
        asked = NewDraftSerializer(data=request.data)
        require_workshop(owner_of(request))
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        draft = drafts.make_draft(
            actor=owner_of(request), name=said["name"], note=said["note"], unit_code=said["unit"]
        )
        return Response(DraftSerializer(draft).data, status=201)


class OneDraft(APIView):
    """The state of a draft."""

    @extend_schema(responses=answering({(200, JSON): OneDraftSerializer}, 404), operation_id="draft")
    def get(self, request: Request, draft_id: int) -> Response:
        draft = draft_of(request, draft_id)
        told = DraftSerializer(draft).data | {
            "is_behind": draft.base_id != grid.edition_in_force().pk,
            "people": DraftPersonSerializer(drafts.people_of(draft), many=True).data,
            "conflicts": rebasing.conflicts_of(draft),
        }
        return Response(told)


class DraftGrid(APIView):
    """The grid as a draft has it."""

    @extend_schema(responses=GRID, operation_id="draftGrid")
    def get(self, request: Request, draft_id: int) -> HttpResponse:
        draft = draft_of(request, draft_id)
        said = grid.as_json(grid.draft_grid(draft), draft.base)
        return packed(request, said | {"number": draft.edits_made})


class DraftEdits(APIView):
    """Edits of a draft."""

    @extend_schema(
        request={JSON: EditSerializer},
        responses=answering({(200, JSON): SavedSerializer}, *BODY_REFUSED, 404, 409),
        operation_id="saveDraftEdit",
    )
    def post(self, request: Request, draft_id: int) -> Response:
        draft = draft_of(request, draft_id)
        asked = EditSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        saved = drafts.save_edit(draft=draft, edit=edit_of(asked.validated_data), actor=owner_of(request))
        return Response(saved)


class DraftFeed(APIView):
    """What others saved in a draft since."""

    @extend_schema(
        parameters=[OpenApiParameter("after", int, description="Number of the last edit that is known")],
        responses=answering({(200, JSON): FeedEntrySerializer(many=True)}, 404),
        operation_id="draftFeed",
    )
    def get(self, request: Request, draft_id: int) -> Response:
        draft = draft_of(request, draft_id)
        after = request.query_params.get("after", "0")
        known = int(after) if after.isascii() and after.isdecimal() and len(after) < 10 else 0
        return Response(drafts.edits_since(draft, known))
