"""Short signed tokens: what a raw handler can trust without asking the database or a session.

A token is `claims.signature`, both base64url. The claims are JSON and readable by whoever holds the token:
nothing secret goes in. `kid` names the key, so that two are valid while the secret key is rotated
(SECRET_KEY and SECRET_KEY_FALLBACKS).
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterable
from typing import Any

LIFETIME_S = 300
_LONGEST = 8_000


class BadToken(Exception):
    """The token cannot be trusted; `expired` when only its time is over. The message is for the caller."""

    def __init__(self, message: str, *, expired: bool = False) -> None:
        super().__init__(message)
        self.expired = expired


class Signer:
    """Signs and reads claims for one purpose; a token of one purpose is worthless for another."""

    def __init__(self, purpose: str, keys: Iterable[str]) -> None:
        """keys: the secret that signs, then those that are still accepted."""
        self._keys: dict[str, bytes] = {}
        for secret in keys:
            key = hmac.new(secret.encode(), f"geogrid:{purpose}".encode(), hashlib.sha256).digest()
            self._keys.setdefault(hashlib.sha256(key).hexdigest()[:8], key)
        if not self._keys:
            raise ValueError("A signer needs a key.")
        self._kid = next(iter(self._keys))

    def sign(self, claims: dict[str, Any], *, now: float | None = None, lifetime_s: int = LIFETIME_S) -> str:
        """A token for JSON-able `claims`, good for `lifetime_s` seconds from `now` (Unix seconds)."""
        until = int((time.time() if now is None else now) + lifetime_s)
        body = json.dumps({**claims, "kid": self._kid, "exp": until}, separators=(",", ":"))
        text = _encode(body.encode())
        return f"{text}.{_encode(self._signature(self._keys[self._kid], text))}"

    def read(self, token: str, *, now: float | None = None) -> dict[str, Any]:
        """The claims of a token, `exp` (Unix seconds) among them.

        Raises:
            BadToken: when it was not signed by one of the keys for this purpose, or its time is over.
        """
        text, dot, signature = token.partition(".")
        if not dot or len(token) > _LONGEST:
            raise BadToken("This is not a token of ours.")
        try:
            given = _decode(signature)
            claims = json.loads(_decode(text))
        except (ValueError, UnicodeError, RecursionError):
            raise BadToken("This is not a token of ours.") from None
        key = self._keys.get(str(claims.get("kid"))) if isinstance(claims, dict) else None
        if key is None or not hmac.compare_digest(given, self._signature(key, text)):
            raise BadToken("The token's signature is not ours.")
        if claims["exp"] <= (time.time() if now is None else now):
            raise BadToken("The token is over; ask for a new one.", expired=True)
        return dict(claims)

    @staticmethod
    def _signature(key: bytes, text: str) -> bytes:
        return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
