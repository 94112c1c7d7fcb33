"""Assets over HTTP: list, card, editing, history; buildings; the catalogue of classes."""

from typing import Any

from django.db.models import Q
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets import cards, editing
from assets.history import history_of
from assets.models import Asset, AssetClass, AssetQuerySet, Building
from assets.serializers import CODE, AssetChangesIn, AssetListQuery, NewAssetIn, checked
from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.errors import NotFound
from geogrid.core.pages import MAX_PAGE, page_of
from geogrid.organisations.api import owner_of as signed_in
from grid_units.models import Cell

MOST_COUNTED = 10_000


GEOJSON = "application/geo+json"


class GeoJSONRenderer(JSONRenderer):
    """For who accepts GeoJSON."""

    media_type = GEOJSON
    format = "geojson"


def asset_named(code: str) -> Asset:
    """The asset with this code; assets are public, so every signed-in user may see it.

    Raises:
        NotFound: when there is none.
    """
    found = None
    if CODE.fullmatch(code):
        found = Asset.objects.select_related(*cards.SHOWN_WITH).filter(code=code).first()
    if found is None:
        raise NotFound("There is no such asset.")
    return found


class Assets(APIView):
    """The list of assets."""

    @extend_schema(
        operation_id="listAssets",
        parameters=[
            AssetListQuery,
            OpenApiParameter("page", OpenApiTypes.INT, description=f"1 to {MAX_PAGE}, fifty a page"),
        ],
        responses=answering({(200, JSON): cards.PageOfAssets}, 422),
    )
    def get(self, request: Request) -> Response:
        """Assets by words, class, cell or unit, and state, in the order of their codes."""
        wanted = checked(AssetListQuery(data=request.query_params))
        rows = _matching(Asset.objects.all(), wanted).select_related(*cards.SHOWN_WITH).order_by("code")

        def show(found: list[Asset]) -> Any:
            return cards.AssetRow(found, many=True).data

        return Response(page_of(request, rows[:MOST_COUNTED], show))

    @extend_schema(
        operation_id="createAsset",
        request={JSON: NewAssetIn},
        responses=answering({(201, JSON): cards.AssetCard}, *BODY_REFUSED, 409),
    )
    def post(self, request: Request) -> Response:
        """Make an asset. Its cell follows from its place, its code from its class unless one is given."""
        fields = checked(NewAssetIn(data=request.data))
        made = editing.create_asset(fields=fields, actor=signed_in(request), at=timezone.now())
        return Response(cards.AssetCard(asset_named(made.code)).data, status=201)


def _matching(rows: AssetQuerySet, wanted: dict[str, Any]) -> AssetQuerySet:
    """`rows` narrowed to what the query string asks for."""
    if wanted["asset_class"]:
        classes = AssetClass.objects.filter(code=wanted["asset_class"])
        rows = rows.filter(asset_class__in=list(classes))
    if wanted["cell"]:
        rows = rows.filter(cell__in=Cell.objects.within(wanted["cell"]))
    if wanted["state"]:
        rows = rows.filter(state=wanted["state"])
    for word in wanted["q"].split():
        # The catalogue is small: the large table is filtered by the ids of the classes found in it.
        named = AssetClass.objects.filter(Q(name__icontains=word) | Q(name_en__icontains=word))
        rows = rows.filter(
            Q(code__startswith=word)
            | Q(name__icontains=word)
            | Q(location_text__icontains=word)
            | Q(asset_class__in=list(named))
        )
    return rows


class OneAsset(APIView):
    """One asset."""

    renderer_classes = (JSONRenderer, GeoJSONRenderer)

    def handle_exception(self, exc: Exception) -> Response:
        """A refusal is JSON, whatever was accepted."""
        self.request.accepted_renderer, self.request.accepted_media_type = JSONRenderer(), JSON
        return super().handle_exception(exc)

    @staticmethod
    def shown(request: Request, code: str) -> Response:
        asset = asset_named(code)
        if isinstance(request.accepted_renderer, GeoJSONRenderer):
            return Response(cards.AssetFeature(asset).data)
        return Response(cards.AssetCard(asset).data)

    @extend_schema(
        operation_id="getAsset",
        responses=answering({(200, JSON): cards.AssetCard, (200, GEOJSON): cards.AssetFeature}, 404, 406),
    )
    def get(self, request: Request, code: str) -> Response:
        """The asset with its units, cell and photos; as a GeoJSON feature when that is what is accepted."""
        return self.shown(request, code)

    @extend_schema(
        operation_id="changeAsset",
        request={JSON: AssetChangesIn},
        responses=answering(
            {(200, JSON): cards.AssetCard, (200, GEOJSON): cards.AssetFeature}, *BODY_REFUSED, 404, 406, 409
        ),
    )
    def patch(self, request: Request, code: str) -> Response:
        """Change the named fields; the answer is the asset after it."""
        asset = asset_named(code)
        fields = checked(AssetChangesIn(data=request.data, context={"asset": asset}))
        seen_at = fields.pop("updated_at", None)
        editing.change_asset(
            asset=asset, fields=fields, actor=signed_in(request), at=timezone.now(), seen_at=seen_at
        )
        return self.shown(request, code)


class AssetHistory(APIView):
    """The history of one asset."""

    @extend_schema(
        operation_id="getAssetHistory",
        responses=answering({(200, JSON): cards.AssetHistoryEntry(many=True)}, 404),
    )
    def get(self, request: Request, code: str) -> Response:
        """Who changed what and when, however it was changed. The creation comes first."""
        entries = history_of(asset_named(code), signed_in(request))
        return Response(cards.AssetHistoryEntry(entries, many=True).data)


class OneBuilding(APIView):
    """One building."""

    @extend_schema(
        operation_id="getBuilding",
        parameters=[OpenApiParameter("building_id", OpenApiTypes.INT, OpenApiParameter.PATH)],
        responses=answering({(200, JSON): cards.BuildingCard}, 404),
    )
    def get(self, request: Request, building_id: str) -> Response:
        """The building with its levels, dwellings and households."""
        found = None
        if building_id.isascii() and building_id.isdecimal() and len(building_id) <= 18:
            found = Building.objects.select_related("cell").filter(pk=int(building_id)).first()
        if found is None:
            raise NotFound("There is no such building.")
        return Response(cards.BuildingCard(found).data)


class AssetClasses(APIView):
    """The catalogue of classes of assets."""

    @extend_schema(
        operation_id="listAssetClasses",
        responses=answering({(200, JSON): cards.AssetClassEntry(many=True)}),
    )
    def get(self, request: Request) -> Response:
        """Classes of assets in use now, in the order of their codes."""
        rows = list(AssetClass.objects.filter(is_active=True).order_by("code", "scheme", "version"))
        return Response(cards.AssetClassEntry(rows, many=True).data)  # type: ignore[arg-type]
