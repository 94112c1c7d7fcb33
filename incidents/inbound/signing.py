"""Who signed a call, and when: `t=<seconds since 1970>,v1=<hex>`, as our own webhooks are. Knows no database.

v1 is HMAC-SHA256 over the seconds, a dot, and the bytes of the body.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

HEADER = "X-GeoGrid-Signature"
PATIENCE = timedelta(minutes=5)
_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


class NotSigned(Exception):
    """Why the call is refused, for whoever sends it; it tells nothing about the secret."""


def digest(secret: str, moment: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()


def checked(header: str, body: bytes, secrets: Iterable[str], at: datetime) -> str:
    """The signature, when one of the secrets made it at most five minutes ago or ahead.

    Raises:
        NotSigned: with the reason.
    """
    found = _SIGNATURE.fullmatch(header.strip())
    if found is None:
        raise NotSigned(f"Sign the call: {HEADER}: t=<seconds>,v1=<hex>. 缺少签名或格式不对。")
    moment = int(found[1])
    if abs(at - datetime.fromtimestamp(moment, UTC)) > PATIENCE:
        raise NotSigned("The time of the signature is more than five minutes off. 签名时间相差超过五分钟。")
    right = [hmac.compare_digest(digest(one, moment, body), found[2]) for one in secrets if one]
    if not any(right):
        raise NotSigned("The signature does not fit. 签名不符。")
    return found[2]
