"""The rules of the check in the back office."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from grid_units.workshop.models import CheckRules


@admin.register(CheckRules)
class CheckRulesAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    """The one set of rules: changed, never added to or deleted."""

    list_display = ("__str__", "least_households", "most_households", "least_area_m2", "least_width_m")
    readonly_fields = ("id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not CheckRules.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
