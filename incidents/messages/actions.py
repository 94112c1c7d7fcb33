"""What people do with messages: acknowledge, try a stuck one again, or give it up with a reason."""

from datetime import datetime

from django.db import transaction

from geogrid.core.errors import Conflict, Forbidden, Invalid
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from incidents.loop.people import units_of
from incidents.messages.models import ClockRefusal, Message
from incidents.messages.outbox import ACKNOWLEDGE_WITHIN


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
    """Send a stuck message once more, under the same key. One in the app is shown as new again.

    Whoever has to acknowledge it has their time anew.

    Raises:
        Forbidden: for who does not dispatch there. Conflict: it is not stuck.
    """
    held = _stuck(message, actor)
    due = at + ACKNOWLEDGE_WITHIN if held.ack_due_at is not None else None
    if held.channel == "app":
        held.state, held.sent_at, held.ack_due_at, held.error = "sent", at, due, ""
    else:
        held.state, held.attempts, held.next_try_at, held.ack_due_at = "waiting", 0, at, due
    held.save()


@transaction.atomic
def give_up(*, message: Message, actor: User, at: datetime, reason: str) -> None:
    """Wait for it no longer (放弃), with a reason: somebody telephoned, the unit is gone.

    Raises:
        Forbidden: for who does not dispatch there. Conflict: it is not stuck. Invalid: without a reason.
    """
    if not reason.strip():
        raise Invalid("Please say why. 请说明理由。", {"reason": ["A reason is needed. 请填写。"]})
    held = _stuck(message, actor)
    held.state, held.given_up_by, held.given_up_reason = "given_up", actor, reason.strip()
    held.save()


@transaction.atomic
def try_refused_now(*, refusal: ClockRefusal, actor: User, at: datetime) -> None:
    """Let the clock try at once what it was refused.

    Raises:
        Forbidden: for who does not dispatch there.
    """
    require(actor, Action.DISPATCH, refusal.incident.place_code())
    ClockRefusal.objects.filter(pk=refusal.pk).update(next_try_at=at)


def _stuck(message: Message, actor: User) -> Message:
    require(actor, Action.DISPATCH, message.incident.place_code())
    held = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if held.state != "stuck":
        raise Conflict("This message is not stuck. 该消息没有卡住。")
    return held
