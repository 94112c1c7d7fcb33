"""What is trusted is filed without a person, many at once, with the rows that one by one would have."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.forms.models import model_to_dict

from incidents import actions
from incidents.automatic.filing import FILER, file_trusted
from incidents.automatic.models import Mark, Trust
from incidents.clocks.limits import LimitKind
from incidents.duty_list.models import DutyListEdition, FilingCondition
from incidents.intake import Call, Receipt, Report, report, report_all
from incidents.loop.due import start_file_clocks
from incidents.loop.models import FileClockMark, Filing, IncidentClock
from incidents.messages.models import Message
from incidents.models import EventClass, Incident
from tests.incidents.conftest import MIDDLE, A, B, C, rows, settle
from tests.loop.conftest import HOUR, MINUTE, NOON, Loop

SECOND = timedelta(seconds=1)


def kind_of(code: str) -> EventClass:
    return EventClass.objects.create(
        scheme="s", version="1", code=code, major_name="x", major_name_en="x", name=f"类{code}",
        name_en=f"Class {code}", origin="ours",
    )  # fmt: skip


@pytest.fixture
def flood(db: None) -> EventClass:
    return kind_of("0506")


def condition(of_class: EventClass, text: str = "积水", **more: Any) -> FilingCondition:
    edition = DutyListEdition.objects.create(made_at=NOON, actor="x", note="x")
    return FilingCondition.objects.create(
        edition_from=edition, event_class=of_class, text=text, closing="x", amount=Decimal(2),
        kind=LimitKind.CONTINUOUS_HOUR.value, origin="city", **more,
    )  # fmt: skip


def trust(code: str = "0506", channel: str = "sensor", **more: Any) -> Trust:
    Mark.objects.update(reported_to=NOON - MINUTE)
    return Trust.objects.create(
        kind="event", code=code, channel=channel, valid_from=NOON - HOUR, made_by="eve", **more
    )


def came(loop: Loop, of_class: EventClass, *cells: str, channel="sensor", at=NOON) -> list[Incident]:
    calls = [
        Call(Report(channel, "x", *MIDDLE[cell], event_class_id=of_class.pk), loop.people.volunteer, at)
        for cell in cells
    ]
    numbers = [receipt.answer["number"] for receipt in report_all(calls) if isinstance(receipt, Receipt)]
    return [Incident.objects.get(number=number) for number in numbers]


def kept(incident: Incident) -> dict[str, Any]:
    """All that a filing leaves behind, without ids and numbers."""
    incident.refresh_from_db()
    names = [
        "stage",
        "filed_at",
        "deadline_at",
        "holder_id",
        "responsible_unit_id",
        "waiting",
        "level",
        "round",
    ]
    clocks = IncidentClock.objects.filter(incident=incident).order_by("span", "what")
    messages = Message.objects.filter(incident=incident).order_by("to_user", "channel")
    return {
        "incident": {name: getattr(incident, name) for name in names},
        "filing": model_to_dict(Filing.objects.get(incident=incident), exclude=["incident"]),
        "clocks": [model_to_dict(clock, exclude=["id", "incident"]) for clock in clocks],
        "step": incident.steps_taken.filter(move="file").values(
            "from_stage", "to_stage", "level", "taken_at"
        )[0],
        "messages": [
            (one.to_user_id, one.channel, one.state, one.kind, one.text_zh.replace(incident.number, "N"))
            for one in messages
        ],
    }


@pytest.mark.parametrize("is_self_governed", [False, True])
@pytest.mark.parametrize("has_clock", [False, True])
def test_the_rows_are_those_of_a_filing_by_hand(loop: Loop, flood, is_self_governed, has_clock):
    named = condition(flood, is_self_governed=is_self_governed, legal_basis="y", result_photos=["after"])
    loop.people.volunteer.email = "v@example.org"
    loop.people.volunteer.save()
    trust()
    by_itself, by_hand = came(loop, flood, A, A)
    Incident.objects.filter(pk=by_hand.pk).update(channel="phone")
    by_hand.refresh_from_db()
    if has_clock:
        FileClockMark.objects.update(reported_to=NOON - MINUTE)
        assert start_file_clocks(NOON + SECOND) == 2

    assert file_trusted(NOON + MINUTE) == (1, [])
    actions.file(incident=by_hand, actor=FILER, at=NOON + MINUTE, condition_id=named.pk)
    settle()

    assert kept(by_itself) == kept(by_hand)
    assert kept(by_itself)["messages"] != []
    assert by_itself.steps_taken.get(move="file").actor == "automatic filing"
    assert rows("SELECT fault FROM core.verify_steps(0, 1000000)") == [(None,)]


def test_only_what_is_trusted_is_filed_and_once(loop: Loop, flood):
    other = kind_of("0201")
    condition(flood)
    trust()
    mine = came(loop, flood, A, B, C)
    for_a_person = [
        *came(loop, flood, A, channel="phone"),
        *came(loop, other, A),
        *came(loop, flood, A, at=NOON + HOUR),  # not yet
    ]
    nowhere = report(said=Report("sensor", "x", event_class_id=flood.pk), actor=loop.people.eve, at=NOON)

    assert file_trusted(NOON + SECOND) == (3, [])
    assert file_trusted(NOON + 2 * SECOND) == (0, [])
    settle()

    assert {Incident.objects.get(pk=one.pk).stage for one in mine} == {"FILED"}
    assert {Incident.objects.get(pk=one.pk).stage for one in for_a_person} == {"REPORTED"}
    assert Incident.objects.get(number=nowhere.answer["number"]).stage == "REPORTED"


def test_the_longest_beginning_counts_and_each_channel_by_itself(loop: Loop, flood):
    first, second = condition(flood, "一"), condition(flood, "二")
    trust("05", condition=first)
    trust("0506", condition=second)
    trust("0506", channel="app", condition=first)
    [by_sensor], [by_app] = came(loop, flood, A), came(loop, flood, A, channel="app")

    file_trusted(NOON + SECOND)

    assert Filing.objects.get(incident=by_sensor).condition == "二"
    assert Filing.objects.get(incident=by_app).condition == "一"


def test_a_new_city_files_nothing_without_a_person(loop: Loop, flood):
    came(loop, flood, A)

    assert file_trusted(NOON + SECOND) == (0, [])
    assert Mark.objects.get().reported_to >= NOON


def test_what_the_lists_no_longer_name_is_left_to_a_person(loop: Loop, flood):
    gone = condition(flood)
    trust(condition=gone)
    gone.edition_to = DutyListEdition.objects.create(made_at=NOON, actor="x", note="x")
    gone.save()
    [incident] = came(loop, flood, A)

    assert file_trusted(NOON + SECOND) == (0, [incident.pk])
    assert file_trusted(NOON + SECOND, [incident.pk]) == (0, [])


def test_a_line_only_ends(loop: Loop):
    line = trust()
    for changes in ({"channel": "phone"}, {"valid_to": NOON, "note": "x"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Trust.objects.filter(pk=line.pk).update(**changes)
    with pytest.raises(DatabaseError), transaction.atomic():
        Trust.objects.filter(pk=line.pk).delete()
    Trust.objects.filter(pk=line.pk).update(valid_to=NOON)
    assert not Trust.objects.at(NOON).exists() and Trust.objects.at(NOON - MINUTE).exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        Trust.objects.create(kind="event", code="05", channel="", valid_from=NOON, made_by="x")
