"""Filing of what is trusted, many at once: the same rows that `actions.file` writes one by one.

What is the same for all (rules, calendar, policy) is read once for a batch, and each kind of row is written
by one statement. A test files the same reports both ways and compares.
"""

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.models import Q
from django.utils import timezone

from assets.models import AssetClass
from geogrid.core.actor import System, acting_as
from geogrid.core.errors import GeoGridError
from incidents.automatic.models import Mark, Trust
from incidents.clocks.stages import Span, StageClock
from incidents.loop import people, timing
from incidents.loop.freezing import Known, Terms, filing_of, terms_for
from incidents.loop.models import Filing, IncidentClock
from incidents.messages import outbox
from incidents.messages.models import Message
from incidents.models import EventClass, Incident, StepTaken
from incidents.responsibility.answering import current_rules
from incidents.routing import responsible_unit_id
from incidents.workflow import Move, Stage

FILER = System("automatic filing")
AT_ONCE = 100
LOOKED_BACK = timedelta(minutes=2)  # a report may be committed a little after the time that it names
TRY_AGAIN_AFTER = timedelta(minutes=1)
PAUSE_S = 0.3
log = logging.getLogger(__name__)


@dataclass
class Lines:
    """The lines in force, by the ids of the classes that they name and the channel."""

    by_event: dict[tuple[int, str], Trust] = field(default_factory=dict)
    by_asset: dict[tuple[int, str], Trust] = field(default_factory=dict)

    def of(self, incident: Incident) -> Trust | None:
        if incident.event_class_id is not None:
            return self.by_event.get((incident.event_class_id, incident.channel))
        if incident.asset_class_id is not None:
            return self.by_asset.get((incident.asset_class_id, incident.channel))
        return None

    @property
    def is_empty(self) -> bool:
        return not (self.by_event or self.by_asset)

    def named(self) -> Q:
        """What they are about, roughly: any of the classes by any of the channels."""
        channels = {channel for _, channel in (*self.by_event, *self.by_asset)}
        events, assets = {pk for pk, _ in self.by_event}, {pk for pk, _ in self.by_asset}
        of_class = Q(event_class_id__in=events) | Q(asset_class_id__in=assets)
        return Q(channel__in=channels) & of_class


def lines_at(at: datetime) -> Lines:
    """The lines in force; of several that fit a class that with the longest beginning of its code."""
    lines = Lines()
    rows = sorted(Trust.objects.at(at).select_related("condition"), key=lambda row: len(row.code))
    for row in rows:
        into, model = (lines.by_event, EventClass) if row.kind == "event" else (lines.by_asset, AssetClass)
        for pk in model._default_manager.filter(code__startswith=row.code).values_list("id", flat=True):
            into[(pk, row.channel)] = row
    return lines


def file_trusted(at: datetime, besides: Iterable[int] = ()) -> tuple[int, list[int]]:
    """File a batch of what is trusted: (how many were filed, ids that could not be, for now).

    Only what has its class and lies in a cell; what the rules cannot take is left to a person.
    """
    lines = lines_at(at)
    if lines.is_empty:
        Mark.objects.filter(reported_to__lt=at).update(reported_to=at)
        return 0, []
    with acting_as(FILER):
        mark = Mark.objects.get()
        waiting = Incident.objects.filter(
            lines.named(),
            stage=Stage.REPORTED.value,
            waiting="",
            reported_at__gt=mark.reported_to - LOOKED_BACK,
            reported_at__lte=at,
        ).exclude(unit_code="")
        free = waiting.exclude(pk__in=list(besides)).select_for_update(
            no_key=True, skip_locked=True, of=("self",)
        )
        found = list(
            free.order_by("reported_at").select_related("asset_class", "event_class", "asset", "cell_version")
            .defer("cell_version__geom", "asset__geom", "asset__geom_3857")[:AT_ONCE]
        )  # fmt: skip
        filed, refused = _file_all(found, lines, at)
        is_all = len(found) < AT_ONCE
        to = at if is_all else found[-1].reported_at
        Mark.objects.filter(reported_to__lt=to).update(reported_to=to)
    return filed, refused


