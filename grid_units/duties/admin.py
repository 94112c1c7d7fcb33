"""People with their memberships, and duties with areas, shifts and substitutes, for a clerk."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from geogrid.organisations.actions import first_login_path
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import EVERYWHERE, may, scopes_of, under
from grid_units.duties.api import staffed_by
from grid_units.duties.models import Duty, DutyArea, DutyShift, Membership, Substitution, unknown_units

# Django's groups give nothing here: rights stand in memberships.
admin.site.unregister(Group)


class Memberships(TabularInline):  # type: ignore[misc] # unfold carries no types
    """Who may do what where."""

    model = Membership
    extra = 0
    autocomplete_fields = ("organisation",)
    fields = ("role", "unit_prefix", "organisation", "valid_from", "valid_to")
    tab = False


@admin.register(User)
class PeopleAdmin(UserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    """People who can log in. Those who staff cells see the people of their own area, and change nothing."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    inlines = (Memberships,)
    actions = ("login_links",)
    list_display = ("username", "display_name", "phone", "organisation", "roles", "is_active")
    list_filter = ("is_active", "memberships__role", "is_simulated")
    list_select_related = ("organisation",)
    search_fields = ("username", "display_name", "phone")
    ordering = ("username",)
    filter_horizontal = ()
    autocomplete_fields = ("organisation",)
    readonly_fields = ("last_login", "date_joined", "is_simulated", "permission_epoch")
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        ("人 Person", {"fields": ("display_name", "phone", "email", "organisation", "language")}),
        ("系统 System", {"fields": readonly_fields}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "display_name", "usable_password", "password1", "password2")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people: QuerySet[User] = super().get_queryset(request).prefetch_related("memberships")
        return people.filter(pk__in=_people_seen_by(request.user).values("pk"))

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if may_manage(request) else ()

    @admin.display(description="角色 roles")
    def roles(self, person: User) -> str:
        return ", ".join(sorted({held.role for held in person.memberships.all()}))

    @admin.action(description="一次性登录链接 One-time log-in links", permissions=["change"])
    def login_links(self, request: HttpRequest, people: QuerySet[User]) -> None:
        for person in people[:50]:
            link = request.build_absolute_uri(first_login_path(person))
            self.message_user(request, f"{person.username}: {link}", messages.SUCCESS)


def may_manage(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and may(request.user, Action.MANAGE_CITY)


def _people_seen_by(viewer: Any) -> QuerySet[User]:
    """People with a membership or a duty in the area that the viewer staffs; administrators see all."""
    prefixes = scopes_of(viewer).prefixes(Action.STAFF_CELLS)
    if EVERYWHERE in prefixes:
        return User.objects.all()
    areas = DutyArea.objects.filter(under(prefixes, "unit_code"))
    theirs = Membership.objects.filter(under(prefixes, "unit_prefix"))
    return User.objects.filter(
        Q(pk__in=theirs.values("user_id")) | Q(pk__in=Duty.objects.filter(areas__in=areas).values("user_id"))
    )


class AreasOfTheStaffer(BaseInlineFormSet[DutyArea, Duty, Any]):
    """Units that exist, and that the clerk staffs."""

    staffer: Any = None

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if not form.cleaned_data.get("DELETE")]
        codes = {form.cleaned_data["unit_code"] for form in kept if form.cleaned_data.get("unit_code")}
        if not codes:
            raise ValidationError("至少一个网格。 Name at least one unit.")
        missing = unknown_units(codes)
        if missing:
            raise ValidationError(f"没有网格 {missing[0]}。 There is no unit {missing[0]}.")
        for code in sorted(codes):
            if not may(self.staffer, Action.STAFF_CELLS, code):
                raise ValidationError(f"{code} 不在您的范围内。 You do not staff {code}.")


class Areas(TabularInline):  # type: ignore[misc]
    """The units that a duty is for."""

    model = DutyArea
    formset = AreasOfTheStaffer
    extra = 1
    tab = False

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        made = super().get_formset(request, obj, **kwargs)
        return type("Areas", (made,), {"staffer": request.user})


class Shifts(TabularInline):  # type: ignore[misc]
    """Weekly shifts in the city's time; none: day and night."""

    model = DutyShift
    extra = 0
    tab = False


class Substitutions(TabularInline):  # type: ignore[misc]
    """Who stands in, from-to; nobody: on leave."""

    model = Substitution
    extra = 0
    autocomplete_fields = ("substitute",)
    tab = False


@admin.register(Duty)
class DutyAdmin(ModelAdmin):  # type: ignore[misc]
    """Who answers for which units."""

    inlines = (Areas, Shifts, Substitutions)
    list_display = ("user", "role", "units", "hours", "valid_from", "valid_to")
    list_filter = ("role", "valid_to")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__display_name", "areas__unit_code", "note")
    search_help_text = "姓名、账号或网格编码 Name, log-in or unit code"
    autocomplete_fields = ("user",)
    date_hierarchy = "valid_from"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Duty]:
        theirs = staffed_by(request.user) if isinstance(request.user, User) else Duty.objects.none()
        duties: QuerySet[Duty] = super().get_queryset(request).filter(pk__in=theirs.values("pk"))
        return duties.prefetch_related("areas", "shifts")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._staffs_all_of(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self._staffs_all_of(request, obj)

    def _staffs_all_of(self, request: HttpRequest, duty: Model | None) -> bool:
        if not isinstance(duty, Duty) or not isinstance(request.user, User):
            return True
        return all(may(request.user, Action.STAFF_CELLS, area.unit_code) for area in duty.areas.all())

    @admin.display(description="网格 units")
    def units(self, duty: Duty) -> str:
        codes = [area.unit_code for area in duty.areas.all()]
        return ", ".join(codes[:4]) + (f" … ({len(codes)})" if len(codes) > 4 else "")

    @admin.display(description="班次 shifts")
    def hours(self, duty: Duty) -> str:
        times = {f"{shift.starts:%H:%M}-{shift.ends:%H:%M}" for shift in duty.shifts.all()}
        return ", ".join(sorted(times)) or "24 h"
