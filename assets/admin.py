"""Assets, buildings, roads and classes in the back office. Shapes are drawn on the map, not here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from assets.attributes import problem_of_schema, problems_of
from assets.editing import require_at
from assets.models import Asset, AssetClass, Building, Road
from geogrid.core.errors import Forbidden
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import scopes_of, under


def coordinates(shape: GEOSGeometry | None) -> str:
    """Longitude and latitude of a point; of others the type, their corners, and where they lie."""
    if shape is None:
        return "-"
    lng, lat = shape.centroid.coords
    place = f"{lng:.6f} {lat:.6f}"
    return (
        place if shape.geom_type == "Point" else f"{shape.geom_type}, {shape.num_coords} corners at {place}"
    )


class DrawnOnTheMap(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    """Rows with a shape: searched and filtered, neither made nor deleted here."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description="coordinates (WGS 84)")
    def place(self, row: Any) -> str:
        return coordinates(row.geom)


class AssetForm(forms.ModelForm[Asset]):
    """Attributes are checked as the API checks them."""

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        asset_class = said.get("asset_class")
        if asset_class is not None and "attributes" in said:
            problems = problems_of(said["attributes"] or {}, asset_class.attributes_schema)
            if problems:
                self.add_error("attributes", problems)
        return said


@admin.register(Asset)
class AssetAdmin(DrawnOnTheMap):
    form = AssetForm
    list_display = ("code", "asset_class", "name", "state", "cell", "location_text")
    list_filter = ("state", "placement", "asset_class__major_name", "source")
    list_select_related = ("asset_class", "cell")
    search_fields = ("code__startswith", "name", "location_text")
    search_help_text = "编码、名称、位置 / code, name, location"
    autocomplete_fields = ("asset_class",)
    raw_id_fields = ("competent_authority", "owner", "maintainer")
    readonly_fields = ("code", "public_id", "cell", "place", "simulated_fields", "created_at", "updated_at")
    exclude = ("geom",)
    ordering = ("code",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Asset]:
        """Those that this clerk may edit: in their own part of the territory."""
        rows: QuerySet[Asset] = super().get_queryset(request)
        return rows.filter(under(scopes_of(request.user).prefixes(Action.EDIT_ASSETS), "cell__code"))

    def save_model(self, request: HttpRequest, obj: Asset, form: Any, change: bool) -> None:
        if not isinstance(request.user, User):
            raise PermissionDenied
        try:
            require_at(request.user, obj)
        except Forbidden as no:
            raise PermissionDenied(str(no)) from no
        obj.simulated_fields = [name for name in obj.simulated_fields if name not in form.changed_data]
        super().save_model(request, obj, form, change)


@admin.register(Building)
class BuildingAdmin(DrawnOnTheMap):
    list_display = ("id", "name", "address", "kind", "levels", "households", "cell")
    list_filter = ("kind", "households_derived", "source")
    list_select_related = ("cell",)
    search_fields = ("name", "address", "source_id")
    readonly_fields = ("source", "source_id", "cell", "place", "created_at", "updated_at")
    exclude = ("geom",)
    ordering = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Building]:
        """Those in this clerk's own part of the territory."""
        rows: QuerySet[Building] = super().get_queryset(request)
        return rows.filter(under(scopes_of(request.user).prefixes(Action.EDIT_ASSETS), "cell__code"))


@admin.register(Road)
class RoadAdmin(DrawnOnTheMap):
    list_display = ("id", "name", "name_en", "kind", "source")
    list_filter = ("kind", "source")
    search_fields = ("name", "name_en", "source_id")
    readonly_fields = ("source", "source_id", "place", "created_at", "updated_at")
    exclude = ("geom",)
    ordering = ("id",)


class AssetClassForm(forms.ModelForm[AssetClass]):
    """A class whose schema is none would refuse every asset."""

    def clean_attributes_schema(self) -> Any:
        schema = self.cleaned_data["attributes_schema"]
        if problem := problem_of_schema(schema or {}):
            raise forms.ValidationError(problem)
        return schema or {}


@admin.register(AssetClass)
class AssetClassAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    form = AssetClassForm
    list_display = ("code", "name", "name_en", "major_name", "geometry_kind", "origin", "scheme", "version")
    list_filter = ("major_name", "geometry_kind", "origin", "is_active", "scheme", "version")
    search_fields = ("code", "name", "name_en", "major_name")
    ordering = ("code", "scheme", "version")
