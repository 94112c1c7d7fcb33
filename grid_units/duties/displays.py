"""Walls at the desk: confirm a code, say what a wall shows, end it."""

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction

from geogrid.core.actor import acting_as
from geogrid.core.errors import Forbidden, Invalid
from geogrid.organisations.displays import plain_code
from geogrid.organisations.models import Display, DisplayPairing, User
from geogrid.organisations.roles import Action, Role
from grid_units.duties.access import scopes_of, under
from grid_units.duties.models import Membership, unknown_units


def displays_of(user: User) -> Any:
    """The displays that `user` may steer: those whose area lies in an area of theirs."""
    theirs = under(scopes_of(user).prefixes(Action.PAIR_DISPLAYS), "unit_prefix")
    accounts = Membership.objects.filter(theirs, user__display__isnull=False).values("user_id")
    return (
        Display.objects.filter(user_id__in=accounts).select_related("paired_by").order_by("-paired_at", "-id")
    )


def require_pairing(user: User, unit: str | None = None) -> None:
    """Let pass who may pair a display for a unit's area; without one, any at all.

    Raises:
        Forbidden: for everybody else.
    """
    areas = scopes_of(user).prefixes(Action.PAIR_DISPLAYS)
    if not areas or (unit is not None and not unit.startswith(areas)):
        raise Forbidden("您的角色不能为此区域配对大屏。Your role does not allow to pair a display here.")


def confirm(
    *, code: str, name: str, unit: str | None, hides_people: bool, actor: User, at: datetime
) -> Display:
    """Let the screen that shows `code` in, as a display for a unit's area; without one, the actor's own.

    It gets an account with one membership: what a commander there sees, without names when it hides people.

    Raises:
        Forbidden: when the actor may not pair displays for that area.
        Invalid: when no screen shows this code now, or the unit does not exist.
    """
    require_pairing(actor, unit)
    area = scopes_of(actor).prefixes(Action.PAIR_DISPLAYS)[0] if unit is None else unit
    if area and unknown_units([area]):
        raise Invalid(f"没有这个单元。There is no unit {area}.", {"unit": ["Unknown. 不存在。"]})
    with transaction.atomic(), acting_as(actor):
        waiting = (
            DisplayPairing.objects.select_for_update()
            .filter(code=plain_code(code), expires_at__gt=at)
            .first()
        )
        if waiting is None:
            sentence = (
                "没有屏幕正显示此配对码，可能已过期。No screen shows this code now; it may have run out."
            )
            raise Invalid(sentence, {"code": [sentence]})
        account = User(username=f"display-{secrets.token_hex(6)}", display_name=name, language=actor.language)
        account.set_unusable_password()
        account.save()
        role = Role.VISITOR_DISPLAY if hides_people else Role.DISPLAY
        Membership.objects.create(user=account, role=role, unit_prefix=area, valid_from=at)
        display = Display.objects.create(
            user=account,
            name=name,
            digest=waiting.digest,
            hides_people=hides_people,
            address=waiting.address,
            paired_by=actor,
            paired_at=at,
        )
        waiting.delete()
    return display


def change(*, display: Display, actor: User, changes: dict[str, Any]) -> Display:
    """Give a display another name or other wishes, or show and hide people on it; wishes not named stay.

    The display hears of it through the live feed. Hiding people ends the tokens that showed them.
    """
    with transaction.atomic(), acting_as(actor):
        row = Display.objects.select_for_update().get(pk=display.pk)
        row.name = changes.get("name", row.name)
        row.wishes = {**row.wishes, **changes.get("wishes", {})}
        hides_people = changes.get("hides_people", row.hides_people)
        if hides_people != row.hides_people:
            row.hides_people = hides_people
            role = Role.VISITOR_DISPLAY if hides_people else Role.DISPLAY
            Membership.objects.filter(user_id=row.user_id).update(role=role)
        row.save(update_fields=["name", "wishes", "hides_people"])
    return row
