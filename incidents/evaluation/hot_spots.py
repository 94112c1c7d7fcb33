"""Hot spots (高发点位, R28): places where incidents of a class come again and again, ranked by their share of
the community's load, with growth against the period before and how often they were closed there.

A place is a cluster: incidents of one class of which each lies within `reach_m` of another (DBSCAN). Places
are told in metres on the ground.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from geogrid.core.sql import statement
from incidents.evaluation.asking import Asked
from incidents.evaluation.figures import facts_where

SQL = Path(__file__).parent / "sql"
MOST_PLACES = 100
MOST_LOOKED_AT = 200_000


@dataclass(frozen=True)
class HotSpot:
    """One place. `community`: where most of it lies; `share`: what lies there, of all that came there."""

    class_key: str
    lng: float
    lat: float
    radius_m: float
    count: int
    before: int
    closed: int
    open: int
    community: str
    in_community: int
    community_count: int
    first_day: date
    last_day: date
    numbers: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.in_community / self.community_count if self.community_count else 0.0

    @property
    def growth(self) -> float | None:
        """Against the period before; None where there was nothing."""
        return (self.count - self.before) / self.before if self.before else None


@dataclass(frozen=True)
class ClassShare:
    """A class in a community: its part of the load, now and in the period before."""

    class_key: str
    count: int
    before: int
    whole: int

    @property
    def share(self) -> float:
        return self.count / self.whole if self.whole else 0.0

    @property
    def growth(self) -> float | None:
        return (self.count - self.before) / self.before if self.before else None


def hot_spots(asked: Asked, *, reach_m: float = 50.0, least: int = 3) -> list[HotSpot]:
    """The places with at least `least` incidents of one class, the largest share of a community first."""
    params: dict[str, Any] = {
        "start": asked.start,
        "after": asked.after,
        "before": asked.before().start,
        "reach_m": reach_m,
        "least": least,
        "most": MOST_PLACES,
        "looked_at": MOST_LOOKED_AT,
    }
    sql = statement(SQL, "hot_spots").replace("/* seen */ true", facts_where(asked, params))
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [HotSpot(*row) for row in cursor.fetchall()]


def class_shares(asked: Asked) -> list[ClassShare]:
    """What the load of the places asked under is made of, by class, the most first."""
    params: dict[str, Any] = {
        "start": asked.start,
        "after": asked.after,
        "before": asked.before().start,
    }
    where = facts_where(asked, params)
    sql = (
        "SELECT f.class_key, count(*) FILTER (WHERE f.reported_day >= %(start)s) AS now_count, "
        "count(*) FILTER (WHERE f.reported_day < %(start)s), "
        "sum(count(*) FILTER (WHERE f.reported_day >= %(start)s)) OVER ()::bigint "
        "FROM evaluation_fact AS f "
        f"WHERE f.reported_day >= %(before)s AND f.reported_day < %(after)s AND {where} "
        "GROUP BY f.class_key ORDER BY 2 DESC, 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [ClassShare(*row) for row in cursor.fetchall()]
