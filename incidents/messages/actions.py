"""What people do with messages: acknowledge, and try a stuck one again."""

from datetime import datetime

from django.db import transaction

from geogrid.core.errors import Conflict, Forbidden
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from incidents.loop.people import units_of
from incidents.messages.models import Message


@transaction.atomic
def acknowledge(*, message: Message, actor: User, at: datetime) -> None:
    """Say that it was read. Of a unit's message one of its people says so, for the unit.

    Raises:
        Forbidden: for whom it was not meant.
    """
    if message.to_user_id != actor.pk and message.to_unit_id not in units_of(actor):
        raise Forbidden("This message is not for you. 该消息不是发给您的。")
    held = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if held.acknowledged_at is None and held.state != "waiting":
        held.state, held.acknowledged_at, held.acknowledged_by, held.error = "acknowledged", at, actor, ""
        held.save()


@transaction.atomic
def try_again(*, message: Message, actor: User, at: datetime) -> None:
    """Send a stuck message once more, under the same key.

    Raises:
        Forbidden: for who does not dispatch there. Conflict: it is not stuck.
    """
    require(actor, Action.DISPATCH, message.incident.place_code())
    held = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if held.state != "stuck" or held.channel == "app":
        raise Conflict("This message is not stuck on its way. 该消息没有卡在发送途中。")
    held.state, held.attempts, held.next_try_at, held.ack_due_at = "waiting", 0, at, None
    held.save()
