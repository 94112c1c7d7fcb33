"""Starting the server: plain HTTP stays on loopback, TLS takes a certificate."""

import http.client
import os
import ssl
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from geogrid.web.serve import RefusedToServe, serve
from tests.asgi.running import free_port, wait_while_running


@pytest.mark.parametrize("host", ["203.0.113.7", "192.0.2.1", "::", "city.example"])
def test_plain_http_is_refused_on_any_address_but_loopback(host: str):
    with pytest.raises(RefusedToServe, match="--cert and --key"):
        serve(host, 8000)


def test_a_certificate_without_its_key_is_refused(tmp_path: Path):
    with pytest.raises(RefusedToServe, match="go together"):
        serve("127.0.0.1", 8000, cert=tmp_path / "cert.pem")


def test_a_certificate_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(RefusedToServe, match=r"cert\.pem"):
        serve("203.0.113.7", 8000, cert=tmp_path / "cert.pem", key=tmp_path / "key.pem")


@pytest.mark.django_db
def test_with_a_certificate_it_speaks_tls_and_says_to_stay_there(tmp_path: Path, test_database: object):
    cert, key, port = tmp_path / "cert.pem", tmp_path / "key.pem", free_port()
    making = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
    ]
    making += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(making, check=True, capture_output=True)
    command = [
        sys.executable,
        "-m",
        "geogrid.web",
        "--port",
        str(port),
        "--cert",
        str(cert),
        "--key",
        str(key),
    ]
    trusting = ssl.create_default_context(cafile=str(cert))

    with subprocess.Popen([*command, "--workers", "1"], env=dict(os.environ)) as process:
        try:
            answer = _answer(port, trusting, process)
        finally:
            process.terminate()

    assert answer.status == 200
    assert "max-age" in (answer.getheader("strict-transport-security") or "")


def _answer(
    port: int, trusting: ssl.SSLContext, process: "subprocess.Popen[bytes]"
) -> http.client.HTTPResponse:
    answers: list[http.client.HTTPResponse] = []

    def ask() -> bool:
        with (
            suppress(ConnectionRefusedError),
            closing(http.client.HTTPSConnection("localhost", port, timeout=5, context=trusting)) as asked,
        ):
            asked.request("GET", "/healthz")
            answers.append(asked.getresponse())
        return bool(answers)

    wait_while_running(process, ask)
    return answers[0]
