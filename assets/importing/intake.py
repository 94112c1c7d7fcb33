"""A batch on its way into the database: compared by digest, copied, and written by one function."""

import hashlib
import io
from collections.abc import Iterable, Sequence
from typing import Final

from django.db import connection

Column = Sequence[str | None]

_TABLES: Final = ("asset", "building", "road")
_UNQUOTED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})
_SPECIAL = ("\\", "\t", "\n", "\r", "\0")


def digests(columns: Iterable[Column]) -> list[str]:
    """MD5 (as hex) of each row over the given columns."""
    rows = zip(*columns, strict=True)
    return [
        hashlib.md5("\x1f".join(map(str, row)).encode(), usedforsecurity=False).hexdigest() for row in rows
    ]


class Intake:
    """The intake table of one kind, and what stands in the real one."""

    def __init__(self, table: str, source: str) -> None:
        if table not in _TABLES:
            raise ValueError(table)
        self.table, self.source = table, source
        self._is_empty: bool | None = None

    def compare(self, source_ids: list[str], row_digests: list[str]) -> dict[int, bool]:
        """Of the rows that are new or changed the place in the lists, and whether it is new."""
        if not source_ids:
            return {}
        with connection.cursor() as cursor:
            if self._is_empty is None:
                cursor.execute(
                    f"SELECT NOT EXISTS (SELECT FROM {self.table} WHERE source = %s)",  # noqa: S608
                    [self.source],
                )
                self._is_empty = bool(cursor.fetchone()[0])
            if self._is_empty:
                return dict.fromkeys(range(len(source_ids)), True)
            cursor.execute(
                f"""
                SELECT given.place - 1, kept.id IS NULL
                FROM unnest(%s::text[], %s::uuid[]) WITH ORDINALITY AS given (source_id, digest, place)
                LEFT JOIN {self.table} kept ON kept.source = %s AND kept.source_id = given.source_id
                WHERE kept.source_digest IS DISTINCT FROM given.digest
                """,  # noqa: S608
                [source_ids, row_digests, self.source],
            )
            return dict(cursor.fetchall())

    def load(self, columns: dict[str, Column]) -> tuple[int, int]:
        """Copy the rows in and write them, in the caller's transaction; how many were added and updated.

        Columns that are not given keep what stands in the table.
        """
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE core.{self.table}_intake")
            text = _copy_text(columns)
            names = ", ".join(columns)
            cursor.copy_expert(f"COPY core.{self.table}_intake ({names}) FROM STDIN", io.StringIO(text))
            cursor.execute(f"SELECT added, updated FROM core.load_{self.table}s(%s)", [self.source])  # noqa: S608
            added, updated = cursor.fetchone()
        if added:
            self._is_empty = False
        return added, updated

    def find(self, ids: list[str]) -> list[tuple[str, bytes]]:
        """Source id and place (WKB) of the rows with these ids."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT source_id, ST_AsBinary(geom) FROM {self.table} "  # noqa: S608
                "WHERE source = %s AND source_id = ANY (%s) ORDER BY source_id",
                [self.source, ids],
            )
            return [(source_id, bytes(wkb)) for source_id, wkb in cursor.fetchall()]

    def all_ids(self) -> Iterable[str]:
        """Every source id of this source, in constant memory."""
        last = ""
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT source_id FROM {self.table} "  # noqa: S608
                    "WHERE source = %s AND source_id > %s ORDER BY source_id LIMIT 50000",
                    [self.source, last],
                )
                page = [source_id for (source_id,) in cursor.fetchall()]
            if not page:
                return
            yield from page
            last = page[-1]


def _copy_text(columns: dict[str, Column]) -> str:
    """The rows in COPY's text format."""
    written = []
    for column in columns.values():
        if any(value is None for value in column):
            texts = [r"\N" if value is None else value.translate(_UNQUOTED) for value in column]
        else:
            texts = [str(value) for value in column]
            joined = "".join(texts)
            if any(sign in joined for sign in _SPECIAL):
                texts = [text.translate(_UNQUOTED) for text in texts]
        written.append(texts)
    return "\n".join(map("\t".join, zip(*written, strict=True))) + "\n"
