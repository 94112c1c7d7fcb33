"""The clock keeps facts and roll-ups: it follows new steps, writes the facts of their incidents, and counts
the days anew that these touched. Counts are worked out from facts, never counted up.
"""

import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from geogrid.core.sql import statement
from incidents.evaluation.counting import count_days, count_months
from incidents.evaluation.measures import Basis

SQL = Path(__file__).parent / "sql"
LOCK = (72101, 12)
FACTS_AT_ONCE = 5_000
DAYS_AT_ONCE = 40
# The clock has other things to do each second: little pieces, for about a second.
FACTS_A_PIECE = 1_000
DAYS_A_PIECE = 10
KEEP_S = 1.0
_DAYS = ", ".join(str(basis) for basis in Basis)


def keep_roll_ups(at: datetime) -> int:
    """Bring facts and counts up to date, for about a second. How many facts and days that were."""
    done, until = 0, time.monotonic() + KEEP_S
    with transaction.atomic():
        if not _alone():
            return 0
        look()
    while time.monotonic() < until:
        some = write_facts(FACTS_A_PIECE) or count_some(DAYS_A_PIECE)
        if not some:
            break
        done += some
    return done


def keep_all() -> None:
    """Bring everything up to date, however long it takes: for imports, tests and measurements."""
    with transaction.atomic():
        look()
    while write_facts() or count_some():
        pass


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK)
        return bool(cursor.fetchone()[0])


@transaction.atomic
def look() -> int:
    """Put in line what is new: by steps, judgements, and changes of the grid. How many incidents."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM evaluation_mark)")
        if not cursor.fetchone()[0]:
            cursor.execute(statement(SQL, "begin"))
        cursor.execute(statement(SQL, "new_steps"))
        found = int(cursor.fetchone()[0])
        cursor.execute(statement(SQL, "follow"))
        found += int(cursor.fetchone()[0])
        return found


@transaction.atomic
def write_facts(most: int = FACTS_AT_ONCE) -> int:
    """Write the facts of some incidents in line, and note the days that they touch. How many."""
    with connection.cursor() as cursor:
        ids = _next(cursor, most)
        if not ids:
            return 0
        cursor.execute(_touch("evaluation_fact"), {"ids": ids})
        cursor.execute("DELETE FROM evaluation_fact WHERE incident_id = ANY (%s)", [ids])
        cursor.execute(statement(SQL, "facts"), {"ids": ids})
        cursor.execute(_touch("evaluation_fact"), {"ids": ids})
        return len(ids)


def _next(cursor: Any, most: int) -> list[int]:
    cursor.execute(
        "DELETE FROM evaluation_pending WHERE incident_id IN"
        " (SELECT incident_id FROM evaluation_pending ORDER BY incident_id LIMIT %s FOR UPDATE SKIP LOCKED)"
        " RETURNING incident_id",
        [most],
    )
    ids = [row[0] for row in cursor.fetchall()]
    if ids:
        return ids
    # Nothing new: the incidents of the beginning, the oldest first.
    cursor.execute(
        "WITH mark AS (SELECT built_to, ends_at FROM evaluation_mark WHERE built_to < ends_at FOR UPDATE)"
        " SELECT i.id FROM incident AS i CROSS JOIN mark AS m WHERE i.id > m.built_to AND i.id <= m.ends_at"
        " ORDER BY i.id LIMIT %s",
        [most],
    )
    ids = [row[0] for row in cursor.fetchall()]
    cursor.execute(
        "UPDATE evaluation_mark SET built_to = coalesce(%s, ends_at) WHERE built_to < ends_at",
        [ids[-1] if ids else None],
    )
    return ids


def _touch(table: str) -> str:
    return (
        f"INSERT INTO evaluation_stale_day (day) SELECT DISTINCT d.day FROM {table} AS f"  # noqa: S608  ours
        f" CROSS JOIN LATERAL unnest(ARRAY[{_DAYS}]) AS d (day)"
        " WHERE f.incident_id = ANY (%(ids)s) AND d.day IS NOT NULL ON CONFLICT DO NOTHING"
    )


@transaction.atomic
def count_some(most: int = DAYS_AT_ONCE) -> int:
    """Count some days anew whose facts have changed, and their months. How many days."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM evaluation_stale_day WHERE day IN"
            " (SELECT day FROM evaluation_stale_day ORDER BY day LIMIT %s FOR UPDATE SKIP LOCKED)"
            " RETURNING day",
            [most],
        )
        days: list[date] = [row[0] for row in cursor.fetchall()]
        if not days:
            return 0
        months = sorted({day.replace(day=1) for day in days})
        cursor.execute("DELETE FROM evaluation_day WHERE day = ANY (%s)", [days])
        cursor.execute(count_days(), {"days": days})
        cursor.execute("DELETE FROM evaluation_month WHERE day = ANY (%s)", [months])
        cursor.execute(count_months(), {"months": months})
        return len(days)
