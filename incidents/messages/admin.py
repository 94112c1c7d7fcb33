"""How units are told, in the back office."""

from django import forms
from django.contrib import admin
from unfold.admin import ModelAdmin

from incidents.messages.models import UnitChannel


class UnitChannelForm(forms.ModelForm[UnitChannel]):
    class Meta:
        model = UnitChannel
        fields = ("unit", "channel", "address", "secret", "is_active")
        widgets = {"secret": forms.PasswordInput(render_value=False)}

    def clean_secret(self) -> str:
        """Left empty it stays what it was: it is never shown again."""
        return self.cleaned_data["secret"] or self.instance.secret


@admin.register(UnitChannel)
class UnitChannelAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    form = UnitChannelForm
    list_display = ("unit", "channel", "address", "is_active")
    list_filter = ("channel", "is_active")
    list_select_related = ("unit",)
    autocomplete_fields = ("unit",)
