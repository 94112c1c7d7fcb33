"""The town, really served: a database of its own, and a client with a token for each of its people."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from geogrid.embedded.paths import REPOSITORY
from geogrid.embedded.testing import Filling, TestDatabase, fresh_database
from tests.asgi.running import CITY, Answered, Server, serving
from tests.conftest import connect
from tests.ogc import town as furnished


def _fill(database: TestDatabase) -> None:
    environment = os.environ | database.environment() | {"DJANGO_SETTINGS_MODULE": "geogrid.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.ogc.town"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass
class Town:
    """The served town."""

    server: Server
    database: TestDatabase
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/ogc"

    def ask(self, method: str, path: str, body: Any = None, who: str = "eve", **headers: str) -> Answered:
        """One request below /ogc; a body is sent as GeoJSON unless it says otherwise."""
        if body is not None:
            headers = {"Content_Type": "application/geo+json", **headers}
            body = body if isinstance(body, bytes | str) else json.dumps(body)
        if who:
            headers["Authorization"] = f"Bearer {furnished.TOKENS[who]}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        # Patient: the first answer of a server waits for the machine, which tests share.
        with closing(self.server.connection(timeout=120)) as connection:
            connection.request(method, path if path.startswith("/") else f"/ogc/{path}", body, named)
            answer = connection.getresponse()
            got = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, got, answer.read())

    def read(self, path: str, who: str = "eve", **query: Any) -> Any:
        """A JSON document of 200."""
        address = f"{path}?{urlencode(query)}" if query else path
        answer = self.ask("GET", address, who=who)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def items(self, layer: str, who: str = "eve", **query: Any) -> Any:
        return self.read(
            f"collections/{layer}/items", who, **{k.replace("_", "-"): v for k, v in query.items()}
        )

    def sql(self, statement: str, *values: Any) -> list[Any]:
        """Rows as the tables' owner sees them."""
        with closing(connect(self.database.superuser)) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            rows: list[Any] = cursor.fetchall()
            connection.commit()
            return rows


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    text = Path(furnished.__file__).read_bytes()
    name = f"ogc_{hashlib.sha256(text).hexdigest()[:10]}"
    with fresh_database(Filling(name, _fill)) as database:
        folder = tmp_path_factory.mktemp("ogc-var")
        environment = database.environment() | {
            "GEOGRID_VAR": str(folder),
            "GEOGRID_SECRET_KEY": "of the ogc town",
        }
        with serving(CITY, environment) as server:
            yield Town(server, database, environment)
