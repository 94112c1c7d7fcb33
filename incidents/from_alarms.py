"""Alarms of sensors become incidents: the clock reads what happened to them, in order, and each once.

An alarm opens an incident, unless its datastream, or another gauge of the same waterlogging point, has an
unfinished one: then it belongs to that. What happens to it later is a step. Nothing closes by itself.
"""

import logging
from datetime import datetime

from django.db import DatabaseError, InterfaceError, OperationalError
from django.db.models import F

from assets.sensors.models import Alarm, AlarmTurn, Datastream, WaterloggingPoint
from geogrid.core.actor import System, acting_as
from geogrid.core.errors import GeoGridError
from incidents.intake import Report, report
from incidents.known_classes import KnownClasses
from incidents.measured import LEVEL_WORDS
from incidents.models import UNFINISHED_VALUES, EventClass, Incident, IncidentAlarm, StepTaken
from incidents.workflow import Move

SENSOR = System("sensor")
CHANNEL = "sensor"
AT_ONCE = 200
log = logging.getLogger(__name__)


def tell_incidents(at: datetime) -> int:
    """Make of alarms what is due. Returns how many turns were told.

    Each alarm is a transaction: killed at any moment, it is told whole or not at all, and then later. One
    that fails (nobody could have the incident, say) is logged and tried again; the others go on.
    """
    waiting = (
        AlarmTurn.objects.filter(told_at=None).order_by("id").values_list("alarm_id", flat=True)[:AT_ONCE]
    )
    told = 0
    for alarm_id in dict.fromkeys(waiting):
        try:
            told += tell(alarm_id=alarm_id, at=at)
        except (OperationalError, InterfaceError):
            raise
        except (DatabaseError, GeoGridError):
            log.exception("Alarm %s could not become an incident; it is tried again", alarm_id)
    return told


def tell(*, alarm_id: int, at: datetime) -> int:
    """Make of one alarm what is due. Returns how many turns were told; none when somebody else was first."""
    with acting_as(SENSOR):
        alarm = Alarm.objects.select_related("datastream__station__asset").get(pk=alarm_id)
        same_problem = _same_problem(alarm.datastream)
        # Alarms of one problem are told one after another, whoever tells them.
        list(Datastream.objects.select_for_update(no_key=True).filter(pk__in=same_problem).order_by("pk"))
        turns = list(AlarmTurn.objects.filter(alarm=alarm, told_at=None).order_by("id"))
        incident = _incident_of(alarm, same_problem) if turns else None
        for turn in turns:
            if incident is None:
                incident = _open(alarm, turn, at)
            else:
                _note(incident, alarm, turn, at)
        AlarmTurn.objects.filter(pk__in=[turn.pk for turn in turns]).update(told_at=at)
        return len(turns)


def _same_problem(datastream: Datastream) -> list[int]:
    """Ids of the datastreams that speak of the same problem: itself, and the gauges beside it.

    Those are bound to the same class of incidents and measure the same waterlogging point.
    """
    points = WaterloggingPoint.objects.filter(stations=datastream.station_id, is_active=True)
    beside = Datastream.objects.filter(
        event_code=datastream.event_code, station__waterlogging_points__in=points
    )
    return sorted({datastream.pk, *beside.values_list("pk", flat=True)})


def _incident_of(alarm: Alarm, same_problem: list[int]) -> Incident | None:
    """The incident of the alarm, or an unfinished one of the same problem, to which it then belongs."""
    own = IncidentAlarm.objects.select_related("incident").filter(alarm=alarm).first()
    if own is not None:
        return own.incident
    unfinished = IncidentAlarm.objects.select_related("incident").filter(
        alarm__datastream_id__in=same_problem, incident__stage__in=UNFINISHED_VALUES
    )
    earlier = unfinished.order_by("-alarm_id").first()
    if earlier is None:
        return None
    IncidentAlarm.objects.create(alarm=alarm, incident=earlier.incident)
    return earlier.incident


def _open(alarm: Alarm, turn: AlarmTurn, at: datetime) -> Incident:
    receipt = report(
        said=_said(alarm, turn), actor=SENSOR, at=at, client=CHANNEL, idempotency_key=f"alarm:{alarm.pk}"
    )
    incident = Incident.objects.get(number=receipt.answer["number"])
    IncidentAlarm.objects.create(alarm=alarm, incident=incident)
    return incident


def _said(alarm: Alarm, turn: AlarmTurn) -> Report:
    datastream, station = alarm.datastream, alarm.datastream.station
    flooded = WaterloggingPoint.objects.filter(stations=station, is_active=True).order_by("id").first()
    place = flooded.place if flooded else station.asset.geom.centroid
    named = flooded or station
    level_zh, level_en = LEVEL_WORDS[turn.level]
    value = f"{turn.value:g} {datastream.unit_symbol}"
    return Report(
        channel=CHANNEL,
        description=(
            f"{named.name}：{datastream.name} {value}，{level_zh}。\n"
            f"{named.name_en or named.name}: {datastream.name_en or datastream.name} {value}, {level_en}."
        ),
        lng=place.x,
        lat=place.y,
        location_text=named.name,
        asset_id=station.asset_id,
        event_class_id=_event_class_id(datastream),
        source_number=f"{station.code}/{datastream.code}"[:60],
        is_simulated=station.is_simulated,
    )


def _event_class_id(datastream: Datastream) -> int | None:
    """The class bound to the datastream; without one the incident has words only, and a person classes it."""
    if not datastream.event_code:
        return None
    found = KnownClasses(EventClass).id_of(datastream.event_code)
    if found is None:
        log.error(
            "Datastream %s is bound to event class %s, which there is not", datastream, datastream.event_code
        )
    return found


def _note(incident: Incident, alarm: Alarm, turn: AlarmTurn, at: datetime) -> None:
    """A step of an unfinished incident. One that is over stays as it was left."""
    stands = Incident.objects.select_for_update().get(pk=incident.pk)
    if stands.stage not in UNFINISHED_VALUES:
        return
    datastream = alarm.datastream
    StepTaken.objects.create(
        incident=stands,
        move=Move.SENSOR.value,
        from_stage=stands.stage,
        to_stage=stands.stage,
        level=stands.level,
        taken_at=at,
        details={
            "alarm": alarm.pk,
            "turn": turn.turn,
            "level": turn.level,
            "value": turn.value,
            "unit": datastream.unit_symbol,
            "name": datastream.name,
            "name_en": datastream.name_en,
            "measured_at": turn.at.isoformat(),
        },
    )
    # The row stays as it is; its change is told to the live feed all the same.
    Incident.objects.filter(pk=stands.pk).update(stage=F("stage"))
