"""An analyst of the demonstration city: a personal role in the database, and the files of the page."""

from dataclasses import dataclass
from pathlib import Path

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
        self.person.connection.close()  # one that was idle for long may be gone
        status, content = self.person.call("GET", path)
        assert status == 200, content
        into.write_bytes(content)
        return into

    def leave(self) -> None:
        """Give the role back: roles belong to the cluster, not to one copy of the database."""
        self.person.connection.close()
        self.person.call("DELETE", "/api/gis/access")


def with_access(city: ServedCity, username: str = USERNAME, kind: str = "editor") -> Analyst:
    """A demo person who has just made a database role on the page."""
    person = city.log_in(username)
    status, made = person.call("POST", "/api/gis/access", {"kind": kind})
    assert status == 201, made
    return Analyst(person, made["role"]["role_name"], made["password"])
