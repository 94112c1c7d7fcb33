"""The responsibility table and managed areas in the back office."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import scopes_of, under
from incidents.admin import OnlyLookedAt
from incidents.responsibility.actions import add_rule, end_rules
from incidents.responsibility.models import ManagedArea, ResponsibilityEdition, ResponsibilityRule


@admin.register(ResponsibilityRule)
class ResponsibilityRuleAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    """Lines are added and ended. One that is to be different is ended, and another put in its place."""

    list_display = (
        "name",
        "priority",
        "kind",
        "code",
        "level",
        "place_code",
        "asset_unit",
        "lead",
        "in_force",
    )
    list_filter = (("edition_to", admin.EmptyFieldListFilter), "kind", "level")
    list_select_related = ("asset_unit", "lead")
    search_fields = ("name", "code__startswith", "place_code__startswith", "lead__name")
    ordering = ("edition_to", "-priority", "name")
    autocomplete_fields = ("asset_unit", "lead", "co_handlers")
    exclude = ("edition_from", "edition_to")
    actions = ("end",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ResponsibilityRule, form: Any, change: bool) -> None:
        said = {
            name: value for name, value in form.cleaned_data.items() if name not in ("lead", "co_handlers")
        }
        made = add_rule(
            actor=request.user,
            at=timezone.now(),
            lead=form.cleaned_data["lead"],
            co_handlers=form.cleaned_data["co_handlers"],
            **said,
        )
        obj.pk = made.pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The action has written them already."""

    @admin.action(description="停用 End", permissions=["add"])
    def end(self, request: HttpRequest, rows: QuerySet[ResponsibilityRule]) -> None:
        wanted = list(rows.filter(edition_to=None))
        if wanted:
            end_rules(rules=wanted, actor=request.user, at=timezone.now())
        messages.success(request, f"{len(wanted)} 条规则已停用 rules ended")

    @admin.display(boolean=True, description="在用 in force")
    def in_force(self, rule: ResponsibilityRule) -> bool:
        return rule.edition_to_id is None


@admin.register(ResponsibilityEdition)
class ResponsibilityEditionAdmin(OnlyLookedAt, ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("number", "made_at", "actor", "note")
    ordering = ("-number",)


@admin.register(ManagedArea)
class ManagedAreaAdmin(OnlyLookedAt, ModelAdmin):  # type: ignore[misc] # unfold carries no types
    """Looked at here; drawn over the API, where the outline is checked against one's own unit."""

    list_display = ("name", "effect", "unit_code", "class_kind", "class_codes", "valid_from", "valid_to")
    list_filter = ("effect",)
    search_fields = ("name", "unit_code__startswith")
    ordering = ("-valid_from",)
    exclude = ("geom",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ManagedArea]:
        """Those of the units whose areas this person keeps."""
        rows: QuerySet[ManagedArea] = super().get_queryset(request)
        if not isinstance(request.user, User):
            return rows.none()
        return rows.filter(under(scopes_of(request.user).prefixes(Action.KEEP_AREAS), "unit_code"))
