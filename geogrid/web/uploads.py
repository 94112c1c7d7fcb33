"""Request bodies: taken in whole before Django sees them.

Ten threads run Django; a slow or vanished uploader must not hold one. So the body is gathered here, in
memory and past 2 MB on disk, and handed on only when it is complete: of half a request nothing is stored.
"""

import asyncio
from tempfile import SpooledTemporaryFile

from geogrid.core.raw import Answer, Message, Receive, Scope, header, refusal

LARGEST_BYTES = 64 * 2**20
IN_MEMORY_BYTES = 2 * 2**20
PIECE_BYTES = 2**20
PATIENCE_S = 60.0
Body = SpooledTemporaryFile[bytes]


class Incomplete(Exception):
    """The body did not arrive whole. `answer` says so to whoever is still there."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def _announced(scope: Scope) -> int | None:
    """Content-Length, or None when there is none.

    Raises:
        Incomplete: when it is no number, or more than we take.
    """
    text = header(scope, "content-length")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal():
        raise Incomplete(refusal(400, "bad_request", "Content-Length is not a number."))
    if len(text) > 12 or int(text) > LARGEST_BYTES:
        raise Incomplete(_too_large())
    return int(text)


def _too_large() -> Answer:
    return refusal(413, "too_large", f"The request is larger than {LARGEST_BYTES // 2**20} MB.")


async def gather(scope: Scope, receive: Receive) -> Body:
    """The whole body, rewound. The caller closes it.

    Raises:
        Incomplete: when the client went away, was too slow, or sent another length than it announced.
    """
    announced = _announced(scope)
    body = SpooledTemporaryFile[bytes](max_size=IN_MEMORY_BYTES)
    try:
        size = 0
        while True:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    message = await receive()
            except TimeoutError:
                raise Incomplete(refusal(408, "timeout", "The request took too long to arrive.")) from None
            if message["type"] != "http.request":
                raise Incomplete(refusal(400, "bad_request", "The request ended before it was whole."))
            piece = message.get("body", b"")
            size += len(piece)
            if size > LARGEST_BYTES:
                raise Incomplete(_too_large())
            body.write(piece)
            if not message.get("more_body", False):
                break
        if announced is not None and size != announced:
            raise Incomplete(refusal(400, "bad_request", "The request ended before it was whole."))
        body.seek(0)
    except BaseException:
        body.close()
        raise
    return body


def handing_out(body: Body) -> Receive:
    """A receive() that gives the gathered body in pieces."""

    async def receive() -> Message:
        piece = body.read(PIECE_BYTES)
        return {"type": "http.request", "body": piece, "more_body": len(piece) == PIECE_BYTES}

    return receive
