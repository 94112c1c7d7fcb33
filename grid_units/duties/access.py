"""What one person may do and see, and where: the memberships read once per request.

Every list starts here. `scopes_of` gives the prefixes to filter by, `may` answers for one place, `require`
refuses with a sentence.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from geogrid.core.errors import Forbidden
from geogrid.organisations.models import User
from geogrid.organisations.roles import CITY_WIDE, MAY, OF_THEIR_UNIT, WITHOUT_WORDS, Action, Role
from grid_units.duties.models import Membership

EVERYWHERE = ""


@dataclass(frozen=True)
class Grant:
    """What one membership gives: its actions, in the units whose code begins with `unit_prefix`.

    `organisation_id` is the unit whose business is seen besides, wherever it lies. A member of a handling
    unit reaches that business only: `unit_prefix` is then None.
    """

    role: Role
    unit_prefix: str | None
    organisation_id: int | None
    actions: frozenset[Action]

    def reaches(self, action: Action, unit_code: str) -> bool:
        """Whether `action` is given in the unit of `unit_code`; empty asks for anywhere at all."""
        if action not in self.actions:
            return False
        if action in CITY_WIDE:
            return self.unit_prefix == EVERYWHERE
        if not unit_code:
            return True
        return self.unit_prefix is not None and unit_code.startswith(self.unit_prefix)


@dataclass(frozen=True)
class Scopes:
    """The sum of a person's memberships at one moment.

    A prefix of '' means everywhere; an empty tuple means nowhere. The prefixes hold no two of which one
    begins with the other.
    """

    user_id: int
    permission_epoch: int
    grants: tuple[Grant, ...]
    actions: frozenset[Action]
    incident_prefixes: tuple[str, ...]
    people_prefixes: tuple[str, ...]
    organisation_ids: tuple[int, ...]
    reads_words: bool = True  # what people wrote in incidents that are seen by a role

    @property
    def everywhere(self) -> bool:
        """Whether incidents of the whole city are seen."""
        return EVERYWHERE in self.incident_prefixes

    def may(self, action: Action, unit_code: str = "") -> bool:
        """Whether `action` is allowed in a unit (any level), or anywhere when no unit is given."""
        return any(grant.reaches(action, unit_code) for grant in self.grants)

    def prefixes(self, action: Action) -> tuple[str, ...]:
        """The parts of the territory in which `action` is allowed."""
        return _outermost({g.unit_prefix for g in self.grants if action in g.actions})

    def sees_people_of(self, unit_code: str) -> bool:
        """Whether names and telephones of those who answer for this unit may be shown."""
        return bool(unit_code) and unit_code.startswith(self.people_prefixes)

    def sees_incidents_of(self, unit_code: str) -> bool:
        """Whether incidents in this unit may be shown (their neighbours' at the border come on top)."""
        return unit_code.startswith(self.incident_prefixes)


_NOTHING = Scopes(0, 0, (), frozenset(), (), (), ())


def scopes_of(user: User | AnonymousUser, at: datetime | None = None) -> Scopes:
    """The scopes of `user`, with one query, kept on the user object (one request) unless `at` is given.

    The stranger and the deactivated have none. An API token narrows the actions of its owner.
    """
    if not isinstance(user, User) or not user.is_active:
        return _NOTHING
    if at is not None:
        return _read(user, at)
    for kept in user.kept_scopes:
        if isinstance(kept, Scopes):
            return kept
    scopes = _read(user, None)
    user.kept_scopes.append(scopes)
    return scopes


def may(user: User | AnonymousUser, action: Action, unit_code: str = "") -> bool:
    """Whether `user` may do `action` in the unit of `unit_code` (any level); without one: anywhere."""
    return scopes_of(user).may(action, unit_code)


def require(user: User | AnonymousUser, action: Action, unit_code: str = "") -> None:
    """Let pass who may do `action` there.

    Raises:
        Forbidden: with a sentence that names the action and, where given, the unit.
    """
    if not may(user, action, unit_code):
        words = str(action).replace("_", " ")
        where = f" in {unit_code}" if unit_code and action not in CITY_WIDE else ""
        raise Forbidden(f"Your role does not allow this{where}: {words}.")


def under(prefixes: tuple[str, ...], field: str) -> Q:
    """Filter of rows whose `field` (a unit code) lies under one of the prefixes; none matches no row."""
    if EVERYWHERE in prefixes:
        return Q()
    lies = Q(pk__in=[])
    for prefix in prefixes:
        lies |= Q(**{f"{field}__startswith": prefix})
    return lies


def _read(user: User, at: datetime | None) -> Scopes:
    held = Membership.objects.filter(user_id=user.pk).in_force(at).order_by("id")
    grants = [
        _grant(Role(role), prefix, organisation_id, user)
        for role, prefix, organisation_id in held.values_list("role", "unit_prefix", "organisation_id")
    ]
    if user.is_superuser:
        grants.append(_grant(Role.ADMINISTRATOR, EVERYWHERE, None, user))
    sees = [grant for grant in grants if Action.SEE_INCIDENTS in grant.actions]
    return Scopes(
        user_id=user.pk,
        permission_epoch=user.permission_epoch,
        grants=tuple(grants),
        actions=frozenset(action for action in Action if any(grant.reaches(action, "") for grant in grants)),
        incident_prefixes=_outermost({grant.unit_prefix for grant in sees}),
        people_prefixes=_outermost({g.unit_prefix for g in grants if Action.SEE_PEOPLE in g.actions}),
        organisation_ids=tuple(sorted({g.organisation_id for g in sees if g.organisation_id is not None})),
        reads_words=not sees or any(grant.role not in WITHOUT_WORDS for grant in sees),
    )


def _grant(role: Role, prefix: str, organisation_id: int | None, user: User) -> Grant:
    actions = MAY[role] if user.token_actions is None else MAY[role] & user.token_actions
    only_their_unit = role in OF_THEIR_UNIT and organisation_id is not None
    return Grant(role, None if only_their_unit else prefix, organisation_id, actions)


def _outermost(prefixes: set[str | None]) -> tuple[str, ...]:
    """The given prefixes without those that lie under another."""
    kept: list[str] = []
    for prefix in sorted(p for p in prefixes if p is not None):
        if not prefix.startswith(tuple(kept)):
            kept.append(prefix)
    return tuple(kept)
