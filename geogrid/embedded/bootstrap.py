"""Give a database its extensions, roles and rights."""

import hashlib
from pathlib import Path

from geogrid.embedded.cluster import SUPERUSER, Cluster
from geogrid.embedded.errors import EmbeddedDatabaseError
from geogrid.embedded.logins import Login, run_sql
from geogrid.embedded.scram import new_password, scram_verifier

DATABASE = "geogrid"
OWNER = "geogrid_owner"
APP = "geogrid_app"
TILE_READER = "geogrid_tile_reader"
VARIABLES = {OWNER: "owner_verifier", APP: "app_verifier", TILE_READER: "tile_reader_verifier"}

_HERE = Path(__file__).parent
NO_DEFAULT_PRIVILEGES = (_HERE / "no_default_privileges.sql").read_text()
DEFAULT_PRIVILEGES = (_HERE / "default_privileges.sql").read_text()
BOOTSTRAP = (_HERE / "bootstrap.sql").read_text() + "\n" + DEFAULT_PRIVILEGES


def bootstrap_script(passwords: dict[str, str]) -> str:
    """The psql script that sets up one database, with the passwords of these roles in it as verifiers."""
    unknown = passwords.keys() - VARIABLES.keys()
    if unknown:
        raise EmbeddedDatabaseError(
            f"GeoGrid logs in as {', '.join(VARIABLES)}; the database URLs name {', '.join(sorted(unknown))}."
        )
    settings = [
        f"\\set {VARIABLES[role]} '{scram_verifier(password)}'" for role, password in passwords.items()
    ]
    return "\n".join(["\\set ON_ERROR_STOP on", *settings, BOOTSTRAP])


def bootstrap_cluster(cluster: Cluster, *, database: str = DATABASE) -> bool:
    """Make the database in a private cluster and bootstrap it, unless it was done with this very script.

    Returns whether anything was done. The caller has started the cluster.
    """
    digest = hashlib.sha256(BOOTSTRAP.encode()).hexdigest()
    with cluster.locked():
        state = cluster.state()
        if state.bootstrapped.get(database) == digest and VARIABLES.keys() <= state.passwords.keys():
            return False
        cluster.say(f"Bootstrapping the database {database}")
        for role in VARIABLES:
            state.passwords.setdefault(role, new_password())
        state.save(cluster.root)  # before the roles get them, so that a kill in between loses no password
        create_database(cluster, database)
        run_bootstrap(cluster, database)
        state.bootstrapped[database] = digest
        state.save(cluster.root)
        return True


def run_bootstrap(cluster: Cluster, database: str) -> None:
    """Run the script in one database of a private cluster. The caller holds the cluster's lock."""
    passwords = {role: password for role, password in cluster.state().passwords.items() if role in VARIABLES}
    psql = cluster.installation().program("psql")
    run_sql(psql, cluster.login(SUPERUSER, database), bootstrap_script(passwords))


def create_database(cluster: Cluster, database: str) -> None:
    """Create an empty database unless it exists."""
    psql = cluster.installation().program("psql")
    script = (
        f"\\set name '{database}'\n"
        "SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING ''UTF8''', :'name')\n"
        "WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \\gexec\n"
    )
    run_sql(psql, cluster.login(SUPERUSER, "postgres"), script)


def foreign_passwords(urls: list[str]) -> dict[str, str]:
    """Role and password of each database URL the operator has set."""
    logins = [Login.from_url(url) for url in urls]
    return {login.user: login.password for login in logins if login.password}
