"""Backup and restore, rehearsed: into a cluster that has never held anything."""

import io
import os
import tarfile
from contextlib import contextmanager

import pytest

from geogrid.embedded.backup import back_up
from geogrid.embedded.bootstrap import DATABASE, OWNER, bootstrap_cluster, create_database, run_bootstrap
from geogrid.embedded.cluster import SUPERUSER
from geogrid.embedded.errors import EmbeddedDatabaseError
from geogrid.embedded.restore import restore
from geogrid.embedded.testing import fresh_database, test_cluster
from tests.conftest import connect

pytestmark = pytest.mark.db

PHOTO = bytes(range(256)) * 5000
SAMPLE_ROW = "INSERT INTO django_session VALUES ('kept', 'through the night', '2030-01-01T00:00:00Z')"


@pytest.fixture(scope="module")
def city():
    """A migrated database with a row in it, apart from the session's."""
    with fresh_database() as database:
        app = connect(database.app)
        with app, app.cursor() as cursor:
            cursor.execute(SAMPLE_ROW)
        app.close()
        yield database


@pytest.fixture
def media(tmp_path):
    photo = tmp_path / "media" / "originals" / "ab" / "井盖 photo.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(PHOTO)
    return tmp_path / "media"


@pytest.fixture
def archive(city, media, tmp_path):
    file = tmp_path / "city.tar"
    back_up(file=file, login=city.owner, media=media, say=lambda _: None)
    return file


@pytest.fixture
def empty(cluster):
    """The owner's login into a new, bootstrapped cluster."""
    cluster.start()
    bootstrap_cluster(cluster)
    return cluster.login(OWNER, DATABASE)


@contextmanager
def fresh_bootstrapped_database():
    """The owner's login into a database of the tests' cluster with roles and rights, and no table."""
    cluster = test_cluster()
    name = f"geogrid_test_{os.getpid()}_empty"
    with cluster.locked():
        create_database(cluster, name)
        run_bootstrap(cluster, name)
    try:
        yield cluster.login(OWNER, name)
    finally:
        superuser = connect(cluster.login(SUPERUSER, "postgres"))
        superuser.autocommit = True
        with superuser.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        superuser.close()


def _fetch(login, sql):
    connection = connect(login)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()
    finally:
        connection.close()


def _contents(login):
    """Each table with its number of rows and a digest of them; who may do what with each object."""
    tables = _fetch(
        login,
        "SELECT oid::regclass::text FROM pg_class"
        " WHERE relkind = 'r' AND relowner = 'geogrid_owner'::regrole ORDER BY 1",
    )
    rows = {
        name: _fetch(
            login, f"SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM {name} t"
        )
        for (name,) in tables
    }
    objects = _fetch(
        login,
        """
        SELECT relkind::text, oid::regclass::text, grantee::regrole::text, privilege_type
        FROM pg_class, aclexplode(coalesce(relacl, acldefault('r', relowner)))
        WHERE relnamespace IN ('public'::regnamespace, 'core'::regnamespace)
        UNION ALL
        SELECT 'function', oid::regprocedure::text, grantee::regrole::text, proowner::regrole::text
        FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))
        WHERE pronamespace = 'core'::regnamespace
        UNION ALL
        SELECT 'default', defaclnamespace::regnamespace::text, defaclobjtype::text, defaclacl::text
        FROM pg_default_acl
        UNION ALL
        SELECT 'trigger', tgrelid::regclass::text, tgname, tgenabled::text
        FROM pg_trigger WHERE NOT tgisinternal
        ORDER BY 1, 2, 3, 4
        """,
    )
    return rows, objects


def test_a_backup_restored_into_an_empty_cluster_is_the_same_city(city, archive, empty, media, tmp_path):
    restored_media = tmp_path / "elsewhere" / "media"

    restore(file=archive, login=empty, media=restored_media, say=lambda _: None)

    restored, original = _contents(empty), _contents(city.owner)
    assert restored[0] == original[0]
    assert set(restored[1]) ^ set(original[1]) == set()
    assert [path.read_bytes() for path in restored_media.rglob("*.jpg")] == [PHOTO]
    assert _fetch(empty, "SELECT session_data FROM django_session") == [("through the night",)]


def test_the_app_works_on_a_restored_database(archive, empty, cluster, tmp_path):
    restore(file=archive, login=empty, media=tmp_path / "new", say=lambda _: None)

    app = connect(cluster.login("geogrid_app", DATABASE))
    with app, app.cursor() as cursor:
        cursor.execute("INSERT INTO django_session VALUES ('after', '', now()) RETURNING session_key")
        assert cursor.fetchone() == ("after",)
        cursor.execute(
            "INSERT INTO django_content_type (app_label, model) VALUES ('after', 'x') RETURNING id"
        )
        assert cursor.fetchone()[0] > 0
    app.close()


