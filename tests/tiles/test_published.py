"""What is derived in the database is rebuilt when its text changed, whole, and says what it is."""

import subprocess
import sys

import pytest

from geogrid.embedded.paths import REPOSITORY
from geogrid.embedded.testing import TestDatabase
from tiles.publish import published_files

# Runs `publish` as the owner in a process of its own, on the files of a folder.
PUBLISH = """
import sys, django
django.setup()
from pathlib import Path
from tiles import publish
publish.FOLDER = Path(sys.argv[1])
publish.PAUSE_S = 0.05
print(*publish.publish())
"""


@pytest.fixture
def folder(tmp_path, test_database: TestDatabase, transactional_db: None):
    for name, text in published_files().items():
        (tmp_path / f"{name}.sql").write_text(text, encoding="utf-8")
    yield tmp_path
    for path in tmp_path.iterdir():
        path.unlink()
    for name, text in published_files().items():
        (tmp_path / f"{name}.sql").write_text(text, encoding="utf-8")
    publish(tmp_path)


def publish(folder) -> list[str]:
    environment = {"GEOGRID_DB_ROLE": "owner", "DJANGO_SETTINGS_MODULE": "geogrid.settings"}
    import os

    done = subprocess.run(
        [sys.executable, "-c", PUBLISH, str(folder)],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_what_did_not_change_is_left_alone(folder):
    publish(folder)

    assert publish(folder) == []


def test_a_view_that_gains_or_loses_a_column_is_made_anew(folder, owner):
    publish(folder)
    path = folder / "map_road.sql"
    text = path.read_text()
    shorter = text.replace("    r.kind,\n", "").replace(
        next(line for line in text.splitlines(True) if "map_road.kind IS" in line), ""
    )
    path.write_text(shorter)

    assert publish(folder) == ["map_road"]

    with owner.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'map_road'::regclass AND attnum > 0"
        )
        assert "kind" not in {name for [name] in cursor.fetchall()}


def test_a_function_with_other_arguments_takes_the_place_of_the_old_one(folder, owner):
    publish(folder)
    path = folder / "core.box_array.sql"
    path.write_text(
        "CREATE FUNCTION core.box_array(shape geometry, words text DEFAULT '') RETURNS double precision[]"
        " LANGUAGE sql AS $$ SELECT ARRAY[1.0]::double precision[] $$"
    )

    assert publish(folder) == ["core.box_array"]

    with owner.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_proc WHERE proname = 'box_array'")
        assert cursor.fetchone() == (1,)


def test_an_object_whose_file_is_gone_is_dropped(folder, owner):
    (folder / "map_extra.sql").write_text("CREATE OR REPLACE VIEW public.map_extra AS SELECT 1 AS one;")
    assert publish(folder) == ["map_extra"]

    (folder / "map_extra.sql").unlink()

    assert publish(folder) == ["map_extra"]
    with owner.cursor() as cursor:
        cursor.execute("SELECT to_regclass('map_extra')")
        assert cursor.fetchone() == (None,)


def test_a_fault_in_one_file_changes_nothing(folder, owner):
    publish(folder)
    (folder / "map_aaa.sql").write_text("CREATE OR REPLACE VIEW public.map_aaa AS SELECT 1 AS one;")
    (folder / "map_zzz.sql").write_text("CREATE VIEW nonsense")

    with pytest.raises(AssertionError):
        publish(folder)

    with owner.cursor() as cursor:
        cursor.execute("SELECT to_regclass('map_aaa')")
        assert cursor.fetchone() == (None,)


def test_every_published_view_and_column_says_what_it_is_in_both_languages(owner, db):
    views = [name for name in published_files() if name.startswith("map_")]
    with owner.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname || '.' || coalesce(a.attname, '*'), coalesce(
                col_description(c.oid, a.attnum), obj_description(c.oid, 'pg_class')
            )
            FROM pg_class c
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relname = ANY(%s)
            """,
            [views],
        )
        silent = [name for name, said in cursor.fetchall() if not said or said.isascii()]

    assert silent == []


def test_every_published_function_says_what_it_is_and_is_not_for_everyone(owner, db):
    names = [name.removeprefix("core.") for name in published_files() if name.startswith("core.")]
    with owner.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.proname, obj_description(p.oid, 'pg_proc') IS NOT NULL,
                has_function_privilege('geogrid_gis_reader', p.oid, 'EXECUTE')
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = 'core' AND p.proname = ANY(%s)
            """,
            [names],
        )
        found = cursor.fetchall()

    assert {name for name, _, _ in found} == set(names)
    assert [name for name, says, _ in found if not says] == []
    assert [name for name, _, is_open in found if is_open] == []
