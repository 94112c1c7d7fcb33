"""The calendar and the limits of stages in the back office."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from incidents.clocks.models import CalendarDay, CalendarYear, ClockPolicy, OfficeWindow


@admin.register(OfficeWindow)
class OfficeWindowAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("__str__", "valid_from", "valid_to")
    list_filter = ("weekday",)
    ordering = ("weekday", "opens")


@admin.register(CalendarDay)
class CalendarDayAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("day", "is_working", "name", "name_en", "source")
    list_filter = ("is_working", "source")
    date_hierarchy = "day"
    ordering = ("-day",)
    readonly_fields = ("source",)

    def save_model(self, request: HttpRequest, obj: CalendarDay, form: Any, change: bool) -> None:
        """What a clerk saved is a clerk's: loading the packages again leaves it alone."""
        obj.source = "hand"
        super().save_model(request, obj, form, change)


@admin.register(CalendarYear)
class CalendarYearAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("year", "source")
    ordering = ("-year",)
    readonly_fields = ("source",)


@admin.register(ClockPolicy)
class ClockPolicyAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("version", "in_force_from", "file_limit", "dispatch_limit", "verify_limit", "note")
    ordering = ("-in_force_from",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A version in force is looked at only."""
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (not isinstance(obj, ClockPolicy) or obj.in_force_from > timezone.now())

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and isinstance(obj, ClockPolicy) and obj.in_force_from > timezone.now()
