"""The outbox: written with the move, sent at least once under one key, stuck when nobody answers."""

import email
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import Message as Mail
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from geogrid.core.errors import Conflict
from geogrid.organisations.models import User
from incidents.loop import handling
from incidents.messages.models import Message, UnitChannel
from incidents.messages.outbox import ACKNOWLEDGE_WITHIN
from incidents.messages.sending import (
    LONGEST_WAIT,
    MOST_TRIES,
    note_unacknowledged,
    send_due,
    signature,
    wait_after,
)
from incidents.models import Incident
from tests.incidents.conftest import client_of, settle
from tests.loop.conftest import HOUR, MINUTE, NOON, Loop, filed, lead, make_loop


@pytest.fixture
def loop(db: None) -> Loop:
    return make_loop()


@pytest.fixture
def lasting_loop(transactional_db: None) -> Loop:
    return make_loop()


class Hooks(BaseHTTPRequestHandler):
    """A receiver of webhooks that keeps what it was sent, and answers what it is told to."""

    got: list[tuple[dict[str, str], bytes]]
    answers: list[int]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).got.append((dict(self.headers), body))
        self.send_response(type(self).answers.pop(0) if type(self).answers else 204)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Silent."""


@pytest.fixture
def hooks() -> Iterator[Any]:
    kind: Any = type("OwnHooks", (Hooks,), {"got": [], "answers": []})
    server = HTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kind.address = f"http://127.0.0.1:{server.server_port}/hook"
    yield kind
    server.shutdown()
    server.server_close()
    thread.join()


class MailServer:
    """A small SMTP server (RFC 5321) on a port of its own; keeps every mail that it has taken."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._socket.accept()
            except OSError:
                return
            with link, link.makefile("rwb") as lines:
                self._talk(lines)

    def _talk(self, lines: Any) -> None:
        def say(words: bytes) -> None:
            lines.write(words + b"\r\n")
            lines.flush()

        say(b"220 here")
        while line := lines.readline():
            word = line[:4].upper()
            if word == b"DATA":
                say(b"354 go on")
                body = b""
                while (line := lines.readline()) != b".\r\n":
                    body += line
                self.mails.append(email.message_from_bytes(body))
                say(b"250 taken")
            elif word == b"QUIT":
                say(b"221 bye")
                return
            else:
                say(b"250 well")

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
def post(settings: Any) -> Iterator[MailServer]:
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield server
    server.close()


def dispatched(loop: Loop) -> Incident:
    incident = filed(loop)
    handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON)
    return incident


def test_a_unit_is_told_in_the_app_and_its_acceptance_acknowledges(loop: Loop):
    incident = dispatched(loop)
    [mine] = client_of(loop.rod).get("/api/messages?unread=true").json()["results"]
    assert (mine["kind"], mine["state"], mine["incident"]) == ("dispatch", "sent", incident.number)
    assert "派遣" in mine["text"]["zh"] and "dispatched" in mine["text"]["en"]
    assert client_of(loop.lou).get("/api/messages").json()["count"] == 0

    handling.accept(incident=incident, actor=loop.rod, at=NOON + MINUTE)

    told = Message.objects.get(to_unit=loop.roads)
    assert (told.state, told.acknowledged_by, told.ack_due_at) == (
        "acknowledged", loop.rod, NOON + ACKNOWLEDGE_WITHIN
    )  # fmt: skip
    settle()


def test_a_refused_move_tells_nobody(loop: Loop):
    incident = dispatched(loop)
    before = Message.objects.count()

    with pytest.raises(Conflict), transaction.atomic():
        handling.dispatch(incident=incident, units=[lead(loop.water)], actor=loop.street, at=NOON)

    assert Message.objects.count() == before


def test_mail_goes_out_once_with_its_key(loop: Loop, post: MailServer):
    UnitChannel.objects.create(unit=loop.roads, channel="email", address="roads@example.org")
    User.objects.filter(pk=loop.street.pk).update(email="street@example.org")
    dispatched(loop)

    sent = [send_due(NOON), send_due(NOON + HOUR)]

    assert sent == [2, 0]  # the unit, and the dispatcher who was told of the filing
    told = Message.objects.get(channel="email", to_unit=loop.roads)
    [mail] = [mail for mail in post.mails if mail["To"] == "roads@example.org"]
    assert (mail["X-GeoGrid-Key"], mail["Message-ID"]) == (str(told.key), f"<{told.key}@geogrid>")


