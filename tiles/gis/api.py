"""HTTP of personal database roles: one's own, and all of them for administrators."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.organisations.api import owner_of
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from tiles.gis import actions
from tiles.gis.address import database_address
from tiles.gis.models import AnalystRole
from tiles.gis.serializers import (
    AnalystRoleOfSerializer,
    GisAccessSerializer,
    MadeAccessSerializer,
    NewAccessSerializer,
)

NEVER_KEPT = {"Cache-Control": "no-store"}


class GisAccess(APIView):
    """One's own database role."""

    @extend_schema(responses=answering({(200, JSON): GisAccessSerializer}), operation_id="getGisAccess")
    def get(self, request: Request) -> Response:
        """The role that there is, if there is one, and where the database is."""
        user = owner_of(request)
        require(user, Action.CONNECT_GIS)
        role = AnalystRole.objects.standing().filter(user=user).first()
        shown: Any = {"role": role, "address": database_address()}
        return Response(GisAccessSerializer(shown).data)

    @extend_schema(
        request=NewAccessSerializer,
        responses=answering({(201, JSON): MadeAccessSerializer}, 409, *BODY_REFUSED),
        operation_id="makeGisAccess",
    )
    def post(self, request: Request) -> Response:
        """Make a role, or renew it. Its password is in the answer, and nowhere else."""
        user = owner_of(request)
        require(user, Action.CONNECT_GIS)
        asked = NewAccessSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = actions.make_role(user=user, at=timezone.now(), **asked.validated_data)
        shown: Any = {"role": made.role, "address": database_address(), "password": made.password}
        return Response(MadeAccessSerializer(shown).data, status=201, headers=NEVER_KEPT)

    @extend_schema(responses=answering({204: None}, 409), operation_id="revokeGisAccess")
    def delete(self, request: Request) -> Response:
        """Take one's own role away, if there is one. Its sessions end."""
        user = owner_of(request)
        require(user, Action.CONNECT_GIS)
        role = AnalystRole.objects.standing().filter(user=user).first()
        if role is not None:
            actions.revoke_role(role=role, actor=user, at=timezone.now())
        return Response(status=204)


class AllGisAccess(APIView):
    """The database roles of everybody."""

    @extend_schema(
        responses=answering({(200, JSON): AnalystRoleOfSerializer(many=True)}), operation_id="listGisAccess"
    )
    def get(self, request: Request) -> Response:
        """Who can log in to the database, and what they reach."""
        require(owner_of(request), Action.MANAGE_CITY)
        roles = AnalystRole.objects.standing().select_related("user").order_by("role_name")
        return Response(AnalystRoleOfSerializer(roles, many=True).data)


class OneGisAccess(APIView):
    """The database role of one person."""

    @extend_schema(responses=answering({204: None}, 404, 409), operation_id="revokeGisAccessOf")
    def delete(self, request: Request, role_id: int) -> Response:
        """Take somebody's role away. Its sessions end."""
        require(owner_of(request), Action.MANAGE_CITY)
        role = get_object_or_404(AnalystRole.objects.standing(), pk=role_id)
        actions.revoke_role(role=role, actor=owner_of(request), at=timezone.now())
        return Response(status=204)
