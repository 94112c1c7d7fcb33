"""Running a city on one machine: the database, one server process and one worker, under one parent."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from ipaddress import ip_address
from types import FrameType
from typing import NoReturn

from geogrid.embedded.cluster import Cluster
from geogrid.embedded.errors import EmbeddedDatabaseError
from geogrid.embedded.paths import cluster_root
from geogrid.embedded.private import start_private_database
from geogrid.embedded.tables import are_current, has_whole_demo, note_current
from geogrid.embedded.urls import database_url, uses_foreign_database
from geogrid.supervising import Keeper

STOP_SECONDS = 15
LOOK_SECONDS = 0.5
Say = Callable[[str], None]


def _say(line: str) -> None:
    print(line, flush=True)


def _python(*arguments: str, role: str = "app", **environment: str) -> subprocess.Popen[bytes]:
    """A process of our own interpreter, in a session of its own so that Ctrl-C reaches only the parent."""
    own = {**os.environ, "DJANGO_SETTINGS_MODULE": "geogrid.settings", "GEOGRID_DB_ROLE": role, **environment}
    return subprocess.Popen([sys.executable, *arguments], env=own, start_new_session=True)


def migrate() -> int:
    """Bring tables and published views up to date as the owner of the tables; the exit code."""
    code = _python("-m", "django", "migrate", "--verbosity", "0", "--no-input", role="owner").wait()
    if code == 0:
        note_current(_owner_url())
    return code


def _owner_url() -> str:
    url = database_url("owner")
    if url is None:
        raise EmbeddedDatabaseError("There is no database yet: geogrid db start makes one.")
    return url


def is_loopback(host: str) -> bool:
    """Whether an address is reachable from this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def free_port(host: str, wanted: int) -> int:
    """`wanted`, or the next free port after it.

    Raises:
        OSError: when the address is none of this machine's, or fifty ports are taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(wanted, wanted + 50):
        with closing(socket.socket(family)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno == 98:  # EADDRINUSE
                    continue
                raise
            return port
    raise OSError(f"No free port from {wanted} to {wanted + 49}.")


def _ended_within(child: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _answers(host: str, port: int, seconds: float, child: subprocess.Popen[bytes]) -> bool:
    """Whether the server accepts connections before the time is over or its process ends."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and child.poll() is None:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            _ended_within(child, 0.05)
        else:
            return True
    return False


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    until = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def keep_running(children: list[subprocess.Popen[bytes]], say: Say) -> NoReturn:
    """Start again whatever ends, the private database too, until SIGINT or SIGTERM comes."""
    keeper = Keeper(children, lambda child: _python(*_arguments(child)), say)
    database_due_at = 0.0
    while True:
        keeper.look()
        if not uses_foreign_database() and time.monotonic() >= database_due_at:
            database_due_at = time.monotonic() + _keep_database(children, say)
        time.sleep(LOOK_SECONDS)


def _arguments(child: subprocess.Popen[bytes]) -> list[str]:
    return [str(one) for one in child.args][1:]  # type: ignore[union-attr] # ours are lists


def _keep_database(children: list[subprocess.Popen[bytes]], say: Say) -> float:
    """Start the private cluster again when it has ended; on another port, everything is started anew.

    Returns:
        Seconds until it is to be looked at again.
    """
    cluster = Cluster(cluster_root())
    if cluster.is_running():
        return 0.0
    say("The database has ended; starting it again.")
    port = cluster.state().port
    try:
        start_private_database(say)
    except EmbeddedDatabaseError as error:
        say(f"The database does not start: {error}")
        return STOP_SECONDS
    if cluster.state().port != port:
        for child in children:
            child.terminate()
    return 0.0


class _Stopped(Exception):
    """SIGINT or SIGTERM came."""


def _raise_stopped(number: int, frame: FrameType | None) -> None:
    raise _Stopped


def run_city(*, demo: bool, host: str, port: int, cert: str | None, key: str | None, say: Say = _say) -> int:
    """Start everything, say where it is, keep it running, and stop it on Ctrl-C. The exit code."""
    if not is_loopback(host) and not (cert and key):
        say("Anything but loopback needs TLS: give --cert and --key, or use the shipped proxy (docker/).")
        return 2
    if demo and not is_loopback(host):
        say("The demonstration has log-ins without passwords, so it stays on loopback.")
        return 2
    was_running = Cluster(cluster_root()).is_running()
    started = False
    children: list[subprocess.Popen[bytes]] = []
    beside: list[subprocess.Popen[bytes]] = []  # whose end does not end the city
    signal.signal(signal.SIGTERM, _raise_stopped)
    signal.signal(signal.SIGINT, _raise_stopped)
    try:
        started = start_private_database(say) and not was_running
        say("Tables: looking whether they are up to date")
        is_known = are_current(_owner_url())
        if not is_known and migrate() != 0:
            return 1
        if demo:
            os.environ["GEOGRID_DEMO"] = "1"
            # A city that was whole at its last start is looked through again when it is on the screen.
            is_known = is_known and has_whole_demo(_owner_url())
            if not is_known and _python("-m", "geogrid.demo").wait() != 0:
                return 1
        port = free_port(host, port)
        tls = ["--cert", cert, "--key", key] if cert and key else []
        children.append(_python("-m", "geogrid.web", "--host", host, "--port", str(port), *tls))
        if os.environ.get("GEOGRID_MQTT_HOST"):
            children.append(_python("-m", "geogrid", "mqtt"))
        if not is_known:
            children.append(_python("-m", "geogrid", "worker"))
        if not _answers(host, port, 60, children[0]):
            say("The server did not start; what it printed stands above.")
            return 1
        scheme = "https" if tls else "http"
        shown = f"[{host}]" if ":" in host else host
        say(f"\n  GeoGrid is at {scheme}://{shown}:{port}/")
        say("  One-click log-ins for every role are on the first page (loopback only)." if demo else "")
        say("  Ctrl-C stops it.\n")
        if is_known:
            if demo and _python("-m", "geogrid.demo").wait() != 0:
                return 1
            children.append(_python("-m", "geogrid", "worker"))
        if not demo:
            _python("-m", "geogrid.setup").wait()
        elif os.environ.get("GEOGRID_SIMULATION", "").lower() != "off":
            beside.append(_python("-m", "geogrid.simulate", f"{scheme}://{shown}:{port}"))
        keep_running(children, say)
    except _Stopped:
        say("\nStopping")
        return 0
    except (EmbeddedDatabaseError, OSError) as error:
        say(f"Error: {error}")
        return 1
    finally:
        _stop([*beside, *children])
        if started:
            Cluster(cluster_root(), say=say).stop()
