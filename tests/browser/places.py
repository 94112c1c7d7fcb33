"""Places of the demonstration city that tests point at."""

import re
from typing import Any, NamedTuple


class Place(NamedTuple):
    """A point of the ground, in degrees of WGS 84."""

    lng: float
    lat: float

    def view(self, zoom: float, pick: str = "") -> str:
        """The part of an address after # that shows it."""
        return f"map={zoom}/{self.lat:.6f}/{self.lng:.6f}" + (f"&pick={pick}" if pick else "")

    def halfway(self, other: "Place") -> "Place":
        """The middle between two places that are near each other."""
        return Place((self.lng + other.lng) / 2, (self.lat + other.lat) / 2)


class Thing(NamedTuple):
    """A coded object and a point on it."""

    code: str
    name: str
    name_en: str
    place: Place

    @property
    def named(self) -> re.Pattern[str]:
        """What the page may call it: cells of a real city often have one name only."""
        return re.compile("|".join(re.escape(name) for name in (self.name, self.name_en) if name))


class Places:
    """Looks in the database for what is where."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def cell(self, code: str) -> Thing:
        """A cell and a point well inside it."""
        return self._one(
            """SELECT code, name, name_en, ST_X(p), ST_Y(p)
               FROM cell, ST_PointOnSurface(geom) p WHERE code = %s""",
            code,
        )

    def neighbours(self) -> tuple[Thing, Thing]:
        """Two cells with a long common border."""
        [[first, second]] = self._rows(
            """SELECT one.code, two.code FROM cell one JOIN cell two ON one.code < two.code
               AND ST_Touches(one.geom, two.geom)
               WHERE one.kind = 'GENERAL' AND two.kind = 'GENERAL'
               ORDER BY ST_Length(ST_Intersection(one.geom, two.geom)) DESC, one.code LIMIT 1"""
        )
        return self.cell(first), self.cell(second)

    def lonely_asset(self, class_code: str) -> Thing:
        """The asset of a class that stands farthest from all other assets."""
        return self._one(
            """SELECT code, name, '', ST_X(geom), ST_Y(geom) FROM (
                 SELECT a.code, a.name, a.geom, (
                   SELECT min(b.geom <-> a.geom) FROM asset b WHERE b.id <> a.id) AS room
                 FROM asset a JOIN asset_class k ON k.id = a.asset_class_id
                 WHERE k.code = %s AND GeometryType(a.geom) = 'POINT') found
               ORDER BY room DESC, code LIMIT 1""",
            class_code,
        )

    def street(self) -> Thing:
        """The longest street that patrols have to walk; its number as the code."""
        return self._one(
            """SELECT r.id::text, r.name, r.name_en, ST_X(p), ST_Y(p)
               FROM road r, ST_PointOnSurface(r.geom) p
               WHERE EXISTS (SELECT FROM road_bit b WHERE b.road_id = r.id AND b.is_due)
               ORDER BY ST_Length(r.geom) DESC, r.id LIMIT 1"""
        )

    def _one(self, query: str, *values: object) -> Thing:
        [[code, name, name_en, lng, lat]] = self._rows(query, *values)
        return Thing(code, name, name_en, Place(lng, lat))

    def rows(self, query: str, *values: object) -> list[Any]:
        """What the database answers."""
        return self._rows(query, *values)

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._connection, self._connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())
