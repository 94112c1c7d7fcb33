"""Who is asking: API tokens of machines, and the lock after too many wrong passwords.

A token's scopes are names of actions (`geogrid.organisations.roles.Action`), or `all`. It never allows more
than its owner's roles, and reading what every signed-in user sees needs no scope.
"""

import binascii
import copy
import hashlib
import time
from base64 import b64decode
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from geogrid.organisations.models import ApiToken, User
from geogrid.organisations.roles import Action

ALL_ACTIONS: Final = "all"
BEARER_REALM: Final = 'Bearer realm="GeoGrid"'
TOKEN_START: Final = "ggt_"  # noqa: S105 (how every token begins)
KEEP_S: Final = 5.0  # a revoked token, or a right taken away from its owner, ends within this time
NOTE_USE_EVERY: Final = timedelta(minutes=1)
_MOST_KEPT: Final = 1_000


class TokenCache:
    """Tokens seen in the last seconds, so that a busy machine costs no query per request."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, ApiToken]] = {}

    def get(self, digest: str) -> ApiToken | None:
        until, token = self._kept.get(digest, (0.0, None))
        return token if token is not None and time.monotonic() < until else None

    def keep(self, digest: str, token: ApiToken) -> None:
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[digest] = (time.monotonic() + KEEP_S, token)

    def forget(self) -> None:
        """Ask the database again at the next request of every token."""
        self._kept.clear()


token_cache = TokenCache()


def digest_of(token: str) -> str:
    """What the database keeps of a token: its SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def actions_of(scopes: list[str]) -> frozenset[Action] | None:
    """The actions that a token with these scopes allows; None for all that its owner may do."""
    if ALL_ACTIONS in scopes:
        return None
    return frozenset(action for action in Action if action.value in scopes)


def user_of_token(token: str, now: datetime | None = None) -> tuple[User, ApiToken] | None:
    """The owner of a usable token, narrowed to its scopes, and the token's row; None for any other.

    The user is a copy of its own for each caller; what was found stays known for KEEP_S seconds.
    """
    digest = digest_of(token)
    found = token_cache.get(digest)
    if found is None:
        found = ApiToken.objects.usable().select_related("user").filter(digest=digest).first()
        if found is None:
            return None
        found.user.token_actions = actions_of(found.scopes)
        found.user.kept_scopes = []
        _note_use(found, now or timezone.now())
        token_cache.keep(digest, found)
    elif found.expires_at is not None and found.expires_at <= (now or timezone.now()):
        return None
    return copy.copy(found.user), found


def _note_use(token: ApiToken, now: datetime) -> None:
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTE_USE_EVERY)
    if token.last_used_at is None or token.last_used_at < now - NOTE_USE_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def user_of_header(header: bytes) -> tuple[User, ApiToken] | None:
    """Who asks with this Authorization header, and the token's row; None when it speaks of no token.

    Raises:
        AuthenticationFailed: when it does, and the token does not let anybody in.
    """
    words = header.split()
    if not words or words[0].lower() != b"bearer":
        return None
    if len(words) != 2:
        raise AuthenticationFailed("The header must read: Authorization: Bearer <token>.")
    found = user_of_token(words[1].decode("latin-1"))
    if found is None:
        raise AuthenticationFailed("This token is unknown, expired or revoked.")
    return found


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer ggt_…`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        return user_of_header(get_authorization_header(request))

    def authenticate_header(self, request: Request) -> str:
        return BEARER_REALM


class TokenAsPassword(BaseAuthentication):
    """`Authorization: Basic`, any name, the API token as the password: all that QGIS can say to OGC services.

    Never asked for by a challenge, so that no browser keeps a token and sends it by itself.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"basic":
            return None
        try:
            _, _, password = b64decode(b"".join(words[1:]), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            password = ""
        if not password.startswith(TOKEN_START):
            raise AuthenticationFailed("The password must be an API token (ggt_...); the name may be any.")
        return user_of_header(b"Bearer " + password.encode())


class SessionOnly(SessionAuthentication):
    """For what only a person does who has logged in. Others are asked to log in (401)."""

    def authenticate_header(self, request: Request) -> str:
        return 'Session realm="GeoGrid"'


class SessionInTheDocument(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes sessions."""

    target_class = "geogrid.organisations.authentication.SessionOnly"
    name = "sessionCookie"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class BearerTokenInTheDocument(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes API tokens."""

    target_class = "geogrid.organisations.authentication.BearerToken"
    name = "apiToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


def address_of_client(request: HttpRequest) -> str:
    """The address a log-in came from; empty when nobody knows.

    Behind our own TLS proxy, which runs on this machine, it is the last one in X-Forwarded-For: the proxy has
    written it. Those before it, and the header of anybody else, are only what the client says.
    """
    peer = str(request.META.get("REMOTE_ADDR") or "")
    told = str(request.META.get("HTTP_X_FORWARDED_FOR") or "").rpartition(",")[2].strip()
    if not settings.BEHIND_TLS or not told:
        return peer
    try:
        return str(ip_address(told)) if ip_address(peer).is_loopback else peer
    except ValueError:
        return peer


def lock_wait_s() -> int:
    """Seconds for which a name stays locked after too many wrong passwords."""
    return int(settings.AXES_COOLOFF_TIME.total_seconds())


def too_many_attempts(
    request: HttpRequest, response: HttpResponse | None = None, credentials: object = None
) -> HttpResponse:
    """429 with a sentence, for whoever typed too many wrong passwords (called by django-axes)."""
    detail = f"Too many wrong passwords for this name. Try again in {lock_wait_s() // 60} minutes."
    if request.path.startswith("/api/"):
        answer: HttpResponse = JsonResponse({"code": "too_many_attempts", "detail": detail}, status=429)
    else:
        chinese = f"密码错误次数过多,请 {lock_wait_s() // 60} 分钟后再试。"
        answer = HttpResponse(f"{chinese}\n{detail}", content_type="text/plain; charset=utf-8", status=429)
    answer["Retry-After"] = str(lock_wait_s())
    return answer
