"""How far duplicates are looked for, in the back office."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from incidents.duplicates.models import DuplicateReach


@admin.register(DuplicateReach)
class DuplicateReachAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("kind", "code", "radius_m", "within_h", "recurs_within_days", "is_ours")
    list_filter = ("kind", "is_ours")
    search_fields = ("code",)
    ordering = ("kind", "code")
