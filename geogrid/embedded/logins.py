"""Database URLs taken apart, and programs of PostgreSQL run with them without showing a password."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from geogrid.embedded.errors import EmbeddedDatabaseError

SCHEMES = ("postgresql", "postgres", "postgis")


@dataclass(frozen=True)
class Login:
    """One way into one database."""

    user: str
    password: str = field(repr=False)
    host: str
    port: int
    database: str
    query: str = ""

    @classmethod
    def from_url(cls, url: str) -> "Login":
        """Read postgresql://user:password@host:port/database?options, or raise EmbeddedDatabaseError."""
        try:
            parts = urlsplit(url)
            port = parts.port or 5432
        except ValueError:
            raise EmbeddedDatabaseError(
                "A database URL has the form postgresql://user:password@host:5432/name."
            ) from None
        if parts.scheme not in SCHEMES or not parts.path.strip("/"):
            raise EmbeddedDatabaseError(
                "A database URL has the form postgresql://user:password@host:5432/name; "
                f"this one begins with '{parts.scheme}:' and names the database '{parts.path.strip('/')}'."
            )
        return cls(
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            host=parts.hostname or "",
            port=port,
            database=unquote(parts.path.strip("/")),
            query=parts.query,
        )

    def url(self, *, with_password: bool = True) -> str:
        secret = f":{quote(self.password, safe='')}" if with_password and self.password else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        where = f"{quote(self.user, safe='')}{secret}@{host}:{self.port}"
        return urlunsplit(("postgresql", where, "/" + quote(self.database, safe=""), self.query, ""))

    def environment(self) -> dict[str, str]:
        """The caller's environment with the password in it, where `ps` does not show it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {**kept, "PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "10", "PGAPPNAME": "geogrid db"}


def run_sql(psql: str, login: Login, sql: str) -> list[list[str]]:
    """Run a psql script that stops at the first error; returns the rows as text.

    The script goes in through standard input, so no secret in it shows in the process list.
    """
    command: Sequence[str] = [
        psql,
        "--no-psqlrc",
        "--quiet",
        "--no-align",
        "--tuples-only",
        "--field-separator=\t",
        "--set=ON_ERROR_STOP=1",
        f"--dbname={login.url(with_password=False)}",
    ]
    environment = {**login.environment(), "PGOPTIONS": "-c client_min_messages=warning"}
    done = subprocess.run(command, input=sql, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise EmbeddedDatabaseError(f"The database refused: {done.stderr.strip()}")
    return [line.split("\t") for line in done.stdout.splitlines() if line]
