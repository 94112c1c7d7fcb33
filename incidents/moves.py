"""The buttons of the card on the map page: those moves that it has a form for, and what each still needs.

All moves stand in `loop/offers.py`.
"""

from typing import Any

from geogrid.organisations.models import User
from grid_units.duties.access import may
from incidents.actions import missing_photos
from incidents.models import Incident
from incidents.workflow import BY, NEEDS, ON_THE_CARD, Move, Stage, moves_from

PHOTO_WORDS: dict[str, tuple[str, str]] = {"before": ("处置前", "before"), "after": ("处置后", "after")}


def offered(incident: Incident, user: User) -> list[dict[str, Any]]:
    """Moves that start at the incident's stage and that a role of `user` makes there."""
    place = incident.place_code()
    found = []
    for move in moves_from(Stage(incident.stage)):
        if move not in ON_THE_CARD or not may(user, BY[move], place):
            continue
        reason = _not_yet(incident) if move == Move.HANDLE_ON_SPOT else None
        needs = [need for need in NEEDS.get(move, ()) if not need.endswith("?")]
        found.append({"move": move.value, "allowed": reason is None, "reason": reason, "needs": needs})
    return found


def _not_yet(incident: Incident) -> dict[str, str] | None:
    missing = missing_photos(incident)
    if not missing:
        return None
    zh = "、".join(PHOTO_WORDS[role][0] for role in missing)
    en = " and ".join(PHOTO_WORDS[role][1] for role in missing)
    return {"zh": f"还缺{zh}照片。", "en": f"A photo from {en} is still needed."}
