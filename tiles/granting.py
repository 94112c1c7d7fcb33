"""From what a person may see (duties) to the pass that tiles, live feed and search read."""

from django.contrib.auth.models import AnonymousUser

from geogrid.changes.passes import Pass
from geogrid.core.models import the_city
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import scopes_of


def pass_of(user: User | AnonymousUser) -> Pass:
    """The pass of a signed-in user, as of now."""
    scopes = scopes_of(user)
    city = the_city()
    return Pass(
        user_id=scopes.user_id,
        epoch=scopes.permission_epoch,
        prefixes=() if scopes.everywhere else scopes.incident_prefixes,
        organisations=() if scopes.everywhere else scopes.organisation_ids,
        people=scopes.people_prefixes,
        positions=scopes.prefixes(Action.SEE_POSITIONS),
        everywhere=scopes.everywhere,
        unplaced=scopes.everywhere or bool(city and scopes.sees_incidents_of(city.county_code)),
    )
