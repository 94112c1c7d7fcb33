"""Random walks of one incident through the loop: any actor, any move, any time, against the real database.

After every step of a walk: exactly one holder, the steps follow each other and the table, the chain is whole,
no clock is negative, and it is closed only as the table allows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from traceback import format_exception
from typing import Any, ClassVar

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from geogrid.clock.due import hand_over
from geogrid.core.errors import GeoGridError
from geogrid.organisations.models import User
from incidents import actions
from incidents.clocks.actions import city_calendar
from incidents.loop import due, two_persons
from incidents.loop.api import make
from incidents.loop.models import Application, IncidentClock, Verification
from incidents.loop.offers import offered
from incidents.loop.serializers import MADE_HERE
from incidents.models import EventClass, Incident, StepTaken
from incidents.workflow import UNFINISHED, Move, transitions
from tests.loop.conftest import HOUR, MINUTE, NOON, Loop, photographed, reported, terms

# Hypothesis draws a number and no more: what is there to choose from depends on the database.
CHANCES = st.integers(0, 2**32)
LEAPS = st.sampled_from(
    [timedelta(0), MINUTE, 20 * MINUTE, HOUR, 5 * HOUR, timedelta(days=1), timedelta(days=5)]
)
DUE = (due.warn, due.note_overdue, due.resume_suspended, due.evaluate_closed)
TABLE = transitions()


@dataclass
class Tally:
    """What the walks did."""

    walks: int = 0
    steps: int = 0
    refused: int = 0
    broken: str = ""


class Walk(RuleBasedStateMachine):
    """One incident, followed wherever it goes."""

    loop: ClassVar[Loop]
    tally: ClassVar[Tally]

    @initialize(governs_itself=st.booleans(), offset=st.integers(0, 6))
    def begin(self, governs_itself: bool, offset: int) -> None:
        """A report; who may, files it later under these terms."""
        self.now: datetime = NOON + timedelta(days=offset)
        self.terms = terms(self.loop, is_self_governed=governs_itself)
        self.incident = reported(self.loop.people.oona, self.now)
        self.stale = Incident.objects.get(pk=self.incident.pk)
        self.people: list[User] = list(User.objects.order_by("id"))
        self.units = [self.loop.roads, self.loop.lights, self.loop.water]
        Walk.tally.walks += 1

    def attempt(self, do: Any) -> None:
        try:
            with transaction.atomic():
                do()
        except GeoGridError:
            Walk.tally.refused += 1
        self.incident = Incident.objects.get(pk=self.incident.pk)

    def said(self, luck: Random, move: str) -> dict[str, Any]:
        """A request that could pass, or could not."""
        chosen = luck.sample(self.units, luck.randint(1, 3))
        has_lead = luck.random() < 0.5 or move == Move.DISPATCH
        roles = ["lead" if has_lead and place == 0 else "co" for place in range(len(chosen))]
        last = StepTaken.objects.filter(incident=self.incident).order_by("-id")[0].pk
        return {
            "move": move,
            "seen_step": luck.choice([None, last]),
            "note": luck.choice(["x", "x", "x", ""]),
            "filing_condition": "",
            "condition": None,
            "event_class": luck.choice([None, *EventClass.objects.values_list("pk", flat=True)]),
            "to": luck.choice(self.people).username,
            "units": [
                {"unit": unit, "role": role, "is_mandatory": luck.random() < 0.5, "limit": None}
                for unit, role in zip(chosen, roles, strict=True)
            ],
            "suggested_unit": None,
            "result": "x",
            "place": None,
            "meeting_at": self.now + HOUR,
            "meeting_place": "x",
            "is_true": True,
            "mark": 3,
            "satisfaction": 4,
            "code": luck.choice(["solved", "duplicate"]),
            "until": self.now + timedelta(days=luck.randint(0, 400)),
        }

    def do(self, said: dict[str, Any], incident: Incident, actor: User) -> None:
        if said["move"] == Move.FILE:
            actions.file(incident=incident, actor=actor, at=self.now, terms=self.terms)
        else:
            make(incident, said, actor, self.now)

    @rule(chance=CHANCES)
    def anybody_tries_anything(self, chance: int) -> None:
        actor, move = Random(chance).choice(self.people), Random(chance + 1).choice(MADE_HERE)
        said = self.said(Random(chance), move)
        self.attempt(lambda: self.do(said, self.incident, actor))

    @rule(chance=CHANCES)
    def somebody_does_what_is_offered(self, chance: int) -> None:
        self.offered_to_somebody(chance)

    @rule(chance=CHANCES)
    def and_others_after_them(self, chance: int) -> None:
        for further in range(3):
            self.offered_to_somebody(chance + further)

    def offered_to_somebody(self, chance: int) -> None:
        choices = []
        luck = Random(chance)
        near = {self.incident.holder_id, self.incident.cell_worker_id}
        some = [*luck.sample(self.people, 4), *(one for one in self.people if one.pk in near)]
        for actor in some:
            actor.kept_scopes.clear()
            found = offered(self.incident, actor, self.now)
            choices += [
                (actor, one["move"]) for one in found if one["move"] not in {"move_place", "hand_over"}
            ]
        if not choices:
            return
        actor, move = luck.choice(choices)
        for role in ("before", "after"):
            photographed(self.incident, actor, self.now, role)
        said = self.said(Random(chance), move)
        self.attempt(lambda: self.do(said, self.incident, actor))

    @rule(chance=CHANCES)
    def somebody_acts_on_what_they_saw_earlier(self, chance: int) -> None:
        actor, move = Random(chance).choice(self.people), Random(chance + 1).choice(MADE_HERE)
        said, stale = self.said(Random(chance), move), self.stale
        self.attempt(lambda: self.do(said, stale, actor))
        self.stale = Incident.objects.get(pk=self.incident.pk)

    @rule(chance=CHANCES, approves=st.booleans())
    def somebody_decides(self, chance: int, approves: bool) -> None:
        waiting = list(Application.objects.filter(incident=self.incident, verdict="pending"))
        if not waiting:
            return
        luck = Random(chance)
        application = luck.choice(waiting)
        actor = self.loop.chief if luck.random() < 0.5 else luck.choice(self.people)
        decide = two_persons.approve if approves else two_persons.refuse
        self.attempt(lambda: decide(application=application, actor=actor, at=self.now, note="x"))

    @rule(leap=LEAPS)
    def time_passes(self, leap: timedelta) -> None:
        self.now += leap
        for do in DUE:
            do(self.now)
        self.incident = Incident.objects.get(pk=self.incident.pk)

    @rule()
    def shifts_end(self) -> None:
        hand_over(self.now)
        self.incident = Incident.objects.get(pk=self.incident.pk)

    @invariant()
    def all_is_well(self) -> None:
        if not hasattr(self, "incident"):
            return
        try:
            self.look()
        except AssertionError as error:
            steps = StepTaken.objects.filter(incident=self.incident).order_by("id")
            Walk.tally.broken = Walk.tally.broken or "".join(format_exception(error)) + repr(
                [(step.move, step.to_stage, step.actor) for step in steps]
            )
            raise

    def look(self) -> None:
        incident = Incident.objects.get(pk=self.incident.pk)
        steps = list(StepTaken.objects.filter(incident=incident).order_by("id"))
        assert incident.holder_id is not None and incident.cell_worker_id is not None
        assert {(step.move, step.from_stage, step.to_stage) for step in steps} <= TABLE
        for before, after in pairwise(steps):
            assert before.to_stage == after.from_stage and before.taken_at <= after.taken_at
        assert steps[-1].to_stage == incident.stage
        self.closed_as_the_table_allows(incident, steps)
        self.clocks_are_right(incident)
        at_work = list(incident.work_orders.at_work())
        leads = [order for order in at_work if order.role == "lead"]
        assert len(leads) == (incident.stage in {"DISPATCHED", "HANDLING"} and self.had_lead(incident))
        if incident.stage not in UNFINISHED:
            assert not at_work
            assert (
                not Application.objects.filter(
                    incident=incident, verdict="pending", asked_at__lt=steps[-1].taken_at
                )
                .exclude(move="exempt")
                .exists()
            )
        assert Verification.objects.filter(incident=incident, verdict="waiting").count() <= (
            incident.stage == "HANDLED"
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT steps, fault FROM core.verify_steps(%s, %s)", [incident.pk - 1, incident.pk]
            )
            assert cursor.fetchone() == (len(steps), None)

    def had_lead(self, incident: Incident) -> bool:
        """A worker who solved it on the spot and failed the verification works without a unit."""
        return incident.work_orders.filter(round=incident.round).exists()

    def closed_as_the_table_allows(self, incident: Incident, steps: list[StepTaken]) -> None:
        is_closed = incident.stage in {"CLOSED", "EVALUATED"}
        assert is_closed == (incident.closed_at is not None)
        for step in steps:
            if step.to_stage == "CLOSED" and step.from_stage != "CLOSED":
                assert (step.move, step.from_stage) in {("close", "VERIFIED"), ("close_with_code", "FILED")}
            if step.move in {"close_with_code", "void", "suspend", "extend", "exempt"}:
                asked = Application.objects.get(pk=step.details["application"])
                assert asked.verdict == "approved" and asked.decided_by_id != asked.asked_by_id

    def clocks_are_right(self, incident: Incident) -> None:
        calendar, at = city_calendar(), max(self.now, incident.reported_at)
        clocks = list(IncidentClock.objects.filter(incident=incident))
        for clock in clocks:
            moment = max(at, clock.started_at)
            assert clock.value.spent(calendar, moment) >= timedelta(0)
            assert clock.value.left(calendar, moment) >= timedelta(0)
            assert clock.due_at == clock.value.due_at(calendar)
        running = [clock for clock in clocks if clock.ended_at is None]
        assert bool(running) <= (incident.stage in UNFINISHED)
        is_filed = incident.filed_at is not None and incident.stage in UNFINISHED
        assert [clock.span for clock in running].count("total") == is_filed
        assert [clock.span for clock in running].count("level") == is_filed
        if is_filed:
            [total] = [clock for clock in running if clock.span == "total"]
            assert total.due_at == incident.deadline_at

    def teardown(self) -> None:
        if hasattr(self, "incident"):
            Walk.tally.steps += StepTaken.objects.filter(incident=self.incident).count()
