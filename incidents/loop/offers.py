"""All moves of one incident for one person: which could be made now, and what each still needs."""

from datetime import datetime
from typing import Any

from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import may
from incidents.actions import missing_photos
from incidents.loop import ending, handling, levels, orders, people, two_persons
from incidents.loop.models import Application, Filing
from incidents.models import Incident, StepTaken
from incidents.papers.actions import limit_of_letter
from incidents.responsibility.telling import told_of
from incidents.workflow import (
    BY,
    BY_TWO,
    ELSEWHERE,
    MOST_TIMES,
    NEEDS,
    OF_THE_LEVEL,
    WHILE_WAITING,
    Move,
    Stage,
    moves_from,
)

# The clock's and the machines' moves, and those that are made by asking for another one.
_NOBODYS = frozenset(
    {Move.EVALUATE, Move.DRAW, Move.WARN, Move.OVERDUE, Move.SECOND_DISPATCH, Move.ESCALATE}
    | {Move.REGRID, Move.SENSOR, Move.APPLY, Move.REFUSE, Move.CLOSE_PAST}
    | ELSEWHERE
)
_OWN_ORDER = {
    Move.ACCEPT: (orders.LEAD, {"SENT"}),
    Move.RETURN: (orders.LEAD, {"SENT", "ACCEPTED"}),
    Move.HAND_IN: (orders.LEAD, {"ACCEPTED"}),
    Move.CO_ACCEPT: (orders.CO, {"SENT"}),
    Move.CO_RETURN: (orders.CO, {"SENT", "ACCEPTED"}),
    Move.CO_HAND_IN: (orders.CO, {"ACCEPTED"}),
}
WORDS: dict[str, tuple[str, str]] = {
    "before": ("处置前", "before"),
    "after": ("处置后", "after"),
    "near": ("近景", "near"),
    "far": ("远景", "far"),
}


def offered(incident: Incident, user: User, at: datetime) -> list[dict[str, Any]]:
    """Moves that start at the incident's stage and that `user` makes there: `by_two` ones are applied for."""
    found = []
    for move in moves_from(Stage(incident.stage)):
        if move in _NOBODYS or (incident.waiting and move not in WHILE_WAITING):
            continue
        if (move == Move.RESUME and not incident.waiting) or not _is_theirs(incident, user, move, at):
            continue
        reason = _not_yet(incident, user, move)
        found.append(
            {
                "move": move.value,
                "allowed": reason is None,
                "reason": reason,
                "needs": _needs(incident, move),
                "takes": [need.removesuffix("?") for need in NEEDS.get(move, ())],
                "is_applied_for": move in BY_TWO,
            }
        )
    return found


def _needs(incident: Incident, move: Move) -> list[str]:
    """What must be there. What a managed area permits or tells of is filed only with a reason."""
    needs = [need for need in NEEDS.get(move, ()) if not need.endswith("?")]
    return [*needs, "note"] if move == Move.FILE and told_of(incident) else needs


def decidable(incident: Incident, user: User) -> list[Application]:
    """The applications that wait for somebody like `user`."""
    waiting = Application.objects.filter(incident=incident, verdict="pending").select_related("incident")
    return [application for application in waiting if two_persons.may_decide(application, user)]


def _is_theirs(incident: Incident, user: User, move: Move, at: datetime) -> bool:
    if move in BY_TWO:
        once_more = two_persons.approved_times(incident, move) < MOST_TIMES.get(move, 99)
        return once_more and two_persons.may_apply(incident, user, move)
    if move == Move.HAND_IN and handling.works_alone(incident, user):
        return True
    if move in _OWN_ORDER:
        role, states = _OWN_ORDER[move]
        own = incident.work_orders.at_work().filter(unit_id__in=people.units_of(user), role=role)
        return own.filter(state__in=states).exists()
    match move:
        case Move.ARRIVE:
            own = incident.work_orders.at_work().filter(unit_id__in=people.units_of(user), role=orders.LEAD)
            return own.exists() or (user.pk == incident.cell_worker_id and may(user, Action.CHECK))
        case Move.SIGN_IN:
            own = incident.work_orders.at_work().filter(unit_id__in=people.units_of(user))
            return own.filter(meeting_at__isnull=False, arrived_at=None).exists()
        case Move.VERIFY_REPORT:
            return user.pk == incident.cell_worker_id and _is_asked(incident)
        case Move.PASS_CHECK | Move.FAIL_CHECK:
            return ending.may_verify(incident, user, at)
        case Move.REOPEN:
            return ending.may_reopen(incident, user, at)
        case Move.RATE:
            return incident.reported_by_id == user.pk and ending.may_rate(incident)
        case Move.PASS_UP | Move.PASS_DOWN:
            return levels.may_pass(incident, user, move)
        case Move.REMIND | Move.SUPERVISE:
            ahead = limit_of_letter(incident, at) is not None and orders.lead_of(incident) is not None
            return ahead and ending.is_of(BY[move], user, incident)
        case Move.ADD_UNIT:
            return orders.lead_of(incident) is not None and ending.is_of(BY[move], user, incident)
        case Move.WHISTLE:
            filing = Filing.objects.filter(incident=incident).first()
            return bool(filing and filing.is_self_governed) and ending.is_of(BY[move], user, incident)
        case _ if move in OF_THE_LEVEL:
            return ending.is_of(BY[move], user, incident)
    return may(user, BY[move], incident.place_code())


def _is_asked(incident: Incident) -> bool:
    asked = {Move.ASK_CHECK.value, Move.VERIFY_REPORT.value}
    last = StepTaken.objects.filter(incident=incident, move__in=asked).order_by("-id").first()
    return last is not None and last.move == Move.ASK_CHECK


def _not_yet(incident: Incident, user: User, move: Move) -> dict[str, str] | None:
    """What is still missing and a form cannot give at once."""
    if move == Move.HANDLE_ON_SPOT:
        return _photos_missing(missing_photos(incident))
    if move == Move.HAND_IN:
        missing = handling.still_needed(incident)
        if missing["units"]:
            names = "、".join(missing["units"])
            return {"zh": f"协办单位尚未完成：{names}。", "en": f"Not done yet: {names}."}
        return _photos_missing(missing["photos"])
    if move in {Move.PASS_CHECK, Move.FAIL_CHECK}:
        own = incident.photo_links.filter(
            photo__uploaded_by=user, photo__uploaded_at__gte=incident.handled_at or incident.reported_at
        )
        if not own.exists():
            return {"zh": "请先上传本人现场照片。", "en": "Add a photo of your own first."}
    if (
        move in BY_TWO
        and Application.objects.filter(incident=incident, move=move.value, verdict="pending").exists()
    ):
        return {"zh": "已有同类申请待审批。", "en": "Such an application waits already."}
    return None


def _photos_missing(roles: list[str]) -> dict[str, str] | None:
    if not roles:
        return None
    zh = "、".join(WORDS.get(role, (role, role))[0] for role in roles)
    en = " and ".join(WORDS.get(role, (role, role))[1] for role in roles)
    return {"zh": f"还缺{zh}照片。", "en": f"A photo from {en} is still needed."}
