"""The end of a dispatcher's shift: what they hold goes on, and only that."""

from datetime import time

import pytest

from geogrid.core.errors import Conflict
from incidents.loop import due, handling, trying
from incidents.loop.models import IncidentClock
from incidents.loop.shifts import pass_on_desks
from incidents.loop.trying import wait_after
from incidents.messages.models import ClockRefusal, Message
from incidents.models import StepTaken
from tests.incidents.conftest import client_of, on_duty, person, settle
from tests.loop.conftest import HOUR, MINUTE, NOON, Loop, filed, lead

STREET = "910101001"


@pytest.fixture
def shifts(loop: Loop) -> Loop:
    """The street's dispatcher works from 08 to 16 (the city is two hours ahead), Nils from 16 on."""
    loop.street.duties.all().delete()
    on_duty(loop.street, STREET, (time(8), time(16)), role="dispatcher")
    loop.district.duties.all().delete()
    return loop


def test_at_the_end_of_the_shift_the_next_dispatcher_has_it_and_is_told(shifts: Loop):
    nils = person("nils", "dispatcher", STREET)
    on_duty(nils, STREET, (time(16), time(23)), role="dispatcher")
    mine, at_work = filed(shifts), filed(shifts)
    handling.dispatch(incident=at_work, units=[lead(shifts.roads)], actor=shifts.street, at=NOON)
    settle()
    assert (mine.holder, at_work.holder) == (shifts.street, shifts.rod)

    before, after, again = (pass_on_desks(NOON + hours * HOUR) for hours in (1, 7, 7.1))

    settle()
    mine.refresh_from_db()
    at_work.refresh_from_db()
    assert (before, after, again) == (0, 1, 0)
    assert (mine.holder, at_work.holder) == (nils, shifts.rod)
    step = StepTaken.objects.filter(incident=mine).latest("id")
    assert (step.move, step.details["reason"]) == ("hand_over", "desk_shift_ended")
    assert Message.objects.filter(incident=mine, to_user=nils, kind="hand_over").count() == 1
    told = client_of(shifts.chief).get(f"/api/incidents/{mine.number}/loop").json()["steps"][-1]["text"]
    assert told["en"] == "Shift change at the desk: Street → Nils"


def test_with_nobody_on_duty_it_stays_where_it_is(shifts: Loop):
    incident = filed(shifts)
    settle()

    assert pass_on_desks(NOON + 7 * HOUR) == 0

    incident.refresh_from_db()
    assert incident.holder == shifts.street


def test_what_the_clock_is_refused_waits_and_keeps_no_other_back(loop: Loop, monkeypatch):
    stubborn, other = filed(loop), filed(loop)
    settle()
    asked = []

    def refuses(clock_id, at):
        incident = IncidentClock.objects.get(pk=clock_id).incident
        asked.append(incident.number)
        if incident == stubborn:
            raise Conflict("It stands elsewhere.")
        return 1

    monkeypatch.setattr(due, "_warn_one", refuses)
    monkeypatch.setattr(trying, "AT_ONCE", 1)
    at = NOON + 13 * MINUTE

    done = [due.warn(at + seconds * MINUTE / 60) for seconds in (0, 1, 2, 11)]

    assert done == [0, 1, 1, 0]
    assert asked == [stubborn.number, other.number, other.number, stubborn.number]
    [refusal] = ClockRefusal.objects.all()
    assert (refusal.what, refusal.times, refusal.incident) == ("warn", 2, stubborn)
    assert refusal.next_try_at == at + MINUTE / 60 * 11 + wait_after(2)
    [shown] = client_of(loop.street).get("/api/messages/refused").json()
    assert (shown["incident"], shown["error"]) == (stubborn.number, "It stands elsewhere.")
    assert client_of(loop.rod).get("/api/messages/refused").status_code == 403
    assert client_of(loop.street).post(f"/api/messages/refused/{shown['id']}/retry").status_code == 200
    monkeypatch.undo()
    ClockRefusal.objects.update(next_try_at=at)  # the button means today, this test a day in January
    assert due.warn(at + 2 * HOUR) >= 1 and not ClockRefusal.objects.exists()


@pytest.mark.fast
def test_waits_of_the_clock_double_up_to_an_hour():
    waits = [wait_after(times).total_seconds() for times in (1, 2, 3, 9, 10, 1000)]

    assert waits == [10, 20, 40, 2560, 3600, 3600]
