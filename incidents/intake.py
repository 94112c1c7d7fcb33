"""Taking reports in (采集上报): one SQL call derives everything and writes the first steps."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from geogrid.core.actor import Actor
from geogrid.core.errors import Conflict
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


@dataclass(frozen=True)
class Call:
    """One report with who sends it and when, as the database takes it.

    A call that names a (client, idempotency key) of before gets the answer of then.
    """

    said: Report
    actor: Actor
    at: datetime
    client: str = ""
    idempotency_key: str | None = None

    def values(self, nr: int) -> dict[str, Any]:
        """The element of `core.report_many` with the number `nr`."""
        said = self.said
        return vars(said) | {
            "nr": nr,
            "longitude": said.lng,
            "latitude": said.lat,
            "actor": self.actor.get_username(),
            "reporter_id": self.actor.pk if isinstance(self.actor, User) else None,
            "moment": self.at.isoformat(),
            "client": self.client,
            "idempotency_key": self.idempotency_key,
            "request_hash": said.digest() if self.idempotency_key is not None else "",
        }


def report_all(calls: Sequence[Call]) -> list[Receipt | Conflict]:
    """Take reports in, in one transaction: the receipt of each, in order, or why it alone was refused.

    Raises:
        IntegrityError, OperationalError: with the database's sentence, when one breaks a rule (there is
            nobody at all who could have the incident, say) or a row stays locked. None is taken in then.
    """
    said = json.dumps([call.values(nr) for nr, call in enumerate(calls)], ensure_ascii=False)
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "report"), [said])
        found = {nr: (is_new, answer, refusal) for nr, is_new, answer, refusal in cursor.fetchall()}
    receipts: list[Receipt | Conflict] = []
    for nr in range(len(calls)):
        is_new, answer, refusal = found[nr]
        receipts.append(Conflict(refusal) if refusal else Receipt(is_new, json.loads(answer)))
    return receipts


def report(
    *,
    said: Report,
    actor: Actor,
    at: datetime,
    client: str = "",
    idempotency_key: str | None = None,
) -> Receipt:
    """Take one report in.

    Raises:
        Conflict: when the idempotency key was used for another report.
        IntegrityError: as `report_all`.
    """
    [receipt] = report_all([Call(said, actor, at, client, idempotency_key)])
    if isinstance(receipt, Conflict):
        raise receipt
    return receipt
