"""The back office at /office/: where a clerk keeps units, people, duties and catalogues."""

from django.contrib.admin import site
from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite

from geogrid.core.models import the_city
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import scopes_of

# Who may enter. What they may do inside is decided model by model (grid_units.duties.office).
ENTER_WITH = frozenset({Action.STAFF_CELLS, Action.EDIT_ASSETS, Action.MANAGE_CITY})


class Office(UnfoldAdminSite):  # type: ignore[misc] # unfold carries no types
    """Open to roles that keep something, not to Django's `is_staff`."""

    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and bool(scopes_of(user).actions & ENTER_WITH)


def title(request: HttpRequest) -> str:
    """Name of the city on every page of the office."""
    city = the_city()
    return city.name if city else "GeoGrid"


office = site
