"""Read an archive back into an empty database and an empty folder of photos."""

import contextlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from geogrid.embedded.archive import DUMP, MEDIA, unpack
from geogrid.embedded.binaries import Installation, find_clients
from geogrid.embedded.bootstrap import DEFAULT_PRIVILEGES, NO_DEFAULT_PRIVILEGES
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
    r"|ACL pg_catalog FUNCTION |ACL public FUNCTION (st_estimatedextent|st_findextent|find_extent|_postgis_)"
    r"|DEFAULT ACL |(FUNCTION|COMMENT|ACL) core (FUNCTION )?(make|revoke)_analyst_role\("
    r")"
)
_EMPTY_PATH = b"pg_catalog.set_config('search_path', '', false)"
_PUBLIC_PATH = b"pg_catalog.set_config('search_path', 'public', false)"


def restore(*, file: Path, login: Login, media: Path, say: Callable[[str], None]) -> None:
    """Restore the archive: all of it, or nothing.

    `login` is the owner of the tables, in a database that has been bootstrapped and holds no table yet.
    Raises EmbeddedDatabaseError when that is not so, when photos lie in `media` already, or when the archive
    is damaged: then neither has been touched.
    """
    if not file.is_file():
        raise EmbeddedDatabaseError(f"There is no file {file}.")
    installation = find_clients()
    _require_empty(installation.program("psql"), login, media)
    media.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".geogrid-restore-", dir=media.parent) as folder:
        say(f"Checking {file}")
        unpacked = Path(folder)
        manifest = unpack(file, unpacked)
        say(f"The archive is whole: made {manifest.made_at}, {len(manifest.files) - 1} photos")
        say("Restoring the database")
        _load(installation, login, unpacked / DUMP)
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


def _load(installation: Installation, login: Login, dump: Path) -> None:
    """Feed the dump to psql in one transaction, whose COMMIT is sent only when the dump was read whole."""
    chosen = _wanted(installation, dump)
    reading = subprocess.Popen(
        [installation.program("pg_restore"), "--no-owner", "--file=-", f"--use-list={chosen}", dump],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    loading = subprocess.Popen(
        [
            installation.program("psql"),
            "--no-psqlrc",
            "--quiet",
            "--no-password",
            "--set=ON_ERROR_STOP=1",
            f"--dbname={login.url(with_password=False)}",
        ],
        env={**login.environment(), "PGOPTIONS": "-c client_min_messages=warning"},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    with reading, loading:
        assert reading.stdout and reading.stderr and loading.stdin and loading.stderr  # noqa: S101 - for the types
        with contextlib.suppress(BrokenPipeError):  # psql stopped at an error, which it tells below
            loading.stdin.write(f"BEGIN;\n{NO_DEFAULT_PRIVILEGES}".encode())
            _feed(reading.stdout, loading.stdin)
            unread = reading.stderr.read().decode(errors="replace")
            whole = reading.wait() == 0
            loading.stdin.write(f"{DEFAULT_PRIVILEGES}COMMIT;\n".encode() if whole else b"ROLLBACK;\n")
            loading.stdin.close()
        refused = loading.stderr.read().decode(errors="replace")
        reading.terminate()
    if loading.returncode:
        raise EmbeddedDatabaseError(
            f"The database refused the backup, nothing was changed: {refused.strip()}"
        )
    if reading.returncode:
        raise EmbeddedDatabaseError(f"The database in the archive cannot be read: {unread.strip()}")


def _wanted(installation: Installation, dump: Path) -> Path:
    """A file that names what is to be restored: all but what bootstrap has made."""
    contents = subprocess.run(
        [installation.program("pg_restore"), "--list", str(dump)], capture_output=True, text=True
    )
    if contents.returncode:
        raise EmbeddedDatabaseError(f"The database in the archive cannot be read: {contents.stderr.strip()}")
    wanted = [line for line in contents.stdout.splitlines() if not _MADE_BY_BOOTSTRAP.match(line)]
    chosen = dump.with_name("wanted.list")
    chosen.write_text("\n".join(wanted) + "\n")
    return chosen


def _feed(script: IO[bytes], psql: IO[bytes]) -> None:
    """Hand the script over with `public` on the search path, which pg_restore leaves empty.

    Conditions such as `old.point IS DISTINCT FROM new.point` cannot name the schema of PostGIS's operator.
    """
    for line in script:
        psql.write(line.replace(_EMPTY_PATH, _PUBLIC_PATH))
        if _EMPTY_PATH in line:
            break
    shutil.copyfileobj(script, psql, 2**20)


def _put_photos(unpacked: Path, media: Path) -> None:
    if not unpacked.is_dir():
        return
    if media.is_dir():
        shutil.copystat(media, unpacked)
        media.rmdir()
    unpacked.replace(media)
