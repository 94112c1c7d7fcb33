"""Steps are chained by hashes: whoever changes one is found, also a superuser."""

import hashlib
import json
import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from typer.testing import CliRunner

from incidents import actions
from incidents.commands import app
from incidents.loop import handling
from incidents.loop.due import seal_old_steps
from incidents.models import Incident, StepTaken
from tests.incidents.conftest import MIDDLE, A, rows
from tests.loop.conftest import NOON, Loop, filed, lead, reported


def verified(incident: Incident) -> tuple[Any, ...]:
    [found] = rows(
        "SELECT steps, broken_step, fault FROM core.verify_steps(%s, %s)", incident.pk - 1, incident.pk
    )
    return found


def without_triggers(superuser: Any, sql: str, *values: Any) -> None:
    with superuser.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET session_replication_role = origin")


def test_a_step_hashes_what_it_says_and_the_hash_before(loop: Loop):
    incident = filed(loop)

    [first, second] = rows(
        "SELECT id, incident_id, move, from_stage, to_stage, level, actor, actor_user_id,"
        " (extract(epoch FROM taken_at) * 1000000)::bigint, note, details::text, prev_hash, hash"
        " FROM step_taken WHERE incident_id = %s ORDER BY id",
        incident.pk,
    )

    assert (first[11], bytes(second[11])) == (None, bytes(first[12]))
    # As `jsonb` writes an array: a blank after each comma and colon, keys by length and then by letters.
    said = ", ".join(json.dumps(value, ensure_ascii=False) for value in second[:10]) + ", " + second[10]
    assert hashlib.sha256(bytes(second[11]) + f"[{said}]".encode()).digest() == bytes(second[12])


def test_whoever_writes_the_database_links(loop: Loop):
    incident = reported(loop.people.oona)
    StepTaken.objects.bulk_create(
        StepTaken(
            incident=incident, move="sensor", from_stage="REPORTED", to_stage="REPORTED", level="COMMUNITY",
            taken_at=NOON,
        )
        for _ in "123"
    )  # fmt: skip

    assert verified(incident) == (4, None, None)
    with pytest.raises(IntegrityError, match="reported already"), transaction.atomic():
        StepTaken.objects.create(
            incident=incident,
            move="report",
            from_stage="",
            to_stage="REPORTED",
            level="COMMUNITY",
            taken_at=NOON,
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("UPDATE step_taken SET note = 'nothing' WHERE id = %s", "something else"),
        ("UPDATE step_taken SET hash = NULL, prev_hash = NULL WHERE id = %s", "no hash"),
        ("DELETE FROM step_taken WHERE id = %s", "ends elsewhere|another stage|does not follow"),
    ],
)
def test_a_superuser_who_changes_a_step_is_found(
    lasting_loop: Loop, superuser: Any, tampering: str, fault: str
):
    incident = filed(lasting_loop)
    actions.move_place(
        incident=incident, lng=MIDDLE[A][0], lat=MIDDLE[A][1] + 0.0001,
        actor=lasting_loop.people.oona, at=NOON, note="x",
    )  # fmt: skip
    assert verified(incident) == (3, None, None)
    assert CliRunner().invoke(app, ["verify-chain"]).output.startswith("Whole: 3 steps of 1 incidents")
    second = StepTaken.objects.filter(incident=incident).order_by("id")[1]

    without_triggers(superuser, tampering, second.pk)

    assert re.search(fault, verified(incident)[2])
    told = CliRunner().invoke(app, ["verify-chain"])
    assert told.exit_code == 1
    assert incident.number in told.output


def test_steps_from_before_are_bound_by_the_next_one_or_sealed(lasting_loop: Loop, superuser: Any):
    moved, resting = filed(lasting_loop), filed(lasting_loop)
    old = [moved.pk, resting.pk]
    without_triggers(
        superuser, "UPDATE step_taken SET hash = NULL, prev_hash = NULL WHERE incident_id = ANY(%s)", old
    )
    without_triggers(superuser, "DELETE FROM step_chain WHERE incident_id = ANY(%s)", old)
    without_triggers(superuser, "UPDATE step_seal SET sealed_to = 0, ends_at = %s", resting.pk)

    handling.dispatch(incident=moved, units=[lead(lasting_loop.roads)], actor=lasting_loop.street, at=NOON)
    looked_at = [seal_old_steps(NOON), seal_old_steps(NOON)]

    assert (verified(moved)[0], verified(resting)[0]) == (3, 2)
    assert (looked_at[0] >= 2, looked_at[1]) == (True, 0)
    for incident in (moved, resting):
        without_triggers(
            superuser,
            "UPDATE step_taken SET note = 'x' WHERE incident_id = %s AND move = 'report'",
            incident.pk,
        )
        assert verified(incident)[2] is not None
