"""The incidents as they were at a moment (回放): from the steps taken, which are never edited."""

from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.aggregates import Count
from django.db.models.functions import Extract, Floor

from incidents.models import UNFINISHED_VALUES, IncidentQuerySet, StepTaken
from incidents.workflow import Move, Stage

MOST_SHOWN = 5_000
BARS = 144  # of the time strip


def open_at(seen: IncidentQuerySet, at: datetime) -> list[dict[str, Any]]:
    """Those of `seen` that somebody still had to do at `at`: stage and place of then, the newest first.

    Only what is open now, or has taken a step since, can have been open then. Class and deadline are those
    of now; whoever worked on it is not told. At most MOST_SHOWN + 1 rows, so that the caller knows of more.
    """
    steps = StepTaken.objects.filter(incident=OuterRef("pk"))
    since = StepTaken.objects.filter(taken_at__gt=at).values("incident_id")
    rows = (
        seen.filter(Q(stage__in=UNFINISHED_VALUES) | Q(pk__in=since), reported_at__lte=at)
        .annotate(
            stage_then=Subquery(
                steps.filter(taken_at__lte=at).order_by("-taken_at", "-id").values("to_stage")[:1]
            ),
            moved_from=Subquery(
                steps.filter(taken_at__gt=at, move=Move.MOVE_PLACE.value)
                .order_by("taken_at", "id")
                .values("details__from")[:1]
            ),
        )
        .filter(stage_then__in=UNFINISHED_VALUES)
        .select_related("asset_class", "event_class")
        .only(
            "number", "point", "location_text", "reported_at", "deadline_at", "is_simulated",
            "asset_class__name", "asset_class__name_en", "asset_class__code",
            "event_class__name", "event_class__name_en", "event_class__code",
        )
        .order_by("-reported_at", "-id")
    )  # fmt: skip
    return [_then(row) for row in rows[: MOST_SHOWN + 1]]


def _then(row: Any) -> dict[str, Any]:
    known = row.asset_class or row.event_class
    place = row.moved_from or ({"lng": row.point.x, "lat": row.point.y} if row.point else {})
    return {
        "number": row.number,
        "stage": row.stage_then,
        "lng": place.get("lng"),
        "lat": place.get("lat"),
        "location_text": row.location_text,
        "class_zh": known.name if known else "",
        "class_en": known.name_en if known else "",
        "class_code": known.code if known else "",
        "reported_at": row.reported_at,
        # Filing sets it.
        "deadline_at": row.deadline_at if row.stage_then != Stage.REPORTED else None,
        "is_simulated": row.is_simulated,
    }


def reported_by_bar(seen: IncidentQuerySet, start: datetime, end: datetime) -> list[int]:
    """How many of `seen` were reported in each of BARS equal parts of a period."""
    length_s = (end - start).total_seconds() / BARS
    bar = Floor((Extract("reported_at", "epoch") - start.timestamp()) / length_s)
    found = (
        seen.filter(reported_at__gte=start, reported_at__lt=end)
        .annotate(bar=bar)
        .values("bar")
        .order_by("bar")
        .annotate(reported=Count(F("pk")))
    )
    counts = [0] * BARS
    for row in found:
        counts[min(int(row["bar"]), BARS - 1)] += row["reported"]
    return counts
