"""A report as it comes in over HTTP: who may, what is said, what is answered. The same for every way in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils import timezone

from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from incidents import cards
from incidents.intake import Call, Receipt
from incidents.responsibility.telling import area_told, told_of_number
from incidents.serializers import idempotency_key, report_said
from incidents.viewer import Viewer


def call_of(user: User, key: str | None, read: Callable[[], Any]) -> Call:
    """What `user` reports. `read` gives the body; it is asked only when the user may report.

    What an invented person reports is simulated, and labelled so.

    Raises:
        Forbidden: when the user may not report.
        ParseError, ValidationError: with what is wrong with the body or the idempotency key.
    """
    require(user, Action.REPORT)
    checked_key = idempotency_key(key)
    said = replace(report_said(read()), is_simulated=user.is_simulated)
    return Call(said, user, timezone.now(), f"user:{user.pk}", checked_key)


def answer_to(user: User, receipt: Receipt) -> tuple[int, dict[str, Any]]:
    """(HTTP status, body) for `user`."""
    told = [area_told(area) for area in told_of_number(receipt.answer["number"])]
    return 201 if receipt.is_new else 200, cards.receipt(receipt.answer, Viewer(user)) | {"told": told}
