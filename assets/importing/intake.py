"""A batch on its way into the database: compared by digest, copied, and written by one function."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from django.db import IntegrityError, connection

from geogrid.core.importing.errors import ImportRefused

Column = Sequence[str | None]

_TABLES: Final = ("asset", "building", "road")
_CROSSED: Final = ("23503", "23505")  # foreign_key_violation, unique_violation
_COPY_ROWS: Final = 2_500  # the database reads one piece while the next is written
_UNQUOTED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})
_SPECIAL = ("\\", "\t", "\n", "\r", "\0")


def digests(columns: Iterable[Column]) -> list[str]:
    """MD5 (as hex) of each row over the given columns."""
    rows = zip(*columns, strict=True)
    return [
        hashlib.md5("\x1f".join(map(str, row)).encode(), usedforsecurity=False).hexdigest() for row in rows
    ]


@contextmanager
def said_as_sentence() -> Iterator[None]:
    """A batch that somebody else's edit has crossed is written by the same command again.

    Raises:
        ImportRefused: when a class, a unit or a cell that the batch names was deleted meanwhile, or a
        row with its id or code was added. Nothing of the batch stands then.
    """
    try:
        yield
    except IntegrityError as error:
        if getattr(error.__cause__, "pgcode", None) not in _CROSSED:
            raise
        said = str(error).strip().splitlines()[0]
        raise ImportRefused(
            f"While rows were written, somebody changed what they refer to ({said}). "
            "Import the same file again: it goes on from here.",
            "写入期间相关数据被他人修改，请重新导入同一文件，将从断点继续。",
        ) from error


class Intake:
    """The intake table of one kind, and what stands in the real one."""

    def __init__(self, table: str, source: str) -> None:
        if table not in _TABLES:
            raise ValueError(table)
        self.table, self.source = table, source
        self._was_empty: bool | None = None

    def compare(
        self, source_ids: list[str], row_digests: list[str], *, meanwhile: Callable[[], None]
    ) -> dict[int, bool]:
        """Of the rows that are new or changed the place in the lists, and whether it is new.

        A source that had no row when the run began has only those that the run wrote: no id comes twice in a
        run, and only one import of a kind runs at a time, so there is nothing to compare with.
        """
        if not source_ids:
            return {}
        with connection.cursor() as cursor:
            if self._was_empty is None:
                cursor.execute(
                    f"SELECT NOT EXISTS (SELECT FROM {self.table} WHERE source = %s)",  # noqa: S608
                    [self.source],
                )
                self._was_empty = bool(cursor.fetchone()[0])
            if self._was_empty:
                return dict.fromkeys(range(len(source_ids)), True)
            meanwhile()
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

    def load(self, columns: dict[str, Column], *, meanwhile: Callable[[], None]) -> tuple[int, int]:
        """Copy the rows in and write them, in the caller's transaction; how many were added and updated.

        Columns that are not given keep what stands in the table.
        """
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE core.{self.table}_intake")
            names = ", ".join(columns)
            copying = f"COPY core.{self.table}_intake ({names}) FROM STDIN"
            cursor.copy_expert(copying, _Pieces(columns))
            meanwhile()
            with said_as_sentence():
                cursor.execute(f"SELECT added, updated FROM core.load_{self.table}s(%s)", [self.source])  # noqa: S608
            added, updated = cursor.fetchone()
        return added, updated

    def note_state(self, run_id: int) -> None:
        """Remember what stands of the source at the end of this run."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO core.source_left (run_id, state) "
                "VALUES (%s, core.source_state(%s::regclass, %s))",
                [run_id, self.table, self.source],
            )

    def is_as_left_by(self, run_id: int) -> bool:
        """Whether the source stands as at the end of this run; False when nobody has noted how."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT state = core.source_state(%s::regclass, %s) FROM core.source_left WHERE run_id = %s",
                [self.table, self.source, run_id],
            )
            found = cursor.fetchone()
        return found is not None and bool(found[0])

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


class _Pieces:
    """The rows in COPY's text format, as a file that is written while it is read."""

    def __init__(self, columns: dict[str, Column]) -> None:
        rows = len(next(iter(columns.values())))
        self._pieces = (
            _copy_text([column[first : first + _COPY_ROWS] for column in columns.values()])
            for first in range(0, rows, _COPY_ROWS)
        )

    def read(self, size: int) -> str:
        """The next piece, whatever `size` says: psycopg2 takes a longer one too."""
        return next(self._pieces, "")


def _copy_text(columns: list[Column]) -> str:
    written: list[Column] = []
    for column in columns:
        texts = column
        is_gapped = None in column
        joined = "".join([text for text in column if text is not None])
        if any(sign in joined for sign in _SPECIAL):
            texts = [text if text is None else text.translate(_UNQUOTED) for text in texts]
        if is_gapped:
            texts = [r"\N" if text is None else text for text in texts]
        written.append(texts)
    return "\n".join(map("\t".join, zip(*written, strict=True))) + "\n"
