"""Databases for tests: a cluster of their own, migrated templates, a copy of one for each session.

Making a template costs what the migrations cost, and what fills it; a copy costs a tenth of a second.
"""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from geogrid.embedded.bootstrap import APP, OWNER, TILE_READER, VARIABLES, create_database, run_bootstrap
from geogrid.embedded.cluster import SUPERUSER, Cluster
from geogrid.embedded.errors import EmbeddedDatabaseError
from geogrid.embedded.logins import Login, run_sql
from geogrid.embedded.paths import REPOSITORY, var_folder
from geogrid.embedded.scram import new_password
from geogrid.embedded.tables import schema_fingerprint

TEMPLATES_KEPT = 4
_TEMPLATE = "geogrid_template_"
_COPY = "geogrid_test_"


@dataclass(frozen=True)
class TestDatabase:
    """One copy of the template, and the logins into it."""

    __test__ = False  # the name begins like a test class's

    app: Login
    owner: Login
    tile_reader: Login
    superuser: Login

    def environment(self) -> dict[str, str]:
        """What a process that shall use this database needs in its environment."""
        return {
            "DATABASE_URL": self.app.url(),
            "DATABASE_OWNER_URL": self.owner.url(),
            "DATABASE_TILE_READER_URL": self.tile_reader.url(),
        }


@dataclass(frozen=True)
class Filling:
    """What a template holds besides tables and seeds.

    name: differs when what `fill` does would differ; lower-case letters, digits and underscores, at most 24.
    fill: gets the logins of a migrated database, and leaves no connection behind.
    """

    name: str
    fill: Callable[[TestDatabase], None]


def test_cluster() -> Cluster:
    """The cluster of tests, beside the demo's: its own folder and port, and no waiting for the disk."""
    return Cluster(var_folder() / "pg-test", durable=False, say=_say)


test_cluster.__test__ = False  # type: ignore[attr-defined]


@contextmanager
def fresh_database(filling: Filling | None = None) -> Iterator[TestDatabase]:
    """A migrated database for this process, dropped at the end. Databases of dead processes go too.

    filling: what it holds at first; who comes first fills a template, all others wait and copy it.
    """
    cluster = test_cluster()
    has_died = cluster.has_died()
    cluster.start()
    with cluster.locked():
        _know_passwords(cluster)
        _sweep(cluster, TEMPLATES_KEPT if not has_died else 0)
        template = _filled(cluster, filling) if filling else _template(cluster)
        name = f"{_COPY}{os.getpid()}_{secrets.token_hex(3)}"
        _copy(cluster, template, name)
    try:
        yield _logins(cluster, name)
    finally:
        with cluster.locked():
            _as_superuser(cluster, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE);')


def _know_passwords(cluster: Cluster) -> None:
    state = cluster.state()
    if missing := VARIABLES.keys() - state.passwords.keys():
        state.passwords |= {role: new_password() for role in missing}
        state.save(cluster.root)


def _template(cluster: Cluster) -> str:
    """The name of the template for the tree as it stands, made if need be. The caller holds the lock."""
    name = _TEMPLATE + schema_fingerprint()
    if name not in _databases(cluster):
        with _made(cluster, name) as making:
            create_database(cluster, making)
            run_bootstrap(cluster, making)
            _migrate(_logins(cluster, making))
    return name


def _filled(cluster: Cluster, filling: Filling) -> str:
    """The name of the template with this filling, filled if need be. The caller holds the lock."""
    empty = _template(cluster)
    name = f"{empty}_{filling.name}"
    if name not in _databases(cluster):
        with _made(cluster, name) as making:
            _copy(cluster, empty, making)
            filling.fill(_logins(cluster, making))
    return name


@contextmanager
def _made(cluster: Cluster, name: str) -> Iterator[str]:
    """A name to make a template under: it gets its own when it is whole."""
    making = _TEMPLATE + "in_the_making"
    _as_superuser(cluster, f'DROP DATABASE IF EXISTS "{making}" WITH (FORCE);')
    yield making
    _as_superuser(cluster, f'ALTER DATABASE "{making}" RENAME TO "{name}";')


def _copy(cluster: Cluster, template: str, name: str) -> None:
    _as_superuser(cluster, f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER {OWNER};')
    run_bootstrap(cluster, name)  # rights on the database itself are not copied from a template


def _migrate(database: TestDatabase) -> None:
    """Migrate as the owner, in another process: the tests' own logs in as the app from first to last."""
    environment = {
        **os.environ,
        **database.environment(),
        "GEOGRID_DB_ROLE": "owner",
        "DJANGO_SETTINGS_MODULE": "geogrid.settings",
    }
    command = [sys.executable, "-m", "django", "migrate", "--verbosity=0"]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise EmbeddedDatabaseError(
            f"The migrations failed on an empty database:\n{done.stdout}{done.stderr}"
        )


def _logins(cluster: Cluster, name: str) -> TestDatabase:
    return TestDatabase(*(cluster.login(role, name) for role in (APP, OWNER, TILE_READER, SUPERUSER)))


def _sweep(cluster: Cluster, kept: int = TEMPLATES_KEPT) -> None:
    """Drop copies of dead processes and old templates; all of them where they may be damaged.

    This cluster does not wait for the disk: what it held when it died with the machine may be half written.
    """
    names = _databases(cluster)
    dead = [name for name in names if name.startswith(_COPY) and not _is_alive(name)]
    templates = [name for name in names if name.startswith(_TEMPLATE)]
    for name in [*dead, *templates[: max(0, len(templates) - kept)]]:
        _as_superuser(cluster, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE);')


def _is_alive(name: str) -> bool:
    found = re.match(rf"{_COPY}(\d+)_", name)
    return found is not None and Path(f"/proc/{found[1]}").exists()


def _databases(cluster: Cluster) -> list[str]:
    """Names of all databases, the oldest first."""
    return [name for [name] in _as_superuser(cluster, "SELECT datname FROM pg_database ORDER BY oid;")]


def _as_superuser(cluster: Cluster, sql: str) -> list[list[str]]:
    return run_sql(cluster.installation().program("psql"), cluster.login(SUPERUSER, "postgres"), sql)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def stop_when_idle() -> bool:
    """Stop the cluster of tests unless a test session uses it. Returns whether it was stopped."""
    cluster = test_cluster()
    if not cluster.is_running():
        return False
    with cluster.locked():
        _sweep(cluster)
        in_use = any(name.startswith(_COPY) for name in _databases(cluster))
    return not in_use and cluster.stop()


if __name__ == "__main__":
    stop_when_idle()
