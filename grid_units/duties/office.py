"""What each role may keep in the back office: Django's permissions, answered by role x action.

Django asks for names such as `assets.change_asset`. Nothing is read from Django's permission tables.
"""

from typing import Final

from django.contrib.auth.backends import BaseBackend
from django.db.models import Model

from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import scopes_of

# Model (app.name) to the action that lets somebody add, change and delete its rows in the office.
KEEPS: Final[dict[str, Action]] = {
    "assets.asset": Action.EDIT_ASSETS,
    "assets.building": Action.EDIT_ASSETS,
    "assets.road": Action.EDIT_ASSETS,
    "sensors.station": Action.EDIT_ASSETS,
    "sensors.datastream": Action.EDIT_ASSETS,
    "sensors.waterloggingpoint": Action.EDIT_ASSETS,
    "duties.duty": Action.STAFF_CELLS,
    "duties.dutyarea": Action.STAFF_CELLS,
    "duties.dutyshift": Action.STAFF_CELLS,
    "duties.substitution": Action.STAFF_CELLS,
    "grid_units.cell": Action.EDIT_GRID,
    "grid_units.gridunit": Action.EDIT_GRID,
    "clocks.officewindow": Action.KEEP_RULES,
    "clocks.calendarday": Action.KEEP_RULES,
    "clocks.calendaryear": Action.KEEP_RULES,
    "clocks.clockpolicy": Action.KEEP_RULES,
    "duty_list.dutylistedition": Action.KEEP_RULES,
    "duty_list.filingcondition": Action.KEEP_RULES,
    "responsibility.responsibilityedition": Action.KEEP_RULES,
    "responsibility.responsibilityrule": Action.KEEP_RULES,
    "responsibility.managedarea": Action.KEEP_AREAS,
}
# Models that those who keep something else may look at, to choose from.
LOOKS_AT: Final = frozenset(
    {"assets.assetclass", "grid_units.gridunit", "grid_units.cell", "organisations.organisation"}
)
# People are looked at by those who staff cells; the office shows them those of their own area.
PEOPLE: Final = "organisations.user"


class RoleBackend(BaseBackend):
    """Answers `has_perm` from memberships. It logs nobody in."""

    def has_perm(self, user_obj: object, perm: str, obj: Model | None = None) -> bool:
        if not isinstance(user_obj, User):
            return False
        actions = scopes_of(user_obj).actions
        room, _, name = perm.partition(".")
        verb, _, model = name.partition("_")
        if verb == "view" and f"{room}.{model}" in LOOKS_AT:
            return bool(actions & {*KEEPS.values(), Action.MANAGE_CITY})
        if verb == "view" and f"{room}.{model}" == PEOPLE:
            return bool(actions & {Action.STAFF_CELLS, Action.MANAGE_CITY})
        return KEEPS.get(f"{room}.{model}", Action.MANAGE_CITY) in actions

    def has_module_perms(self, user_obj: object, app_label: str) -> bool:
        if not isinstance(user_obj, User):
            return False
        actions = scopes_of(user_obj).actions
        if Action.MANAGE_CITY in actions:
            return True
        return any(kept in actions for model, kept in KEEPS.items() if model.startswith(f"{app_label}."))
