"""Cells and units over HTTP. Outlines and names are for every signed-in user, people are not."""

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import JSON, answering
from geogrid.core.pages import page_of
from geogrid.organisations.api import owner_of
from grid_units.cards import CELL_WITH, cell_card, unit_card
from grid_units.contacts import contacts, surroundings
from grid_units.models import Cell, GridUnit
from grid_units.serializers import (
    CellCardSerializer,
    CellRowSerializer,
    ContactLevelSerializer,
    PageOfCellsSerializer,
    SurroundingSerializer,
    UnitCardSerializer,
    UnitRowSerializer,
)


class Cells(APIView):
    """The list of cells."""

    @extend_schema(
        parameters=[
            OpenApiParameter("q", str, description="Part of a name, or how a code begins"),
            OpenApiParameter("unit", str, description="Cells of this unit only (code of any level)"),
            OpenApiParameter("page", int),
        ],
        responses=answering({(200, JSON): PageOfCellsSerializer}, 422),
        operation_id="listCells",
    )
    def get(self, request: Request) -> Response:
        cells = Cell.objects.select_related("community").defer(
            "geom", "geom_3857", "community__geom", "community__geom_3857"
        )
        words = request.query_params.get("q", "").replace("\0", "").strip()
        if words:
            cells = cells.filter(
                Q(code__startswith=words) | Q(name__icontains=words) | Q(name_en__icontains=words)
            )
        unit = request.query_params.get("unit", "")
        if unit.isascii() and unit.isdecimal():
            cells = cells.within(unit)
        shown = page_of(request, cells.order_by("code"), lambda rows: CellRowSerializer(rows, many=True).data)
        return Response(shown)


class OneCell(APIView):
    """The card of a cell."""

    @extend_schema(responses=answering({(200, JSON): CellCardSerializer}, 404), operation_id="cell")
    def get(self, request: Request, code: str) -> Response:
        cell = get_object_or_404(Cell.objects.select_related(*CELL_WITH), code=code)
        card = cell_card(cell, viewer=owner_of(request), at=timezone.now())
        return Response(CellCardSerializer(card).data)


class Contacts(APIView):
    """Who answers for a cell or unit, level by level."""

    @extend_schema(
        responses=answering({(200, JSON): ContactLevelSerializer(many=True)}, 404), operation_id="contacts"
    )
    def get(self, request: Request, code: str) -> Response:
        return Response(contacts(code, viewer=owner_of(request), at=timezone.now()))


class Surroundings(APIView):
    """What a printed map of a cell draws."""

    @extend_schema(
        responses=answering({(200, JSON): SurroundingSerializer(many=True)}, 404),
        operation_id="cellSurroundings",
    )
    def get(self, request: Request, code: str) -> Response:
        return Response(surroundings(code))


class Units(APIView):
    """Districts, streets and communities: the whole tree, without outlines."""

    @extend_schema(responses=answering({(200, JSON): UnitRowSerializer(many=True)}), operation_id="listUnits")
    def get(self, request: Request) -> Response:
        units = GridUnit.objects.select_related("parent").defer(
            "geom", "geom_3857", "parent__geom", "parent__geom_3857"
        )
        return Response(UnitRowSerializer(list(units.order_by("code")), many=True).data)


class OneUnit(APIView):
    """The card of a district, street or community."""

    @extend_schema(responses=answering({(200, JSON): UnitCardSerializer}, 404), operation_id="unit")
    def get(self, request: Request, code: str) -> Response:
        unit = get_object_or_404(GridUnit.objects.select_related("parent__parent", "organisation"), code=code)
        card = unit_card(unit, viewer=owner_of(request), at=timezone.now())
        return Response(UnitCardSerializer(card).data)
