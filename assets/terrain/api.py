"""Terrain over HTTP: bringing in, depressions, and what a level of water covers."""

from typing import Any, Final

from django.contrib.gis.geos import Polygon
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets.serializers import checked
from assets.terrain import actions, tasks
from assets.terrain.inundation import inside, inundation_at
from assets.terrain.models import Depression, Terrain
from assets.terrain.serializers import (
    DepressionCollection,
    DepressionQuery,
    InundationFeature,
    InundationQuery,
    NewTerrainIn,
    TerrainOut,
)
from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.errors import NotFound
from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.api import owner_of as signed_in
from geogrid.organisations.roles import Action
from grid_units.duties.access import require

MOST_DEPRESSIONS: Final = 1000
TERRAIN_ID: Final = OpenApiParameter("terrain_id", OpenApiTypes.INT, OpenApiParameter.PATH)


def terrain_named(terrain_id: str) -> Terrain:
    """The terrain of this id; the ground is public, so every signed-in user may see it.

    Raises:
        NotFound: when there is none.
    """
    found = None
    if terrain_id.isascii() and terrain_id.isdecimal() and len(terrain_id) <= 18:
        found = Terrain.objects.filter(pk=int(terrain_id)).first()
    if found is None:
        raise NotFound("There is no such terrain. 没有该地形。")
    return found


class Terrains(APIView):
    """Terrain models."""

    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="listTerrains", responses=answering({(200, JSON): TerrainOut(many=True)}))
    def get(self, request: Request) -> Response:
        """All terrain models, the newest first, with how far the work on each is."""
        rows: Any = Terrain.objects.order_by("-id")
        return Response(TerrainOut(rows, many=True).data)

    @extend_schema(
        operation_id="addTerrain",
        request={"multipart/form-data": NewTerrainIn},
        responses=answering({(202, JSON): TerrainOut}, *BODY_REFUSED, 413),
    )
    def post(self, request: Request) -> Response:
        """Bring in a GeoTIFF of heights. A job makes it ready; ask for it again to see how far it is."""
        user = signed_in(request)
        require(user, Action.IMPORT)
        said = checked(NewTerrainIn(data=request.data))
        about = {name: said[name] for name in ("name", "source", "vertical_unit", "crs", "nodata")}
        if "path" in said:
            with actions.file_on_server(said["path"]).open("rb") as file:
                made = actions.register(file=file, actor=user, at=timezone.now(), **about)
        else:
            made = actions.register(file=said["file"], actor=user, at=timezone.now(), **about)
        tasks.line_up(made)
        return Response(TerrainOut(made).data, status=202)


class OneTerrain(APIView):
    """One terrain model."""

    @extend_schema(
        operation_id="getTerrain",
        parameters=[TERRAIN_ID],
        responses=answering({(200, JSON): TerrainOut}, 404),
    )
    def get(self, request: Request, terrain_id: str) -> Response:
        """The terrain, and how far the work on it is."""
        return Response(TerrainOut(terrain_named(terrain_id)).data)

    @extend_schema(
        operation_id="removeTerrain", parameters=[TERRAIN_ID], responses=answering({204: None}, 404)
    )
    def delete(self, request: Request, terrain_id: str) -> Response:
        """Remove a terrain with its depressions and files."""
        user = signed_in(request)
        require(user, Action.IMPORT)
        actions.remove(terrain=terrain_named(terrain_id), actor=user)
        return Response(status=204)


class TerrainCancel(APIView):
    """Stopping the work on a terrain."""

    @extend_schema(
        operation_id="cancelTerrain",
        parameters=[TERRAIN_ID],
        request=None,
        responses=answering({(200, JSON): TerrainOut}, 404, 409),
    )
    def post(self, request: Request, terrain_id: str) -> Response:
        """Stop after the present piece. What is done is kept."""
        user = signed_in(request)
        require(user, Action.IMPORT)
        actions.cancel(terrain=terrain_named(terrain_id), actor=user)
        return Response(TerrainOut(terrain_named(terrain_id)).data)


class TerrainResume(APIView):
    """Going on with the work on a terrain."""

    @extend_schema(
        operation_id="resumeTerrain",
        parameters=[TERRAIN_ID],
        request=None,
        responses=answering({(200, JSON): TerrainOut}, 404, 409),
    )
    def post(self, request: Request, terrain_id: str) -> Response:
        """Go on where it was cancelled."""
        user = signed_in(request)
        require(user, Action.IMPORT)
        terrain = terrain_named(terrain_id)
        actions.resume(terrain=terrain, actor=user)
        tasks.line_up(terrain)
        return Response(TerrainOut(terrain_named(terrain_id)).data)


class Depressions(APIView):
    """Depressions in a part of the city."""

    @extend_schema(
        operation_id="listDepressions",
        parameters=[DepressionQuery],
        responses=answering({(200, JSON): DepressionCollection}, 422),
    )
    def get(self, request: Request) -> Response:
        """The depressions that touch a box, those that hold most water first, as GeoJSON."""
        said = checked(DepressionQuery(data=request.query_params))
        box = Polygon.from_bbox(said["bbox"])
        box.srid = STORAGE_SRID
        rows = Depression.objects.in_use().filter(geom__intersects=box, depth_m__gte=said["min_depth_m"])
        found = list(rows.select_related("terrain").order_by("-volume_m3", "id")[: MOST_DEPRESSIONS + 1])
        shown = {"whole": len(found) <= MOST_DEPRESSIONS, "features": found[:MOST_DEPRESSIONS]}
        return Response(DepressionCollection(shown).data)


class Inundated(APIView):
    """What a level of water covers."""

    @extend_schema(
        operation_id="getInundation",
        parameters=[InundationQuery],
        responses=answering({(200, JSON): InundationFeature}, 404, 409, 422),
    )
    def get(self, request: Request) -> Response:
        """The ground under water at a level or depth, connected with the place, and what lies inside."""
        said = checked(InundationQuery(data=request.query_params))
        depth_cm = said.get("depth_cm")
        found = inundation_at(
            lng=said["lon"],
            lat=said["lat"],
            level_m=said.get("level_m"),
            depth_m=None if depth_cm is None else depth_cm / 100,
            window_m=said["window_m"],
        )
        area = found.geometry() if said["inside"] else None
        counted = inside(area) if area is not None else None
        return Response(InundationFeature(found, context={"inside": counted}).data)
