"""Stations, datastreams, waterlogging points in the back office: each in the clerk's own part of the city."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.gis.geos import Point
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from assets.editing import require_at
from assets.models import Asset
from assets.sensors.models import Datastream, RefusedMessage, Station, WaterloggingPoint
from assets.sensors.thresholds import problem_of
from geogrid.core.errors import Forbidden
from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import scopes_of, under


def _require(request: HttpRequest, asset: Asset) -> None:
    if not isinstance(request.user, User):
        raise PermissionDenied
    try:
        require_at(request.user, Asset.objects.select_related("cell").get(pk=asset.pk))
    except Forbidden as no:
        raise PermissionDenied(str(no)) from no


class InTheirPart(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    """Rows whose asset stands where the clerk edits assets. What has measured is never deleted here."""

    cell_column = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(under(scopes_of(request.user).prefixes(Action.EDIT_ASSETS), self.cell_column))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Station)
class StationAdmin(InTheirPart):
    cell_column = "asset__cell__code"
    list_display = ("code", "name", "name_en", "asset", "is_simulated")
    search_fields = ("code", "name", "name_en")
    raw_id_fields = ("asset",)
    list_select_related = ("asset",)
    ordering = ("code",)

    def save_model(self, request: HttpRequest, obj: Station, form: Any, change: bool) -> None:
        _require(request, obj.asset)
        super().save_model(request, obj, form, change)


class DatastreamForm(forms.ModelForm[Datastream]):
    """Thresholds are explained before the database refuses them."""

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        problem = problem_of(said.get("thresholds"), is_worse_below=bool(said.get("is_worse_below")))
        if problem and "thresholds" in said:
            self.add_error("thresholds", problem)
        return said


@admin.register(Datastream)
class DatastreamAdmin(InTheirPart):
    form = DatastreamForm
    cell_column = "station__asset__cell__code"
    list_display = ("station", "code", "phenomenon", "name", "unit_symbol", "event_code", "is_active")
    list_filter = ("phenomenon", "is_active")
    search_fields = ("code", "name", "station__code")
    autocomplete_fields = ("station",)
    list_select_related = ("station",)
    ordering = ("station__code", "code")

    def save_model(self, request: HttpRequest, obj: Datastream, form: Any, change: bool) -> None:
        _require(request, obj.station.asset)
        super().save_model(request, obj, form, change)


class WaterloggingPointForm(forms.ModelForm[WaterloggingPoint]):
    """The place as two numbers (WGS 84, degrees)."""

    lng = forms.FloatField(min_value=-180, max_value=180, label="经度 longitude")
    lat = forms.FloatField(min_value=-85, max_value=85, label="纬度 latitude")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.instance.place
        if place is not None:
            self.initial |= {"lng": place.x, "lat": place.y}

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if (problem := problem_of(said.get("bands"))) and "bands" in said:
            self.add_error("bands", problem)
        if "lng" in said and "lat" in said:
            self.instance.place = Point(said["lng"], said["lat"], srid=STORAGE_SRID)
        return said


@admin.register(WaterloggingPoint)
class WaterloggingPointAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    form = WaterloggingPointForm
    fields = (
        "code",
        "name",
        "name_en",
        "lng",
        "lat",
        "bands",
        "stations",
        "note",
        "is_active",
        "is_simulated",
    )
    list_display = ("code", "name", "name_en", "is_active", "is_simulated")
    search_fields = ("code", "name", "name_en")
    autocomplete_fields = ("stations",)
    ordering = ("code",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RefusedMessage)
class RefusedMessageAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("received_at", "topic", "reason")
    search_fields = ("topic", "reason")
    ordering = ("-received_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
