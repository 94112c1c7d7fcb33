"""Making and taking away personal database roles: the database makes them, the app has no right to."""

import hashlib
import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from geogrid.core.actor import System, name_actor
from geogrid.core.errors import Conflict, Forbidden, Invalid
from geogrid.embedded.scram import new_password, scram_verifier
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require, scopes_of
from tiles.gis.models import AnalystRole

DEFAULT_DAYS: Final = 90
MOST_DAYS: Final = 365
# Of one QGIS: two to read and write, four to draw, one for each of four layers that listen; two to spare.
CONNECTIONS: Final = 12
CLOCK: Final = System("clock")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MadeRole:
    """A role just made, and its password: the only time that it is known here."""

    role: AnalystRole
    password: str


def role_name_of(user: User) -> str:
    """The name of the database role of a person: readable, and one of its own in every database of a cluster.

    Roles belong to a whole cluster, so the name carries a few digits that stand for the database.
    """
    readable = re.sub(r"[^a-z0-9]+", "_", user.get_username().lower()).strip("_")[:20]
    if not readable or not readable[0].isalpha():
        readable = f"p_{readable}".rstrip("_")
    database = hashlib.sha256(str(connection.settings_dict["NAME"]).encode()).hexdigest()[:6]
    return f"analyst_{readable}_{user.pk}_{database}"


def _free_name(user: User) -> str:
    """Another name when the old role could not be dropped, because somebody granted it something by hand."""
    name = role_name_of(user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'analyst\\_%'")
        taken = {taken for [taken] in cursor.fetchall()}
    return next(free for free in (name, *(f"{name}_{n}" for n in range(2, 1000))) if free not in taken)


@transaction.atomic
def make_role(*, user: User, kind: str, days: int, at: datetime) -> MadeRole:
    """Make a personal role, or renew it with a new password. Sessions of the old one end.

    It reaches what the memberships of the person reach now; the clock follows them (follow_memberships).

    Raises:
        Forbidden: without the action, with an API token, or as an editor where assets may not be edited.
        Invalid: when days or kind are none we know.
        Conflict: when two make it at once.
    """
    require(user, Action.CONNECT_GIS)
    if user.token_actions is not None:
        raise Forbidden("A token makes no database role: log in and make it on the page.")
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"A role is good for 1 to {MOST_DAYS} days.", {"days": [f"1 to {MOST_DAYS}"]})
    if kind not in ("reader", "editor"):
        raise Invalid("A role is a reader's or an editor's.", {"kind": ["reader or editor"]})
    scopes = scopes_of(user)
    prefixes = scopes.prefixes(Action.CONNECT_GIS)
    if kind == "editor" and not all(
        prefix.startswith(scopes.prefixes(Action.EDIT_ASSETS)) for prefix in prefixes
    ):
        raise Forbidden("You may look at these units and not edit them: ask for a reader's role.")
    User.objects.select_for_update().get(pk=user.pk)
    for old in AnalystRole.objects.standing().filter(user=user):
        _take_away(old, "renewed", at)
    password = new_password()
    name = _free_name(user)
    valid_until = at + timedelta(days=days)
    name_actor(user)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT core.make_analyst_role(%s, %s, %s, %s, %s)",
            [name, kind, scram_verifier(password), valid_until, CONNECTIONS],
        )
    role = AnalystRole.objects.create(
        user=user,
        role_name=name,
        kind=kind,
        prefixes=list(prefixes),
        made_by=user,
        made_at=at,
        valid_until=valid_until,
    )
    return MadeRole(role, password)


@transaction.atomic
def revoke_role(*, role: AnalystRole, actor: User, at: datetime) -> None:
    """End the sessions of a role and remove it: one's own, or anybody's for who manages the city.

    Raises:
        Conflict: when it is gone already.
    """
    if role.user_id != actor.pk:
        require(actor, Action.MANAGE_CITY)
    locked = AnalystRole.objects.select_for_update().get(pk=role.pk)
    if locked.revoked_at is not None:
        raise Conflict(f"The role {role.role_name} has been taken away already.")
    name_actor(actor)
    _take_away(locked, "by_hand", at)


def follow_memberships(at: datetime) -> int:
    """Bring the roles in line with what their people may do now. Returns how many were changed or removed.

    Each in a transaction of its own, so that one that fails leaves the others done.
    """
    changed = 0
    for role in AnalystRole.objects.standing().select_related("user"):
        try:
            changed += _follow(role, at)
        except Exception:
            log.exception("The database role %s could not be brought in line", role.role_name)
    return changed


@transaction.atomic
def _follow(role: AnalystRole, at: datetime) -> bool:
    locked = AnalystRole.objects.select_for_update().get(pk=role.pk)
    if locked.revoked_at is not None:
        return False
    scopes = scopes_of(role.user, at)
    prefixes = scopes.prefixes(Action.CONNECT_GIS)
    may_edit = all(prefix.startswith(scopes.prefixes(Action.EDIT_ASSETS)) for prefix in prefixes)
    name_actor(CLOCK)
    if locked.valid_until <= at:
        _take_away(locked, "expired", at)
    elif not prefixes or (locked.kind == "editor" and not may_edit):
        _take_away(locked, "membership", at)
    elif tuple(locked.prefixes) != prefixes:
        locked.prefixes = list(prefixes)
        locked.save(update_fields=["prefixes"])
    else:
        return False
    return True


def _take_away(role: AnalystRole, because: str, at: datetime) -> None:
    with connection.cursor() as cursor:
        # After a restore into another cluster the row is there and the role is not.
        cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role.role_name])
        if cursor.fetchone()[0]:
            cursor.execute("SELECT core.revoke_analyst_role(%s)", [role.role_name])
    role.revoked_at = max(at, role.made_at)
    role.revoked_because = because
    role.save(update_fields=["revoked_at", "revoked_because"])
