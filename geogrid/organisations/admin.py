"""Units, API tokens and the city itself in the back office. People stand beside their memberships."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import CheckboxSelectMultiple, MultipleChoiceField
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from geogrid.core.models import City
from geogrid.organisations import actions
from geogrid.organisations.models import ApiToken, Organisation, OrganisationKind, User


@admin.register(City)
class CityAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    """The one city. Codes and their segments are fixed once there are cells."""

    list_display = ("name", "name_en", "county_code", "zone")
    readonly_fields = ("id", "is_demo", "county_code", "code_segments")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Organisation)
class OrganisationAdmin(ModelAdmin):  # type: ignore[misc]
    """Units that own, maintain, handle or supervise."""

    list_display = ("code", "name", "kinds_in_words", "parent", "phone", "is_active")
    list_filter = ("is_active", "is_simulated")
    search_fields = ("code", "name", "name_en")
    autocomplete_fields = ("parent",)
    readonly_fields = ("source", "is_simulated")
    list_select_related = ("parent",)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "kinds":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        return MultipleChoiceField(
            choices=[(kind.value, kind.value.replace("_", " ")) for kind in OrganisationKind],
            widget=CheckboxSelectMultiple,
            required=False,
            label=db_field.verbose_name,
        )

    @admin.display(description="类型 kinds")
    def kinds_in_words(self, unit: Organisation) -> str:
        return ", ".join(kind.replace("_", " ") for kind in unit.kinds)


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):  # type: ignore[misc]
    """Tokens of machines: seen and revoked here, made by their owners."""

    list_display = ("name", "user", "prefix", "expires_at", "revoked_at", "last_used_at")
    search_fields = ("name", "prefix", "user__username")
    list_filter = ("revoked_at",)
    list_select_related = ("user",)
    actions = ("revoke",)
    exclude = ("digest",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.action(description="吊销 Revoke", permissions=["view"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        for token in tokens.filter(revoked_at=None):
            if isinstance(request.user, User):
                actions.revoke_token(token=token, actor=request.user, at=timezone.now())
