"""Taking fixes in (定位入库): what came together is judged device by device and kept in one transaction."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from rest_framework.exceptions import AuthenticationFailed

from geogrid.core.errors import Forbidden, Invalid
from geogrid.core.sql import statement
from grid_units.patrols.fixes import LIMITS, Doubt, Fix, Judged, Place, Verdict, judge
from grid_units.patrols.protocols import Protocol, Said

SQL = Path(__file__).parent / "sql"
_NEIGHBOURHOOD = timedelta(minutes=10)  # how far before a late fix its neighbour is looked for

Refused = AuthenticationFailed | Forbidden | Invalid


@dataclass(frozen=True)
class Call:
    """One request: what it says, and the digest of the token that it came with."""

    digest: str
    said: Said
    protocol: Protocol


@dataclass
class _Device:
    """A device of this gathering, its row locked: what is known of it and what it says now."""

    newest: Place | None
    doubt: Doubt | None
    fixes: list[Fix] = field(default_factory=list)
    protocols: list[Protocol] = field(default_factory=list)


def take_all(calls: Sequence[Call], received_at: datetime) -> list[tuple[Verdict, ...] | Refused]:
    """Keep the fixes of all calls: for each its verdicts in order, or why it alone was refused.

    Raises:
        django.db.Error: when the database refuses or does not answer; nothing is kept then.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            statement(SQL, "devices_asked"),
            [
                json.dumps(
                    [
                        {"nr": nr, "digest": call.digest, "external_id": call.said.external_id}
                        for nr, call in enumerate(calls)
                    ]
                )
            ],
        )
        devices: dict[int, _Device] = {}
        found: dict[int, int | Refused] = {}
        for nr, device_id, is_forwarded, is_revoked, *place in cursor.fetchall():
            if is_revoked:
                found[nr] = Forbidden("This device was revoked. Pair it anew and use the new token.")
                continue
            if is_forwarded != (calls[nr].protocol is Protocol.TRACCAR):
                found[nr] = _wrong_door(is_forwarded)
                continue
            found[nr] = device_id
            devices.setdefault(device_id, _Device(_place(place[:4]), _doubt(place[4])))
        if len(found) < len(calls):
            found |= _strangers(cursor, calls, found.keys())
        shares: list[tuple[int, slice] | Refused] = []
        for nr, call in enumerate(calls):
            owner = found[nr]
            if not isinstance(owner, int):
                shares.append(owner)
                continue
            device = devices[owner]
            begin = len(device.fixes)
            device.fixes += call.said.fixes
            device.protocols += [call.protocol] * len(call.said.fixes)
            shares.append((owner, slice(begin, len(device.fixes))))
        judged = _judge_and_keep(cursor, devices, received_at)
    return [
        share if not isinstance(share, tuple) else judged[share[0]].verdicts[share[1]] for share in shares
    ]


