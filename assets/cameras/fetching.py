"""Fetching one JPEG from a camera: from an allowed host only, bounded in time and size, without detours."""

import base64
import contextlib
import hashlib
import http.client
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlsplit
from urllib.request import parse_http_list, parse_keqv_list

from assets.cameras.allowing import Entry, NotAllowed, address_for
from assets.photos.pictures import NotAPicture, jpeg_size

PATIENCE_S: Final = 5.0
MOST_BYTES: Final = 8 * 2**20
_PIECE: Final = 2**16
_PORTS: Final = {"http": 80, "https": 443}


class Why(StrEnum):
    """Why there is no picture."""

    NO_ADDRESS = "no_address"
    NOT_ALLOWED = "not_allowed"
    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    SENDS_ELSEWHERE = "sends_elsewhere"
    REFUSES_US = "refuses_us"
    WRONG_ANSWER = "wrong_answer"
    NO_JPEG = "no_jpeg"
    BUSY = "busy"


WORDS: Final[dict[Why, tuple[str, str]]] = {
    Why.NO_ADDRESS: ("未配置抓拍地址", "no snapshot address has been entered"),
    Why.NOT_ALLOWED: ("地址不在允许名单内", "its host is not in the list of allowed hosts"),
    Why.UNREACHABLE: ("无法连接摄像机", "it cannot be reached"),
    Why.TOO_SLOW: ("摄像机应答过慢", "it answers too slowly"),
    Why.TOO_LARGE: ("图片过大", "its picture is too large"),
    Why.SENDS_ELSEWHERE: ("摄像机转向其他地址", "it sends elsewhere: enter the address that answers"),
    Why.REFUSES_US: ("账号或密码不被接受", "it does not accept user name and password"),
    Why.WRONG_ANSWER: ("摄像机应答异常", "it answers with an error"),
    Why.NO_JPEG: ("返回的不是JPEG图片", "what it sends is no JPEG picture"),
    Why.BUSY: ("正在读取其他摄像机，请稍后再试", "other cameras are being read: try again in a moment"),
}


class NoPicture(Exception):
    """There is no picture, and why. Carries nothing of the address."""

    def __init__(self, why: Why) -> None:
        super().__init__(WORDS[why][1])
        self.why = why


@dataclass(frozen=True)
class Source:
    """Where to fetch, and as whom."""

    address: str
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:  # what is printed or logged by accident says nothing
        return "Source(...)"


def fetch(source: Source, allowed: Sequence[Entry], patience_s: float = PATIENCE_S) -> bytes:
    """One JPEG from a camera, whole and checked.

    Raises:
        NoPicture: with the reason.
    """
    ends = time.monotonic() + patience_s
    try:
        status, headers, body = _ask(source, allowed, ends, "")
        challenge = headers.get("www-authenticate", "")
        if status == 401 and source.username and challenge.lower().startswith("digest "):
            answer = digest_answer(source, _target(urlsplit(source.address)), challenge[7:])
            status, headers, body = _ask(source, allowed, ends, answer)
    except NotAllowed:
        raise NoPicture(Why.NOT_ALLOWED) from None
    except NoPicture:
        raise
    except (OSError, http.client.HTTPException, ValueError):
        raise NoPicture(Why.TOO_SLOW if time.monotonic() >= ends else Why.UNREACHABLE) from None
    if time.monotonic() >= ends:
        raise NoPicture(Why.TOO_SLOW)
    if 300 <= status < 400:
        raise NoPicture(Why.SENDS_ELSEWHERE)
    if status in (401, 403):
        raise NoPicture(Why.REFUSES_US)
    if status != 200 or headers.get("content-encoding", "identity") != "identity":
        raise NoPicture(Why.WRONG_ANSWER)
    try:
        jpeg_size(body)
    except NotAPicture:
        raise NoPicture(Why.NO_JPEG) from None
    return body


