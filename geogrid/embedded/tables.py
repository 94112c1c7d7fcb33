"""Whether the tables of a database are those of this very code, told without starting Django.

Starting Django to hear that there is nothing to migrate costs four seconds of every start of a city. So a
digest of all that makes the tables is kept with the database, as the comment of its schema `core`: a backup
brings its own, and then the digests differ.
"""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2

from geogrid.embedded.errors import EmbeddedDatabaseError
from geogrid.embedded.paths import REPOSITORY

_APP_FOLDERS = ("geogrid", "grid_units", "assets", "incidents", "tiles")
_SUFFIXES = (".sql", ".csv", ".toml", ".json")
_COMMENT = "Functions of GeoGrid. Made by: "


def schema_fingerprint() -> str:
    """A digest of all that a migrated, empty database depends on: migrations, SQL, data, the lock."""
    digest = hashlib.sha256()
    for path in sorted(_schema_files()):
        digest.update(str(path.relative_to(REPOSITORY)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _schema_files() -> Iterator[Path]:
    for folder in _APP_FOLDERS:
        for path in (REPOSITORY / folder).rglob("*"):
            if path.suffix in _SUFFIXES or (path.suffix == ".py" and path.parent.name == "migrations"):
                yield path
    yield REPOSITORY / "requirements.lock"


def are_current(url: str) -> bool:
    """Whether the tables behind `url` were made by this code; False when nobody has noted it.

    Raises:
        EmbeddedDatabaseError: when the database does not answer. So do the others here.
    """
    comment = _ask(url, "SELECT obj_description(to_regnamespace('core'), 'pg_namespace')")
    return bool(comment == _COMMENT + schema_fingerprint())


def note_current(url: str) -> None:
    """Note that this code has made the tables behind `url`, which logs in as their owner."""
    _ask(url, "COMMENT ON SCHEMA core IS %s", _COMMENT + schema_fingerprint())


def has_whole_demo(url: str) -> bool:
    """Whether the demonstration city was loaded to its end: its simulated history has begun."""
    return bool(
        _ask(
            url,
            "SELECT EXISTS (SELECT FROM city WHERE is_demo)"
            " AND EXISTS (SELECT FROM incident WHERE is_simulated AND client = '')",
        )
    )


def _ask(url: str, sql: str, *values: str) -> Any:
    """The one value that a statement gives, or None."""
    try:
        with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            row = cursor.fetchone() if cursor.description else None
    except psycopg2.Error as error:
        raise EmbeddedDatabaseError(f"The database does not answer: {error}") from error
    return row[0] if row else None
