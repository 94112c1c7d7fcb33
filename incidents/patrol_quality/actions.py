"""What the clock does about the quality of patrols: judge citizens' reports, amend, settle."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from geogrid.core.sql import statement
from incidents.models import Incident
from incidents.patrol_quality.judging import (
    WATCHING,
    WITHIN_M,
    ClassKey,
    Judged,
    Known,
    OnDuty,
    hours_back,
    judge,
    moments_between,
)
from incidents.patrol_quality.models import Judgement, LookBack
from incidents.patrol_quality.passing import Plane, Trod, approaches, piece

SQL = Path(__file__).parent / "sql"
# Fixes are late after five minutes (patrols/fixes.py); what is not is there by then.
RIPE_AFTER = timedelta(minutes=6)
# Late data amends a judgement for so long. After it the figures of a week stand.
OPEN_FOR = timedelta(days=7)
AT_ONCE = 50
MOST_POINTS = 200


def judge_patrols(at: datetime) -> int:
    """Judge citizens' reports that are due, and those that late data has touched; how many that were."""
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "touch"))
        cursor.execute(
            statement(SQL, "waiting"),
            {"open_from": at - OPEN_FOR, "ripe_at": at - RIPE_AFTER, "most": AT_ONCE},
        )
        waiting = [row[0] for row in cursor.fetchall()]
    table = look_backs() if waiting else {}
    for incident_id in waiting:
        judge_report(incident_id=incident_id, at=at, table=table)
    Judgement.objects.filter(is_settled=False, window_to__lte=at - OPEN_FOR).update(is_settled=True)
    return len(waiting)


def forget_ways(at: datetime) -> int:
    """Take the pieces of tracks away when fixes as old are dropped. Returns how many there were."""
    oldest = at - timedelta(days=settings.KEEP_FIXES_DAYS)
    return Judgement.objects.filter(window_to__lt=oldest).exclude(way=[]).update(way=[])


def look_backs() -> dict[ClassKey, float]:
    """Hours before a report in which a problem could be seen, by class."""
    rows = LookBack.objects.values_list("kind", "scheme", "code", "hours")
    return {(kind, scheme, code): hours for kind, scheme, code, hours in rows}


@transaction.atomic
def judge_report(*, incident_id: int, at: datetime, table: dict[ClassKey, float]) -> Judgement:
    """Judge one report by what is known now, and keep the judgement."""
    incident = Incident.objects.select_related("asset_class", "event_class", "asset__asset_class").get(
        pk=incident_id
    )
    hours = hours_back(_class_of(incident), table)
    window_from = incident.reported_at - timedelta(hours=hours)
    known, trod, earlier_id = _known(incident, window_from, is_visible=hours > 0)
    judged = judge(known)
    return _keep(incident, judged, window_from, trod, earlier_id, at)


def _keep(
    incident: Incident,
    judged: Judged,
    window_from: datetime,
    trod: list[Trod],
    earlier_id: int | None,
    at: datetime,
) -> Judgement:
    approach = judged.approach
    way = piece(trod, approach) if approach else []
    said: dict[str, Any] = {
        "verdict": judged.verdict.value,
        "because": judged.because.value,
        "window_from": window_from,
        "window_to": incident.reported_at,
        "place": incident.point,
        "class_key": f"{incident.asset_class_id or 0}/{incident.event_class_id or 0}",
        "worker_id": approach.worker_id if approach else None,
        "nearest_at": approach.at if approach else None,
        "nearest_m": approach.distance_m if approach else None,
        "way": way[:: -(-len(way) // MOST_POINTS)] if way else [],
        "passed_by_others": judged.passed_by_others,
        "earlier_id": earlier_id,
        "judged_at": at,
        "is_stale": False,
    }
    kept, _ = Judgement.objects.update_or_create(
        incident=incident,
        defaults=said,
        create_defaults={**said, "first_verdict": judged.verdict.value},
    )
    return kept


def _class_of(incident: Incident) -> ClassKey | None:
    of_asset = incident.asset_class or (incident.asset.asset_class if incident.asset else None)
    if of_asset is not None and incident.event_class is None:
        return ("asset", of_asset.scheme, of_asset.code)
    if incident.event_class is not None:
        return ("event", incident.event_class.scheme, incident.event_class.code)
    return None


def _known(
    incident: Incident, window_from: datetime, *, is_visible: bool
) -> tuple[Known, list[Trod], int | None]:
    """What the tables say, the fixes that were looked at, and the id of a patrol's earlier report."""
    window_to = incident.reported_at
    if incident.point is None or not incident.unit_code or not is_visible:
        has_place = incident.point is not None and bool(incident.unit_code)
        return Known(window_from, window_to, has_place=has_place, is_visible=is_visible), [], None
    moments = moments_between(window_from, window_to)
    codes = [incident.unit_code, *incident.border_unit_codes]
    with connection.cursor() as cursor:
        roles = [role.value for role in WATCHING]
        cursor.execute(statement(SQL, "roster"), {"moments": moments, "codes": codes, "roles": roles})
        roster = [OnDuty(*row) for row in cursor.fetchall()]
        on_list = sorted({one.worker_id for one in roster})
        window: dict[str, Any] = {"window_from": window_from, "window_to": window_to}
        place: dict[str, Any] = {"lng": incident.point.x, "lat": incident.point.y, "code": incident.unit_code}
        cursor.execute(
            statement(SQL, "ground"), {**window, **place, "within_m": WITHIN_M, "workers": on_list}
        )
        is_due, others, carrying, listened_since = cursor.fetchone()
        cursor.execute(statement(SQL, "trod"), {**window, "workers": sorted({*on_list, *others})})
        trod = [Trod(*row) for row in cursor.fetchall()]
        cursor.execute(statement(SQL, "earlier"), {"incident": incident.pk, "window_from": window_from})
        earlier = cursor.fetchone()
    known = Known(
        window_from=window_from,
        reported_at=window_to,
        reporter_id=incident.reported_by_id,
        earlier_report=str(earlier[0]) if earlier else "",
        is_due=is_due,
        moments=moments,
        roster=roster,
        approaches=approaches(trod, Plane(incident.point.x, incident.point.y), window_from, window_to),
        heard=frozenset(one.worker_id for one in trod if window_from <= one.at <= window_to),
        carrying=frozenset(carrying),
        listened_since=listened_since,
    )
    return known, trod, earlier[0] if earlier else None
