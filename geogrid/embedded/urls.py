"""Where GeoGrid's database is: the environment's answer, else the private cluster's."""

import os

from geogrid.embedded.bootstrap import APP, DATABASE, OWNER, TILE_READER
from geogrid.embedded.cluster import SUPERUSER
from geogrid.embedded.errors import EmbeddedDatabaseError
from geogrid.embedded.logins import Login
from geogrid.embedded.paths import cluster_root
from geogrid.embedded.state import load_state

_VARIABLES = {
    "app": "DATABASE_URL",
    "owner": "DATABASE_OWNER_URL",
    "tile_reader": "DATABASE_TILE_READER_URL",
    "superuser": "DATABASE_SUPERUSER_URL",
}
_LOGIN_NAMES = {"app": APP, "owner": OWNER, "tile_reader": TILE_READER, "superuser": SUPERUSER}
ROLES = tuple(_LOGIN_NAMES)


def uses_foreign_database() -> bool:
    """Whether the environment names a database, so that the private cluster has no say."""
    return bool(os.environ.get("DATABASE_URL"))


def database_url(role: str = "app") -> str | None:
    """postgresql://user:password@host:port/name for a role; None when there is no database for it yet.

    With DATABASE_URL set, the other roles have variables of their own (DATABASE_OWNER_URL,
    DATABASE_TILE_READER_URL, DATABASE_SUPERUSER_URL), never the private cluster.
    Raises EmbeddedDatabaseError when the owner's is missing then, a URL cannot be read, or the role is none.
    """
    if role not in ROLES:
        raise EmbeddedDatabaseError(f"There is no database role '{role}': the roles are {', '.join(ROLES)}.")
    if uses_foreign_database():
        url = os.environ.get(_VARIABLES[role])
        if url is None and role == "owner":
            raise EmbeddedDatabaseError(
                "DATABASE_URL is set but DATABASE_OWNER_URL is not: migrations need the login "
                "of the owner of the tables."
            )
        return Login.from_url(url).url() if url else None
    state = load_state(cluster_root())
    user = _LOGIN_NAMES[role]
    if state is None or not state.port or user not in state.passwords:
        return None
    return Login(user, state.passwords[user], state.host, state.port, DATABASE).url()


def login_for(role: str = "app") -> Login:
    """As database_url, taken apart. Raises EmbeddedDatabaseError when there is none."""
    url = database_url(role)
    if url is None:
        raise EmbeddedDatabaseError(
            f"{_VARIABLES[role]} is not set."
            if uses_foreign_database()
            else f"There is no database in {cluster_root()} yet: run `geogrid db start`."
        )
    return Login.from_url(url)
