"""A camera as a real little HTTP server, which behaves as it is told by the path."""

import base64
import hashlib
import io
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import parse_http_list, parse_keqv_list

from PIL import Image

NAME, PASSWORD = "viewer", 'se"cret,'


def jpeg(colour: str = "red", size: tuple[int, int] = (320, 240)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


@dataclass
class LittleCamera:
    """What the server does and has seen. `elsewhere` is where /moved sends."""

    port: int = 0
    picture: bytes = field(default_factory=jpeg)
    asked: list[str] = field(default_factory=list)
    elsewhere: str = ""
    is_dark: bool = False
    gate: threading.Event = field(default_factory=threading.Event)

    def address(self, path: str = "/jpeg") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


class _Handler(BaseHTTPRequestHandler):
    camera: LittleCamera

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.camera.asked.append(self.path)
        with suppress(OSError):
            getattr(self, f"_{self.path.strip('/').partition('?')[0]}", self._missing)()

    def _send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        usual = {"Content_Type": "image/jpeg", "Content_Length": str(len(body))}
        for name, value in {**usual, **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _jpeg(self) -> None:
        if self.camera.is_dark:
            self._send(b"", 500)
        else:
            self._send(self.camera.picture)

    def _missing(self) -> None:
        self._send(b"no", 404)

    def _html(self) -> None:
        self._send(b"<html>log in</html>")

    def _png(self) -> None:
        out = io.BytesIO()
        Image.new("RGB", (9, 9)).save(out, "PNG")
        self._send(out.getvalue())

    def _half(self) -> None:
        self._send(self.camera.picture[: len(self.camera.picture) // 2])

    def _short(self) -> None:
        self._send(self.camera.picture, Content_Length=str(len(self.camera.picture) * 2))

    def _moved(self) -> None:
        self._send(b"", 302, Location=self.camera.elsewhere)

    def _announces_much(self) -> None:
        self._send(b"", Content_Length=str(10**12))

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.camera.gate.is_set():
            self.wfile.write(bytes(2**16))

    def _dripping(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.camera.gate.wait(0.05):
            self.wfile.write(b"X-Drip: drop\r\n"[:1])

    def _silent(self) -> None:
        self.camera.gate.wait(20)

    def _gibberish(self) -> None:
        self.wfile.write(b"\x00\xff" * 2000)

    def _packed(self) -> None:
        self._send(self.camera.picture, Content_Encoding="gzip")

    def _basic(self) -> None:
        said = base64.b64encode(f"{NAME}:{PASSWORD}".encode()).decode()
        self._jpeg() if self.headers.get("Authorization") == f"Basic {said}" else self._send(b"", 401)

    def _digest(self) -> None:
        said = self.headers.get("Authorization", "")
        if said.startswith("Digest ") and self._digest_is_right(said):
            self._jpeg()
        else:
            asks = 'Digest realm="cam", nonce="n0nce", qop="auth", algorithm=SHA-256, opaque="o"'
            self._send(b"", 401, WWW_Authenticate=asks)

    def _digest_is_right(self, said: str) -> bool:
        got = parse_keqv_list(parse_http_list(said[7:]))

        def digest(text: str) -> str:
            return hashlib.sha256(text.encode()).hexdigest()

        who, what = digest(f"{NAME}:cam:{PASSWORD}"), digest(f"GET:{self.path}")
        wanted = digest(f"{who}:n0nce:{got['nc']}:{got['cnonce']}:auth:{what}")
        return got["response"] == wanted and got["uri"] == self.path and got["opaque"] == "o"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextmanager
def little_camera() -> Iterator[LittleCamera]:
    """A camera on a free port until the block ends."""
    camera = LittleCamera()
    handler = type("Handler", (_Handler,), {"camera": camera})
    server: socketserver.BaseServer
    with _Server(("127.0.0.1", 0), handler) as server:
        camera.port = server.server_address[1]
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        yield camera
        camera.gate.set()
        server.shutdown()
        serving.join()
