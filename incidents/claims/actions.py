"""Claiming a case, renewing, taking over with a word, releasing; and what a claim keeps others from."""

from datetime import datetime, timedelta

from django.db import transaction

from geogrid.core.actor import name_actor
from geogrid.core.errors import Conflict, Invalid
from geogrid.organisations.models import User
from grid_units.duties.access import scopes_of
from incidents.claims.models import Claim, SavedFilter
from incidents.models import Incident
from incidents.workflow import Move

LASTS = timedelta(seconds=90)  # ours: a page renews every 30 s, so one that was closed is over soon
MOST_SAVED = 50

# The decisions of the desk: made by one person at a time. What a unit does, a check, or the clock is not
# kept from anybody.
OF_THE_DESK: frozenset[Move] = frozenset(
    {Move.FILE, Move.REJECT, Move.ASK_CHECK, Move.DISPATCH, Move.ADD_UNIT, Move.WHISTLE, Move.CLOSE}
    | {Move.CLOSE_WITH_CODE, Move.MAKE_VOID, Move.PASS_UP, Move.PASS_DOWN, Move.HAND_OVER, Move.RESUME}
)


def live_claim(incident: Incident, at: datetime) -> Claim | None:
    """The claim that holds at that moment."""
    return Claim.objects.filter(incident=incident, until__gt=at).select_related("user", "taken_from").first()


@transaction.atomic
def claim(*, incident: Incident, actor: User, at: datetime, take_over: bool = False, word: str = "") -> Claim:
    """Claim a case or renew one's claim. Somebody else's live claim stays, unless it is taken over.

    Returns the claim that holds then, whosever it is.

    Raises:
        Invalid: taking over without a word.
    """
    name_actor(actor)
    # Of two who open it in the same moment the second waits here for the first.
    Incident.objects.select_for_update(no_key=True).only("pk").get(pk=incident.pk)
    held = Claim.objects.filter(incident=incident).first()
    is_others = held is not None and held.user_id != actor.pk and held.until > at
    if held is not None and is_others:
        if not take_over:
            return held
        if not word.strip():
            raise Invalid("Say a word to whoever has it. 请留言说明。", {"word": ["This is needed. 必填。"]})
    if held is not None and held.user_id == actor.pk and held.until > at:
        Claim.objects.filter(pk=held.pk).update(until=at + LASTS)
    else:
        Claim.objects.update_or_create(
            incident=incident,
            defaults={
                "user": actor,
                "taken_at": at,
                "until": at + LASTS,
                "taken_from_id": held.user_id if held is not None and is_others else None,
                "word": word.strip() if is_others else "",
            },
        )
    return Claim.objects.select_related("user", "taken_from").get(incident=incident)


@transaction.atomic
def release(*, incident: Incident, actor: User) -> None:
    """Let go of one's own claim; another's is not touched."""
    name_actor(actor)
    Claim.objects.filter(incident=incident, user=actor).delete()


def require_free(incident: Incident, move: Move, actor: User, at: datetime) -> None:
    """Let pass, unless it is a decision of the desk and somebody else has the case in work.

    Raises:
        Conflict: with who has it, where the asker may know.
    """
    if move not in OF_THE_DESK:
        return
    held = live_claim(incident, at)
    if held is None or held.user_id == actor.pk:
        return
    is_seen = scopes_of(actor).sees_people_of(incident.place_code())
    who_zh, who_en = (str(held.user),) * 2 if is_seen else ("他人", "Somebody else")
    raise Conflict(
        f"{who_en} has incident {incident.number} in work; take it over first. "
        f"{who_zh}正在办理案件 {incident.number}，如需办理请先接手。"
    )


@transaction.atomic
def save_filter(*, user: User, name: str, said: dict[str, str]) -> SavedFilter:
    """Keep a list under a name; the same name is written over.

    Raises:
        Conflict: when there are too many.
    """
    name_actor(user)
    others = SavedFilter.objects.filter(user=user).exclude(name=name)
    if others.count() >= MOST_SAVED:
        raise Conflict(f"You keep {MOST_SAVED} lists already. 最多保存 {MOST_SAVED} 个。")
    return SavedFilter.objects.update_or_create(user=user, name=name, defaults={"said": said})[0]
