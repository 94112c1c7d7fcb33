"""The door for analysts: one more address, encrypted, for their roles and nobody else's."""

import hashlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import psycopg2
import pytest

from geogrid.embedded.bootstrap import APP, DATABASE, bootstrap_cluster
from geogrid.embedded.cluster import SUPERUSER
from geogrid.embedded.errors import EmbeddedDatabaseError
from geogrid.embedded.listening import analysts_door, open_door, shut_door
from geogrid.embedded.scram import scram_verifier

pytestmark = pytest.mark.slow

DOOR = "127.0.0.2"
PASSWORD = "a-long-password-of-an-analyst"


class FromElsewhere:
    """Hands on one connection after the other, so that the server sees them come from DOOR's address."""

    def __init__(self, port: int) -> None:
        self._to = (DOOR, port)
        self._ear = socket.create_server(("127.0.0.1", 0))
        self.port = self._ear.getsockname()[1]
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                here, _ = self._ear.accept()
            except OSError:
                return
            there = socket.create_connection(self._to, source_address=(DOOR, 0))
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self._pour, args=(one, other), daemon=True).start()

    @staticmethod
    def _pour(one: socket.socket, other: socket.socket) -> None:
        try:
            while piece := one.recv(65536):
                other.sendall(piece)
        except OSError:
            pass
        finally:
            for end in (one, other):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._ear.close()


@pytest.fixture
def elsewhere(cluster) -> Iterator[FromElsewhere]:
    cluster.start()
    bootstrap_cluster(cluster)
    login = cluster.login(APP, DATABASE)
    with closing(psycopg2.connect(login.url())) as app, app, app.cursor() as cursor:
        cursor.execute(
            "SELECT core.make_analyst_role('analyst_ana', 'reader', %s, now() + interval '1 day')",
            [scram_verifier(PASSWORD)],
        )
    open_door(cluster, DOOR)
    forwarder = FromElsewhere(cluster.state().port)
    yield forwarder
    forwarder.close()


def come_in(forwarder: FromElsewhere, user: str, password: str, **options: str) -> Any:
    wanted: dict[str, Any] = {"dbname": DATABASE, "sslmode": "require", **options}
    return psycopg2.connect(
        host="127.0.0.1", port=forwarder.port, user=user, password=password,
        **wanted,
    )  # fmt: skip


def test_analysts_come_in_encrypted_and_nobody_else_does(cluster, elsewhere):
    with closing(come_in(elsewhere, "analyst_ana", PASSWORD)) as analyst, analyst.cursor() as cursor:
        cursor.execute("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        encrypted, version = cursor.fetchone()

    assert encrypted and version in ("TLSv1.2", "TLSv1.3")
    for refused in (
        {"user": "analyst_ana", "password": PASSWORD, "sslmode": "disable"},
        {"user": "analyst_ana", "password": "wrong"},
        {"user": "analyst_ana", "password": PASSWORD, "dbname": "postgres"},
        *({"user": user, "password": password} for user, password in cluster.state().passwords.items()),
    ):
        with pytest.raises(psycopg2.OperationalError):
            come_in(elsewhere, **refused)
    for user in (APP, SUPERUSER):
        database = DATABASE if user == APP else "postgres"
        psycopg2.connect(cluster.login(user, database).url()).close()  # loopback is as it was


def test_the_fingerprint_is_that_of_the_certificate_which_stays(cluster, elsewhere):
    door = analysts_door(cluster.root)
    pem = (cluster.root / "analysts.crt").read_text()
    seen = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()

    assert door is not None
    assert door.fingerprint.replace(":", "").lower() == seen
    assert open_door(cluster, DOOR).fingerprint == door.fingerprint

    assert shut_door(cluster)

    assert not shut_door(cluster)
    assert analysts_door(cluster.root) is None
    with pytest.raises(OSError):
        socket.create_connection((DOOR, cluster.state().port), timeout=2)
    assert "geogrid db listen" not in (cluster.root / "data" / "pg_hba.conf").read_text()


@pytest.mark.parametrize("address", ["db.example.org", "203.0.113.7", "127.0.0.1", ""])
def test_an_address_that_is_not_one_of_this_machine_is_refused(cluster, address):
    with pytest.raises(EmbeddedDatabaseError):
        open_door(cluster, address)
