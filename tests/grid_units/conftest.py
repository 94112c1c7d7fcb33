"""A grid small enough to draw on paper, in a real database.

a2 b2 | c2 d2        cells of 2^-10 degree, corners on the grid;
a1 b1 | c1 d1        a and b are the western community, c and d the eastern one
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
import shapely
from django.utils import timezone
from psycopg2 import sql
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geogrid.embedded.testing import TestDatabase
from geogrid.organisations.models import User
from tests.grid_units.invariants import coverage, faults_in_codes, faults_inside
from tests.grid_units.made_up_city import ewkb
from tiles.gis.models import AnalystRole

SIDE = 2.0**-10
WEST, SOUTH = 24.9375, 60.125
DISTRICT, STREET = "990101", "990101001"
WESTERN, EASTERN = "990101001001", "990101001002"
NAMES = ("a1", "a2", "b1", "b2", "c1", "c2", "d1", "d2")

Corners = Sequence[tuple[float, float]]


def drawn(*corners: tuple[float, float]) -> Polygon:
    """A polygon in sides of a cell, counted from the south-west corner of the paper."""
    return Polygon([(WEST + x * SIDE, SOUTH + y * SIDE) for x, y in corners])


def rectangle(west: float, south: float, east: float, north: float) -> Polygon:
    return drawn((west, south), (east, south), (east, north), (west, north))


def square(name: str) -> Polygon:
    column, row = "abcd".index(name[0]), int(name[1]) - 1
    return rectangle(column, row, column + 1, row + 1)


class PaperGrid:
    """The grid on paper, seen and edited through one connection, each statement committed at once."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        connection.autocommit = True
        self.codes: dict[str, str] = {}
        self.ids: dict[str, int] = {}

    def fill(self) -> None:
        units = [
            (DISTRICT, "DISTRICT", None),
            (STREET, "STREET", DISTRICT),
            (WESTERN, "COMMUNITY", STREET),
            (EASTERN, "COMMUNITY", STREET),
        ]
        with self.transaction():
            for code, level, parent in units:
                self.run(
                    "INSERT INTO grid_unit (code, level, name, name_en, is_simulated, parent_id)"
                    " VALUES (%s, %s, %s, '', true, (SELECT id FROM grid_unit WHERE code = %s))",
                    code,
                    level,
                    code,
                    parent,
                )
            self.run("SELECT core.permit_first_load('paper')")
            for name in NAMES:
                self.ids[name], self.codes[name] = self.insert(square(name), self.community_of(name))

    @staticmethod
    def community_of(name: str) -> str:
        return WESTERN if name[0] in "ab" else EASTERN

    def run(self, statement: str, *values: Any) -> int:
        """Run a statement; returns the rows it touched."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return int(cursor.rowcount)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

    def value(self, statement: str, *values: Any) -> Any:
        return self.rows(statement, *values)[0][0]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.connection.autocommit = False
        try:
            with self.connection:
                yield
        finally:
            self.connection.autocommit = True

    def insert(self, outline: Polygon, community: str = WESTERN, code: str | None = None) -> tuple[int, str]:
        """Insert a cell; returns its id and code."""
        row = self.rows(
            "INSERT INTO cell (code, community_id, geom)"
            " VALUES (%s, (SELECT id FROM grid_unit WHERE code = %s), %s) RETURNING id, code",
            code,
            community,
            ewkb(outline),
        )[0]
        return int(row[0]), str(row[1])

    def draw(self, name: str, outline: BaseGeometry) -> int:
        return self.run("UPDATE cell SET geom = %s WHERE id = %s", ewkb(outline), self.ids[name])

    def delete(self, *names: str) -> int:
        return self.run("DELETE FROM cell WHERE id = ANY (%s)", [self.ids[name] for name in names])

    def outline(self, name: str) -> Polygon:
        return self.outline_of(self.ids[name])

    def outline_of(self, cell_id: int) -> Polygon:
        shape = shapely.from_wkb(self.value("SELECT geom FROM cell WHERE id = %s", cell_id))
        assert isinstance(shape, Polygon)
        return shape

    def unit(self, code: str) -> Any:
        """Outline of a unit, or None."""
        geom = self.value("SELECT geom FROM grid_unit WHERE code = %s", code)
        return None if geom is None else shapely.from_wkb(geom)

    def names(self) -> list[str]:
        """Which of the eight are still there."""
        there = {cell_id for (cell_id,) in self.rows("SELECT id FROM cell")}
        return [name for name in NAMES if self.ids[name] in there]

    def versions(self, cell_id: int) -> list[tuple[Any, ...]]:
        """(code, still open, edition) of each version, the oldest first."""
        return self.rows(
            "SELECT code, upper_inf(valid), edition_id FROM cell_version WHERE cell_id = %s ORDER BY valid",
            cell_id,
        )

    def faults(self) -> list[str]:
        """Everything wrong with the grid, seen from outside and inside."""
        with self.connection.cursor() as cursor:
            return coverage(cursor)[1] + faults_inside(cursor) + faults_in_codes(cursor)

    def refuses(self, edit: Callable[[], Any]) -> psycopg2.Error:
        """The error of an edit that must be refused; nothing may have changed."""
        before = self.rows("SELECT id, code, geom FROM cell ORDER BY id")
        with pytest.raises(psycopg2.Error) as refusal:
            edit()
        assert self.rows("SELECT id, code, geom FROM cell ORDER BY id") == before
        error: psycopg2.Error = refusal.value
        return error


@pytest.fixture
def paper(test_database: TestDatabase, transactional_db: None) -> Iterator[PaperGrid]:
    """The grid on paper, through the application's role."""
    connection = psycopg2.connect(test_database.app.url(), application_name="paper grid")
    grid = PaperGrid(connection)
    grid.fill()
    yield grid
    connection.close()


@pytest.fixture
def qgis(test_database: TestDatabase, superuser: Any, paper: PaperGrid) -> Iterator[PaperGrid]:
    """The same grid through the login of an analyst who may edit cells, as from QGIS."""
    name, password = f"analyst_test_{secrets.token_hex(4)}", secrets.token_hex(12)
    role = sql.Identifier(name)
    with superuser.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE ROLE {} LOGIN IN ROLE geogrid_gis_editor PASSWORD {}").format(
                role, sql.Literal(password)
            )
        )
        cursor.execute(sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON cell TO {}").format(role))
        cursor.execute(sql.SQL("GRANT SELECT, UPDATE ON grid_unit TO {}").format(role))
    user = User.objects.create(username=name)
    until = timezone.now() + timedelta(hours=1)
    AnalystRole.objects.create(
        user=user, role_name=name, kind="editor", prefixes=[""], made_by=user, valid_until=until
    )
    login = test_database.superuser
    connection = psycopg2.connect(
        user=name, password=password, host=login.host, port=login.port, dbname=login.database
    )
    grid = PaperGrid(connection)
    grid.ids, grid.codes = paper.ids, paper.codes
    yield grid
    connection.close()
    with superuser.cursor() as cursor:
        cursor.execute(sql.SQL("DROP OWNED BY {}").format(role))
        cursor.execute(sql.SQL("DROP ROLE {}").format(role))