def keep_of_device(
    device_id: int, fixes: Sequence[Fix], protocol: Protocol, received_at: datetime
) -> tuple[Verdict, ...]:
    """Keep fixes of a device whose right to send them was looked at elsewhere (an upload)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, ST_X(point), ST_Y(point), accuracy_m, doubt FROM last_position"
            " WHERE device_id = %s FOR UPDATE",
            [device_id],
        )
        *place, doubt = cursor.fetchone()
        device = _Device(_place(place), _doubt(doubt), list(fixes), [protocol] * len(fixes))
        return _judge_and_keep(cursor, {device_id: device}, received_at)[device_id].verdicts


def _wrong_door(is_forwarded: bool) -> Refused:
    if is_forwarded:
        return Forbidden("This token is a forwarding server's: send to /positions/traccar.")
    return Forbidden("This token is a device's own; /positions/traccar takes tokens of forwarding servers.")


def _strangers(cursor: Any, calls: Sequence[Call], known: Any) -> dict[int, Refused]:
    """Why those calls are refused that no device was found for."""
    unknown = {nr: call for nr, call in enumerate(calls) if nr not in known}
    cursor.execute(
        "SELECT digest FROM device WHERE digest = ANY(%s)", [[call.digest for call in unknown.values()]]
    )
    forwarders = {digest for (digest,) in cursor.fetchall()}
    refused: dict[int, Refused] = {}
    for nr, call in unknown.items():
        if call.digest in forwarders and call.said.external_id:
            detail = (
                f"The forwarding server has no device {call.said.external_id!r} here: add it to its devices."
            )
            refused[nr] = Invalid(detail, {"device.uniqueId": ["Unknown."]})
        elif call.digest in forwarders:
            refused[nr] = _wrong_door(True)
        else:
            refused[nr] = AuthenticationFailed("No device has this token. Pair the device again.")
    return refused


def _judge_and_keep(cursor: Any, devices: dict[int, _Device], received_at: datetime) -> dict[int, Judged]:
    around, known_at = _heard_before(cursor, devices, received_at)
    judged: dict[int, Judged] = {}
    kept: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    amended: list[dict[str, Any]] = []
    for device_id, device in devices.items():
        result = judged[device_id] = judge(
            device.fixes,
            received_at=received_at,
            newest=device.newest,
            around=around[device_id],
            known_at=frozenset(known_at[device_id]),
            doubt=device.doubt,
        )
        if not device.fixes:
            continue
        now_at: tuple[Fix, Verdict] | None = None
        for fix, verdict, protocol in zip(device.fixes, result.verdicts, device.protocols, strict=True):
            kept.append(_row(device_id, fix) | _decided(verdict) | {"p": protocol})
            if verdict.is_newest and (now_at is None or fix.at > now_at[0].at):
                now_at = fix, verdict
            elif verdict.unused is None and not verdict.is_newest:
                amended.append({"d": device_id, "at": fix.at.isoformat()})
        place = _row(device_id, now_at[0]) | _decided(now_at[1]) if now_at else {"d": device_id}
        moved.append(place | {"doubt": _doubt_said(result.doubt)})
    if kept:
        cursor.execute(
            "SELECT core.keep_fixes(%s, %s, %s)", [received_at, json.dumps(kept), json.dumps(moved)]
        )
    if amended:
        cursor.execute("SELECT core.amend_patrols(%s)", [json.dumps(amended)])
    return judged


def _heard_before(
    cursor: Any, devices: dict[int, _Device], received_at: datetime
) -> tuple[dict[int, set[Place]], dict[int, set[datetime]]]:
    """Used fixes near those that are not newer than the last, and all device times there. One query, and only
    when there are such fixes."""
    oldest = received_at - LIMITS.stale
    spans = []
    for device_id, device in devices.items():
        newest = device.newest
        late = [fix.at for fix in device.fixes if newest is not None and oldest < fix.at <= newest.at]
        if late:
            since, until = min(late) - _NEIGHBOURHOOD, max(late)
            spans.append({"d": device_id, "since": since.isoformat(), "until": until.isoformat()})
    around: dict[int, set[Place]] = defaultdict(set)
    known_at: dict[int, set[datetime]] = defaultdict(set)
    if spans:
        cursor.execute(statement(SQL, "neighbours"), [json.dumps(spans)])
        for device_id, at, lng, lat, accuracy_m, is_used in cursor.fetchall():
            known_at[device_id].add(at)
            if is_used:
                around[device_id].add(Place(at, lng, lat, accuracy_m))
    return around, known_at


def _row(device_id: int, fix: Fix) -> dict[str, Any]:
    """A fix under the short names that core.keep_fixes reads."""
    said = {
        "d": device_id,
        "at": fix.at.isoformat(),
        "x": fix.lng,
        "y": fix.lat,
        "a": fix.accuracy_m,
        "s": fix.speed_mps,
        "h": fix.heading_deg,
        "z": fix.altitude_m,
        "b": fix.battery_pct,
    }
    return {name: value for name, value in said.items() if value is not None}


def _decided(verdict: Verdict) -> dict[str, Any]:
    decided: dict[str, Any] = {"u": verdict.unused} if verdict.unused else {}
    if verdict.is_late:
        decided["l"] = True
    if verdict.is_driven:
        decided["w"] = True
    return decided


def _place(row: Sequence[Any]) -> Place | None:
    at, lng, lat, accuracy_m = row
    return None if at is None else Place(at, lng, lat, accuracy_m)


def _doubt(kept: Any) -> Doubt | None:
    """A doubt read back from its column."""
    said = json.loads(kept) if isinstance(kept, str) else kept
    if not said:
        return None
    at = datetime.fromisoformat(said["at"])
    return Doubt(
        datetime.fromisoformat(said["since"]), Place(at, said["lng"], said["lat"], said["accuracy_m"])
    )


def _doubt_said(doubt: Doubt | None) -> dict[str, Any] | None:
    if doubt is None:
        return None
    last = doubt.last
    place = {"at": last.at.isoformat(), "lng": last.lng, "lat": last.lat, "accuracy_m": last.accuracy_m}
    return {"since": doubt.since.isoformat(), **place}
