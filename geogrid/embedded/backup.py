"""Write the database and the photos into one archive."""

import os
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from geogrid.embedded.archive import DUMP, MEDIA, Manifest, add_file, add_manifest
from geogrid.embedded.binaries import find_clients
from geogrid.embedded.errors import EmbeddedDatabaseError
from geogrid.embedded.logins import Login, run_sql

Say = Callable[[str], None]


def back_up(*, file: Path, login: Login, media: Path, say: Say) -> None:
    """Write an archive of the database of `login` (the owner of the tables) and of all files under `media`.

    GeoGrid may run meanwhile: the dump is one snapshot, and photos are only ever added, so the photos copied
    after it hold all it names. The archive appears under its name when it is whole, for its owner only.
    Raises EmbeddedDatabaseError when the dump fails or `file` exists.
    """
    if file.exists():
        raise EmbeddedDatabaseError(f"{file} exists already: a backup never replaces another file.")
    if not file.absolute().parent.is_dir():
        raise EmbeddedDatabaseError(f"There is no folder {file.absolute().parent}.")
    with tempfile.TemporaryDirectory(prefix=".geogrid-backup-", dir=file.absolute().parent) as folder:
        installation = find_clients()
        dump = Path(folder) / DUMP
        _dump(installation.program("pg_dump"), login, dump, say)
        [[server]] = run_sql(installation.program("psql"), login, "SHOW server_version;")
        manifest = Manifest(made_at=datetime.now(UTC).isoformat(timespec="seconds"), postgres=server)
        part = Path(folder) / "archive.tar"
        with (
            part.open("xb") as out,
            tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            part.chmod(0o600)
            add_file(archive, manifest, name=DUMP, path=dump)
            _add_photos(archive, manifest, media, say)
            add_manifest(archive, manifest)
            archive.close()
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)


def _dump(pg_dump: str, login: Login, to: Path, say: Say) -> None:
    command = [
        pg_dump,
        "--format=custom",
        "--no-password",
        "--verbose",
        "--exclude-table-data=public.spatial_ref_sys",  # PostGIS brings it, and only a superuser may fill it
        f"--file={to}",
        f"--dbname={login.url(with_password=False)}",
    ]
    said: list[str] = []
    with subprocess.Popen(command, env=login.environment(), stderr=subprocess.PIPE, text=True) as dumping:
        for line in dumping.stderr or ():
            said = [*said[-9:], line.strip()]
            if "dumping contents of table" in line:
                table = line.strip().rsplit(" ", 1)[-1].strip('"').removeprefix("public.")
                say(f"Database: {table}")
    if dumping.returncode:
        raise EmbeddedDatabaseError("The database could not be dumped: " + "\n".join(said))


def _add_photos(archive: tarfile.TarFile, manifest: Manifest, media: Path, say: Say) -> None:
    photos = sorted(path for path in media.rglob("*") if path.is_file()) if media.is_dir() else []
    every = max(1, len(photos) // 20)
    for number, path in enumerate(photos, start=1):
        try:
            add_file(archive, manifest, name=MEDIA + path.relative_to(media).as_posix(), path=path)
        except FileNotFoundError:
            continue  # an orphan, swept while we were at work
        if number % every == 0 or number == len(photos):
            say(f"Photos: {number} of {len(photos)}")