def test_a_backup_is_for_its_owner_only_and_replaces_nothing(city, archive, media):
    assert archive.stat().st_mode & 0o777 == 0o600
    with pytest.raises(EmbeddedDatabaseError, match="exists already"):
        back_up(file=archive, login=city.owner, media=media, say=lambda _: None)


def test_a_backup_that_fails_leaves_no_file(city, cluster, media, tmp_path):
    cluster.start()
    nowhere = cluster.login(SUPERUSER, "no_such_database")

    with pytest.raises(EmbeddedDatabaseError, match="no_such_database"):
        back_up(file=tmp_path / "city.tar", login=nowhere, media=media, say=lambda _: None)

    assert [path.name for path in tmp_path.iterdir()] == ["media"]


def test_a_database_that_holds_something_is_refused(city, archive, tmp_path):
    with pytest.raises(EmbeddedDatabaseError, match="is not empty"):
        restore(file=archive, login=city.owner, media=tmp_path / "new", say=lambda _: None)


def test_a_folder_that_holds_photos_is_refused(archive, media):
    with (
        fresh_bootstrapped_database() as empty,
        pytest.raises(EmbeddedDatabaseError, match="is not empty"),
    ):
        restore(file=archive, login=empty, media=media, say=lambda _: None)


def test_a_cluster_without_roles_is_refused(archive, cluster, tmp_path):
    cluster.start()

    with pytest.raises(EmbeddedDatabaseError, match="geogrid db bootstrap"):
        restore(
            file=archive,
            login=cluster.login(SUPERUSER, "postgres"),
            media=tmp_path / "new",
            say=lambda _: None,
        )


def test_a_restore_that_the_database_refuses_changes_nothing(archive, tmp_path):
    with fresh_bootstrapped_database() as login:
        owner = connect(login)
        with owner, owner.cursor() as cursor:
            cursor.execute("CREATE FUNCTION core.actor() RETURNS text LANGUAGE sql RETURN 'in the way'")
        owner.close()

        with pytest.raises(EmbeddedDatabaseError, match="nothing was changed"):
            restore(file=archive, login=login, media=tmp_path / "new", say=lambda _: None)

        assert _fetch(login, "SELECT count(*) FROM pg_class WHERE relowner = 'geogrid_owner'::regrole") == [
            (0,)
        ]
    assert not (tmp_path / "new").exists()


def _cut_off(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _one_byte_changed_in_the_photo(data: bytes) -> bytes:
    place = data.index(PHOTO[:1000]) + 500
    return data[:place] + b"?" + data[place + 1 :]


def _no_tar_at_all(data: bytes) -> bytes:
    return b"PK\x03\x04" + data


def _without_its_manifest(data: bytes) -> bytes:
    return _rewritten(data, leave_out="manifest.json")


def _without_its_database(data: bytes) -> bytes:
    return _rewritten(data, leave_out="database.dump")


def _with_a_file_outside(data: bytes) -> bytes:
    return _rewritten(data, add="media/../../outside")


def _with_a_file_more(data: bytes) -> bytes:
    return _rewritten(data, add="media/smuggled.jpg")


def _rewritten(data: bytes, *, leave_out: str = "", add: str = "") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(data)) as old, tarfile.open(fileobj=out, mode="w") as new:
        for member in old:
            if member.name != leave_out:
                new.addfile(member, old.extractfile(member))
        if add:
            new.addfile(tarfile.TarInfo(add), io.BytesIO())
    return out.getvalue()


@pytest.mark.parametrize(
    "damage",
    [
        _cut_off,
        _one_byte_changed_in_the_photo,
        _no_tar_at_all,
        _without_its_manifest,
        _without_its_database,
        _with_a_file_outside,
        _with_a_file_more,
    ],
)
def test_a_damaged_archive_is_refused_and_nothing_is_touched(damage, archive, tmp_path):
    archive.write_bytes(damage(archive.read_bytes()))
    with fresh_bootstrapped_database() as login:
        with pytest.raises(EmbeddedDatabaseError):
            restore(file=archive, login=login, media=tmp_path / "new", say=lambda _: None)

        assert _fetch(login, "SELECT count(*) FROM pg_class WHERE relowner = 'geogrid_owner'::regrole") == [
            (0,)
        ]
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "outside").exists()
