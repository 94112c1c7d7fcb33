"""Figures of the wall, each with its numerator, its denominator and the name of its formula.

Formulas: docs/domain words. `should_close` is filed, due inside the period, not suspended; where no deadline
is set nothing is due, and the rate has no value rather than a flattering one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from incidents.models import UNFINISHED_VALUES, IncidentQuerySet

SCHEME = "geogrid-1"
LONG_OPEN = timedelta(hours=72)  # without a deadline, as the map marks it


@dataclass(frozen=True)
class Indicator:
    """A count (no denominator) or a share. A share of nothing has no value."""

    key: str
    numerator: int
    denominator: int | None = None
    scheme: str = SCHEME

    @property
    def value(self) -> float | None:
        """The count, or the share from 0 to 1."""
        if self.denominator is None:
            return float(self.numerator)
        return self.numerator / self.denominator if self.denominator else None


def indicators(seen: IncidentQuerySet, *, start: datetime, day: datetime, now: datetime) -> list[Indicator]:
    """The figures over `seen`: of the period from `start`, of the local day that began at `day`, of now."""
    received = Q(reported_at__gte=start, reported_at__lte=now)
    filed = Q(filed_at__gte=start, filed_at__lte=now)
    due = Q(filed_at__isnull=False, deadline_at__gte=start, deadline_at__lte=now) & ~Q(waiting="suspended")
    is_open = Q(stage__in=UNFINISHED_VALUES)
    late = Q(deadline_at__lt=now) | Q(deadline_at=None, reported_at__lt=now - LONG_OPEN)
    late &= ~Q(waiting="suspended") & ~Q(stage__in=["HANDLED", "VERIFIED"])
    counts = seen.filter(is_open | received | filed | due).aggregate(
        open=Count("pk", filter=is_open),
        late=Count("pk", filter=is_open & late),
        today=Count("pk", filter=Q(reported_at__gte=day, reported_at__lte=now)),
        received=Count("pk", filter=received),
        filed_of_received=Count("pk", filter=received & Q(filed_at__isnull=False)),
        patrol=Count("pk", filter=received & Q(found_by_patrol=True)),
        filed=Count("pk", filter=filed),
        closed_of_filed=Count("pk", filter=filed & Q(closed_at__isnull=False)),
        due=Count("pk", filter=due),
        closed_of_due=Count("pk", filter=due & Q(closed_at__isnull=False)),
    )
    return [
        Indicator("open", counts["open"]),
        Indicator("late", counts["late"], counts["open"]),
        Indicator("today", counts["today"]),
        Indicator("filing_rate", counts["filed_of_received"], counts["received"]),
        Indicator("closing_rate", counts["closed_of_due"], counts["due"]),
        Indicator("closing_rate_of_filed", counts["closed_of_filed"], counts["filed"], "of-filed"),
        Indicator("patrol_share", counts["patrol"], counts["received"]),
    ]
