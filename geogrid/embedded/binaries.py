"""Find the PostgreSQL programs of an installation that has PostGIS."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from geogrid.embedded.errors import EmbeddedDatabaseError


@dataclass(frozen=True)
class Installation:
    """One PostgreSQL on this machine: its major version and its folder of programs."""

    major: int
    programs: Path

    def program(self, name: str) -> str:
        return str(self.programs / name)


def _candidate_folders() -> Iterator[Path]:
    if named := os.environ.get("GEOGRID_PG_BINDIR"):
        yield Path(named)
        return
    for pattern in ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin"):
        yield from sorted(Path("/").glob(pattern.lstrip("/")), key=_number_in, reverse=True)
    if on_path := shutil.which("pg_ctl"):
        yield Path(on_path).resolve().parent


def _number_in(folder: Path) -> int:
    numbers = re.findall(r"\d+", str(folder))
    return int(numbers[-1]) if numbers else 0


def _major_version(programs: Path) -> int | None:
    if not (programs / "initdb").exists() or not (programs / "postgres").exists():
        return None
    try:
        said = subprocess.run(
            [programs / "postgres", "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"(\d+)", said.stdout)
    return int(found[1]) if found else None


def _has_postgis(programs: Path) -> bool:
    # Debian keeps pg_config in a development package, so its answer cannot be counted on.
    debian = Path(str(programs).replace("/usr/lib/postgresql/", "/usr/share/postgresql/")).parent
    shares = [debian, programs.parent / "share" / "postgresql", programs.parent / "share"]
    try:
        said = subprocess.run(
            [programs / "pg_config", "--sharedir"], capture_output=True, text=True, check=True
        )
        shares.append(Path(said.stdout.strip()))
    except (OSError, subprocess.CalledProcessError):
        pass
    return any((share / "extension" / "postgis.control").exists() for share in shares)


def find_installation(*, major: int | None = None) -> Installation:
    """The newest PostgreSQL that has PostGIS, or the one of the `major` version an existing cluster needs.

    GEOGRID_PG_BINDIR names a folder of programs to use instead of searching.
    Raises EmbeddedDatabaseError with what was looked at.
    """
    seen: list[str] = []
    for programs in _candidate_folders():
        version = _major_version(programs)
        if version is None:
            continue
        has_postgis = _has_postgis(programs)
        seen.append(f"{programs} (version {version}, {'with' if has_postgis else 'without'} PostGIS)")
        if has_postgis and major in (None, version):
            return Installation(major=version, programs=programs)
    looked = "; ".join(seen) or "nothing"
    if major is not None:
        raise EmbeddedDatabaseError(
            f"The cluster was made by PostgreSQL {major}, and that version with PostGIS is not installed "
            f"(found: {looked}). Install postgresql-{major}-postgis-3, or restore a backup into a new one."
        )
    raise EmbeddedDatabaseError(
        f"No PostgreSQL with PostGIS is installed (found: {looked}). "
        "On Debian and Ubuntu: sudo apt-get install postgresql-15-postgis-3 (or the version your system has)."
    )


def find_clients() -> Installation:
    """The newest psql, pg_dump and pg_restore of this machine: all that a database elsewhere needs.

    Raises EmbeddedDatabaseError when there are none.
    """
    programs = [Path(found).parent for found in [shutil.which("psql")] if found]
    for folder in (*_candidate_folders(), *programs):
        if all((folder / name).exists() for name in ("psql", "pg_dump", "pg_restore")):
            return Installation(major=_number_in(folder), programs=folder)
    raise EmbeddedDatabaseError(
        "psql, pg_dump and pg_restore are not installed. "
        "On Debian and Ubuntu: sudo apt-get install postgresql-client."
    )
