"""Automatic filing in the back office: lines are added and ended, never changed."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from incidents.automatic.models import Trust
from incidents.duty_list.models import FilingCondition


@admin.register(Trust)
class TrustAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("kind", "code", "channel", "condition", "valid_from", "valid_to", "made_by", "note")
    list_filter = ("channel", "kind")
    list_select_related = ("condition__asset_class", "condition__event_class")
    search_fields = ("code", "note")
    ordering = ("kind", "code", "channel", "-valid_from")
    actions = ("end",)

    def get_fields(self, request: HttpRequest, obj: Trust | None = None) -> tuple[str, ...]:
        new = ("kind", "code", "channel", "condition", "note")
        return new if obj is None else (*new, "valid_from", "valid_to", "made_by")

    def get_readonly_fields(self, request: HttpRequest, obj: Trust | None = None) -> tuple[str, ...]:
        return () if obj is None else self.get_fields(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **more: Any) -> Any:
        if db_field.name == "condition":
            more["queryset"] = FilingCondition.objects.current().with_class()
        return super().formfield_for_foreignkey(db_field, request, **more)

    def has_delete_permission(self, request: HttpRequest, obj: Trust | None = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Trust, form: forms.ModelForm[Trust], change: bool
    ) -> None:
        if change:
            return
        assert not isinstance(request.user, AnonymousUser)  # noqa: S101  the back office knows who it is
        obj.made_by, obj.valid_from = request.user.get_username(), timezone.now()
        super().save_model(request, obj, form, change)

    @admin.action(description="End these lines now 停用")
    def end(self, request: HttpRequest, queryset: Any) -> None:
        for line in queryset.filter(valid_to=None):
            line.valid_to = timezone.now()
            line.save(update_fields=["valid_to"])
