"""Taking reports in (采集上报): one SQL call derives everything and writes the first step."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from geogrid.core.actor import Actor
from geogrid.core.sql import statement
from geogrid.organisations.models import User

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Report:
    """What somebody says. Longitude and latitude in degrees (WGS 84), both or neither.

    Needed: a description, a class or an asset; at most one class.
    """

    channel: str
    description: str = ""
    lng: float | None = None
    lat: float | None = None
    location_text: str = ""
    asset_id: int | None = None
    asset_class_id: int | None = None
    event_class_id: int | None = None
    source_number: str = ""
    found_by_patrol: bool = False
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    is_simulated: bool = False

    def digest(self) -> str:
        """The same for the same report, however its JSON was written."""
        return hashlib.sha256(json.dumps(vars(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Receipt:
    """The answer of the intake, the same for a repeated call. `is_new` is False for the repetition."""

    is_new: bool
    answer: dict[str, Any]


def report(
    *,
    said: Report,
    actor: Actor,
    at: datetime,
    client: str = "",
    idempotency_key: str | None = None,
) -> Receipt:
    """Take a report in. A call that names a (client, idempotency key) of before returns its answer.

    Raises:
        IntegrityError: with the database's sentence: the key was used for another report (23505), there is
            nobody at all who could have the incident, or a rule of the table is broken.
    """
    values = vars(said) | {
        "actor": actor.get_username(),
        "reporter_id": actor.pk if isinstance(actor, User) else None,
        "at": at,
        "client": client,
        "idempotency_key": idempotency_key,
        "request_hash": said.digest() if idempotency_key is not None else "",
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "report"), values)
        is_new, answer = cursor.fetchone()
    return Receipt(is_new, json.loads(answer))
