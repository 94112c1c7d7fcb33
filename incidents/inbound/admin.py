"""Other systems in the back office: mapping, classes, secret."""

from typing import Any

from django import forms
from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from incidents.inbound.mapping import faults_of
from incidents.inbound.models import Source, SourceClass


class SourceForm(forms.ModelForm[Source]):
    class Meta:
        model = Source
        fields = (
            "code", "name", "name_en", "channel", "unit", "secret", "secret_before", "mapping", "is_active",
        )  # fmt: skip
        widgets = {
            "secret": forms.PasswordInput(render_value=False),
            "secret_before": forms.PasswordInput(render_value=False),
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["secret"].required = self.instance.pk is None

    def clean_secret(self) -> str:
        """Left empty it stays what it was: it is never shown again."""
        secret = self.cleaned_data["secret"] or self.instance.secret
        if len(secret) < 16:
            raise forms.ValidationError("至少 16 个字符 at least 16 characters")
        return secret

    def clean_secret_before(self) -> str:
        return self.cleaned_data["secret_before"] or self.instance.secret_before

    def clean_mapping(self) -> Any:
        mapping = self.cleaned_data["mapping"]
        if faults := faults_of(mapping):
            raise forms.ValidationError(faults)
        return mapping


class SourceClassInline(TabularInline):  # type: ignore[misc] # unfold carries no types
    model = SourceClass
    extra = 3


@admin.register(Source)
class SourceAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    form = SourceForm
    inlines = (SourceClassInline,)
    list_display = ("code", "name", "channel", "unit", "is_active")
    list_select_related = ("unit",)
    autocomplete_fields = ("unit",)
