"""A city that is really served: own database, server and worker, on free ports, stopped at the end.

The demonstration city is loaded once for each state of the code and each day, as `make demo` loads it, with
its history and its ground; each who serves it has a copy.
"""

import hashlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from geogrid.embedded.paths import REPOSITORY
from geogrid.embedded.testing import Filling, TestDatabase, fresh_database, test_cluster
from tests.asgi.running import wait_while_running

START_LIMIT_S = 60
# Loads the city, then does what it has lined up for the worker: history and ground.
_LOADING = (("-m", "geogrid.demo"), ("-m", "django", "db_worker", "--batch", "--interval=0.1"))
_MADE_OF = ("geogrid", "assets", "grid_units", "incidents", "tiles", "data")


@dataclass
class ServedCity:
    """Where the city is served, and how to reach its database."""

    port: int
    database: TestDatabase
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A process of ours in this city's environment."""
        process = subprocess.Popen([sys.executable, *arguments], env=self.environment)
        self.processes.append(process)
        return process

    def serve(self) -> subprocess.Popen[bytes]:
        """Start the server and wait until it answers."""
        process = self.start("-m", "geogrid.web", "--host", "127.0.0.1", "--port", str(self.port))
        wait_while_running(process, self._is_listened_to, START_LIMIT_S)
        return process

    def _is_listened_to(self) -> bool:
        with closing(socket.socket()) as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def log_in(self, username: str) -> "Person":
        """A demo person's session."""
        return Person(self, username)


class Person:
    """A demo person at the API, with session cookie and CSRF token as a browser would hold them."""

    def __init__(self, city: ServedCity, username: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", city.port, timeout=30)
        self.cookies: dict[str, str] = {}
        self.call("GET", "/api/welcome")
        status, said = self.call("POST", "/api/login/demo", {"username": username})
        assert status == 200, said

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """(status, decoded JSON or bytes) of one request."""
        headers |= {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"X-CSRFToken": self.cookies.get("geogrid_csrf", "")}
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body), "application/json"
        self.connection.request(method, path, data, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            if found := re.match(r"([^=]+)=([^;]*)", cookie):
                self.cookies[found[1]] = found[2]
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return answer.status, json.loads(text) if is_json and text else text


def free_port() -> int:
    """A port that nothing listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _surroundings(database: TestDatabase, folder: Path) -> dict[str, str]:
    """The environment of processes of a demonstration city."""
    return {
        **os.environ,
        **database.environment(),
        "DJANGO_SETTINGS_MODULE": "geogrid.settings",
        "GEOGRID_DB_ROLE": "app",
        "GEOGRID_DEMO": "1",
        "GEOGRID_VAR": str(folder),
        "GEOGRID_MEDIA": str(folder / "media"),
    }


def _demo_city_of_today() -> str:
    """A name for what the loading makes: another one when the code, the data or the day is another."""
    digest = hashlib.sha256(str(datetime.now(UTC).date()).encode())
    for name in _MADE_OF:
        for path in sorted((REPOSITORY / name).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(f"{path.relative_to(REPOSITORY)} ".encode() + path.read_bytes())
    return f"demo_{digest.hexdigest()[:12]}"


def _load(database: TestDatabase, files: Path) -> None:
    shutil.rmtree(files.parent, ignore_errors=True)  # those of other days and states of the code too
    making = files.with_suffix(".making")
    making.mkdir(parents=True)
    for arguments in _LOADING:
        subprocess.run(
            [sys.executable, *arguments], env=_surroundings(database, making), check=True, timeout=600
        )
    making.rename(files)


@contextmanager
def served_demo_city(*, worker: bool = True) -> Iterator[ServedCity]:
    """The demonstration city, loaded, with its history and its ground, and served."""
    name = _demo_city_of_today()
    files = test_cluster().root / "demo-city" / name
    with (
        fresh_database(Filling(name, lambda database: _load(database, files))) as database,
        tempfile.TemporaryDirectory(prefix="geogrid-served-") as temporary,
    ):
        folder = Path(temporary) / "var"
        shutil.copytree(files, folder)
        city = ServedCity(free_port(), database, _surroundings(database, folder))
        try:
            city.serve()
            if worker:
                city.start("-m", "geogrid", "worker")
            yield city
        finally:
            for process in city.processes:
                process.terminate()
            for process in city.processes:
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
