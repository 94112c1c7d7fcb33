"""Incidents in the back office, to look at. They are moved on the map, where every move writes its step."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from geogrid.organisations.models import User
from incidents.models import ContactRead, EventClass, Incident, StepTaken


class OnlyLookedAt:
    """Neither added, changed nor deleted here."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class StepsTaken(OnlyLookedAt, TabularInline):  # type: ignore[misc] # unfold carries no types
    model = StepTaken
    fields = ("taken_at", "move", "from_stage", "to_stage", "actor", "note")
    readonly_fields = fields
    ordering = ("id",)
    extra = 0


@admin.register(Incident)
class IncidentAdmin(OnlyLookedAt, ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("number", "stage", "what", "unit_code", "cell_worker", "channel", "reported_at")
    list_filter = ("stage", "waiting", "level", "channel", "found_by_patrol", "is_simulated")
    list_select_related = ("asset_class", "event_class", "cell_worker")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("number__startswith", "unit_code__startswith")
    search_help_text = "案件编号、单元网格编码 / number, code of the cell"
    ordering = ("-reported_at", "-id")
    exclude = ("point", "client", "idempotency_key", "request_hash")
    readonly_fields = ("place",)
    inlines = (StepsTaken,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        """Those that this person may see."""
        rows: QuerySet[Incident] = super().get_queryset(request)
        user = request.user
        return rows & Incident.objects.visible_to(user) if isinstance(user, User) else rows.none()

    @admin.display(description="class / 类别")
    def what(self, incident: Incident) -> str:
        return str(incident.asset_class or incident.event_class or "-")

    @admin.display(description="coordinates (WGS 84)")
    def place(self, incident: Incident) -> str:
        return f"{incident.point.x:.6f} {incident.point.y:.6f}" if incident.point is not None else "-"


@admin.register(EventClass)
class EventClassAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("code", "name", "name_en", "major_name", "origin", "version", "is_active")
    list_filter = ("major_name", "origin", "version", "is_active")
    search_fields = ("code__startswith", "name", "name_en")
    ordering = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """What the code means stays what it was; names may be bettered."""
        return ("scheme", "version", "code", "origin") if obj is not None else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ContactRead)
class ContactReadAdmin(OnlyLookedAt, ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("read_at", "reader", "incident", "reason")
    list_select_related = ("reader", "incident")
    ordering = ("-read_at",)
