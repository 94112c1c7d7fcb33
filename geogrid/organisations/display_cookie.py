"""The key of a paired wall (大屏): a cookie that lets in to read, and nothing else."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from geogrid.organisations.authentication import NOTE_USE_EVERY, digest_of
from geogrid.organisations.models import Display, User

COOKIE: Final = "geogrid_display"
KEY_START: Final = "ggd_"
KEY_LIFE: Final = timedelta(days=400)  # the longest that browsers keep a cookie; renewed at each start


def user_of_key(key: str, now: datetime | None = None) -> User | None:
    """The account of the display with this key; None when it is none, not confirmed yet, or revoked."""
    if not key.startswith(KEY_START):
        return None
    display = Display.objects.usable().select_related("user").filter(digest=digest_of(key)).first()
    if display is None:
        return None
    now = now or timezone.now()
    if display.last_seen_at is None or display.last_seen_at < now - NOTE_USE_EVERY:
        stale = Q(last_seen_at=None) | Q(last_seen_at__lt=now - NOTE_USE_EVERY)
        Display.objects.filter(stale, pk=display.pk).update(last_seen_at=now)
    return display.user


class DisplayCookie(BaseAuthentication):
    """The cookie of a paired wall. It lets in to read; for anything else its holder is a stranger."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        key = request.COOKIES.get(COOKIE, "")
        if request.method not in SAFE_METHODS or not key:
            return None
        user = user_of_key(key)
        return (user, None) if user is not None else None


class DisplayCookieInTheDocument(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes the key of a wall."""

    target_class = "geogrid.organisations.display_cookie.DisplayCookie"
    name = "displayCookie"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": COOKIE}
