"""Cells and units above them in the back office. Outlines are drawn on the map, not here."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import may, scopes_of, under
from grid_units.models import Cell, GridUnit


class Unit(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    """Rows of the territory: neither made nor deleted here, changed by those who edit the grid there."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if not super().has_change_permission(request, obj) or not isinstance(request.user, User):
            return False
        return not isinstance(obj, Cell | GridUnit) or may(request.user, Action.EDIT_GRID, obj.code)


@admin.register(Cell)
class CellAdmin(Unit):
    """Name, kind, units and households of a cell."""

    list_display = ("code", "name", "kind", "community_name", "households", "area")
    list_filter = ("kind", "is_derived")
    search_fields = ("code", "name", "name_en")
    search_help_text = "编码或名称 Code or name"
    autocomplete_fields = ("owner", "maintainer")
    fields = (
        "code",
        "name",
        "name_en",
        "kind",
        "use",
        "owner",
        "maintainer",
        "households",
        "is_derived",
        "source",
    )
    readonly_fields = ("code", "source")
    list_select_related = ("community",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cell]:
        cells: QuerySet[Cell] = super().get_queryset(request)
        if isinstance(request.user, User):
            cells = cells.filter(under(scopes_of(request.user).prefixes(Action.EDIT_GRID), "code"))
        return cells.defer("geom", "geom_3857", "community__geom", "community__geom_3857").order_by("code")

    @admin.display(description="社区 community", ordering="community__code")
    def community_name(self, cell: Cell) -> str:
        return cell.community.name

    @admin.display(description="面积 area", ordering="area_m2")
    def area(self, cell: Cell) -> str:
        return f"{cell.area_m2 or 0:,.0f} m²"


@admin.register(GridUnit)
class GridUnitAdmin(Unit):
    """Names of districts, streets and communities, and the organisation that runs each."""

    list_display = ("code", "name", "level", "parent_name", "organisation")
    list_filter = ("level",)
    search_fields = ("code", "name", "name_en")
    autocomplete_fields = ("organisation",)
    fields = ("code", "level", "name", "name_en", "organisation", "is_simulated")
    readonly_fields = ("code", "level", "is_simulated")
    list_select_related = ("parent", "organisation")

    def get_queryset(self, request: HttpRequest) -> QuerySet[GridUnit]:
        units: QuerySet[GridUnit] = super().get_queryset(request)
        return units.defer("geom", "geom_3857", "parent__geom", "parent__geom_3857").order_by("code")

    @admin.display(description="上级 above")
    def parent_name(self, unit: GridUnit) -> Any:
        return unit.parent.name if unit.parent else "-"
