"""The first-run page over HTTP, and the checklist of what is missing."""

import tempfile
from pathlib import Path

from django.contrib.auth import login
from django.http import HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.errors import NotFound
from geogrid.core.models import the_city
from geogrid.organisations.api import owner_of
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from geogrid.setup import door
from geogrid.setup.actions import CityNames, FirstAdministrator, found_city
from geogrid.setup.checklist import checklist
from geogrid.setup.imports import bring_in
from geogrid.setup.serializers import (
    BroughtInSerializer,
    FirstRunSerializer,
    ItemSerializer,
    SetupSerializer,
    UploadSerializer,
)
from grid_units.duties.access import may, require
from grid_units.duties.importing.columns import TABLES
from grid_units.duties.importing.templates import template
from grid_units.duties.login import MODEL_BACKEND, Entrance
from grid_units.duties.models import has_administrator

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@method_decorator(ensure_csrf_cookie, name="dispatch")
class Setup(Entrance):
    """Where the first run stands, and the first run itself.

    The stranger learns whether it is still to be done, and no more.
    """

    authentication_classes = APIView.authentication_classes

    @extend_schema(responses=answering({(200, JSON): SetupSerializer}), auth=[], operation_id="setup")
    def get(self, request: Request) -> Response:
        manages = isinstance(request.user, User) and may(request.user, Action.MANAGE_CITY)
        state = {
            "needs_setup": not has_administrator(),
            "key_needed": door.key_is_needed(request._request),
            "city": the_city() if manages else None,
            "checklist": checklist(timezone.now()) if manages else [],
        }
        return Response(SetupSerializer(state).data)

    @extend_schema(
        request={JSON: FirstRunSerializer},
        responses=answering({(201, JSON): SetupSerializer}, *BODY_REFUSED, 409),
        auth=[],
        operation_id="firstRun",
    )
    def post(self, request: Request) -> Response:
        """Name the city and make the first administrator, who is then logged in."""
        asked = FirstRunSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        door.require_open_door(request._request, asked.validated_data["key"])
        now = timezone.now()
        user = found_city(
            names=CityNames(**asked.validated_data["city"]),
            administrator=FirstAdministrator(**asked.validated_data["administrator"]),
            at=now,
        )
        login(request._request, user, backend=MODEL_BACKEND)
        state = {"needs_setup": False, "key_needed": False, "city": the_city(), "checklist": checklist(now)}
        return Response(SetupSerializer(state).data, status=201)


class SetupChecklist(APIView):
    """What the city still lacks, for administrators."""

    @extend_schema(
        responses=answering({(200, JSON): ItemSerializer(many=True)}), operation_id="setupChecklist"
    )
    def get(self, request: Request) -> Response:
        require(owner_of(request), Action.MANAGE_CITY)
        return Response(ItemSerializer(checklist(timezone.now()), many=True).data)


class SetupImport(APIView):
    """One file of the first run: whole or not at all. Large ones are imported by command."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": UploadSerializer},
        responses=answering({(200, JSON): BroughtInSerializer}, *BODY_REFUSED, 409, 413),
        operation_id="setupImport",
    )
    def post(self, request: Request) -> Response:
        require(owner_of(request), Action.IMPORT)
        asked = UploadSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data["file"]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / Path(sent.name).name
            with path.open("wb") as file:
                for chunk in sent.chunks():
                    file.write(chunk)
            done = bring_in(
                kind=asked.validated_data["kind"],
                path=path,
                actor=owner_of(request),
                address=request.build_absolute_uri("/"),
            )
        return Response(BroughtInSerializer(done).data)


class Template(APIView):
    """An XLSX template to fill in."""

    @extend_schema(
        responses=answering({(200, XLSX): OpenApiTypes.BINARY}, 404, 406), operation_id="setupTemplate"
    )
    def get(self, request: Request, name: str) -> HttpResponse:
        if name not in TABLES:
            raise NotFound(f"There are templates of {', '.join(TABLES)}.")
        answer = HttpResponse(template(name), content_type=XLSX)
        answer["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
        return answer
