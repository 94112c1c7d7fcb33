"""Saying what is filed without a person (自动立案)."""

from datetime import datetime

from geogrid.core.actor import Actor
from incidents.automatic.models import Trust
from incidents.duty_list.models import FilingCondition


def trust(
    *, kind: str, code: str, channel: str, condition: FilingCondition | None, actor: Actor, at: datetime
) -> Trust:
    """From now on file this class (or beginning of its code) by this channel without a person."""
    return Trust.objects.create(
        kind=kind,
        code=code,
        channel=channel,
        condition=condition,
        valid_from=at,
        made_by=actor.get_username(),
    )
