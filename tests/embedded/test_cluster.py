"""The private cluster: made once, and always startable again."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from geogrid.embedded import paths
from geogrid.embedded.cluster import SUPERUSER, Cluster
from geogrid.embedded.errors import EmbeddedDatabaseError
from geogrid.embedded.processes import ended_within, postmaster_pid, runs_replaced_program
from geogrid.embedded.state import load_state
from tests.embedded.conftest import stop_and_remove

pytestmark = pytest.mark.db

START = "import sys; from pathlib import Path; from geogrid.embedded.cluster import Cluster; "
START += "Cluster(Path(sys.argv[1]), durable=False)."


def _pid(cluster: Cluster) -> int:
    pid = postmaster_pid(Path(cluster.state().data))
    assert pid is not None
    return pid


def _ask(cluster: Cluster, sql: str):
    connection = psycopg2.connect(cluster.login(SUPERUSER, "postgres").url())
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def test_a_second_start_leaves_the_running_server_alone(cluster):
    cluster.start()
    first = _pid(cluster)

    cluster.start()

    assert _pid(cluster) == first
    assert cluster.is_running()


def test_the_state_file_is_readable_by_its_owner_only(cluster):
    cluster.start()

    assert (cluster.root / "state.json").stat().st_mode & 0o777 == 0o600


def test_the_server_listens_on_loopback_only_and_asks_for_the_password(cluster):
    cluster.start()
    login = cluster.login(SUPERUSER, "postgres")

    assert _ask(cluster, "SHOW listen_addresses") == [("127.0.0.1",)]
    assert _ask(cluster, "SELECT DISTINCT auth_method FROM pg_hba_file_rules") == [("scram-sha-256",)]
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(login.url().replace(login.password, "guess"))


def test_what_was_committed_survives_kill_9_and_the_port_is_kept(cluster):
    cluster.start()
    port = cluster.state().port
    _ask(cluster, "CREATE TABLE kept AS SELECT 42 AS answer")
    _ask(cluster, "CHECKPOINT")  # these tests' clusters do not wait for the disk

    pid = _pid(cluster)
    assert not cluster.has_died()
    os.kill(pid, signal.SIGKILL)
    assert ended_within(pid, 10)
    assert cluster.has_died()
    cluster.start()

    assert not cluster.has_died()
    assert _ask(cluster, "SELECT answer FROM kept") == [(42,)]
    assert cluster.state().port == port


def test_kill_9_while_a_statement_runs_leaves_no_second_writer(cluster):
    cluster.start()
    first = _pid(cluster)
    url = cluster.login(SUPERUSER, "postgres").url()
    busy = psycopg2.connect(url)
    backend = busy.get_backend_pid()

    os.kill(backend, signal.SIGSTOP)  # an orphan that cannot notice the death of its server
    os.kill(first, signal.SIGKILL)
    os.kill(backend, signal.SIGCONT)
    cluster.start()

    assert _pid(cluster) != first
    assert not Path(f"/proc/{backend}/cwd").exists()  # gone, or dead and not yet collected by its parent
    busy.close()


def test_two_racing_starts_make_one_server(cluster):
    command = [sys.executable, "-c", START + "start()", str(cluster.root)]
    racers = [
        subprocess.Popen(command, cwd=paths.REPOSITORY, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = [racer.communicate()[1] for racer in racers]

    assert [racer.returncode for racer in racers] == [0, 0], said
    assert _ask(cluster, "SELECT 1") == [(1,)]


def test_a_pid_file_whose_number_belongs_to_another_program_is_no_obstacle(cluster):
    cluster.start()
    cluster.stop()
    (Path(cluster.state().data) / "postmaster.pid").write_text(f"{os.getpid()}\n")

    cluster.start()

    assert _ask(cluster, "SELECT 1") == [(1,)]


def test_a_port_that_another_program_took_is_given_up(cluster):
    cluster.start()
    port = cluster.state().port
    cluster.stop()

    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        cluster.start()

    assert cluster.state().port != port
    assert _ask(cluster, "SELECT 1") == [(1,)]


def test_a_port_that_is_taken_between_the_look_and_the_start_is_given_up(cluster):
    with socket.socket() as other:
        taken: list[int] = []

        def take_it_once(_: str) -> None:
            port = cluster.state().port
            if port and not taken:
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                other.bind(("127.0.0.1", port))
                other.listen()
                taken.append(port)

        cluster.start()
        cluster.stop()
        cluster.say = take_it_once  # told after the port was chosen and before the server starts
        cluster.start()

    assert taken and cluster.state().port != taken[0]
    assert _ask(cluster, "SELECT 1") == [(1,)]


def test_an_interrupted_initdb_is_begun_anew(cluster):
    (cluster.root / "data.making").mkdir(parents=True)
    (cluster.root / "data.making" / "half").write_text("made")

    cluster.start()

    assert _ask(cluster, "SELECT 1") == [(1,)]


def test_a_cluster_whose_state_file_is_lost_is_never_overwritten(cluster):
    cluster.start()
    _ask(cluster, "CREATE TABLE kept AS SELECT 42 AS answer")
    cluster.stop()
    state = cluster.root / "state.json"
    state.rename(cluster.root / "kept.json")

    with pytest.raises(EmbeddedDatabaseError, match="put that file back"):
        cluster.start()

    (cluster.root / "kept.json").rename(state)
    cluster.start()
    assert _ask(cluster, "SELECT answer FROM kept") == [(42,)]


def test_stop_says_whether_it_stopped_anything(cluster):
    cluster.start()

    assert cluster.stop() is True
    assert cluster.stop() is False
    assert not cluster.is_running()


def test_a_clone_inside_a_closed_home_has_a_database_too(open_folder):
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    cluster = Cluster(home / "clone" / "var" / "pg", durable=False)
    try:
        cluster.start()

        assert _ask(cluster, "SELECT 1") == [(1,)]
    finally:
        stop_and_remove(cluster)


def test_it_runs_as_a_plain_user(open_folder):
    """As root this starts a cluster as another account, with a copy of the package that account may read."""
    shutil.copytree(
        paths.REPOSITORY / "geogrid" / "embedded",
        open_folder / "geogrid" / "embedded",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    os.chown(open_folder, account.pw_uid, account.pw_gid)
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
    root = open_folder / "pg"

    def call(method: str) -> None:
        subprocess.run(
            [python, "-c", START + method, str(root)],
            cwd=open_folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(open_folder), "PYTHONDONTWRITEBYTECODE": "1"},
            user=account.pw_uid if os.geteuid() == 0 else None,
            check=True,
        )

    call("start()")
    try:
        state = load_state(root)
        assert state is not None
        assert Path(state.data).stat().st_uid == account.pw_uid
        assert _ask(Cluster(root), "SELECT 1") == [(1,)]
    finally:
        call("stop()")


def test_a_program_replaced_by_an_upgrade_is_noticed(tmp_path):
    program = tmp_path / "server"
    shutil.copy("/bin/sleep", program)
    with subprocess.Popen([program, "60"]) as running:
        before = runs_replaced_program(running.pid)
        program.unlink()
        after = runs_replaced_program(running.pid)
        running.kill()

    assert (before, after) == (False, True)


def test_without_postgis_the_message_says_what_to_install(cluster, monkeypatch):
    monkeypatch.setenv("GEOGRID_PG_BINDIR", "/nowhere")

    with pytest.raises(EmbeddedDatabaseError, match="apt-get install postgresql-15-postgis-3"):
        cluster.start()
