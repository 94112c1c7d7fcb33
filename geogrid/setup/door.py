"""Who may make the first administrator: somebody at this machine, or with the key that the server prints.

The key is worked out from the secret key, so every process knows it and nothing is stored. It opens nothing
once there is an administrator.
"""

import base64
import hashlib
import hmac

from django.conf import settings
from django.http import HttpRequest

from geogrid.core.errors import Conflict, Forbidden
from grid_units.duties.login import is_from_this_machine
from grid_units.duties.models import has_administrator


def setup_key() -> str:
    """The set-up key, as four groups of five letters and digits."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"geogrid:setup", hashlib.sha256).digest()
    text = base64.b32encode(digest).decode()[:20]
    return "-".join(text[start : start + 5] for start in range(0, 20, 5))


def key_is_needed(request: HttpRequest) -> bool:
    """Whether this request comes from elsewhere, so that only the key opens the door."""
    return not is_from_this_machine(request)


def require_open_door(request: HttpRequest, key: str) -> None:
    """Let pass who may set the city up.

    Raises:
        Conflict: when there is an administrator already.
        Forbidden: without the key, from another machine.
    """
    if has_administrator():
        raise Conflict("This city is set up. An administrator changes it in the back office.")
    if key_is_needed(request) and not hmac.compare_digest(key.strip().upper().encode(), setup_key().encode()):
        raise Forbidden("From another machine the set-up key is needed: the server printed it at its start.")


def invitation() -> str:
    """What the server prints at its start while nobody runs the city; empty afterwards."""
    if has_administrator():
        return ""
    return (
        "This city is not set up yet: open /setup on this machine, or from another with the key "
        f"{setup_key()}.\n尚未完成首次设置：请在本机打开 /setup；从其他机器打开时请输入密钥 {setup_key()}。"
    )
