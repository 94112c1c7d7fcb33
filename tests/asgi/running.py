"""A real server process for tests: granian with our shell, on a free port."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

ECHO = "tests.asgi.echo:application"
CITY = "geogrid.asgi:application"


@dataclass
class Answered:
    """A response read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]

    def connection(self, timeout: float = 20) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answered:
        with closing(self.connection()) as connection:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers=named)
            answer = connection.getresponse()
            got = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, got, answer.read())

    def get(self, path: str, **headers: str) -> Answered:
        return self.ask("GET", path, **headers)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
    except OSError:
        return False


def wait_while_running(
    process: "subprocess.Popen[bytes]", is_ready: Callable[[], bool], within_s: float = 30
) -> None:
    """Ask until a process is ready. Its end, which is the only news that it sends, is noticed at once.

    Raises:
        AssertionError: when it ends before, or is not ready in time.
    """
    until = time.monotonic() + within_s
    while not is_ready():
        with suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"it ended with {process.wait(0.05)}")
        assert time.monotonic() < until, f"it is not ready after {within_s:.0f} s"


@contextmanager
def serving(
    target: str, environment: dict[str, str] | None = None, port: int | None = None
) -> Iterator[Server]:
    """The application `target` behind granian until the block ends."""
    port = port or free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--log-level", "warning"]
    command += ["--port", str(port), "--backlog", "4096", "--workers-kill-timeout", "3", target]
    process = subprocess.Popen(
        command, env={**os.environ, "DJANGO_SETTINGS_MODULE": "geogrid.settings", **(environment or {})}
    )
    try:
        wait_while_running(process, lambda: _answers(port))
        yield Server(port, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
