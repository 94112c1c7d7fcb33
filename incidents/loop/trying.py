"""Due changes, one transaction each: what is refused is tried again later and later, and others go on.

A refused change leaves a row that the stuck panel shows. Until its next try the clock does not look at it, so
that a hundred of them never keep the others from their turn.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError
from django.db.models import F, QuerySet

from geogrid.core.actor import System, acting_as
from geogrid.core.errors import GeoGridError
from incidents.loop.models import IncidentClock
from incidents.messages.models import ClockRefusal

CLOCK = System("clock")
AT_ONCE = 100
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
log = logging.getLogger(__name__)


def wait_after(times: int) -> timedelta:
    """How long the clock waits after so many refusals: doubled each time, up to an hour."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(times - 1, 12)
    return min(LONGEST_WAIT, doubled)


def not_held_back(rows: QuerySet[Any], what: str, at: datetime) -> list[int]:
    """Ids of the first hundred that do not wait for their next try after a refusal."""
    waiting = ClockRefusal.objects.filter(what=what, next_try_at__gt=at)
    return list(rows.exclude(pk__in=waiting.values("ref")).values_list("pk", flat=True)[:AT_ONCE])


def each(ids: Iterable[int], do: Callable[[int, datetime], int], at: datetime, what: str) -> int:
    """Do each in a transaction of its own; what one refuses is noted and tried later, the others go on."""
    done = 0
    known = set(ClockRefusal.objects.filter(what=what).values_list("ref", flat=True))
    for one in ids:
        try:
            with acting_as(CLOCK):
                done += do(one, at)
                if one in known:
                    ClockRefusal.objects.filter(what=what, ref=one).delete()
        except (OperationalError, InterfaceError):
            raise
        except (DatabaseError, GeoGridError) as error:
            _note(what, one, error, at)
    return done


def _note(what: str, ref: int, error: Exception, at: datetime) -> None:
    said = (str(error) or type(error).__name__).strip().partition("\n")[0][:500]
    with acting_as(CLOCK):
        known = ClockRefusal.objects.select_for_update().filter(what=what, ref=ref).first()
        if known is None:
            log.exception("The clock could not do %s for %s", what, ref)  # in full once, then in the panel
            incident_id = ref
            if what in OF_CLOCKS:
                incident_id = IncidentClock.objects.values_list("incident_id", flat=True).get(pk=ref)
            ClockRefusal.objects.create(
                what=what, ref=ref, incident_id=incident_id, error=said, first_at=at,
                next_try_at=at + wait_after(1),
            )  # fmt: skip
            return
        log.warning("The clock could again not do %s for %s: %s", what, ref, said)
        ClockRefusal.objects.filter(pk=known.pk).update(
            times=F("times") + 1, error=said, next_try_at=at + wait_after(known.times + 1)
        )


# Those whose `ref` is a clock of an incident; the others' is the incident itself.
OF_CLOCKS = frozenset({"warn", "overdue"})


def forget_settled(at: datetime) -> int:
    """Forget refusals that nothing is due for any more: the incident moved on, the clock has ended."""
    settled = ClockRefusal.objects.filter(next_try_at__lt=at - LONGEST_WAIT)
    return settled.delete()[0]
