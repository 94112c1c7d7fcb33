"""Keeping a running city alive: a process of it that ends is started again, whatever ended it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

Child = subprocess.Popen[bytes]

# The first time at once; one that ends again soon waits longer each time.
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0


@dataclass
class _Life:
    """Of one process: when it began, how long the last pause was, and when it is due to be started again."""

    began_at: float
    pause_s: float = 0.0
    due_at: float | None = None


class Keeper:
    """Looks after `children`, each the leader of a session of its own; the list always holds those that run.

    start_again: starts the process that a given one was. What is left of one that was killed is ended first:
    a worker of the server without its parent would hold the port.
    """

    def __init__(
        self,
        children: list[Child],
        start_again: Callable[[Child], Child],
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._children = children
        self._start_again = start_again
        self._say = say
        self._clock = clock
        self._lives = [_Life(clock()) for _ in children]

    def look(self) -> None:
        """Start again what has ended and is due. Call it twice a second."""
        now = self._clock()
        for number, (child, life) in enumerate(zip(self._children, self._lives, strict=True)):
            if life.due_at is None and child.poll() is not None:
                _end_rest(child)
                lasted = now - life.began_at >= STEADY_S
                life.pause_s = 0.0 if lasted else min(max(1.0, 2 * life.pause_s), LONGEST_PAUSE_S)
                life.due_at = now + life.pause_s
                when = f" in {life.pause_s:.0f} s" if life.pause_s else ""
                self._say(f"{name_of(child)} ended with {child.returncode}; starting it again{when}.")
            if life.due_at is not None and now >= life.due_at:
                self._children[number] = self._start_again(child)
                self._lives[number] = _Life(now, life.pause_s)


def name_of(child: Child) -> str:
    """What a process is called by the operator: its arguments without the interpreter."""
    arguments = child.args if isinstance(child.args, list | tuple) else [child.args]
    return " ".join(str(one) for one in arguments[1:4])


def _end_rest(child: Child) -> None:
    """End what a dead leader has left behind in its session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
