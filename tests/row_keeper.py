"""Puts the rows of a test database back to what the migrations left, after a test that commits.

Django's own flush cannot: the app may not truncate, the append-only tables refuse deletion, and the
catalogues that migrations load would be gone. So the superuser does it, with triggers off.
"""

from typing import Any

from psycopg2 import sql

_TABLES = """
    SELECT place.nspname, thing.relname
    FROM pg_class thing
    JOIN pg_namespace place ON place.oid = thing.relnamespace
    WHERE place.nspname IN ('public', 'core')
        AND thing.relkind = 'r'
        AND NOT EXISTS (
            SELECT
            FROM pg_depend link
            WHERE link.classid = 'pg_class'::regclass AND link.objid = thing.oid AND link.deptype = 'e'
        )
    ORDER BY 1, 2
"""


class RowKeeper:
    """Remembers the seeds (tables with rows in a fresh database), and restores them."""

    def __init__(self, superuser: Any) -> None:
        """superuser: a psycopg2 connection of a role that may switch triggers off."""
        self._connection = superuser
        self._seeds: dict[tuple[str, str], str] = {}
        with superuser, superuser.cursor() as cursor:
            cursor.execute("CREATE SCHEMA seed_rows")
            cursor.execute(_TABLES)
            for place, name in cursor.fetchall():
                table = sql.Identifier(place, name)
                cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(table))
                if cursor.fetchone()[0]:
                    copy = sql.Identifier("seed_rows", f"{place}_{name}")
                    cursor.execute(sql.SQL("CREATE TABLE {} AS TABLE {}").format(copy, table))
                    self._seeds[place, name] = self._mark(cursor, table)

    def restore(self) -> None:
        """Empty every table that had no row at first; bring back the seeds a test has changed."""
        with self._connection as connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("SET LOCAL lock_timeout = '20s'")
            cursor.execute(_TABLES)
            for place, name in cursor.fetchall():
                table = sql.Identifier(place, name)
                if (place, name) not in self._seeds:
                    cursor.execute(sql.SQL("DELETE FROM {}").format(table))
                elif self._mark(cursor, table) != self._seeds[place, name]:
                    self._bring_back(cursor, place, name)
                    self._seeds[place, name] = self._mark(cursor, table)

    @staticmethod
    def _mark(cursor: Any, table: sql.Identifier) -> str:
        """Differs whenever a row was added, changed or removed since."""
        cursor.execute(
            sql.SQL("SELECT count(*) || ' ' || coalesce(max(xmin::text::bigint), 0) FROM {}").format(table)
        )
        return str(cursor.fetchone()[0])

    @staticmethod
    def _bring_back(cursor: Any, place: str, name: str) -> None:
        table = sql.Identifier(place, name)
        copy = sql.Identifier("seed_rows", f"{place}_{name}")
        cursor.execute(
            """
            SELECT attname
            FROM pg_attribute
            WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
            """,
            [table.as_string(cursor)],
        )
        columns = sql.SQL(", ").join(sql.Identifier(column) for (column,) in cursor.fetchall())
        cursor.execute(sql.SQL("DELETE FROM {}").format(table))
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}").format(
                table, columns, columns, copy
            )
        )
