"""Texts for reporters in the back office."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from incidents.texts.models import ResponseText


@admin.register(ResponseText)
class ResponseTextAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("move", "code", "name", "name_en", "place", "is_active")
    list_filter = ("move", "is_active")
    search_fields = ("name", "name_en", "text", "text_en")
    ordering = ("move", "place")
