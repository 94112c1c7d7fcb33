"""Walls (大屏): a screen asks with a code, and is let in by a key of its own that may only read.

The key is made when the screen asks and lies in a cookie that no script reads; it opens nothing until
somebody with the right has confirmed the code.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from geogrid.core.actor import acting_as
from geogrid.core.errors import Conflict, GeoGridError
from geogrid.organisations.authentication import digest_of
from geogrid.organisations.display_cookie import KEY_START
from geogrid.organisations.models import Display, DisplayPairing, User

CODE_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
CODE_LENGTH: Final = 6
CODE_LIFE: Final = timedelta(minutes=10)
MOST_OF_AN_ADDRESS: Final = 5
MOST_WAITING: Final = 200


class TooManyScreens(GeoGridError):
    """More screens wait for their code to be confirmed than anybody has."""

    status = 429
    code = "too_many_screens"


def plain_code(typed: str) -> str:
    """A code as it is kept, from what somebody typed: without spaces and dashes, look-alikes put right."""
    kept = "".join(letter for letter in typed.upper() if letter.isalnum())
    return kept.translate(str.maketrans("OIL", "011"))


def ask_to_pair(*, address: str, at: datetime) -> tuple[DisplayPairing, str]:
    """A code for a screen to show, and the key for its cookie, which opens nothing yet.

    The newest few of an address stand; codes that have run out are forgotten.

    Raises:
        TooManyScreens: when very many wait already.
    """
    key = KEY_START + secrets.token_urlsafe(32)
    with transaction.atomic():
        DisplayPairing.objects.filter(expires_at__lte=at).delete()
        same = DisplayPairing.objects.filter(address=address).order_by("-asked_at", "-id")
        DisplayPairing.objects.filter(
            pk__in=list(same.values_list("pk", flat=True))[MOST_OF_AN_ADDRESS - 1 :]
        ).delete()
        if DisplayPairing.objects.count() >= MOST_WAITING:
            raise TooManyScreens(
                "等待配对的屏幕太多，请稍后再试。Too many screens wait; try again in ten minutes."
            )
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        row = DisplayPairing.objects.create(
            code=code, digest=digest_of(key), address=address, asked_at=at, expires_at=at + CODE_LIFE
        )
    return row, key


def revoke(*, display: Display, actor: User, at: datetime) -> None:
    """End a display: its key opens nothing any more, and its streams end within seconds.

    Raises:
        Conflict: when it was revoked before.
    """
    with acting_as(actor):
        revoked = Display.objects.filter(pk=display.pk, revoked_at=None).update(
            revoked_at=at, revoked_by=actor
        )
    if not revoked:
        raise Conflict("这块大屏已被停用。This display was revoked before.")
