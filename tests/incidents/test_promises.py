"""What the database promises of incidents, and attempts to break it: as the app, and as the owner."""

from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction

from incidents import workflow
from incidents.intake import Report, report
from incidents.models import ContactRead, Incident, StepTaken
from tests.incidents.conftest import EVENING, MIDDLE, MORNING, A, B, People, rows, settle

STEP = """
INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, actor, taken_at)
VALUES (%s, %s, %s, %s, 'COMMUNITY', 'x', now())
"""


def reported(city: People, cell: str = A) -> Incident:
    answer = report(said=Report("web", "积水", *MIDDLE[cell]), actor=city.oona, at=MORNING).answer
    return Incident.objects.get(number=answer["number"])


def run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_the_database_knows_the_same_workflow_as_the_code(city: People) -> None:
    known = set(rows("SELECT move, from_stage, to_stage FROM incident_transition"))
    axes = set(rows("SELECT axis, move FROM incident_move_axis"))

    assert known == workflow.transitions()
    assert axes == {(axis.value, move.value) for axis, moves in workflow.AXES.items() for move in moves}


@pytest.mark.parametrize(
    "change",
    [
        "stage = 'FILED', filed_at = now()",
        "waiting = 'suspended'",
        "level = 'STREET'",
        "point = ST_Translate(point, 0.0078125, 0)",
        "point = NULL",
        "cell_worker_id = holder_id + 1, holder_id = holder_id + 1",
    ],
)
def test_no_change_without_a_step(city: People, change: str) -> None:
    incident = reported(city)
    settle()

    with pytest.raises(IntegrityError, match="without a step"), transaction.atomic():
        run(f"UPDATE incident SET {change} WHERE id = %s", incident.pk)
        settle()


@pytest.mark.parametrize(
    ("change", "move", "axis"),
    [
        ("point = ST_Translate(point, 0.0078125, 0)", "hand_over", "place"),
        ("cell_worker_id = cell_worker_id + 1", "verify_report", "worker"),
        ("waiting = 'suspended'", "move_place", "waiting"),
        ("level = 'STREET'", "verify_report", "level"),
    ],
)
def test_a_step_of_another_kind_is_not_enough(city: People, change: str, move: str, axis: str) -> None:
    incident = reported(city)

    with pytest.raises(IntegrityError, match=f"The {axis} of incident"), transaction.atomic():
        run(f"UPDATE incident SET {change} WHERE id = %s", incident.pk)
        run(STEP, incident.pk, move, "REPORTED", "REPORTED")
        settle()


def test_a_step_of_an_earlier_transaction_is_not_enough(lasting_city: People) -> None:
    incident = reported(lasting_city)
    run(STEP, incident.pk, "verify_report", "REPORTED", "REPORTED")

    with pytest.raises(IntegrityError, match="without a step"):
        run("UPDATE incident SET waiting = 'suspended' WHERE id = %s", incident.pk)


def test_a_transaction_number_cannot_be_forged(lasting_city: People) -> None:
    incident = reported(lasting_city)
    run(
        "INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, actor, taken_at, xid)"
        " SELECT %s, 'sensor', 'REPORTED', 'REPORTED', 'COMMUNITY', 'x', now(),"
        " (pg_current_xact_id()::text::bigint + 1)::text::xid8",
        incident.pk,
    )

    with pytest.raises(IntegrityError, match="without a step"):
        run("UPDATE incident SET waiting = 'suspended' WHERE id = %s", incident.pk)


def test_a_step_is_signed_by_the_database(city: People) -> None:
    incident = reported(city)
    run("SELECT set_config('geogrid.actor', 'ann', true)")

    run(STEP, incident.pk, "verify_report", "REPORTED", "REPORTED")

    assert incident.steps_taken.latest("id").actor == "ann"


def test_the_owner_signs_with_their_own_name(lasting_city: People, owner: Any) -> None:
    incident = reported(lasting_city)

    with owner.cursor() as cursor:
        cursor.execute("SELECT set_config('geogrid.actor', 'ann', false)")
        cursor.execute(STEP, [incident.pk, "verify_report", "REPORTED", "REPORTED"])

    assert incident.steps_taken.latest("id").actor == "geogrid_owner"


