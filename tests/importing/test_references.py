"""References of a batch, checked as a set where the database allows it and row by row where it does not."""

from typing import Any

import psycopg2
import pytest
from django.db import IntegrityError, connection, transaction

from assets.actions import load_catalogue
from assets.importing import targets
from assets.importing.cell_guess import CellGuess
from assets.importing.loading import import_assets
from assets.models import Asset
from geogrid.changes.models import Change
from geogrid.core.importing.errors import ImportRefused
from geogrid.core.models import City
from geogrid.organisations.models import Organisation
from tests.importing.conftest import CLERK, lamps, lay_grid, place

QUIET, WAKE = "core.quiet_row_triggers()", "core.wake_row_triggers()"


@pytest.fixture(params=["as a set", "row by row"])
def checked(request: Any, superuser: Any) -> Any:
    """The two ways of checking: in this database, without changing the rights of the cluster's roles."""
    acting = "CURRENT_USER" if request.param == "as a set" else "geogrid_app"
    with superuser.cursor() as cursor:
        for function in (QUIET, WAKE):
            cursor.execute(f"ALTER FUNCTION {function} OWNER TO {acting}")
            cursor.execute(f"ALTER FUNCTION {function} SECURITY DEFINER")
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO geogrid_owner")
    yield request.param
    with superuser.cursor() as cursor:
        for function in (QUIET, WAKE):
            cursor.execute(f"ALTER FUNCTION {function} OWNER TO geogrid_owner")
            cursor.execute(f"ALTER FUNCTION {function} SECURITY INVOKER")
            cursor.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM geogrid_app")


@pytest.fixture
def committed_city(transactional_db: None, settings: Any, tmp_path: Any) -> None:
    """A city that other connections see too."""
    settings.VAR_DIR = tmp_path / "var"
    load_catalogue()
    City.objects.create(name="城", name_en="City", county_code="990101", zone="UTC")
    lay_grid()


def take(path: Any) -> Any:
    return import_assets(path, source="survey", actor=CLERK)


def owned_lamps(count: int) -> Any:
    rows, places = lamps(count)
    return [{**row, "owner": "供电局"} for row in rows], places


def ask(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_both_ways_write_the_same_rows_and_one_change(checked, city, write_file):
    rows, places = owned_lamps(3)
    places[2] = place(7, 7)  # outside the grid

    outcome = take(write_file("points.gpkg", rows, places))

    assert outcome.added == 3
    written = list(Asset.objects.order_by("source_id").select_related("cell", "owner"))
    assert [asset.code for asset in written] == [f"9901010137{n:06}" for n in (1, 2, 3)]
    assert [asset.cell.code[-4:] if asset.cell else None for asset in written] == ["1001", "1001", None]
    assert {asset.owner.name for asset in written if asset.owner} == {"供电局"}
    change = Change.objects.get(kind="asset")
    assert (change.op, sorted(change.refs)) == ("insert", [asset.code for asset in written])
    assert [code[-4:] for code in change.units_after] == ["1001"]
    assert change.extent is not None


def test_the_rules_are_awake_again_after_a_batch(checked, city, write_file):
    take(write_file("points.gpkg", *lamps(1)))
    lamp = Asset.objects.get()

    Asset.objects.create(asset_class=lamp.asset_class, geom=lamp.geom)

    assert ask("SHOW session_replication_role") == [("origin",)]
    assert set(Asset.objects.values_list("cell_id", flat=True)) == {lamp.cell_id}
    assert Change.objects.filter(kind="asset", op="insert").count() == 2


@pytest.mark.parametrize("column", ["owner_id", "maintainer_id"])
def test_the_constraint_still_holds_for_plain_sql(checked, city, write_file, column):
    take(write_file("points.gpkg", *lamps(1)))

    with (
        pytest.raises(IntegrityError, match="foreign key"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE asset SET {column} = 999999")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_class_that_is_deleted_while_its_rows_are_imported_is_noticed(
    checked, committed_city, write_file, owner, monkeypatch
):
    path = write_file("points.gpkg", *lamps(3))
    write = targets.GroundTarget.write

    def write_after_the_class_is_gone(self, prepared, *, dry_run):
        with owner.cursor() as cursor:
            cursor.execute("DELETE FROM asset_class WHERE code = '0137'")
        return write(self, prepared, dry_run=dry_run)

    monkeypatch.setattr(targets.GroundTarget, "write", write_after_the_class_is_gone)

    with pytest.raises(ImportRefused, match="Import the same file again"):
        take(path)

    assert not Asset.objects.exists()


def test_what_a_batch_refers_to_cannot_be_deleted_before_it_ends(checked, committed_city, write_file, owner):
    path = write_file("points.gpkg", *owned_lamps(2))

    with transaction.atomic():
        take(path)
        if checked == "row by row":
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what the end of a batch does
        for table in ("asset_class", "cell"):
            used = ask(
                f"SELECT {'asset_class_id' if table == 'asset_class' else 'cell_id'} FROM asset LIMIT 1"
            )
            with owner.cursor() as cursor, pytest.raises(psycopg2.errors.LockNotAvailable):
                cursor.execute(f"SELECT FROM {table} WHERE id = %s FOR UPDATE NOWAIT", used[0])


def test_a_deleted_unit_takes_no_asset_with_it(checked, city, write_file):
    take(write_file("points.gpkg", *owned_lamps(1)))

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM organisation WHERE name = '供电局'")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert Organisation.objects.filter(name="供电局").exists()


def test_the_importer_knows_every_reference_and_every_rule_of_an_insert(db):
    """Whoever adds one teaches it to core.load_assets, where it is checked for a batch at once."""
    references = ask(
        "SELECT a.attname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid "
        "AND a.attnum = ANY (c.conkey) WHERE c.conrelid = 'asset'::regclass AND c.contype = 'f'"
    )
    triggers = ask(
        "SELECT tgname FROM pg_trigger "
        "WHERE tgrelid = 'asset'::regclass AND NOT tgisinternal AND tgtype & 4 > 0"
    )

    assert {name for (name,) in references} == {
        "asset_class_id",
        "cell_id",
        "competent_authority_id",
        "owner_id",
        "maintainer_id",
    }
    assert {name for (name,) in triggers} == {"a_asset_row", "b_asset_inserted"}


@pytest.mark.parametrize("guess", ["another cell", "no cell that is there", None])
def test_a_wrong_guess_of_the_cell_is_not_believed(city, write_file, monkeypatch, guess):
    (far,) = ask("SELECT id FROM cell WHERE code LIKE '%1004'")
    said = {"another cell": str(far[0]), "no cell that is there": "999999", None: None}[guess]
    monkeypatch.setattr(CellGuess, "guess", lambda self, shapes: [said] * len(shapes))

    take(write_file("points.gpkg", *lamps(4)))

    assert {asset.cell.code[-4:] for asset in Asset.objects.select_related("cell") if asset.cell} == {
        "1001",
        "1002",
    }


def test_on_a_border_the_older_cell_has_it(city, write_file):
    rows, _ = lamps(1)

    take(write_file("points.gpkg", rows, [place(1, 0.5)]))

    older = min(pk for (pk,) in ask("SELECT id FROM cell WHERE code LIKE '%1001' OR code LIKE '%1002'"))
    assert Asset.objects.get().cell_id == older