def test_a_webhook_is_signed_and_tried_again_under_the_same_key(loop: Loop, hooks: Any, settings: Any):
    settings.WEBHOOK_HOSTS = ["127.0.0.1:*"]
    UnitChannel.objects.create(unit=loop.roads, channel="webhook", address=hooks.address, secret="s3")
    incident = dispatched(loop)
    hooks.answers[:] = [500, 204]

    first = send_due(NOON)
    waits = Message.objects.get(channel="webhook")
    second = send_due(waits.next_try_at or NOON)

    assert (first, second, waits.attempts, waits.error) == (0, 1, 1, "answered 500")
    (headers, body), (again, same) = hooks.got
    assert (headers["Idempotency-Key"], body) == (again["Idempotency-Key"], same)
    moment = dict(part.split("=") for part in headers["X-GeoGrid-Signature"].split(","))
    proof = hmac.new(b"s3", f"{moment['t']}.".encode() + body, hashlib.sha256).hexdigest()
    assert moment["v1"] == proof
    assert json.loads(body)["incident"] == incident.number


@pytest.mark.parametrize(
    ("allowed", "address"),
    [
        ([], None),
        (["127.0.0.1:80"], None),
        (["*.example.org"], None),
        (["127.0.0.0/8:*"], "file:///etc/passwd"),
        (["127.0.0.0/8:*"], "http://user:word@127.0.0.1:9/"),
        (["0.0.0.0/0:*"], "http://169.254.169.254/latest"),
    ],
)
def test_no_webhook_goes_where_the_list_does_not_reach(
    loop: Loop, hooks: Any, settings: Any, allowed: list[str], address: str | None
):
    settings.WEBHOOK_HOSTS = allowed
    UnitChannel.objects.create(
        unit=loop.roads, channel="webhook", address=address or hooks.address, secret="s3"
    )
    dispatched(loop)

    assert send_due(NOON) == 0

    assert hooks.got == []
    assert Message.objects.get(channel="webhook").error != ""


def test_what_never_arrives_is_stuck_and_can_be_tried_again(loop: Loop, settings: Any, hooks: Any):
    UnitChannel.objects.create(unit=loop.roads, channel="webhook", address=hooks.address, secret="s3")
    dispatched(loop)
    at = NOON
    for _ in range(MOST_TRIES):
        send_due(at)
        at += 2 * LONGEST_WAIT

    [stuck] = client_of(loop.street).get("/api/messages/stuck").json()["results"]
    assert (stuck["state"], stuck["attempts"]) == ("stuck", MOST_TRIES)
    assert client_of(loop.rod).get("/api/messages/stuck").status_code == 403
    settings.WEBHOOK_HOSTS = ["127.0.0.1:*"]
    again = client_of(loop.street).post(f"/api/messages/{stuck['key']}/retry")
    assert again.json()["state"] == "waiting"
    assert send_due(Message.objects.get(pk=stuck["key"]).next_try_at or NOON) == 1
    assert hooks.got[0][0]["Idempotency-Key"] == stuck["key"]


def test_what_nobody_acknowledges_in_time_is_stuck_once(loop: Loop):
    dispatched(loop)

    noted = [note_unacknowledged(NOON + timedelta(minutes=after)) for after in (29, 30, 31)]

    assert noted == [0, 1, 0]
    key = Message.objects.get(to_unit=loop.roads).pk
    assert client_of(loop.lou).post(f"/api/messages/{key}/acknowledge").status_code == 404
    assert client_of(loop.rod).post(f"/api/messages/{key}/acknowledge").json()["state"] == "acknowledged"


@given(tries=st.integers(1, 100), chance=st.floats(0, 1, exclude_max=True))
def test_waits_grow_are_spread_and_end(tries: int, chance: float):
    wait = wait_after(tries, lambda: chance)

    assert timedelta(0) < wait <= 1.5 * LONGEST_WAIT
    assert wait_after(tries + 1, lambda: chance) >= wait


def test_a_signature_is_over_time_and_body():
    assert signature("a", 1, b"x") != signature("a", 2, b"x") != signature("b", 2, b"x")


def test_a_sender_killed_after_sending_sends_again_under_the_same_key(
    lasting_loop: Loop, hooks: Any, settings: Any, test_database: Any
):
    settings.WEBHOOK_HOSTS = ["127.0.0.1:*"]
    UnitChannel.objects.create(unit=lasting_loop.roads, channel="webhook", address=hooks.address, secret="s3")
    dispatched(lasting_loop)
    script = f"""
import os, signal, django
django.setup()
from datetime import datetime
from incidents.messages import sending
done = sending._by_webhook
def die(message):
    done(message)
    os.kill(os.getpid(), signal.SIGKILL)
sending._by_webhook = die
sending.send_due(datetime.fromisoformat("{NOON.isoformat()}"))
"""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "geogrid.settings",
        "GEOGRID_WEBHOOK_HOSTS": "127.0.0.1:*",
    }
    died = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=False)
    after_death = Message.objects.get(channel="webhook").state

    send_due(NOON)
    send_due(NOON + HOUR)

    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert (after_death, Message.objects.get(channel="webhook").state) == ("waiting", "sent")
    assert len(hooks.got) == 2
    assert len({headers["Idempotency-Key"] for headers, _ in hooks.got}) == 1