@pytest.mark.parametrize(
    ("move", "before", "after"),
    [("file", "REPORTED", "CLOSED"), ("nonsense", "REPORTED", "FILED"), ("close", "FILED", "CLOSED")],
)
def test_a_step_outside_the_workflow_is_refused(city: People, move: str, before: str, after: str) -> None:
    incident = reported(city)

    with pytest.raises(IntegrityError, match="step_taken_is_in_the_workflow"), transaction.atomic():
        run(STEP, incident.pk, move, before, after)
        settle()


def test_a_step_that_moves_nothing_is_refused(city: People) -> None:
    incident = reported(city)

    with (
        pytest.raises(IntegrityError, match="leads to FILED, but the incident is REPORTED"),
        transaction.atomic(),
    ):
        run(STEP, incident.pk, "file", "REPORTED", "FILED")
        settle()


def test_a_table_of_the_same_name_fools_nobody(city: People) -> None:
    incident = reported(city)
    settle()
    run("CREATE TEMPORARY TABLE step_taken AS SELECT * FROM public.step_taken")
    run("UPDATE pg_temp.step_taken SET move = 'file', from_stage = 'REPORTED', to_stage = 'FILED'")

    with pytest.raises(IntegrityError, match="without a step"), transaction.atomic():
        run("UPDATE public.incident SET stage = 'FILED', filed_at = now() WHERE id = %s", incident.pk)
        settle()


@pytest.mark.parametrize("table", ["step_taken", "contact_read"])
@pytest.mark.parametrize("attempt", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_was_written_stays_also_for_the_owner(
    lasting_city: People, owner: Any, table: str, attempt: str
) -> None:
    incident = reported(lasting_city)
    ContactRead.objects.create(incident=incident, reader=lasting_city.oona, reason="回访")

    with pytest.raises(ProgrammingError, match="permission denied"):
        run(attempt.format(table))
    with owner.cursor() as cursor, pytest.raises(psycopg2.errors.CheckViolation, match="kept as they were"):
        cursor.execute(attempt.format(table))

    assert (StepTaken.objects.count(), ContactRead.objects.count()) == (1, 1)


def test_an_incident_is_never_deleted(lasting_city: People, owner: Any) -> None:
    reported(lasting_city)

    with pytest.raises(ProgrammingError, match="permission denied"):
        run("DELETE FROM incident")
    with owner.cursor() as cursor, pytest.raises(psycopg2.Error):
        cursor.execute("DELETE FROM incident")

    assert Incident.objects.count() == 1


def test_the_app_cannot_change_the_workflow(city: People) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        run("INSERT INTO incident_transition VALUES ('file', 'REPORTED', 'CLOSED')")


def test_the_cell_follows_the_point_and_nothing_else(city: People) -> None:
    incident = reported(city)

    run(
        "UPDATE incident SET unit_code = %s, border_unit_codes = '{1}', geom_3857 = NULL WHERE id = %s",
        B,
        incident.pk,
    )

    incident.refresh_from_db()
    assert (incident.unit_code, incident.border_unit_codes) == (A, [])
    assert incident.geom_3857 is not None


def test_a_moved_incident_tells_the_units_on_both_sides(city: People) -> None:
    incident = reported(city)

    run("UPDATE incident SET point = ST_Translate(point, 0.0078125, 0) WHERE id = %s", incident.pk)
    run(STEP, incident.pk, "move_place", "REPORTED", "REPORTED")

    settle()
    [(units_before, units_after)] = rows(
        "SELECT units_before, units_after FROM change WHERE kind = 'incident' AND op = 'update'"
    )
    assert (units_before, units_after) == ([A], [B])


def test_history_keeps_what_a_row_said_before(city: People) -> None:
    incident = reported(city)

    run("UPDATE incident SET description = '井盖丢失' WHERE id = %s", incident.pk)

    [(before, after)] = rows(
        "SELECT before ->> 'description', after ->> 'description' FROM row_history"
        " WHERE table_name = 'incident'"
    )
    assert (before, after) == ("积水", "井盖丢失")


def test_the_sequence_of_numbers_starts_anew_and_no_number_is_given_twice_a_day(
    lasting_city: People, owner: Any
) -> None:
    with owner.cursor() as cursor:
        cursor.execute("SELECT setval('incident_number', 999998)")

    numbers = [
        report(said=Report("web", "x"), actor=lasting_city.oona, at=EVENING).answer["number"] for _ in "123"
    ]

    assert [number[-6:] for number in numbers] == ["999999", "000001", "000002"]
