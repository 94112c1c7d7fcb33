"""Verification, closing, evaluation, reopening (核查, 结案, 评价, 重开)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from geogrid.core.actor import Actor
from geogrid.core.errors import Conflict, Forbidden, Invalid
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import may, require
from incidents.loop import orders, people, timing
from incidents.loop.handling import need_words, require_on_level
from incidents.loop.models import Verification
from incidents.models import Incident, StepTaken
from incidents.taking import take
from incidents.workflow import BY, WITHOUT_HANDLING, ClosingCode, Move

# Ours, until a class names its own.
REOPEN_WITHIN = timedelta(days=15)
MARKS = range(1, 6)


@transaction.atomic
def verify_report(
    *,
    incident: Incident,
    actor: User,
    at: datetime,
    is_true: bool,
    note: str = "",
    seen_step: int | None = None,
) -> None:
    """The cell worker looks at what was reported (核实), when the desk has asked, and says whether it is so.

    Raises:
        Forbidden: for others than the cell worker. Conflict: nobody asked. Invalid: no photo of theirs.
    """
    if actor.pk != incident.cell_worker_id:
        raise Forbidden("The worker of the cell checks a report. 由本网格的网格员核实。")
    asked = StepTaken.objects.filter(incident=incident, move=Move.ASK_CHECK.value).order_by("-id").first()
    answered = StepTaken.objects.filter(incident=incident, move=Move.VERIFY_REPORT.value)
    if asked is None or answered.filter(id__gt=asked.pk).exists():
        raise Conflict("Nobody has asked for a check. 尚无核实请求。")
    _need_own_photo(incident, actor, asked.taken_at)
    take(
        incident, Move.VERIFY_REPORT, actor, at, note=note, seen_step=seen_step, details={"is_true": is_true}
    )


@transaction.atomic
def ask_check(
    *, incident: Incident, actor: User, at: datetime, note: str = "", seen_step: int | None = None
) -> None:
    """The desk asks the cell worker to look (请求核实)."""
    require(actor, BY[Move.ASK_CHECK], incident.place_code())
    take(incident, Move.ASK_CHECK, actor, at, note=note, seen_step=seen_step)


def verification_of(incident: Incident) -> Verification | None:
    return Verification.objects.filter(incident=incident, verdict="waiting").first()


def may_verify(incident: Incident, user: User, at: datetime) -> bool:
    """Whether this person verifies the result: the one drawn; when nobody could be drawn, any who could
    be.
    """
    waiting = verification_of(incident)
    if waiting is not None:
        return waiting.verifier_id == user.pk
    return may(user, BY[Move.PASS_CHECK]) and user.pk in people.candidates_for(incident, at)


@transaction.atomic
def verify_result(
    *,
    incident: Incident,
    actor: User,
    at: datetime,
    passes: bool,
    mark: int | None = None,
    note: str = "",
    seen_step: int | None = None,
) -> None:
    """Verify the result (核查): pass it with a mark of 1 to 5, or send it back to be done again.

    Raises:
        Forbidden: for whoever was not drawn. Invalid: without an own photo, mark or reason.
    """
    if not may_verify(incident, actor, at):
        raise Forbidden(
            "Somebody else was drawn to verify this; never the unit that handled it. "
            "核查员由系统盲抽，处置单位不得核查。"
        )
    _need_own_photo(incident, actor, incident.handled_at or incident.reported_at)
    if passes and mark not in MARKS:
        raise Invalid("Give a mark from 1 to 5. 请评 1 到 5 分。", {"mark": ["1 to 5"]})
    if not passes:
        need_words(note)
    details: dict[str, Any] = {"mark": mark} if passes else {}
    changes: dict[str, Any] = {"holder_id": people.dispatcher_for(incident, at)}
    order = _last_lead(incident)
    if not passes:
        changes["handled_at"] = None
        if order is not None and order.handler_id is not None:
            changes["holder_id"] = order.handler_id
        elif order is None:
            changes["holder_id"] = incident.cell_worker_id  # solved on the spot, and not solved
    move = Move.PASS_CHECK if passes else Move.FAIL_CHECK
    step = take(incident, move, actor, at, note=note, details=details, seen_step=seen_step, **changes)
    Verification.objects.filter(incident=incident, verdict="waiting").update(
        verdict="passed" if passes else "failed", mark=mark if passes else None, decided_at=step.taken_at
    )
    if not passes and order is not None:
        _rework(incident, order, step.taken_at)


def _last_lead(incident: Incident) -> Any:
    leads = incident.work_orders.filter(role=orders.LEAD, state="DONE", round=incident.round)
    return leads.select_related("unit").order_by("-nth").first()


def _rework(incident: Incident, order: Any, at: datetime) -> None:
    """The lead's order is open again (返工), under a clock of its own for the second go."""
    order.state, order.ended_at, order.done_at = "ACCEPTED", None, None
    order.rework += 1
    order.save()
    filing = getattr(incident, "filing", None)
    what = f"{order.nth}/{order.rework}"
    timing.start(
        incident,
        timing.ORDER,
        what,
        filing.limit if filing else None,
        at,
        timing.rules_at(at),
        work_order=order,
    )


