"""Ends on Ctrl-C and SIGTERM at once, wherever it waits."""

import signal
import threading
from types import FrameType


class Stop:
    """Set by a signal, or by whoever asks us to end."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def on_signals(self) -> "Stop":
        """Listen to SIGINT and SIGTERM."""

        def end(number: int, frame: FrameType | None) -> None:
            self._event.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end)
        return self

    def now(self) -> None:
        """End."""
        self._event.set()

    def __bool__(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Rest; whether the end has come."""
        return self._event.wait(max(0.0, seconds))
