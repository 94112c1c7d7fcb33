"""Look-back hours and citizens' channels in the back office."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from incidents.patrol_quality.models import CitizenChannel, LookBack


@admin.register(LookBack)
class LookBackAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("kind", "scheme", "code", "hours", "note")
    list_editable = ("hours",)
    list_display_links = ("code",)
    ordering = ("kind", "code")


@admin.register(CitizenChannel)
class CitizenChannelAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("channel", "note")
