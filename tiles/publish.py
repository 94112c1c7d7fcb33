"""Rebuilds what is derived (views, functions, grants) from tiles/published/, whole, when a file changed.

Every `migrate` runs it, as the owner. Analysts may be connected: no schema is dropped, a view is replaced in
place where PostgreSQL can, and a lock that is not had within two seconds is asked for again later. Where a
view must be made anew (a column renamed, retyped or gone), all that was granted on it is granted again.
"""

import hashlib
import logging
import time
from pathlib import Path
from typing import Any

from django.db import DatabaseError, OperationalError, ProgrammingError, connection, transaction

FOLDER = Path(__file__).parent / "published"
OWNER = "geogrid_owner"
ATTEMPTS = 30
PAUSE_S = 1.0
_LOCK_NOT_HAD = {"55P03", "40P01"}
_CANNOT_REPLACE = {
    "42P16",
    "42P13",
}  # a column renamed, retyped or gone; a function that returns something else
log = logging.getLogger(__name__)

_BOOK = """
CREATE TABLE IF NOT EXISTS core.published_object (
    name text PRIMARY KEY,
    digest text NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE core.published_object IS 'What tiles/publish.py has made, and of which text. 已发布对象';
"""

# Views for analysts stand in a schema of their own, made once and never dropped.
_SCHEMA = """
CREATE SCHEMA IF NOT EXISTS gis;
COMMENT ON SCHEMA gis IS 'Layers for analysts: QGIS and plain SQL. 分析员图层';
GRANT USAGE ON SCHEMA gis TO geogrid_gis_reader, geogrid_app;
"""
_GRANTS = """
SELECT format(
    'GRANT %%s ON %%s TO %%s%%s', a.privilege_type, c.oid::regclass,
    CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
    CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
)
FROM pg_class c
CROSS JOIN LATERAL aclexplode(c.relacl) a
WHERE c.oid = to_regclass(%s) AND a.grantee <> c.relowner
"""

_FUNCTIONS_OF_VIEW = """
SELECT DISTINCT p.oid::regprocedure::text
FROM pg_rewrite r
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    AND d.refclassid = 'pg_proc'::regclass
JOIN pg_proc p ON p.oid = d.refobjid
JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = 'gis'
WHERE r.ev_class = to_regclass(%s)
"""


def published_files() -> dict[str, str]:
    """SQL text by object, in order of name.

    `map_asset` is a view in public, `gis.asset_other` a view for analysts (with its functions and triggers
    in the same file), `core.search` a function.
    """
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.sql"))}


def publish() -> list[str]:
    """Bring all derived objects up to date in one transaction; the names of those that were made or dropped.

    Raises:
        OperationalError: when the locks were not to be had in ATTEMPTS attempts.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _publish_once()
        except OperationalError as error:
            if _code(error) not in _LOCK_NOT_HAD or attempt == ATTEMPTS:
                raise
            log.warning("published objects are in use, trying again: %s", error)
            time.sleep(PAUSE_S)
    raise AssertionError("unreachable")


def _publish_once() -> list[str]:
    wanted = published_files()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute("SET LOCAL check_function_bodies = off")
        cursor.execute("SELECT pg_advisory_xact_lock(72101, 9)")
        cursor.execute(_BOOK)
        cursor.execute(_SCHEMA)
        cursor.execute("SELECT name, digest FROM core.published_object")
        known = dict(cursor.fetchall())
        done = []
        for name in sorted(known.keys() - wanted.keys()):
            _drop(cursor, name)
            cursor.execute("DELETE FROM core.published_object WHERE name = %s", [name])
            done.append(name)
        for name, text in wanted.items():
            digest = hashlib.sha256(text.encode()).hexdigest()
            if known.get(name) == digest:
                continue
            _make(cursor, name, text)
            cursor.execute(
                """
                INSERT INTO core.published_object (name, digest) VALUES (%s, %s)
                ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, published_at = now()
                """,
                [name, digest],
            )
            done.append(name)
    return done


def _is_function(name: str) -> bool:
    return name.startswith("core.")


def _make(cursor: Any, name: str, text: str) -> None:
    if _is_function(name):
        _drop(cursor, name)  # an older one with other arguments would stay beside the new one
        cursor.execute(text)
        return
    try:
        with transaction.atomic():
            cursor.execute(text)
    except ProgrammingError as error:
        if _code(error) not in _CANNOT_REPLACE:
            raise
        cursor.execute(_GRANTS, [_view(name)])
        grants = [grant for [grant] in cursor.fetchall()]
        _drop(cursor, name)
        cursor.execute(text)
        for grant in grants:
            cursor.execute(grant)


def _view(name: str) -> str:
    schema, _, view = name.rpartition(".")
    return f'{schema or "public"}."{view}"'


def _drop(cursor: Any, name: str) -> None:
    if not _is_function(name):
        # A view for analysts may have functions in its own file, which it reads from.
        cursor.execute(_FUNCTIONS_OF_VIEW, [_view(name)])
        functions = [signature for [signature] in cursor.fetchall()]
        cursor.execute(f"DROP VIEW IF EXISTS {_view(name)}")
        for signature in functions:
            cursor.execute(f"DROP FUNCTION {signature}")
        return
    cursor.execute(
        """
        SELECT p.oid::regprocedure::text
        FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'core' AND p.proname = %s
        """,
        [name.removeprefix("core.")],
    )
    for [signature] in cursor.fetchall():
        cursor.execute(f"DROP FUNCTION {signature}")


def _code(error: DatabaseError) -> str:
    return getattr(error.__cause__, "pgcode", None) or ""


def publish_after_migrate(**kwargs: Any) -> None:
    """Receiver of post_migrate: publishes when logged in as the owner of the tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user = %s", [OWNER])
        [is_owner] = cursor.fetchone()
    if is_owner and kwargs.get("plan") is not None:
        publish()
