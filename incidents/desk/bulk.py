"""Many incidents sent to the same units at once (批量派遣): each by itself, each refusal named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from geogrid.core.errors import GeoGridError
from geogrid.organisations.models import User
from incidents.claims.actions import release, require_free
from incidents.loop import handling
from incidents.loop.orders import Sending
from incidents.models import Incident
from incidents.workflow import Move

MOST = 200


@dataclass(frozen=True)
class Refusal:
    """An incident that was not sent, and why."""

    number: str
    detail: str


def dispatch_all(
    *, numbers: Sequence[str], units: Sequence[Sending], actor: User, at: datetime, note: str = ""
) -> tuple[list[str], list[Refusal]]:
    """Send the same units in each of these incidents. Returns the numbers sent, and the refusals.

    Each is a transaction of its own: one that somebody else has moved meanwhile keeps no other back.
    """
    found = Incident.objects.visible_to(actor).filter(number__in=numbers).in_bulk(field_name="number")
    sent: list[str] = []
    refused: list[Refusal] = []
    for number in dict.fromkeys(numbers):
        incident = found.get(number)
        if incident is None:
            refused.append(Refusal(number, "There is no such incident. 没有该案件。"))
            continue
        try:
            with transaction.atomic():
                require_free(incident, Move.DISPATCH, actor, at)
                handling.dispatch(incident=incident, units=units, actor=actor, at=at, note=note)
                release(incident=incident, actor=actor)
        except GeoGridError as error:
            refused.append(Refusal(number, str(error)))
        else:
            sent.append(number)
    return sent, refused
