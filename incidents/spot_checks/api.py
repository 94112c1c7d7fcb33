"""Spot checks over HTTP: draws that anybody who sees them can repeat, findings for the district alone."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require, scopes_of, under
from incidents.api import checked, signed_in
from incidents.spot_checks import actions
from incidents.spot_checks import serializers as shown
from incidents.spot_checks.models import SpotCheck, SpotDraw

SHOWN = 200


def draws_for(user: User) -> QuerySet[SpotDraw]:
    """Draws in this person's part of the city; none for who sees no spot checks."""
    prefixes = scopes_of(user).prefixes(Action.SEE_SPOT_CHECKS)
    rows = SpotDraw.objects.all()
    return rows if "" in prefixes else rows.filter(under(prefixes, "area"))


def checks_for(user: User) -> QuerySet[SpotCheck]:
    rows = SpotCheck.objects.filter(draw__in=draws_for(user))
    rows = rows.select_related("draw", "found_by", "incident__asset_class", "incident__event_class")
    return rows.prefetch_related("photo_links__photo").order_by("-draw_id", "nth")


def _draw_shown(draw: SpotDraw) -> dict[str, Any]:
    plain = (
        "pk", "drawn_at", "area", "closed_from", "closed_to", "seed", "is_seed_given", "list_hash", "numbers",
    )  # fmt: skip
    verdicts = list(draw.checks.exclude(verdict="").values_list("verdict", flat=True))
    return {name: getattr(draw, name) for name in plain} | {
        "drawn_by": str(draw.drawn_by),
        "pool_size": len(draw.pool),
        "found": len(verdicts),
        "not_solved": verdicts.count("not_solved"),
    }


class Draws(APIView):
    """Draws."""

    @extend_schema(operation_id="listSpotDraws", responses=answering({(200, JSON): shown.DrawOut(many=True)}))
    def get(self, request: Request) -> Response:
        """The newest first, with seed, hash of the list, and what was drawn."""
        user = signed_in(request)
        require(user, Action.SEE_SPOT_CHECKS)
        rows = draws_for(user).select_related("drawn_by").order_by("-pk")[:SHOWN]
        return Response(shown.DrawOut([_draw_shown(row) for row in rows], many=True).data)

    @extend_schema(
        operation_id="drawSpotChecks",
        request=shown.DrawIn,
        responses=answering({(201, JSON): shown.DrawOut}, *BODY_REFUSED),
    )
    def post(self, request: Request) -> Response:
        """Draw among what was closed in a period."""
        actor = signed_in(request)
        require(actor, Action.SPOT_CHECK)
        asked = checked(shown.DrawIn, request.data).validated_data
        made = actions.draw(actor=actor, at=timezone.now(), **asked)
        return Response(shown.DrawOut(_draw_shown(made)).data, status=201)


class Pool(APIView):
    """What a draw drew from."""

    @extend_schema(operation_id="getSpotDrawPool", responses=answering({200: shown.PoolOut}, 404))
    def get(self, request: Request, draw: int) -> Response:
        """All numbers, so that the draw can be repeated elsewhere."""
        found = get_object_or_404(draws_for(signed_in(request)), pk=draw)
        return Response(shown.PoolOut(found).data)


class Checks(APIView):
    """Drawn incidents."""

    @extend_schema(
        operation_id="listSpotChecks",
        parameters=[shown.ChecksQuery],
        responses=answering({(200, JSON): shown.SpotCheckOut(many=True)}, 422),
    )
    def get(self, request: Request) -> Response:
        """Those of a draw, or of all; waiting, found, or not solved."""
        user = signed_in(request)
        require(user, Action.SEE_SPOT_CHECKS)
        rows = checks_for(user)
        asked = checked(shown.ChecksQuery, request.query_params).validated_data
        if "draw" in asked:
            rows = rows.filter(draw=asked["draw"])
        match asked["state"]:
            case "waiting":
                rows = rows.filter(verdict="")
            case "found":
                rows = rows.exclude(verdict="")
            case "not_solved":
                rows = rows.filter(verdict="not_solved")
        return Response(shown.SpotCheckOut(rows[:SHOWN], many=True).data)  # type: ignore[arg-type]


class Finding(APIView):
    """What was found."""

    @extend_schema(
        operation_id="recordSpotCheck",
        request=shown.FindingIn,
        responses=answering({(200, JSON): shown.SpotCheckOut}, *BODY_REFUSED, 404, 409),
    )
    def post(self, request: Request, check: int) -> Response:
        """Record it, once."""
        actor = signed_in(request)
        found = get_object_or_404(checks_for(actor), pk=check)
        asked = checked(shown.FindingIn, request.data).validated_data
        actions.record(check=found, actor=actor, at=timezone.now(), **asked)
        return Response(shown.SpotCheckOut(checks_for(actor).get(pk=check)).data)


class Photos(APIView):
    """Photos of a spot check."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="addSpotCheckPhoto",
        request={"multipart/form-data": shown.SpotPhotoIn},
        responses=answering({(201, JSON): shown.SpotPhotoOut}, *BODY_REFUSED, 404, 409, 413),
    )
    def post(self, request: Request, check: int) -> Response:
        """Add a photo of the place as it was found."""
        actor = signed_in(request)
        found = get_object_or_404(checks_for(actor), pk=check)
        said = checked(shown.SpotPhotoIn, request.data).validated_data
        link = actions.add_photo(check=found, file=said["file"], actor=actor, at=timezone.now())
        return Response(shown.SpotPhotoOut(link).data, status=201)
