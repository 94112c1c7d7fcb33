"""A large first load builds the indexes for readers at its end, and whatever cuts it off they come back."""

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from assets.actions import load_catalogue
from assets.importing import asset_target, targets
from assets.importing.loading import import_assets
from assets.models import Asset
from geogrid.clock.due import restore_indexes
from geogrid.core.importing import runs
from geogrid.core.models import City
from tests.importing.conftest import CLERK, lamps, lay_grid


@pytest.fixture(autouse=True)
def every_load_is_large(transactional_db: None, settings: Any, tmp_path: Any, monkeypatch: Any) -> None:
    settings.VAR_DIR = tmp_path / "var"
    monkeypatch.setattr(asset_target, "LARGE_FIRST_LOAD", 1)
    load_catalogue()
    City.objects.create(name="城", name_en="City", county_code="990101", zone="UTC")
    lay_grid()


def take(path: Any, source: str = "survey") -> Any:
    return import_assets(path, source=source, actor=CLERK)


def indexes() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'asset'")
        return dict(cursor.fetchall())


def while_writing(monkeypatch: Any, look: Any) -> None:
    write = targets.GroundTarget.write

    def look_and_write(self: Any, prepared: Any, *, dry_run: bool) -> Any:
        look()
        return write(self, prepared, dry_run=dry_run)

    monkeypatch.setattr(targets.GroundTarget, "write", look_and_write)


def test_while_an_empty_table_is_filled_only_the_indexes_that_keep_a_rule_are_kept_up(
    write_file, monkeypatch
):
    before, seen = indexes(), []
    while_writing(monkeypatch, lambda: seen.append(indexes()))

    take(write_file("points.gpkg", *lamps(3)))

    assert seen == [{name: text for name, text in before.items() if "UNIQUE" in text}]
    assert indexes() == before


def test_a_table_with_assets_keeps_its_indexes_while_more_come(write_file, monkeypatch):
    take(write_file("points.gpkg", *lamps(3)))
    before, seen = indexes(), []
    while_writing(monkeypatch, lambda: seen.append(indexes()))

    take(write_file("more.gpkg", *lamps(3)), source="other")

    assert seen == [before]


def test_a_large_import_waits_for_no_reader_of_a_table_with_assets(write_file, owner):
    take(write_file("points.gpkg", *lamps(3)))
    owner.autocommit = False

    with owner.cursor() as reader:
        reader.execute("SELECT count(*) FROM asset")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
            cursor.execute("SELECT core.set_asset_indexes_aside()")
            found = cursor.fetchone()
            cursor.execute("RESET lock_timeout")
    owner.rollback()

    assert found == (False,)


def test_a_load_that_fails_builds_them_too(write_file, monkeypatch):
    before = indexes()

    def fail() -> None:
        raise RuntimeError("the disk is full")

    while_writing(monkeypatch, fail)

    with pytest.raises(RuntimeError):
        take(write_file("points.gpkg", *lamps(3)))

    assert indexes() == before


def test_what_a_killed_load_has_left_unbuilt_the_next_import_builds(write_file):
    before = indexes()
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.set_asset_indexes_aside()")
    assert len(indexes()) < len(before)

    take(write_file("points.gpkg", *lamps(3)))

    assert indexes() == before
    assert Asset.objects.count() == 3


def test_what_a_killed_load_has_left_unbuilt_the_clock_builds_once_no_import_runs(owner):
    before = indexes()
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.set_asset_indexes_aside()")
    left = len(before) - len(indexes())
    key = (runs._LOCK, runs._KINDS.index("assets"))
    with owner.cursor() as running_import:
        running_import.execute("SELECT pg_advisory_lock(%s, %s)", key)

        assert restore_indexes(timezone.now()) == 0

        running_import.execute("SELECT pg_advisory_unlock(%s, %s)", key)

    assert restore_indexes(timezone.now()) == left > 0
    assert indexes() == before
