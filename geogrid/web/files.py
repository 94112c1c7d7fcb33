"""Files that the raw handlers send, whole or a range of them, piece by piece."""

import asyncio
import re
from pathlib import Path

from geogrid.core.raw import Answer, Scope, Send, etag_matches, header, refusal, send_answer, start

PIECE_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


class Unsatisfiable(Exception):
    """The asked range lies outside the file."""


def span_of(asked: str, size: int) -> tuple[int, int] | None:
    """First byte and the byte after the last, of a Range header; None when the whole file is to be sent.

    Several ranges, or a header that is none, count as not asked (RFC 9110, 14.2).

    Raises:
        Unsatisfiable: when the range begins behind the end.
    """
    found = _RANGE.fullmatch(asked.replace(" ", ""))
    if not found or found.group(1) == found.group(2) == "":
        return None
    first, last = found.groups()
    if first == "":
        begin, end = max(0, size - int(last)), size
    else:
        begin, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < begin:
            return None
    if begin >= size or begin == end:
        raise Unsatisfiable
    return begin, end


def _read(path: Path, begin: int, end: int) -> bytes:
    with path.open("rb") as file:
        file.seek(begin)
        return file.read(end - begin)


async def send_file(
    scope: Scope, send: Send, path: Path | None, media_type: str, missing: str, **headers: str
) -> None:
    """Send the file at `path` with `headers` besides its own; 404 and the words `missing` where none is."""
    try:
        found = path.stat() if path else None
    except FileNotFoundError:
        found = None
    if path is None or found is None:
        await send_answer(scope, send, refusal(404, "not_found", missing))
        return
    etag = f'"{found.st_mtime_ns:x}-{found.st_size:x}"'
    # no-cache: kept, but asked for again; after a new import pieces of two files would not fit together
    said = {"etag": etag, "accept-ranges": "bytes", "cache-control": "private, no-cache"}
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    if etag_matches(scope, etag):
        await send_answer(scope, send, Answer(304, headers=said))
        return
    if_range = header(scope, "if-range")
    try:
        asked = header(scope, "range") if if_range in ("", etag) else ""
        span = span_of(asked, found.st_size)
    except Unsatisfiable:
        beyond = refusal(416, "bad_range", "The range lies outside the file.")
        beyond.headers["content-range"] = f"bytes */{found.st_size}"
        await send_answer(scope, send, beyond)
        return
    begin, end = span or (0, found.st_size)
    if span:
        said["content-range"] = f"bytes {begin}-{end - 1}/{found.st_size}"
    said["content-length"] = str(end - begin)
    await send(start(206 if span else 200, media_type, said))
    if scope["method"] != "HEAD":
        for at in range(begin, end, PIECE_BYTES):
            piece = await asyncio.to_thread(_read, path, at, min(end, at + PIECE_BYTES))
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
