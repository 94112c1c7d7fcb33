"""The rule of presence in the back office."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from assets.presence.models import PresenceRule


@admin.register(PresenceRule)
class PresenceRuleAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("__str__", "minutes", "walking_m_per_min", "fresh_minutes")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
