"""What is done with people and their tokens."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.tokens import default_token_generator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from geogrid.core.actor import acting_as
from geogrid.core.errors import Conflict, Invalid
from geogrid.organisations.authentication import ALL_ACTIONS, TOKEN_START, digest_of, token_cache
from geogrid.organisations.models import ApiToken, User
from geogrid.organisations.roles import Action

SCOPES = frozenset({ALL_ACTIONS, *(action.value for action in Action)})


def make_token(
    *, owner: User, name: str, scopes: Sequence[str], expires_at: datetime | None, at: datetime
) -> tuple[ApiToken, str]:
    """Make an API token for `owner`: its row, and the token itself, which is not kept anywhere.

    Raises:
        Invalid: when a scope is neither `all` nor the name of an action, or the end has passed.
    """
    unknown = sorted(set(scopes) - SCOPES)
    if unknown or not scopes:
        raise Invalid("A token needs known scopes.", {"scopes": [f"Known are: {', '.join(sorted(SCOPES))}."]})
    if expires_at is not None and expires_at <= at:
        raise Invalid("A token must end later than now.", {"expires_at": ["This moment has passed."]})
    secret = TOKEN_START + secrets.token_urlsafe(32)
    with acting_as(owner):
        row = ApiToken.objects.create(
            user=owner,
            name=name,
            prefix=secret[:8],
            digest=digest_of(secret),
            scopes=sorted(set(scopes)),
            created_at=at,
            expires_at=expires_at,
        )
    return row, secret


def revoke_token(*, token: ApiToken, actor: User, at: datetime) -> None:
    """End a token. Other processes learn it within seconds (authentication.KEEP_S).

    Raises:
        Conflict: when it was revoked before.
    """
    with acting_as(actor):
        revoked = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at)
    if not revoked:
        raise Conflict("This token was revoked before.")
    token_cache.forget()


def choose_language(*, user: User, language: str) -> None:
    """Keep the language in which the pages speak to `user`."""
    with acting_as(user):
        User.objects.filter(pk=user.pk).update(language=language)
    user.language = language


def first_login_path(user: User) -> str:
    """Path of the page where `user` sets a first or new password; good once, for two weeks.

    The link dies when the password is set or the person logs in, so a list of links is worthless after use.
    """
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return f"/office/password/{uid}/{default_token_generator.make_token(user)}/"
