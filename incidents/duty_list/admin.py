"""The duty list in the back office: every saved change is an edition of its own."""

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.admin import ModelAdmin

from incidents.admin import OnlyLookedAt
from incidents.clocks.limits import Limit, LimitError, parse
from incidents.duty_list.actions import add_condition, end_condition, replace_condition, said_by
from incidents.duty_list.conditions import EVIDENCE_ROLES, ConditionText, Origin
from incidents.duty_list.models import DutyListEdition, FilingCondition

WRITTEN = (
    "text", "text_en", "closing", "closing_en", "legal_basis", "legal_basis_en", "standard", "standard_en",
    "handling_unit_text", "authority_text", "is_self_governed",
)  # fmt: skip
ROLES = [(role, role) for role in EVIDENCE_ROLES]


class ConditionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A condition as clerks write it: the limit in words, photo roles to tick."""

    limit = forms.CharField(
        max_length=40, help_text="2小时、4工作时、5个工作日、3天、30分钟、立即 / 2 hours ..."
    )
    report_photos = forms.MultipleChoiceField(
        choices=ROLES, required=False, widget=forms.CheckboxSelectMultiple
    )
    result_photos = forms.MultipleChoiceField(
        choices=ROLES, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = FilingCondition
        fields = ("asset_class", "event_class", *WRITTEN, "report_photos", "result_photos")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["limit"].initial = self.instance.limit.zh

    def clean_limit(self) -> Limit:
        try:
            return parse(self.cleaned_data["limit"])
        except LimitError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.instance.pk and bool(said.get("asset_class")) == bool(said.get("event_class")):
            raise forms.ValidationError(
                "请选择一个部件类别或一个事件类别。Choose one class: of assets or of events."
            )
        return said

    def said(self) -> ConditionText:
        """What the clerk wrote; the city's own from now on."""
        found = self.cleaned_data
        return ConditionText(
            **{name: found[name] for name in WRITTEN},
            limit=found["limit"],
            report_photos=tuple(found["report_photos"]),
            result_photos=tuple(found["result_photos"]),
            origin=Origin.CITY,
        )


@admin.register(FilingCondition)
class FilingConditionAdmin(ModelAdmin):  # type: ignore[misc] # unfold carries no types
    form = ConditionForm
    list_display = (
        "of_class",
        "text",
        "limit_in_words",
        "closing",
        "handling_unit_text",
        "origin",
        "in_force",
    )
    list_filter = (("edition_to", admin.EmptyFieldListFilter), "origin", "is_self_governed", "pack")
    list_select_related = ("asset_class", "event_class")
    search_fields = ("text", "text_en", "asset_class__name", "event_class__name")
    ordering = ("edition_to", "asset_class__code", "event_class__code", "place_in_class")
    list_per_page = 50
    actions = ("end",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("asset_class", "event_class") if obj is not None else ()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """One that has ended is looked at only."""
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (not isinstance(obj, FilingCondition) or obj.edition_to_id is None)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: FilingCondition, form: Any, change: bool) -> None:
        actor, at = request.user, timezone.now()
        if not change:
            one = form.cleaned_data["asset_class"] or form.cleaned_data["event_class"]
            obj.pk = add_condition(one=one, said=form.said(), actor=actor, at=at).pk
            return
        there = FilingCondition.objects.with_class().get(pk=obj.pk)
        if replace(form.said(), origin=said_by(there).origin) == said_by(there):
            return  # saved without a change
        replace_condition(condition=there, by=form.said(), actor=actor, at=at)

    def response_change(self, request: HttpRequest, obj: FilingCondition) -> HttpResponse:
        messages.info(request, "每次修改都生成清单的新版本。Every change is a new edition of the list.")
        answer: HttpResponse = super().response_change(request, obj)
        return answer

    @admin.action(description="停用 End", permissions=["change"])
    def end(self, request: HttpRequest, rows: QuerySet[FilingCondition]) -> None:
        wanted = list(rows.filter(edition_to=None).select_related("asset_class", "event_class"))
        for one in wanted:
            end_condition(condition=one, actor=request.user, at=timezone.now())
        messages.success(request, f"{len(wanted)} 条立案条件已停用 conditions ended")

    @admin.display(description="时限 limit")
    def limit_in_words(self, condition: FilingCondition) -> str:
        return str(condition.limit)

    @admin.display(boolean=True, description="在用 in force")
    def in_force(self, condition: FilingCondition) -> bool:
        return condition.edition_to_id is None


@admin.register(DutyListEdition)
class DutyListEditionAdmin(OnlyLookedAt, ModelAdmin):  # type: ignore[misc] # unfold carries no types
    list_display = ("number", "made_at", "actor", "note")
    ordering = ("-number",)
