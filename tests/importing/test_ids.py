"""Ids that are made before the database sees the row."""

import time
import uuid

from geogrid.core.ids import time_ordered_uuids


def test_ids_are_uuids_of_version_7_all_different_and_of_now() -> None:
    before = time.time_ns() // 1_000_000

    made = [uuid.UUID(text) for text in time_ordered_uuids(2_000)]

    after = time.time_ns() // 1_000_000
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {uuid.RFC_4122}
    assert len(set(made)) == 2_000
    assert all(before <= one.int >> 80 <= after for one in made)


def test_ids_of_no_rows_are_none() -> None:
    assert time_ordered_uuids(0) == []