def _ask(
    source: Source, allowed: Sequence[Entry], ends: float, authorization: str
) -> tuple[int, dict[str, str], bytes]:
    """One request; status, headers with small names, body (of a success only)."""
    parts = urlsplit(source.address)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    if parts.scheme not in _PORTS or not host or parts.username is not None:
        raise NotAllowed
    connection = Pinned(host, port, address_for(host, port, allowed), parts.scheme == "https", ends)
    with contextlib.closing(connection), connection.watched():
        headers = {"Accept": "image/jpeg", "Accept-Encoding": "identity", "User-Agent": "GeoGrid"}
        if authorization or source.username:
            headers["Authorization"] = authorization or _basic(source)
        connection.request("GET", _target(parts), headers=headers)
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, named, _body(answer) if answer.status == 200 else b""


def _target(parts: SplitResult) -> str:
    return f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"


def _body(answer: http.client.HTTPResponse) -> bytes:
    if answer.length is not None and answer.length > MOST_BYTES:
        raise NoPicture(Why.TOO_LARGE)
    body = bytearray()
    while piece := answer.read(_PIECE):
        body += piece
        if len(body) > MOST_BYTES:
            raise NoPicture(Why.TOO_LARGE)
    if answer.length:  # it went away before the end that it had announced
        raise http.client.IncompleteRead(b"", answer.length)
    return bytes(body)


class Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever the name says meanwhile; it is cut at a moment."""

    def __init__(self, host: str, port: int, address: str, is_tls: bool, ends: float) -> None:
        super().__init__(host, port)
        self._address, self._is_tls, self._ends = address, is_tls, ends
        self._plain: socket.socket | None = None

    def connect(self) -> None:
        left = max(0.01, self._ends - time.monotonic())
        self._plain = self.sock = socket.create_connection((self._address, self.port), left)
        if self._is_tls:
            self.sock = ssl.create_default_context().wrap_socket(self._plain, server_hostname=self.host)

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Cut the connection when the time is over, however slowly bytes still drip."""
        watch = threading.Timer(max(0.01, self._ends - time.monotonic()), self._cut)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _cut(self) -> None:
        for held in (self._plain, self.sock):
            if held is not None:
                with contextlib.suppress(OSError):
                    held.shutdown(socket.SHUT_RDWR)


def _basic(source: Source) -> str:
    return "Basic " + base64.b64encode(f"{source.username}:{source.password}".encode()).decode()


def digest_answer(source: Source, target: str, challenge: str) -> str:
    """The Authorization header for a Digest challenge (RFC 7616: MD5 and SHA-256, quality auth).

    Raises:
        NoPicture: when the challenge asks for something else.
    """
    asked = parse_keqv_list(parse_http_list(challenge))
    name = asked.get("algorithm", "MD5").upper()
    known = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
    qualities = [part.strip() for part in asked.get("qop", "auth").split(",")]
    if name not in known or "auth" not in qualities or not {"realm", "nonce"} <= asked.keys():
        raise NoPicture(Why.REFUSES_US)

    def digest(text: str) -> str:
        return known[name](text.encode()).hexdigest()

    nonce, count, own = asked["nonce"], "00000001", secrets.token_hex(8)
    who = digest(f"{source.username}:{asked['realm']}:{source.password}")
    what = digest(f"GET:{target}")
    if "qop" in asked:
        response = digest(f"{who}:{nonce}:{count}:{own}:auth:{what}")
    else:
        response = digest(f"{who}:{nonce}:{what}")
    said = {"username": source.username, "realm": asked["realm"], "nonce": nonce, "uri": target}
    said["response"] = response
    if "opaque" in asked:
        said["opaque"] = asked["opaque"]
    plain = {"algorithm": name} | ({"qop": "auth", "nc": count} if "qop" in asked else {})
    if "qop" in asked:
        said["cnonce"] = own
    quoted = [f'{key}="{_quoted(value)}"' for key, value in said.items()]
    return "Digest " + ", ".join([*quoted, *(f"{key}={value}" for key, value in plain.items())])


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "")
