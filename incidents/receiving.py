"""A report as it comes in over HTTP: who may, what is said, what is answered. The same for every way in."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from incidents import cards, intake
from incidents.serializers import idempotency_key, report_said


def receive_report(user: User, key: str | None, read: Callable[[], Any]) -> tuple[int, dict[str, Any]]:
    """(status, answer) of a report. `read` gives the body; it is asked only when the user may report.

    Raises:
        Forbidden: when the user may not report.
        ParseError, ValidationError: with what is wrong with the body or the idempotency key.
        IntegrityError: as `intake.report`.
    """
    require(user, Action.REPORT)
    checked_key = idempotency_key(key)
    taken = intake.report(
        said=report_said(read()),
        actor=user,
        at=timezone.now(),
        client=f"user:{user.pk}",
        idempotency_key=checked_key,
    )
    return 201 if taken.is_new else 200, cards.receipt(taken.answer, cards.Viewer(user))