def _file_all(found: list[Incident], lines: Lines, at: datetime) -> tuple[int, list[int]]:
    known = Known(current_rules(), timing.rules_at(at))
    terms: list[tuple[Incident, Terms, Trust]] = []
    refused: list[int] = []
    for incident in found:
        line = lines.of(incident)
        if line is None:
            refused.append(incident.pk)  # one class by the channel of another line
            continue
        try:
            terms.append((incident, terms_for(incident, line.condition_id, "", at, known), line))
        except GeoGridError as error:
            log.warning("Incident %s is not filed by itself: %s", incident.number, error)
            refused.append(incident.pk)
    if terms:
        _write(terms, known, at)
    return len(terms), refused


def _write(terms: list[tuple[Incident, Terms, Trust]], known: Known, at: datetime) -> None:
    """The rows of every filing: frozen terms, step, the incident, clocks, messages."""
    filings = {
        incident.pk: filing_of(incident, agreed, max(at, incident.reported_at))
        for incident, agreed, _ in terms
    }
    Filing.objects.bulk_create(filings.values())
    steps = StepTaken.objects.bulk_create(
        StepTaken(
            incident=incident,
            move=Move.FILE.value,
            from_stage=Stage.REPORTED.value,
            to_stage=Stage.FILED.value,
            level=incident.level,
            taken_at=filings[incident.pk].filed_at,
            details={"automatic": line.pk}
            | ({"filing_condition": agreed.condition} if agreed.condition else {}),
        )
        for incident, agreed, line in terms
    )
    holders: dict[str, int] = {}
    clocks: list[IncidentClock] = []
    begun = _file_clocks([incident for incident, _, _ in terms])
    for incident, agreed, _ in terms:
        filed_at = filings[incident.pk].filed_at
        code = people.code_of_level(incident)
        if code not in holders:
            holders[code] = people.dispatcher_for(incident, at)
        incident.holder_id = holders[code]
        incident.stage, incident.filed_at = Stage.FILED.value, filed_at
        incident.responsible_unit_id = (
            agreed.unit_ids[0] if agreed.unit_ids else responsible_unit_id(incident)
        )
        mine = timing.of_a_filing(incident, filings[incident.pk], filed_at, known.timing)
        if incident.pk not in begun and not incident.is_simulated:
            mine.append(timing.file_clock(incident, filed_at, known.timing))
        total = next(clock for clock in mine if clock.span == Span.TOTAL)
        incident.deadline_at = total.due_at
        clocks += mine
    IncidentClock.objects.filter(pk__in=[pk for pk in begun.values() if pk]).update(ended_at=at)
    changed = ["stage", "filed_at", "responsible_unit", "holder", "deadline_at"]
    Incident.objects.bulk_update([incident for incident, _, _ in terms], changed)
    IncidentClock.objects.bulk_create(clocks)
    told = outbox.rows_of_filings(
        [(incident, step) for (incident, _, _), step in zip(terms, steps, strict=True)]
    )
    Message.objects.bulk_create(told)


def _file_clocks(incidents: list[Incident]) -> dict[int, int | None]:
    """The filing clocks that run or ran already: incident > its id, None when it has ended."""
    rows = IncidentClock.objects.filter(incident__in=incidents, span=Span.STAGE, what=StageClock.FILE)
    return {row.incident_id: None if row.ended_at else row.pk for row in rows}


def run(stop: threading.Event) -> None:
    """File until `stop` is set. Any number of workers share the work; a lost database is waited for."""
    later: dict[int, datetime] = {}
    while not stop.is_set():
        at = timezone.now()
        later = {pk: until for pk, until in later.items() if until > at}
        filed = 0
        try:
            filed, refused = file_trusted(at, later)
            later |= dict.fromkeys(refused, at + TRY_AGAIN_AFTER)
        except (OperationalError, InterfaceError) as error:
            log.warning("Automatic filing lost the database: %s", error)
            connection.close()
        except (DatabaseError, GeoGridError):
            log.exception("A batch could not be filed by itself; the desk has it")
            stop.wait(5.0)
        if filed < AT_ONCE:
            stop.wait(PAUSE_S)
    connection.close()
