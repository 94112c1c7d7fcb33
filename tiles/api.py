"""HTTP of the map: the feed token, the city, the layer panel and search."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.changes import passes
from geogrid.core.documented import JSON, answering
from geogrid.core.models import default_segments, the_city
from geogrid.core.signing import LIFETIME_S
from tiles.catalogue import layers_for
from tiles.granting import pass_of
from tiles.search import LONGEST, search
from tiles.serializers import (
    CitySerializer,
    FeedTokenSerializer,
    FoundListSerializer,
    LayerSerializer,
)

NEVER_KEPT = {"Cache-Control": "no-store"}


class FeedToken(APIView):
    """A token for tiles and live feed."""

    @extend_schema(responses=answering({(200, JSON): FeedTokenSerializer}), operation_id="getFeedToken")
    def get(self, request: Request) -> Response:
        """The signed token of what you may see, good for five minutes."""
        now = datetime.now(UTC).timestamp()
        token = passes.issue(pass_of(request.user), now=now)
        expires_at = datetime.fromtimestamp(int(now + LIFETIME_S), UTC)
        return Response(
            FeedTokenSerializer({"token": token, "expires_at": expires_at}).data, headers=NEVER_KEPT
        )


class TheCity(APIView):
    """The city."""

    @extend_schema(responses=answering({(200, JSON): CitySerializer}), operation_id="getCity")
    def get(self, request: Request) -> Response:
        """Name, place and codes of the city; empty before the first run."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT core.city_bounds()")
            [bbox] = cursor.fetchone()
        city = the_city()
        shown = {
            "name": city.name if city else "",
            "name_en": city.name_en if city else "",
            "bbox": bbox,
            "center": [(bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2] if bbox else None,
            "zone": city.zone if city else "",
            "county_code": city.county_code if city else "",
            "code_segments": city.code_segments if city else default_segments(),
            "is_demo": bool(city and city.is_demo),
            "attribution": city.attribution if city else "",
        }
        return Response(CitySerializer(shown).data)


class Layers(APIView):
    """The published layers."""

    @extend_schema(responses=answering({(200, JSON): LayerSerializer(many=True)}), operation_id="listLayers")
    def get(self, request: Request) -> Response:
        """Each layer with its legend and how many things of it you may see."""
        rows: Any = layers_for(pass_of(request.user))
        return Response(LayerSerializer(rows, many=True).data)


class Search(APIView):
    """Search."""

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "q", OpenApiTypes.STR, description=f"Words or digits, at most {LONGEST} letters."
            ),
            OpenApiParameter("lang", OpenApiTypes.STR, description="zh or en; else the browser's language."),
        ],
        responses=answering({(200, JSON): FoundListSerializer}),
        operation_id="search",
    )
    def get(self, request: Request) -> Response:
        """Assets, cells, units, streets and incidents by code, number or name; the best first."""
        asked = request.query_params.get("lang") or request.headers.get("Accept-Language", "")
        language = "zh" if asked.lower().startswith("zh") else "en"
        found = search(request.query_params.get("q", ""), language, pass_of(request.user))
        return Response(FoundListSerializer({"results": found}).data)
