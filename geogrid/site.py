"""The back office at /office/: where a clerk keeps units, people, duties and catalogues."""

from typing import Any

from django.contrib.admin import site
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from unfold.sites import UnfoldAdminSite

from geogrid.core.actor import acting_as
from geogrid.core.models import the_city
from geogrid.office_words import give_names
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import scopes_of

# Who may enter. What they may do inside is decided model by model (grid_units.duties.office).
ENTER_WITH = frozenset({Action.STAFF_CELLS, Action.EDIT_ASSETS, Action.EDIT_GRID, Action.MANAGE_CITY})


class SetPassword(PasswordResetConfirmView):
    """Where a one-time link leads: somebody chooses their first or new password."""

    template_name = "office/set_password.html"
    success_url = "/login"

    def form_valid(self, form: "SetPasswordForm[User]") -> HttpResponse:
        with acting_as(form.user):
            return super().form_valid(form)


class Office(UnfoldAdminSite):  # type: ignore[misc] # unfold carries no types
    """Open to roles that keep something, not to Django's `is_staff`."""

    site_url = "/"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        give_names()

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and bool(scopes_of(user).actions & ENTER_WITH)

    def extra_urls(self) -> list[URLPattern]:
        return [path("password/<uidb64>/<token>/", SetPassword.as_view(), name="set-password")]


def title(request: HttpRequest) -> str:
    """Name of the city on every page of the office."""
    city = the_city()
    return city.name if city else "GeoGrid"


office: Any = site
