"""Reading all fixes once: under concurrent commits, in pieces, and after a pause."""

import psycopg2
import pytest
from django.db import connection

from grid_units.patrols.reading import Bookmark, read_on, start
from tests.incidents.conftest import MORNING, People
from tests.patrols.conftest import carried_by

INSERT = (
    "INSERT INTO fix (device_id, at, received_at, point, protocol)"
    " SELECT %s, %s, %s, 'SRID=4326;POINT(24.9 60.1)', 'geogrid' FROM generate_series(1, %s)"
)

RESTORED = INSERT.replace("protocol)", "protocol, written_in)").replace("'geogrid'", "'geogrid', 2^50")


@pytest.fixture
def device(lasting_city: People) -> int:
    return carried_by(lasting_city.ann).device.pk


def test_a_slow_writer_is_neither_missed_nor_read_twice(
    device: int, superuser: psycopg2.extensions.connection
) -> None:
    """The slow one takes its number first and commits last: a reader by number would pass over it."""
    with superuser.cursor() as slow, connection.cursor() as quick:
        slow.execute("BEGIN")
        slow.execute(INSERT, [device, MORNING, MORNING, 3])
        quick.execute(INSERT, [device, MORNING, MORNING, 2])
        first, bookmark = read_on(start(MORNING))
        nothing, bookmark = read_on(bookmark)
        slow.execute("COMMIT")
        second, bookmark = read_on(bookmark)
        end, _ = read_on(bookmark)

    assert [len(first), len(nothing), len(second), len(end)] == [2, 0, 3, 0]
    assert min(fix.id for fix in second) < min(fix.id for fix in first)


def test_much_is_read_in_pieces_and_no_transaction_is_torn(device: int) -> None:
    with connection.cursor() as cursor:
        for rows in (4, 3, 5, 1):
            cursor.execute(INSERT, [device, MORNING, MORNING, rows])

    bookmark, pieces = start(MORNING), []
    while True:
        fixes, bookmark = read_on(bookmark, most=4)
        if not fixes:
            break
        pieces.append([fix.id for fix in fixes])

    assert [len(piece) for piece in pieces] == [4, 8, 1]
    read = [id_ for piece in pieces for id_ in piece]
    assert len(set(read)) == len(read) == 13


def test_fixes_of_a_restored_backup_are_read_with_the_beginning(device: int) -> None:
    """Their transactions are of another cluster, which had counted further."""
    with connection.cursor() as cursor:
        cursor.execute(RESTORED, [device, MORNING, MORNING, 3])
        cursor.execute(INSERT, [device, MORNING, MORNING, 2])

    first, bookmark = read_on(start(MORNING), most=2)
    second, bookmark = read_on(bookmark, most=2)
    end, _ = read_on(bookmark)

    assert [len(first), len(second), len(end)] == [2, 3, 0]


def test_a_bookmark_is_kept_as_text_and_void_in_another_database(device: int) -> None:
    _, bookmark = read_on(start(MORNING))

    assert Bookmark.from_text(bookmark.as_text()) == bookmark
    assert Bookmark.from_text(bookmark.as_text().replace(bookmark.epoch, "other")) is None
    assert Bookmark.from_text("") is None
