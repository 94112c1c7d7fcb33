"""What the clock does for the loop: once each, and by rule."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from incidents.loop import due, handling, two_persons
from incidents.loop.models import FileClockMark, IncidentClock, Verification
from incidents.models import StepTaken
from incidents.workflow import Move
from tests.incidents.conftest import settle
from tests.loop.conftest import HOUR, MINUTE, NOON, Loop, filed, lead, photographed, reported


def moves_of(incident):
    return list(StepTaken.objects.filter(incident=incident).order_by("id").values_list("move", flat=True))


def test_a_limit_is_warned_of_and_noted_once_and_the_next_unit_is_sent(loop: Loop):
    incident = filed(loop)
    handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON)
    handling.accept(incident=incident, actor=loop.rod, at=NOON)
    handling.arrive(incident=incident, actor=loop.rod, at=NOON)

    warned = [due.warn(NOON + 3.2 * HOUR), due.warn(NOON + 3.3 * HOUR)]
    noted = [due.note_overdue(NOON + 4 * HOUR), due.note_overdue(NOON + 4.1 * HOUR)]

    settle()
    incident.refresh_from_db()
    # The clock of the incident and that of the work order.
    assert (warned, noted) == ([2, 0], [2, 0])
    assert moves_of(incident)[-5:] == ["warn", "warn", "overdue", "second_dispatch", "overdue"]
    assert (incident.stage, incident.holder, incident.responsible_unit) == (
        "DISPATCHED",
        loop.wat,
        loop.roads,
    )
    first = incident.work_orders.get(unit=loop.roads)
    assert (first.role, first.state, first.is_accountable) == ("co", "ACCEPTED", True)
    handling.accept(incident=incident, actor=loop.wat, at=NOON + 5 * HOUR)
    assert incident.responsible_unit == loop.roads


def test_without_another_unit_the_next_level_has_it(loop: Loop):
    incident = filed(loop, next_unit_ids=())
    handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON)

    due.note_overdue(NOON + 5 * HOUR)

    settle()
    incident.refresh_from_db()
    assert (incident.stage, incident.level, incident.responsible_unit) == ("FILED", "STREET", loop.roads)


def test_suspended_it_is_not_warned_of_and_resumes_by_itself(loop: Loop):
    incident = filed(loop)
    until = NOON + timedelta(days=3)
    application = two_persons.apply(
        incident=incident, move=Move.SUSPEND, actor=loop.district, at=NOON, note="x", until=until
    )
    two_persons.approve(application=application, actor=loop.chief, at=NOON)

    during = [
        due.warn(NOON + 9 * HOUR),
        due.note_overdue(NOON + 9 * HOUR),
        due.resume_suspended(NOON + 9 * HOUR),
    ]
    after = [due.resume_suspended(until), due.resume_suspended(until)]

    settle()
    incident.refresh_from_db()
    assert (during, after, incident.waiting) == ([0, 0, 0], [1, 0], "")
    assert due.warn(until + 4 * HOUR) > 0


def test_reports_that_wait_get_their_clock_and_intake_writes_none(loop: Loop):
    FileClockMark.objects.update(reported_to=NOON - MINUTE)
    incident = reported(loop.people.oona)
    assert not IncidentClock.objects.filter(incident=incident).exists()

    begun = [due.start_file_clocks(NOON + MINUTE), due.start_file_clocks(NOON + 2 * MINUTE)]
    noted = due.note_overdue(NOON + 3 * MINUTE)

    assert (begun, noted) == ([1, 0], 1)
    assert moves_of(incident) == ["report", "overdue"]


def test_who_does_not_come_to_verify_is_replaced(loop: Loop):
    incident = filed(loop)
    handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON)
    handling.accept(incident=incident, actor=loop.rod, at=NOON)
    photographed(incident, loop.rod, NOON)
    handling.hand_in(incident=incident, actor=loop.rod, at=NOON, result="x")
    first = Verification.objects.get(incident=incident).verifier_id
    # Four working hours from 10:00 on: until 16:00, since the offices rest from 12 to 14.
    assert IncidentClock.objects.running().get(incident=incident, what="verify").due_at == NOON + 6 * HOUR

    due.note_overdue(NOON + 6 * HOUR)

    settle()
    second = Verification.objects.get(incident=incident, verdict="waiting").verifier_id
    incident.refresh_from_db()
    assert (second != first, incident.holder_id) == (True, second)


def test_after_the_communitys_days_the_units_are_summoned(loop: Loop):
    incident = filed(loop, is_self_governed=True, limit=None)

    due.note_overdue(NOON + timedelta(days=3))

    settle()
    incident.refresh_from_db()
    order = incident.work_orders.get()
    assert (incident.stage, order.unit, order.meeting_at) == (
        "DISPATCHED",
        loop.roads,
        NOON + timedelta(days=4),
    )
    assert moves_of(incident)[-2:] == ["overdue", "whistle"]


@pytest.mark.parametrize("after_which", ["take", "second_dispatch"])
def test_a_clock_killed_in_the_middle_of_an_escalation_does_it_once_all_the_same(
    lasting_loop: Loop, test_database, after_which: str
):
    incident = filed(lasting_loop)
    handling.dispatch(incident=incident, units=[lead(lasting_loop.roads)], actor=lasting_loop.street, at=NOON)
    late = NOON + 5 * HOUR
    script = f"""
import os, signal, django
django.setup()
from datetime import datetime
from incidents.loop import due, levels
place = due if "{after_which}" == "take" else levels
done = getattr(place, "{after_which}")
def die(*args, **how):
    done(*args, **how)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(place, "{after_which}", die)
due.note_overdue(datetime.fromisoformat("{late.isoformat()}"))
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "geogrid.settings"}
    died = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=False)

    due.note_overdue(late)
    due.note_overdue(late)

    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    made = moves_of(incident)
    assert made.count("second_dispatch") == 1
    clocks = IncidentClock.objects.filter(incident=incident, overdue_at__isnull=False)
    assert made.count("overdue") == clocks.count()
