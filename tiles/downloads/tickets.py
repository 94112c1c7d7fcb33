"""The ticket to a file: what a raw handler trusts without a session, for five minutes."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings

from geogrid.core.signing import BadToken, Signer


@dataclass(frozen=True)
class Ticket:
    """Which file, of which kind, under which name it is saved."""

    file: str
    name: str
    media_type: str


@cache
def _signer() -> Signer:
    return Signer("download", [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])


def issue(ticket: Ticket) -> str:
    """The signed text of a ticket."""
    return _signer().sign({"file": ticket.file, "name": ticket.name, "type": ticket.media_type})


def read(text: str) -> Ticket:
    """The ticket of a text.

    Raises:
        BadToken: when it is not ours or its time is over.
    """
    said = _signer().read(text)
    try:
        return Ticket(str(said["file"]), str(said["name"]), str(said["type"]))
    except KeyError:
        raise BadToken("The ticket says nothing we know.") from None
