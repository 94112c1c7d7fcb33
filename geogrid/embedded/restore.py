"""Read an archive back into an empty database and an empty folder of photos."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from geogrid.embedded.archive import DUMP, MEDIA, unpack
from geogrid.embedded.binaries import find_installation
from geogrid.embedded.errors import EmbeddedDatabaseError
from geogrid.embedded.logins import Login, run_sql

# Everything that somebody made in this database, without what belongs to an extension.
_OCCUPANTS = """
SELECT count(*)
FROM pg_class thing
JOIN pg_namespace place ON place.oid = thing.relnamespace
WHERE place.nspname NOT LIKE 'pg\\_%'
    AND place.nspname <> 'information_schema'
    AND thing.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    AND NOT EXISTS (
        SELECT FROM pg_depend link
        WHERE link.classid = 'pg_class'::regclass AND link.objid = thing.oid AND link.deptype = 'e'
    );
"""
_IS_BOOTSTRAPPED = "SELECT to_regprocedure('core.revoke_analyst_role(text)') IS NOT NULL;"

# What bootstrap has made already, as `pg_restore --list` names it.
_MADE_BY_BOOTSTRAP = re.compile(
    r"^\d+; \d+ \d+ ("
    r"EXTENSION - |COMMENT - EXTENSION |SCHEMA - (core|public) |COMMENT - SCHEMA |ACL - SCHEMA (core|public) "
    r"|DEFAULT ACL |(FUNCTION|COMMENT|ACL) core (FUNCTION )?(make|revoke)_analyst_role\("
    r")"
)


def restore(*, file: Path, login: Login, media: Path, say: Callable[[str], None]) -> None:
    """Restore the archive: all of it, or nothing.

    `login` is the owner of the tables, in a database that has been bootstrapped and holds no table yet.
    Raises EmbeddedDatabaseError when that is not so, when photos lie in `media` already, or when the archive
    is damaged: then neither has been touched.
    """
    if not file.is_file():
        raise EmbeddedDatabaseError(f"There is no file {file}.")
    installation = find_installation()
    _require_empty(installation.program("psql"), login, media)
    media.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".geogrid-restore-", dir=media.parent) as folder:
        say(f"Checking {file}")
        unpacked = Path(folder)
        manifest = unpack(file, unpacked)
        say(f"The archive is whole: made {manifest.made_at}, {len(manifest.files) - 1} photos")
        say("Restoring the database")
        _load(installation.program("pg_restore"), login, unpacked / DUMP)
        _put_photos(unpacked / MEDIA, media)
    say("Gathering statistics")
    run_sql(installation.program("psql"), login, "ANALYZE;")


def _require_empty(psql: str, login: Login, media: Path) -> None:
    if media.is_dir() and any(media.iterdir()):
        raise EmbeddedDatabaseError(f"{media} is not empty: a restore never mixes two cities' photos.")
    [[bootstrapped]] = run_sql(psql, login, _IS_BOOTSTRAPPED)
    if bootstrapped != "t":
        raise EmbeddedDatabaseError(
            f"The database {login.database} has no roles yet: run `geogrid db bootstrap` first."
        )
    [[occupants]] = run_sql(psql, login, _OCCUPANTS)
    if occupants != "0":
        raise EmbeddedDatabaseError(
            f"The database {login.database} is not empty ({occupants} tables, views and sequences): "
            "a restore goes into an empty one only."
        )


def _load(pg_restore: str, login: Login, dump: Path) -> None:
    contents = subprocess.run([pg_restore, "--list", str(dump)], capture_output=True, text=True)
    if contents.returncode:
        raise EmbeddedDatabaseError(f"The database in the archive cannot be read: {contents.stderr.strip()}")
    wanted = [line for line in contents.stdout.splitlines() if not _MADE_BY_BOOTSTRAP.match(line)]
    chosen = dump.with_name("wanted.list")
    chosen.write_text("\n".join(wanted) + "\n")
    command = [
        pg_restore,
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-password",
        f"--use-list={chosen}",
        f"--dbname={login.url(with_password=False)}",
        str(dump),
    ]
    done = subprocess.run(command, env=login.environment(), capture_output=True, text=True)
    if done.returncode:
        raise EmbeddedDatabaseError(
            f"The database refused the backup, nothing was changed: {done.stderr.strip()}"
        )


def _put_photos(unpacked: Path, media: Path) -> None:
    if not unpacked.is_dir():
        return
    if media.is_dir():
        shutil.copystat(media, unpacked)
        media.rmdir()
    unpacked.replace(media)
