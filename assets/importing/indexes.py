"""The indexes for readers of assets: set aside for a large first load, and built again at its end."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.db import OperationalError, connection

from geogrid.core.errors import Conflict
from geogrid.core.importing.runs import only_import

BUILDERS = 2  # connections that build indexes beside each other


def set_aside() -> None:
    """Drop them while the table is empty, so that the load need not keep them up to date row by row."""
    # When readers do not let go of the table, the load is slower and nothing else.
    with suppress(OperationalError):
        _ask("SELECT core.set_asset_indexes_aside()")


def restore() -> None:
    """Build what is set aside; returns when all of it stands."""
    if not _is_any_set_aside():
        return
    if connection.in_atomic_block:  # others would not see what this transaction has set aside
        _build_what_is_left()
        return
    with ThreadPoolExecutor(max_workers=BUILDERS) as builders:
        for built in [builders.submit(_build_on_own_connection) for _ in range(BUILDERS)]:
            built.result()


def restore_abandoned() -> int:
    """Build what a killed load has left unbuilt; how many indexes were. None while an import is running."""
    if not _is_any_set_aside():
        return 0
    try:
        with only_import("assets", wait_ms=1):
            return _build_what_is_left()
    except Conflict:
        return 0


def _build_what_is_left() -> int:
    built = 0
    while _ask("SELECT core.restore_asset_index()"):
        built += 1
    return built


def _build_on_own_connection() -> None:
    try:
        _build_what_is_left()
    finally:
        connection.close()  # Django's connections belong to their threads


def _is_any_set_aside() -> bool:
    return _ask("SELECT EXISTS (SELECT FROM core.index_set_aside)")


def _ask(question: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return bool(cursor.fetchone()[0])
