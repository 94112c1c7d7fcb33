"""Fixes in the database: what is kept, what moves the last position, and what nobody can undo."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.db.utils import ProgrammingError
from rest_framework.exceptions import AuthenticationFailed

from geogrid.core.errors import Forbidden, Invalid
from grid_units.patrols.fixes import Fix, Unused
from grid_units.patrols.intake import Call, take_all
from grid_units.patrols.models import Device, LastPosition, Pairing
from grid_units.patrols.protocols import Protocol, Said
from tests.incidents.conftest import LONG_AGO, MIDDLE, MORNING, A, People
from tests.patrols.conftest import Carried, carried_by, kept, rows

METRE = 1 / 111_195


def fix(seconds: float, metres: float = 0.0, **more: Any) -> Fix:
    lng, lat = MIDDLE[A]
    return Fix(MORNING + timedelta(seconds=seconds), lng, lat + metres * METRE, accuracy_m=5.0, **more)


def take(carried: Carried, *fixes: Fix, received_s: float | None = None) -> list[Unused | None]:
    """Take one request in, as received so long after the morning; why each is not used."""
    received_at = MORNING + timedelta(
        seconds=received_s if received_s is not None else max((f.at - MORNING).total_seconds() for f in fixes)
    )
    [verdicts] = take_all([Call(carried.digest, Said(fixes), Protocol.OURS)], received_at)
    assert isinstance(verdicts, tuple), verdicts
    return [verdict.unused for verdict in verdicts]


def last(carried: Carried) -> LastPosition:
    return LastPosition.objects.get(device=carried.device)


def test_everything_said_is_kept(city: People) -> None:
    phone = carried_by(city.ann)
    said = fix(0, speed_mps=1.25, heading_deg=47.0, altitude_m=12.0, battery_pct=76.0)

    assert take(phone, said, received_s=3) == [None]

    [row] = rows(
        "SELECT at, received_at, worker_id, ST_X(point), ST_Y(point), accuracy_m, speed_mps, heading_deg,"
        " altitude_m, battery_pct, protocol, unused_because FROM fix WHERE device_id = %s",
        phone.device.pk,
    )
    received_at = MORNING + timedelta(seconds=3)
    assert row == (MORNING, received_at, city.ann.pk, *MIDDLE[A], 5, 1.25, 47, 12, 76, "geogrid", "")
    now = last(phone)
    assert (now.at, now.received_at, now.heard_at, now.worker_id) == (
        MORNING,
        received_at,
        received_at,
        city.ann.pk,
    )
    assert now.point is not None
    assert (now.point.x, now.point.y, now.battery_pct) == (*MIDDLE[A], 76)


def test_a_late_fix_is_kept_and_moves_nothing_back(city: People) -> None:
    phone = carried_by(city.ann)
    take(phone, fix(0))

    assert take(phone, fix(-600, 20), received_s=5) == [None]

    assert [at_ for at_, *_ in kept(phone.device)] == [MORNING - timedelta(minutes=10), MORNING]
    assert last(phone).at == MORNING
    assert last(phone).heard_at == MORNING + timedelta(seconds=5)


def test_a_request_sent_again_is_kept_as_duplicates(city: People) -> None:
    phone = carried_by(city.ann)
    sent = [fix(n, n) for n in range(5)]
    take(phone, *sent)

    assert take(phone, *sent, received_s=30) == [Unused.DUPLICATE] * 5
    assert len(kept(phone.device)) == 10


@pytest.mark.parametrize("year", [1, 1970, 2037, 9999])
def test_no_device_time_makes_the_insert_fail(city: People, year: int) -> None:
    phone = carried_by(city.ann)
    odd = Fix(datetime(year, 6, 1, tzinfo=UTC), *MIDDLE[A])

    [unused] = take(phone, odd, received_s=0)

    assert unused in (Unused.FUTURE, Unused.STALE)
    assert kept(phone.device)[0][1] == unused
    assert last(phone).at is None


def test_two_requests_of_one_device_are_judged_together(city: People) -> None:
    phone = carried_by(city.ann)
    calls = [
        Call(phone.digest, Said((fix(10, 10),)), Protocol.OSMAND),
        Call(phone.digest, Said((fix(5, 5), fix(10, 10))), Protocol.OURS),
        Call("0" * 64, Said((fix(10),)), Protocol.OURS),
    ]

    first, second, third = take_all(calls, MORNING + timedelta(seconds=11))

    assert [verdict.unused for verdict in (*first, *second)] == [None, None, Unused.DUPLICATE]  # type: ignore[misc]
    assert isinstance(third, AuthenticationFailed)
    assert last(phone).at == MORNING + timedelta(seconds=10)


def test_a_fix_is_of_whoever_carried_the_device_then(city: People) -> None:
    phone = carried_by(city.ann)
    Pairing.objects.filter(device=phone.device).update(valid_to=MORNING)
    Pairing.objects.create(device=phone.device, worker=city.bo, valid_from=MORNING)

    take(phone, fix(-60), fix(60), received_s=61)

    assert rows("SELECT worker_id FROM fix WHERE device_id = %s ORDER BY at", phone.device.pk) == [
        (city.ann.pk,),
        (city.bo.pk,),
    ]
    assert last(phone).worker_id == city.bo.pk


def test_a_revoked_device_is_told_so(city: People) -> None:
    phone = carried_by(city.ann)
    Device.objects.filter(pk=phone.device.pk).update(revoked_at=MORNING)

    [refused] = take_all([Call(phone.digest, Said((fix(0),)), Protocol.OURS)], MORNING)

    assert isinstance(refused, Forbidden) and "revoked" in str(refused)
    assert kept(phone.device) == []


def test_a_forwarding_server_speaks_for_its_own_devices_only(city: People) -> None:
    gate = carried_by(None, "gate", kind="forwarder")
    radio = Device.objects.create(
        name="radio 7", kind="tracker", forwarder=gate.device, external_id="imei-7", made_by=city.eve
    )
    Pairing.objects.create(device=radio, worker=city.cai, valid_from=LONG_AGO)
    phone = carried_by(city.ann)
    calls = [
        Call(gate.digest, Said((fix(0),), "imei-7"), Protocol.TRACCAR),
        Call(gate.digest, Said((fix(0),), "imei-8"), Protocol.TRACCAR),
        Call(gate.digest, Said((fix(0),)), Protocol.OURS),
        Call(phone.digest, Said((fix(0),), "imei-7"), Protocol.TRACCAR),
    ]

    good, unknown, wrong_door, foreign = take_all(calls, MORNING)

    assert isinstance(good, tuple) and good[0].unused is None
    assert isinstance(unknown, Invalid) and "imei-8" in str(unknown)
    assert isinstance(wrong_door, Forbidden) and isinstance(foreign, Forbidden)
    assert [row[0] for row in rows("SELECT worker_id FROM fix")] == [city.cai.pk]


def test_a_jump_is_remembered_between_gatherings(city: People) -> None:
    phone = carried_by(city.ann)
    take(phone, fix(0))

    reasons = [take(phone, fix(10 * n, 5_000 + n))[0] for n in range(1, 9)]

    assert reasons == [Unused.JUMP] * 6 + [None] * 2
    assert last(phone).doubt is None


def test_fixes_stay_as_they_came(city: People) -> None:
    phone = carried_by(city.ann)
    take(phone, fix(0))

    for statement in (
        "UPDATE fix SET at = now()",
        "DELETE FROM fix",
        "TRUNCATE fix",
        "DELETE FROM fix_default",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            rows(statement)


def test_not_even_the_owner_changes_a_fix(
    lasting_city: People, owner: psycopg2.extensions.connection
) -> None:
    phone = carried_by(lasting_city.ann)
    take(phone, fix(0))

    with owner.cursor() as cursor, pytest.raises(psycopg2.errors.CheckViolation, match="kept as they were"):
        cursor.execute("DELETE FROM fix")
    with owner.cursor() as cursor, pytest.raises(psycopg2.errors.CheckViolation, match="never deleted"):
        cursor.execute("DELETE FROM device")


def test_sql_cannot_move_a_last_position_back(city: People) -> None:
    phone = carried_by(city.ann)
    take(phone, fix(0))

    for earlier in (MORNING - timedelta(seconds=1), None):
        with (
            pytest.raises((IntegrityError, InternalError), match=r"before that|neither"),
            transaction.atomic(),
        ):
            LastPosition.objects.filter(device=phone.device).update(at=earlier)


def test_a_device_is_of_one_person_at_a_time(city: People) -> None:
    phone = carried_by(city.ann)

    with pytest.raises(IntegrityError, match="device_pairing_is_of_one_person"), transaction.atomic():
        Pairing.objects.create(device=phone.device, worker=city.bo, valid_from=MORNING)


# Partitions -----------------------------------------------------------------------------------------------
def partitions() -> set[str]:
    return {
        name
        for (name,) in rows(
            "SELECT relname::text FROM pg_inherits JOIN pg_class ON oid = inhrelid"
            " WHERE inhparent = 'fix'::regclass"
        )
    }


def keep_partitions(at: datetime, ahead: int = 2, days: int = 400) -> int:
    return int(rows("SELECT core.keep_fix_partitions(%s, %s, %s)", at, ahead, days)[0][0])


def test_partitions_are_made_ahead_and_dropped_by_age(city: People) -> None:
    far = datetime(2031, 5, 9, 23, 59, tzinfo=UTC)

    assert keep_partitions(far) >= 3
    assert {"fix_20310509", "fix_20310510", "fix_20310511"} <= partitions()
    assert keep_partitions(far) == 0

    keep_partitions(far + timedelta(days=30), days=1)  # a week is kept whatever is asked

    assert "fix_20310509" not in partitions() and "fix_20310608" in partitions()
    assert "fix_default" in partitions()


def test_fixes_that_waited_for_their_partition_are_moved_into_it(city: People) -> None:
    """The clock has not run for days; nothing is lost, and the next run puts it in order."""
    phone = carried_by(city.ann)
    then = datetime(2031, 5, 9, 12, tzinfo=UTC)
    take_all([Call(phone.digest, Said((Fix(then, *MIDDLE[A]),)), Protocol.OURS)], then)
    assert rows("SELECT tableoid::regclass::text FROM fix") == [("fix_default",)]

    keep_partitions(then + timedelta(days=1))

    assert rows("SELECT tableoid::regclass::text FROM fix") == [("fix_20310509",)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('fix_20310509', 'UPDATE')")
        assert cursor.fetchone() == (False,)
