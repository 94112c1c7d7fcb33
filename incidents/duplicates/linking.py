"""Two incidents become one problem: the row that says so, and the step of the one that stays (并案)."""

from datetime import datetime

from geogrid.core.errors import Conflict
from geogrid.organisations.models import User
from incidents.duplicates.models import Merge
from incidents.models import UNFINISHED_VALUES, Incident
from incidents.taking import take
from incidents.workflow import Move


def link(*, duplicate: Incident, into: Incident, actor: User, at: datetime, note: str) -> Merge:
    """Note that `duplicate`, which has just ended as one, is the same problem as `into`.

    Raises:
        Conflict: when the one that stays is over by now.
    """
    into.refresh_from_db()
    if into.stage not in UNFINISHED_VALUES:
        raise Conflict(
            f"Incident {into.number} is over by now; nothing is merged into it. "
            f"案件 {into.number} 已办结，不能再并入。"
        )
    merge = Merge.objects.create(duplicate=duplicate, into=into, merged_by=actor, merged_at=at, note=note)
    take(into, Move.MERGE, actor, at, note=note, details={"duplicate": duplicate.number, "merge": merge.pk})
    return merge