@transaction.atomic
def close(
    *,
    incident: Incident,
    actor: User,
    at: datetime,
    code: ClosingCode,
    note: str = "",
    response: str = "",
    seen_step: int | None = None,
) -> None:
    """Close what was verified (结案), with a code that says how it ended.

    response: code of a text for reporters, which is sent with the message in both languages.
    """
    require_on_level(actor, Move.CLOSE, incident)
    if code in WITHOUT_HANDLING:
        raise Invalid(
            "This code closes what was not handled. 该结案代码仅用于未处置的案件。",
            {"code": ["solved, solved_by_itself or no_further_action"]},
        )
    details = {"code": code.value} | ({"response": response} if response else {})
    take(incident, Move.CLOSE, actor, at, note=note, details=details, seen_step=seen_step)


def may_reopen(incident: Incident, user: User, at: datetime) -> bool:
    """The reporter within the window, and supervisors of the place."""
    if may(user, BY[Move.REOPEN], incident.place_code()):
        return True
    closed_at = incident.closed_at
    return incident.reported_by_id == user.pk and closed_at is not None and at <= closed_at + REOPEN_WITHIN


@transaction.atomic
def reopen(*, incident: Incident, actor: User, at: datetime, note: str, seen_step: int | None = None) -> None:
    """Open a closed incident again (重开), as its next round; it counts as rework.

    Raises:
        Forbidden: for others, and for the reporter after the window.
    """
    if not may_reopen(incident, actor, at):
        raise Forbidden(
            f"Only the reporter within {REOPEN_WITHIN.days} days, or a supervisor, reopens it. "
            f"仅上报人在 {REOPEN_WITHIN.days} 天内或网格长可重开。"
        )
    need_words(note)
    take(
        incident,
        Move.REOPEN,
        actor,
        at,
        note=note,
        seen_step=seen_step,
        details={"round": incident.round + 1},
        round=incident.round + 1,
        closed_at=None,
        handled_at=None,
        holder_id=people.dispatcher_for(incident, at),
    )


@transaction.atomic
def rate(
    *,
    incident: Incident,
    actor: User,
    at: datetime,
    satisfaction: int,
    note: str = "",
    seen_step: int | None = None,
) -> None:
    """The reporter says how satisfied they are (满意度), 1 to 5, once a round."""
    if incident.reported_by_id != actor.pk or not may_rate(incident):
        raise Forbidden("Only who reported it rates it, and once. 仅上报人可评价一次。")
    if satisfaction not in MARKS:
        raise Invalid("Give a mark from 1 to 5. 请评 1 到 5 分。", {"satisfaction": ["1 to 5"]})
    details = {"satisfaction": satisfaction, "round": incident.round}
    take(incident, Move.RATE, actor, at, note=note, details=details, seen_step=seen_step)


def may_rate(incident: Incident) -> bool:
    rated = StepTaken.objects.filter(incident=incident, move=Move.RATE.value, details__round=incident.round)
    return not rated.exists()


@transaction.atomic
def evaluate(*, incident: Incident, actor: Actor, at: datetime) -> None:
    """The evaluation (评价): the reporter's satisfaction, if any, and the verifier's mark."""
    rated = (
        StepTaken.objects.filter(incident=incident, move=Move.RATE.value, details__round=incident.round)
        .order_by("-id")
        .first()
    )
    passed = Verification.objects.filter(incident=incident, round=incident.round, verdict="passed").last()
    take(
        incident,
        Move.EVALUATE,
        actor,
        at,
        details={
            "satisfaction": rated.details["satisfaction"] if rated else None,
            "mark": passed.mark if passed else None,
        },
    )


def _need_own_photo(incident: Incident, actor: User, since: datetime) -> None:
    own = incident.photo_links.filter(photo__uploaded_by=actor, photo__uploaded_at__gte=since)
    if not own.exists():
        raise Invalid(
            "Add a photo of your own first. 请先上传本人现场照片。",
            {"photos": ["A photo taken by whoever checks is needed."]},
        )


@transaction.atomic
def redraw(*, incident: Incident, actor: Actor, at: datetime) -> bool:
    """Draw another verifier (重新抽取) in place of one who did not come to it. False: there is nobody
    else.
    """
    waiting = verification_of(incident)
    besides = waiting.verifier_id if waiting else None
    if not [person for person in people.candidates_for(incident, at) if person != besides]:
        return False
    if waiting is not None:
        waiting.verdict, waiting.decided_at = "replaced", at
        waiting.save()
    verifier_id = people.draw_verifier(incident, at, besides=besides)
    take(incident, Move.DRAW, actor, at, holder_id=verifier_id, details={"reason": "overdue"})
    return True


def is_of(action: Action, user: User, incident: Incident) -> bool:
    """Whether a role of `user` allows `action` on the incident's level."""
    return may(user, action, people.code_of_level(incident))
