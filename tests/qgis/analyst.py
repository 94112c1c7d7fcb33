"""An analyst of the demonstration city: a personal role in the database, and the files of the page."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from geogrid.embedded.scram import scram_verifier
from tests.conftest import connect
from tests.served_city import Person, ServedCity

USERNAME = "demo-analyst"


@dataclass(frozen=True)
class Analyst:
    """Who sits at QGIS."""

    person: Person
    role: str
    password: str

    def fetch(self, path: str, into: Path) -> Path:
        """A file of the page "Connect QGIS"."""
        status, content = self.person.call("GET", path)
        assert status == 200, content
        into.write_bytes(content)
        return into


def with_access(city: ServedCity, *, kind: str = "editor", prefixes: tuple[str, ...] = ("",)) -> Analyst:
    """The demo analyst with a role made by the functions of the database."""
    role, password = f"analyst_t{secrets.token_hex(6)}", secrets.token_urlsafe(24)
    connection = connect(city.database.superuser)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT core.make_analyst_role(%s, %s, %s, now() + interval '1 day', 12)",
            [role, kind, scram_verifier(password)],
        )
        cursor.execute(
            """
            INSERT INTO analyst_role (user_id, made_by_id, role_name, kind, prefixes, made_at, valid_until)
            SELECT u.id, u.id, %s, %s, %s, now(), now() + interval '1 day' FROM user_account u WHERE u.username = %s
            """,
            [role, kind, list(prefixes), USERNAME],
        )
    connection.close()
    return Analyst(city.log_in(USERNAME), role, password)
