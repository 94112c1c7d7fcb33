"""How far an import is: a bar on a terminal, a line now and then elsewhere, nothing when nobody asked."""

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

_LINE_EVERY_S = 5.0


class Quiet:
    """No progress is shown."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def begin(self, words: str, total: int) -> None:
        """A new stretch of `total` rows."""

    def reach(self, rows: int) -> None:
        """So many rows are done."""


class Lines(Quiet):
    """A line every few seconds, for logs and pipes."""

    def __init__(self) -> None:
        self._words, self._total, self._said_at = "", 0, 0.0

    def begin(self, words: str, total: int) -> None:
        self._words, self._total, self._said_at = words, total, time.monotonic()

    def reach(self, rows: int) -> None:
        if time.monotonic() - self._said_at >= _LINE_EVERY_S or rows >= self._total:
            self._said_at = time.monotonic()
            sys.stderr.write(f"{self._words}: {rows:,} of {self._total:,} rows\n")


class Bar(Quiet):
    """A bar on the terminal."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def begin(self, words: str, total: int) -> None:
        self._task = self._bar.add_task(words, total=total)

    def reach(self, rows: int) -> None:
        if self._task is not None:
            self._bar.update(self._task, completed=rows)


def for_terminal() -> Quiet:
    """A bar when a person is looking, else lines."""
    return Bar() if sys.stderr.isatty() else Lines()
