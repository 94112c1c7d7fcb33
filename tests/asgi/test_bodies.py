"""Requests with bodies, through granian and a2wsgi: both had faults here."""

import hashlib
import json
import os
import socket
from contextlib import closing
from pathlib import Path

from tests.asgi.running import Server


def test_a_json_post_arrives_whole(echo: Server):
    body = json.dumps({"words": "井盖缺失"}).encode()

    answer = echo.ask("POST", "/report", body, Content_Type="application/json")

    assert answer.status == 200
    assert json.loads(answer.body)["sha256"] == hashlib.sha256(body).hexdigest()


def test_an_upload_of_20_mb_arrives_whole(echo: Server):
    body = os.urandom(20 * 2**20)

    answer = echo.ask("POST", "/photo", body, Content_Type="application/octet-stream")

    assert json.loads(answer.body) == {
        "method": "POST",
        "bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
    }


def test_a_body_without_a_length_arrives_whole(echo: Server):
    pieces = [b"a" * 70_000, b"b" * 3, b"c" * 70_000]

    answer = echo.ask("POST", "/chunked", iter(pieces))

    assert json.loads(answer.body)["sha256"] == hashlib.sha256(b"".join(pieces)).hexdigest()


def test_of_a_client_that_left_half_way_nothing_reaches_the_application(echo: Server, reached: Path):
    with closing(socket.create_connection(("127.0.0.1", echo.port))) as client:
        head = b"POST /half HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
        client.sendall(head + b"x" * 500_000)

    echo.ask("POST", "/after", b"whole")

    assert [line.split()[0] for line in reached.read_text().splitlines() if "/half" in line] == []
    assert "/after 5" in reached.read_text()


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(echo: Server):
    with closing(socket.create_connection(("127.0.0.1", echo.port), timeout=10)) as client:
        client.sendall(b"POST /huge HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000000\r\n\r\n")
        answer = client.recv(2000)

    assert answer.startswith(b"HTTP/1.1 413")
    assert b'"too_large"' in answer


def test_twenty_slow_uploads_do_not_hold_the_threads(echo: Server):
    slow = [socket.create_connection(("127.0.0.1", echo.port)) for _ in range(20)]
    for client in slow:
        client.sendall(b"POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx")

    answer = echo.ask("POST", "/quick", b"now")

    assert answer.status == 200
    for client in slow:
        client.close()
