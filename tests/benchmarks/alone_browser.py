"""A Chromium that nobody attaches to but for a moment: by the pipe of its DevTools protocol, no driver.

A driver leaves a world of its own in the page at each attachment, and makes the browser keep what the page
receives for as long as it is attached; memory is to be read without either.
"""

import fcntl
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser.chromium import CHROMIUM, FLAGS

UNATTENDED = [
    "--headless",
    "--remote-debugging-pipe",
    "--window-size=1280,720",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
]


class AttachedPage:
    """The page while somebody is attached."""

    def __init__(self, browser: "AloneBrowser", session: str) -> None:
        self._browser, self._session = browser, session

    def send(self, method: str, **parameters: Any) -> Any:
        """What the page's part of the protocol answers."""
        return self._browser.ask(method, parameters, self._session)

    def value(self, expression: str) -> Any:
        """What a JavaScript expression has for a value (JSON)."""
        said = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def wait_for(self, expression: str, within_s: float) -> None:
        """Return when the expression is true."""
        deadline = time.monotonic() + within_s
        while not self.value(expression):
            assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {expression}"
            time.sleep(0.5)


class AloneBrowser:
    """The browser: its process, and its pipe."""

    def __init__(self, process: "subprocess.Popen[bytes]", sending: int, receiving: int) -> None:
        self.pid = process.pid
        self._sending, self._receiving = sending, receiving
        self._read, self._number = b"", 0

    def ask(self, method: str, parameters: dict[str, Any], session: str | None = None) -> Any:
        """The answer to one command; events on the way are nobody's."""
        self._number += 1
        said: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            said["sessionId"] = session
        os.write(self._sending, json.dumps(said).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            more = os.read(self._receiving, 1 << 16)
            assert more, "Chromium has ended"
            self._read += more
        one, _, self._read = self._read.partition(b"\0")
        message: dict[str, Any] = json.loads(one)
        return message

    @contextmanager
    def page(self) -> Iterator[AttachedPage]:
        """Its one page, attached for as long as this lasts."""
        targets = self.ask("Target.getTargets", {})["targetInfos"]
        [target] = [one["targetId"] for one in targets if one["type"] == "page"]
        session = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        try:
            yield AttachedPage(self, session)
        finally:
            self.ask("Target.detachFromTarget", {"sessionId": session})


@contextmanager
def alone_browser(folder: str) -> Iterator[AloneBrowser]:
    """A browser with an empty page and a profile of its own below `folder`."""
    to_read, sending = os.pipe()
    receiving, to_write = os.pipe()
    command = [CHROMIUM, *FLAGS, *UNATTENDED, f"--user-data-dir={Path(folder) / 'chromium'}", "about:blank"]
    # Chromium reads commands from its file 3 and answers on 4; the pipes' own numbers may be just these.
    reads, writes = (fcntl.fcntl(one, fcntl.F_DUPFD, 64) for one in (to_read, to_write))

    def place() -> None:
        os.dup2(reads, 3)
        os.dup2(writes, 4)

    process = subprocess.Popen(
        command,
        preexec_fn=place,
        pass_fds=(3, 4),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for end in (to_read, to_write, reads, writes):
        os.close(end)
    try:
        yield AloneBrowser(process, sending, receiving)
    finally:
        os.close(sending)
        os.close(receiving)
        process.terminate()
        process.wait(30)
