"""HTTP of the page "Connect QGIS": the files that a person downloads."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from assets.negotiation import JSONWhateverIsAccepted
from geogrid.core.documented import answering
from geogrid.organisations.api import owner_of as signed_in
from tiles.qgis import connecting, keeping
from tiles.qgis.project import LANGUAGES
from tiles.qgis.sources import Door

QGZ, XML, PLAIN = "application/x-qgis-project", "application/xml", "text/plain; charset=utf-8"


def _door(request: Request) -> Door:
    return connecting.door_of(signed_in(request))


def _file(content: bytes | str, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


class QgisProject(APIView):
    """The personal project."""

    content_negotiation_class = JSONWhateverIsAccepted

    @extend_schema(
        operation_id="getQgisProject",
        parameters=[
            OpenApiParameter(
                "language", OpenApiTypes.STR, enum=list(LANGUAGES), description="zh (default) or en."
            )
        ],
        responses=answering({(200, QGZ): OpenApiTypes.BINARY}, 404),
    )
    def get(self, request: Request) -> HttpResponse:
        """A .qgz with your own database login in it, and no password: QGIS asks for it."""
        door = _door(request)
        asked = request.query_params.get("language", "")
        language = asked if asked in LANGUAGES else LANGUAGES[0]
        origin = request.build_absolute_uri("/").rstrip("/")
        return _file(connecting.personal_project(door, language, origin), QGZ, f"geogrid-{language}.qgz")


class QgisConnections(APIView):
    """The connection for QGIS's browser."""

    content_negotiation_class = JSONWhateverIsAccepted

    @extend_schema(
        operation_id="getQgisConnections", responses=answering({(200, XML): OpenApiTypes.BINARY}, 404)
    )
    def get(self, request: Request) -> HttpResponse:
        """A file that QGIS loads under PostgreSQL > Load Connections. No password is in it."""
        answer = _file(connecting.connections(_door(request)), XML, "geogrid-connections.xml")
        keeping.keep_current()  # the projects that it leads to say what the city is called today
        return answer


class QgisService(APIView):
    """The entry of pg_service.conf."""

    content_negotiation_class = JSONWhateverIsAccepted

    @extend_schema(
        operation_id="getQgisService", responses=answering({(200, "text/plain"): OpenApiTypes.BINARY}, 404)
    )
    def get(self, request: Request) -> HttpResponse:
        """Lines for .pg_service.conf, which the project in the database goes by. No password is in them."""
        answer = _file(connecting.service_entry(_door(request)), PLAIN, "pg_service.conf")
        keeping.keep_current()
        return answer
