"""The private PostgreSQL cluster: made once, started and stopped by GeoGrid."""

import fcntl
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from geogrid.embedded.account import FALLBACK_ROOT, Account, server_account
from geogrid.embedded.binaries import Installation, find_installation
from geogrid.embedded.errors import EmbeddedDatabaseError
from geogrid.embedded.logins import Login
from geogrid.embedded.processes import end_orphans, ended_within, postmaster_pid, runs_replaced_program
from geogrid.embedded.scram import new_password
from geogrid.embedded.state import ClusterState, load_state
from geogrid.embedded.tuning import configuration_text

SUPERUSER = "postgres"
FIRST_PORT = 54329
PORTS = 70
START_SECONDS = 60
PORT_TRIES = 5
PORT_TAKEN = "could not create any TCP/IP sockets"


@dataclass
class Cluster:
    """A cluster in `root`: state.json, lock, data/, log/, tuned.conf, local.conf.

    Where the server's account cannot enter `root`, all but state.json and the lock is in /var/lib/geogrid.
    """

    root: Path
    durable: bool = True
    say: Callable[[str], None] = field(default=lambda _: None)
    first_port: int = FIRST_PORT

    def state(self) -> ClusterState:
        """Raises EmbeddedDatabaseError when there is no cluster here."""
        state = load_state(self.root)
        if state is None:
            raise EmbeddedDatabaseError(f"There is no database in {self.root} yet: run `geogrid db start`.")
        return state

    def is_running(self) -> bool:
        state = load_state(self.root)
        return state is not None and postmaster_pid(Path(state.data)) is not None

    def has_died(self) -> bool:
        """Whether its server ended without being stopped: killed, or with the machine."""
        state = load_state(self.root)
        return (
            state is not None
            and (Path(state.data) / "postmaster.pid").exists()
            and postmaster_pid(Path(state.data)) is None
        )

    def installation(self) -> Installation:
        """The programs that fit this cluster."""
        state = load_state(self.root)
        version_file = Path(state.data) / "PG_VERSION" if state else None
        if version_file and version_file.exists():
            return find_installation(major=int(version_file.read_text()))
        return find_installation()

    def login(self, user: str, database: str) -> Login:
        """Raises EmbeddedDatabaseError when the role has no password here."""
        state = self.state()
        if user not in state.passwords:
            raise EmbeddedDatabaseError(
                f"The cluster in {self.root} has no role '{user}': run `geogrid db bootstrap`."
            )
        return Login(user, state.passwords[user], state.host, state.port, database)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one process at a time makes, starts, stops or bootstraps this cluster."""
        self.root.mkdir(parents=True, exist_ok=True)
        try:
            lock = (self.root / ".lock").open("w")
        except PermissionError:
            raise EmbeddedDatabaseError(f"{self.root} belongs to another account.") from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def start(self) -> None:
        """Make the cluster if it is not there, start it if it is not running; return when it answers."""
        with self.locked():
            account = server_account()
            state = load_state(self.root)
            if state is None or not (Path(state.data) / "PG_VERSION").exists():
                state = self._make(account)
            self._run(account, state)

    def stop(self) -> bool:
        """Stop the server; False when it was not running."""
        with self.locked():
            state = load_state(self.root)
            if state is None or postmaster_pid(Path(state.data)) is None:
                return False
            self._control(server_account(), Path(state.data), "stop", "-m", "fast")
            return True

    def restart(self) -> None:
        """Stop and start again, for settings that a running server does not take. Sessions end."""
        self.stop()
        self.start()

    def _make(self, account: Account) -> ClusterState:
        installation = find_installation()
        home = self._home(account)
        data, making = home / "data", home / "data.making"
        if data.exists():
            raise EmbeddedDatabaseError(
                f"{data} holds a cluster whose {self.root / 'state.json'} is gone, and with it the "
                "passwords: put that file back, or move the folder away and restore a backup."
            )
        self.say(f"Making a PostgreSQL {installation.major} cluster in {home}")
        shutil.rmtree(making, ignore_errors=True)  # left by an initdb that was killed
        state = ClusterState(data=str(data), passwords={SUPERUSER: new_password()})
        secret = home / ".password"
        secret.touch(mode=0o600)
        secret.write_text(state.passwords[SUPERUSER])
        account.give(secret)
        made = account.run(
            [
                installation.program("initdb"),
                f"--pgdata={making}",
                f"--username={SUPERUSER}",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--auth-local=scram-sha-256",
                "--auth-host=scram-sha-256",
                f"--pwfile={secret}",
                "--data-checksums",
                "--no-instructions",
                *(() if self.durable else ("--no-sync",)),
            ],
            cwd=home,
        )
        secret.unlink()
        if made.returncode:
            shutil.rmtree(making, ignore_errors=True)
            raise EmbeddedDatabaseError(
                f"PostgreSQL could not make a cluster in {home}: {made.stderr.strip()}"
            )
        with (making / "postgresql.conf").open("a") as configuration:
            configuration.write(
                "\ninclude_if_exists = '../tuned.conf'\ninclude_if_exists = '../local.conf'\n"
            )
        state.save(
            self.root
        )  # before the rename: a cluster whose password nobody knows must never stand there
        making.rename(data)
        return state

    def _home(self, account: Account) -> Path:
        """The folder that holds data/, made and open to the server's account."""
        self.root.chmod(0o711)
        home = self.root
        if not account.can_enter(self.root):
            FALLBACK_ROOT.mkdir(parents=True, exist_ok=True)
            home = Path(tempfile.mkdtemp(prefix="pg-", dir=FALLBACK_ROOT))
            self.say(f"The account of the server cannot enter {self.root}; the data goes to {home}")
        for folder in (home, home / "log"):
            folder.mkdir(exist_ok=True)
            account.give(folder)
        home.chmod(0o711)
        return home

    def _run(self, account: Account, state: ClusterState) -> None:
        data = Path(state.data)
        home = data.parent
        running = postmaster_pid(data)
        if running is not None and not self._answers(running, state):
            running = None
        if running is not None and not runs_replaced_program(running):
            return
        if running is not None:
            self.say("PostgreSQL was upgraded: restarting the server with the new program")
            self._control(account, data, "stop", "-m", "fast")
        end_orphans(data)
        (data / "postmaster.pid").unlink(
            missing_ok=True
        )  # nothing runs on this folder, so it is a dead server's
        for tries_left in reversed(range(PORT_TRIES)):
            state.port = _free_port(state.host, preferred=state.port, first=self.first_port)
            settings = configuration_text(
                host=state.host, port=state.port, durable=self.durable, listens=state.listens
            )
            (home / "tuned.conf").write_text(settings)
            (home / "tuned.conf").chmod(0o644)
            state.save(self.root)
            self.say(f"Starting PostgreSQL on {state.host}:{state.port}")
            try:
                self._control(account, data, "start", f"--log={home / 'log' / 'start.log'}")
            except EmbeddedDatabaseError as error:
                # Another program took the port since we looked: another clone that starts now, say.
                if PORT_TAKEN not in str(error) or not tries_left:
                    raise
            else:
                return

    def _answers(self, pid: int, state: ClusterState) -> bool:
        """Whether this server takes connections; False when it ends instead: killed, or stopping."""
        pg_isready = self.installation().program("pg_isready")
        command = [pg_isready, f"--host={state.host}", f"--port={state.port}"]
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if subprocess.run(command, capture_output=True).returncode == 0:
                return True
            if ended_within(pid, 0.1):
                return False
        raise EmbeddedDatabaseError(
            f"PostgreSQL (process {pid}) runs but has not answered for {START_SECONDS} s."
        )

    def _control(self, account: Account, data: Path, *what: str) -> None:
        pg_ctl = self.installation().program("pg_ctl")
        command = [pg_ctl, what[0], f"--pgdata={data}", "--wait", f"--timeout={START_SECONDS}", *what[1:]]
        try:
            done = account.run(command, cwd=data.parent, timeout=START_SECONDS + 30)
        except subprocess.TimeoutExpired:
            raise EmbeddedDatabaseError(
                f"PostgreSQL did not {what[0]} within {START_SECONDS + 30} s."
            ) from None
        if done.returncode:
            log = data.parent / "log"
            last = "".join(file.read_text(errors="replace")[-1500:] for file in _newest(log, count=2))
            raise EmbeddedDatabaseError(
                f"PostgreSQL did not {what[0]}: {done.stderr.strip()}\nLast lines of {log}:\n{last}"
            )


def _newest(folder: Path, *, count: int) -> list[Path]:
    return sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime)[-count:]


def _free_port(host: str, *, preferred: int, first: int) -> int:
    for port in (*filter(None, [preferred]), *range(first, first + PORTS), 0):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, port))
            except OSError:
                continue
            return int(trial.getsockname()[1])
    raise EmbeddedDatabaseError(f"No port is free on {host}.")
