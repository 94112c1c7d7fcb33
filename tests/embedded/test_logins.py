"""URLs, roles and verifiers: plain rules, no database."""

import pytest

from geogrid.embedded.errors import EmbeddedDatabaseError
from geogrid.embedded.logins import Login
from geogrid.embedded.scram import scram_verifier
from geogrid.embedded.state import ClusterState, load_state
from geogrid.embedded.tuning import server_settings
from geogrid.embedded.urls import ROLES, database_url, login_for

pytestmark = pytest.mark.fast


@pytest.fixture(autouse=True)
def no_database_named(monkeypatch, tmp_path):
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_TILE_READER_URL", "DATABASE_SUPERUSER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GEOGRID_PG_ROOT", str(tmp_path))


def test_a_url_with_odd_characters_survives_the_round_trip():
    login = Login("geo grid", "p@ss/w:rd?", "db.example", 6432, "my city", "sslmode=require")

    assert Login.from_url(login.url()) == login
    assert "p%40ss" not in login.url(with_password=False)


def test_a_login_never_prints_its_password():
    assert "secret" not in repr(Login("a", "secret", "h", 1, "d"))


@pytest.mark.parametrize(
    "url", ["", "mysql://a@b/c", "postgresql://host", "postgresql://a:b@h:port/c", "nonsense"]
)
def test_what_is_no_database_url_is_refused_in_a_sentence(url):
    with pytest.raises(EmbeddedDatabaseError, match="has the form postgresql://"):
        Login.from_url(url)


@pytest.mark.parametrize("role", ROLES)
def test_without_a_cluster_there_is_no_url(role):
    assert database_url(role) is None
    with pytest.raises(EmbeddedDatabaseError, match="geogrid db start"):
        login_for(role)


def test_the_private_cluster_gives_each_role_its_own_login(tmp_path):
    ClusterState(data="x", port=5433, passwords={"geogrid_app": "a", "geogrid_owner": "o"}).save(tmp_path)

    assert database_url("app") == "postgresql://geogrid_app:a@127.0.0.1:5433/geogrid"
    assert database_url("owner") == "postgresql://geogrid_owner:o@127.0.0.1:5433/geogrid"
    assert database_url("tile_reader") is None


def test_the_environment_goes_before_the_private_cluster(monkeypatch, tmp_path):
    ClusterState(data="x", port=5433, passwords={"geogrid_owner": "o"}).save(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "postgis://geogrid_app:a@db/city")

    assert database_url("app") == "postgresql://geogrid_app:a@db:5432/city"
    assert database_url("superuser") is None
    with pytest.raises(EmbeddedDatabaseError, match="DATABASE_OWNER_URL is not"):
        database_url("owner")


def test_an_unknown_role_is_refused_in_a_sentence():
    with pytest.raises(EmbeddedDatabaseError, match="the roles are app, owner"):
        database_url("root")


def test_a_damaged_state_file_is_told_in_a_sentence(tmp_path):
    (tmp_path / "state.json").write_text('{"data": ')

    with pytest.raises(EmbeddedDatabaseError, match="is damaged"):
        load_state(tmp_path)


def test_the_verifier_is_the_one_postgresql_computes():
    # Made by PostgreSQL 15 for the password 'pencil', with the salt it chose.
    stored = (
        "SCRAM-SHA-256$4096:xlCIUHEoRdLJ9vIgDIDvhw==$"
        "sDcvK9O1kKctmlpMB2l4Oa9fcoYAW+oTaA2Z/8KhY/w=:G+ikKXsEFaSykEnRlD0df+C2/cXumnJlymqXwRdhMGE="
    )

    assert scram_verifier("pencil", salt=bytes.fromhex("c6508850712845d2c9f6f2200c80ef87")) == stored


@pytest.mark.parametrize("memory", [256, 1024, 4096, 262_144])
def test_the_server_fits_the_machine(memory):
    settings = server_settings(memory=memory, processors=2, durable=True)

    shared_buffers = int(settings["shared_buffers"].removesuffix("MB"))
    assert 128 <= shared_buffers <= max(128, memory // 4)
    assert "fsync" not in settings
