"""The same file again, a newer file, and a run that was cut off."""

import os
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest
from django.db import connection

from assets.actions import load_catalogue
from assets.importing import targets
from assets.models import Asset, AssetClass
from geogrid.changes.models import Change, RowHistory
from geogrid.core.importing.models import ImportFinding, ImportRun
from geogrid.core.models import City
from tests.importing.conftest import lamps, lay_grid, place

WAIT_S = 60


def versions_of_rows() -> Any:
    """Code and the transaction that last wrote each row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, xmin || ' ' || ctid FROM asset ORDER BY code")
        return cursor.fetchall()


def test_the_same_file_again_rewrites_no_row(write_file, take):
    path = write_file("points.gpkg", *lamps(30))
    take(path)
    before, changes = versions_of_rows(), Change.objects.filter(kind="asset").count()

    again = take(path)

    assert (again.unchanged, again.added, again.updated) == (30, 0, 0)
    assert versions_of_rows() == before
    assert Change.objects.filter(kind="asset").count() == changes


@pytest.fixture
def rows_read(monkeypatch):
    """How many rows were mapped and compared, run by run."""
    read = []
    write = targets.GroundTarget.write

    def count_and_write(self, prepared, *, dry_run):
        read.append(len(prepared.batch))
        return write(self, prepared, dry_run=dry_run)

    monkeypatch.setattr(targets.GroundTarget, "write", count_and_write)
    return read


def test_an_unchanged_file_whose_rows_all_stand_is_not_mapped_again(write_file, take, rows_read):
    rows, places = lamps(30)
    rows[3]["state"] = "nobody knows"
    path = write_file("points.gpkg", rows, places)
    first = take(path)

    again = take(path)

    assert rows_read == [30]
    assert (first.added, again.unchanged, again.repaired, again.vanished) == (30, 30, 1, 0)
    run = ImportRun.objects.latest("id")
    assert (run.state, run.rows_read, run.unchanged) == ("done", 30, 30)
    assert [found.source_id for found in run.findings.all()] == ["lamp-3"]
    assert "lamp-3" in again.report[0].read_text("utf-8")


def test_a_row_that_was_deleted_comes_back_with_the_unchanged_file(write_file, take):
    path = write_file("points.gpkg", *lamps(5))
    take(path)
    Asset.objects.filter(source_id="lamp-2").delete()

    again = take(path)

    assert (again.added, again.unchanged) == (1, 4)


def test_a_row_that_another_file_of_the_source_has_changed_is_changed_back(write_file, take, rows_read):
    rows, places = lamps(3)
    path = write_file("points.gpkg", rows, places)
    take(path)
    take(write_file("mended.gpkg", [{**rows[1], "name": "新名"}], [places[1]]))

    again = take(path)

    assert (again.updated, again.unchanged, rows_read) == (1, 2, [3, 1, 3])
    assert Asset.objects.get(source_id="lamp-1").name == "灯 1"


def test_an_unchanged_file_with_refused_rows_is_tried_again(write_file, take, rows_read):
    rows, places = lamps(3)
    rows[2]["class"] = "9999"
    path = write_file("points.gpkg", rows, places)
    take(path)

    again = take(path)

    assert (again.refused, again.unchanged, rows_read) == (1, 2, [3, 3])


def test_an_unchanged_file_is_mapped_again_when_the_catalogue_has_changed(write_file, take, rows_read):
    path = write_file("points.gpkg", *lamps(2))
    take(path)
    AssetClass.objects.filter(code="0137").update(attributes_schema={"type": "object", "title": "new"})

    take(path)

    assert rows_read == [2, 2]


def test_an_older_file_after_a_newer_one_is_compared_and_lists_what_has_vanished(
    write_file, take, rows_read, tmp_path
):
    rows, places = lamps(3)
    older = write_file("points.gpkg", rows, places).read_bytes()
    path = tmp_path / "points.gpkg"
    take(path)
    path.unlink()
    newer_rows = [*rows, {**rows[0], "source_id": "lamp-new"}]
    take(write_file("points.gpkg", newer_rows, [*places, place(0.3, 0.3)]))
    path.write_bytes(older)

    back = take(path)

    assert (back.unchanged, back.vanished, rows_read) == (3, 1, [3, 4, 3])


def test_a_newer_file_updates_what_differs_and_lists_what_has_vanished(write_file, take, tmp_path):
    rows, places = lamps(4)
    take(write_file("points.gpkg", rows, places))
    (tmp_path / "points.gpkg").unlink()
    rows[0]["name"] = "新名"
    places[1] = place(1.5, 1.5)
    rows[3]["source_id"] = "lamp-new"

    newer = take(write_file("points.gpkg", rows, places))

    assert (newer.unchanged, newer.updated, newer.added, newer.vanished) == (1, 2, 1, 1)
    assert Asset.objects.get(source_id="lamp-0").name == "新名"
    moved = Asset.objects.get(source_id="lamp-1")
    assert moved.cell is not None
    assert moved.cell.code.endswith("1004")
    assert Asset.objects.filter(source_id="lamp-3").exists()
    assert ImportFinding.objects.get(severity="vanished").source_id == "lamp-3"
    assert RowHistory.objects.filter(table_name="asset", row_id=moved.pk, actor="clerk").exists()


def test_what_somebody_has_changed_by_hand_stays_when_the_file_has_not_changed(write_file, take):
    path = write_file("points.gpkg", *lamps(2))
    take(path)
    Asset.objects.filter(source_id="lamp-0").update(state="damaged", note="seen")

    take(path)

    lamp = Asset.objects.get(source_id="lamp-0")
    assert (lamp.state, lamp.note) == ("damaged", "seen")


def test_columns_that_a_newer_file_does_not_have_keep_what_stands(write_file, take, tmp_path):
    rows, places = lamps(1)
    take(write_file("points.gpkg", [{**rows[0], "note": "kept", "owner": "供电局"}], places))
    (tmp_path / "points.gpkg").unlink()

    take(write_file("points.gpkg", [{**rows[0], "name": "other"}], places))

    lamp = Asset.objects.get()
    assert lamp.owner is not None
    assert (lamp.name, lamp.note, lamp.owner.name) == ("other", "kept", "供电局")


def test_two_sources_may_use_the_same_ids(write_file, take):
    path = write_file("points.gpkg", *lamps(2))

    take(path, source="one")
    take(path, source="two")

    assert Asset.objects.count() == 4


def test_a_batch_is_one_change(write_file, take):
    take(write_file("points.gpkg", *lamps(25)), batch_rows=10)

    changes = Change.objects.filter(kind="asset", op="insert")
    assert [len(change.refs) for change in changes] == [10, 10, 5]
    assert changes[0].units_after
    assert changes[0].extent is not None


def test_a_run_that_failed_goes_on_after_its_last_batch(write_file, take, monkeypatch):
    path = write_file("points.gpkg", *lamps(25))
    write = targets.GroundTarget.write

    def fail_later(self, prepared, *, dry_run):
        if prepared.batch.first_row > 10:
            raise RuntimeError("the disk is full")
        return write(self, prepared, dry_run=dry_run)

    monkeypatch.setattr(targets.GroundTarget, "write", fail_later)
    with pytest.raises(RuntimeError):
        take(path, batch_rows=10)
    assert Asset.objects.count() == 10
    monkeypatch.setattr(targets.GroundTarget, "write", write)

    outcome = take(path, batch_rows=10)

    assert (outcome.added, outcome.unchanged, outcome.went_on_from) == (25, 0, 10)
    assert Asset.objects.count() == 25
    assert ImportRun.objects.get().state == "done"


def test_an_id_that_stood_before_the_cut_is_still_an_id_twice(write_file, take, monkeypatch):
    rows, places = lamps(20)
    rows[15]["source_id"] = "lamp-3"
    path = write_file("points.gpkg", rows, places)
    write = targets.GroundTarget.write

    def fail_later(self, prepared, *, dry_run):
        if prepared.batch.first_row > 10:
            raise RuntimeError("the disk is full")
        return write(self, prepared, dry_run=dry_run)

    monkeypatch.setattr(targets.GroundTarget, "write", fail_later)
    with pytest.raises(RuntimeError):
        take(path, batch_rows=10)
    monkeypatch.setattr(targets.GroundTarget, "write", write)

    outcome = take(path, batch_rows=10)

    assert (outcome.added, outcome.refused) == (19, 1)


def test_kill_nine_in_the_middle_loses_and_doubles_nothing(transactional_db, owner, write_file, tmp_path):
    load_catalogue()
    City.objects.create(name="城", name_en="City", county_code="990101", zone="UTC")
    lay_grid()
    rows, places = lamps(60_000)
    path = write_file("points.gpkg", rows, places)
    command = [sys.executable, "-m", "geogrid", "import", "assets", str(path), "--source", "survey"]
    environment = {**os.environ, "GEOGRID_VAR": str(tmp_path / "var")}

    with subprocess.Popen(
        command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True
    ) as running:
        wait_for_batches(owner, 1)
        os.killpg(running.pid, signal.SIGKILL)
    done = Asset.objects.count()
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert 0 < done < 60_000
    assert finished.returncode == 0, finished.stderr
    assert "Went on after" in finished.stdout
    assert Asset.objects.count() == 60_000
    assert Asset.objects.values("source_id").distinct().count() == 60_000
    assert Asset.objects.values("code").distinct().count() == 60_000


def wait_for_batches(owner, wanted: int) -> None:
    """Until so many batches are committed."""
    pause = threading.Event()
    for _ in range(WAIT_S * 20):
        with owner.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(batches_done), 0) FROM import_run")
            if cursor.fetchone()[0] >= wanted:
                return
        pause.wait(0.05)
    raise AssertionError(f"No {wanted} batches in {WAIT_S} s.")


def test_an_error_is_a_sentence_and_exit_code_2(transactional_db, tmp_path):
    command = [sys.executable, "-m", "geogrid", "import", "assets", str(tmp_path / "nowhere.shp")]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "There is no file" in done.stderr
    assert "Traceback" not in done.stderr
