"""Taking in what another system sends, and giving a report its class."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction

from assets.models import AssetClass
from geogrid.core.actor import System
from geogrid.core.errors import Conflict, Invalid
from geogrid.core.importing.crs import bd09_to_wgs84, gcj02_to_wgs84
from geogrid.organisations.models import User
from grid_units.duties.access import require
from incidents import known_classes
from incidents.inbound.mapping import Mapped, Unmapped, mapped
from incidents.inbound.models import InboundPost, Source, SourceClass, UsedSignature
from incidents.intake import Report, report
from incidents.models import EventClass, Incident
from incidents.taking import held_still, take
from incidents.workflow import BY, Move, Stage

FORGET_AFTER = timedelta(minutes=15)  # longer than a signature is taken for fresh
TO_WGS84 = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}


@dataclass(frozen=True)
class Taken:
    """The receipt for the sender: our number beside theirs; `lacks` says what a person here has to add."""

    is_new: bool
    number: str
    outside_number: str
    stage: str
    lacks: list[str]


def use_signature(*, source: Source, signature: str, at: datetime) -> None:
    """Note that a signature was used.

    Raises:
        Conflict: when it was before: the call is played again.
    """
    UsedSignature.objects.filter(used_at__lt=at - FORGET_AFTER).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO inbound_signature (source_id, signature, used_at) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [source.pk, signature, at],
        )
        if cursor.rowcount == 0:
            raise Conflict(
                "This call was received before. Sign it anew to ask for its receipt again. "
                "该请求已收到过；如需再取回执，请重新签名。"
            )


@transaction.atomic
def take_in(*, source: Source, body: Any, signature: str, at: datetime) -> Taken:
    """Make a report of what was sent. The same outside number with the same content is the same incident.

    What has no class that we know, or no place in the grid, is taken in all the same: it lies in the tray of
    the desk, with the original beside it.

    Raises:
        Conflict: played again, or the number was used for something else. Invalid: what is missing, by the
            sender's names.
    """
    use_signature(source=source, signature=signature, at=at)
    try:
        said = mapped(body, source.mapping)
    except Unmapped as error:
        fields = {name: [why] for name, why in error.fields.items()}
        raise Invalid(f"Not taken in. 未受理。 {error}", fields) from error
    row = SourceClass.objects.filter(source=source, theirs=said.their_class).first()
    class_id = None
    if row is not None:
        known = known_classes.asset_classes if row.kind == "asset" else known_classes.event_classes
        class_id = known.id_of(row.code)
    place = _in_wgs84(said.place, source.mapping.get("crs", "wgs84"))
    receipt = report(
        said=Report(
            channel=source.channel,
            description=said.description or f"来件类别：{said.their_class} Class as sent: {said.their_class}",
            lng=place[0] if place else None,
            lat=place[1] if place else None,
            location_text=said.location_text,
            asset_class_id=class_id if row and row.kind == "asset" else None,
            event_class_id=class_id if row and row.kind == "event" else None,
            source_number=said.outside_number,
            contact_name=said.contact_name,
            contact_phone=said.contact_phone,
            contact_email=said.contact_email,
        ),
        actor=System(source.client),
        at=at,
        client=source.client,
        # Of any letters, so that it fits whatever a number looks like.
        idempotency_key=said.outside_number,
    )
    incident = Incident.objects.get(number=receipt.answer["number"])
    if receipt.is_new:
        return _kept(source, incident, said, body, class_id, at)
    post = InboundPost.objects.get(incident=incident)
    return Taken(False, incident.number, said.outside_number, incident.stage, post.lacks)


def _kept(
    source: Source, incident: Incident, said: Mapped, body: Any, class_id: int | None, at: datetime
) -> Taken:
    lacks = ["class"] if class_id is None else []
    lacks += ["place"] if not incident.unit_code else []
    InboundPost.objects.create(
        source=source,
        outside_number=said.outside_number,
        incident=incident,
        received_at=at,
        original=body,
        their_class=said.their_class,
        lacks=lacks,
    )
    return Taken(True, incident.number, said.outside_number, incident.stage, lacks)


def _in_wgs84(place: tuple[float, float] | None, crs: str) -> tuple[float, float] | None:
    if place is None or crs == "wgs84":
        return place
    lng, lat = TO_WGS84[crs](np.array([place[0]]), np.array([place[1]]))
    return float(lng[0]), float(lat[0])


@transaction.atomic
def classify(
    *,
    incident: Incident,
    of_class: AssetClass | EventClass,
    actor: User,
    at: datetime,
    seen_step: int | None = None,
) -> None:
    """Give a report its class, or another one, before it is filed (归类).

    Raises:
        Conflict: when it is filed already: its terms are frozen then.
    """
    require(actor, BY[Move.CLASSIFY], incident.place_code())
    if incident.stage != Stage.REPORTED:
        raise Conflict(f"Incident {incident.number} is {incident.stage} by now. 案件已不在待立案环节。")
    held_still(incident, actor, seen_step)
    before = incident.asset_class or incident.event_class
    is_asset = isinstance(of_class, AssetClass)
    take(
        incident,
        Move.CLASSIFY,
        actor,
        at,
        seen_step=seen_step,
        details={
            "from": before.code if before else "",
            "to": of_class.code,
            "zh": of_class.name,
            "en": of_class.name_en,
        },
        asset_class_id=of_class.pk if is_asset else None,
        event_class_id=None if is_asset else of_class.pk,
    )
