"""`geogrid db`: bad input gets a sentence and an exit code, never a traceback."""

import os
import subprocess
import sys

import pytest

from geogrid.embedded.paths import REPOSITORY

pytestmark = pytest.mark.fast

NOWHERE = "postgresql://geogrid_app:x@127.0.0.1:1/city"


@pytest.fixture
def geogrid_db(tmp_path):
    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
        return subprocess.run(
            [sys.executable, "-m", "geogrid", "db", *arguments],
            cwd=REPOSITORY,
            env={**kept, "GEOGRID_PG_ROOT": str(tmp_path / "pg"), "COLUMNS": "200", **environment},
            capture_output=True,
            text=True,
        )

    return run


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "sentence"),
    [
        (["status"], {}, 3, "is not running"),
        (["stop"], {}, 0, "It was not running."),
        (["url"], {}, 1, "run `geogrid db start`"),
        (["url", "--role", "root"], {}, 1, "There is no database role 'root'"),
        (["psql"], {}, 1, "run `geogrid db start`"),
        (["start"], {"GEOGRID_PG_BINDIR": "/nowhere"}, 1, "No PostgreSQL with PostGIS is installed"),
        (["start"], {"DATABASE_URL": NOWHERE}, 0, "DATABASE_URL names another database"),
        (["status"], {"DATABASE_URL": NOWHERE}, 3, "No answer from postgresql://geogrid_app@127.0.0.1:1/city"),
        (["status"], {"DATABASE_URL": "mysql://a@b/c"}, 1, "A database URL has the form postgresql://"),
        (["backup", "/nowhere/city.tar"], {}, 1, "run `geogrid db start`"),
        (["backup", "x.tar"], {"DATABASE_URL": NOWHERE}, 1, "DATABASE_OWNER_URL is not"),
        (
            ["backup", "/nowhere/city.tar"],
            {"DATABASE_URL": NOWHERE, "DATABASE_OWNER_URL": NOWHERE},
            1,
            "There is no folder /nowhere.",
        ),
        (
            ["restore", "/nowhere/city.tar"],
            {"DATABASE_URL": NOWHERE, "DATABASE_OWNER_URL": NOWHERE},
            1,
            "There is no file /nowhere/city.tar.",
        ),
        (
            ["bootstrap"],
            {"DATABASE_URL": "postgresql://somebody:x@h/d", "DATABASE_OWNER_URL": "postgresql://geogrid_owner:x@h/d"},
            1,
            "the database URLs name somebody",
        ),
        (["nonsense"], {}, 2, "No such command"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_in_a_sentence(geogrid_db, arguments, environment, code, sentence):
    done = geogrid_db(*arguments, **environment)

    assert (done.returncode, sentence in done.stdout + done.stderr) == (code, True), done
    assert "Traceback" not in done.stderr


def test_a_foreign_database_gets_its_bootstrap_printed_without_a_password_in_clear(geogrid_db):
    done = geogrid_db(
        "bootstrap",
        DATABASE_URL="postgresql://geogrid_app:in-clear@h/d",
        DATABASE_OWNER_URL="postgresql://geogrid_owner:in-clear@h/d",
    )

    assert done.returncode == 0
    assert done.stdout.count("_verifier 'SCRAM-SHA-256$") == 2
    assert "CREATE EXTENSION IF NOT EXISTS postgis" in done.stdout
    assert "in-clear" not in done.stdout
