"""What ends is started again: at once, or later when it ends again and again; nothing is left of it."""

import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from geogrid.supervising import LONGEST_PAUSE_S, STEADY_S, Keeper

WAITS = "import signal; signal.pause()"
# A leader with a child of its own, which outlives it and holds what it held.
WITH_CHILD = (
    f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {WAITS!r}]); "
    "print(p.pid, flush=True); p.wait()"
)
Child = subprocess.Popen[bytes]


def started(code: str) -> Child:
    return subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stdout=subprocess.PIPE)


class Kept:
    """Children under a keeper whose clock the test sets."""

    def __init__(self, *codes: str) -> None:
        self.now = 0.0
        self.said: list[str] = []
        self.children = [started(code) for code in codes]
        self.keeper = Keeper(self.children, self._again, self.said.append, lambda: self.now)
        self.all = list(self.children)

    def _again(self, child: Child) -> Child:
        self.all.append(started(str(child.args[2])))  # type: ignore[index]
        return self.all[-1]

    def end(self, number: int = 0) -> None:
        self.children[number].kill()
        self.children[number].wait(10)


@pytest.fixture
def keep() -> Iterator[Callable[..., Kept]]:
    made: list[Kept] = []

    def make(*codes: str) -> Kept:
        made.append(Kept(*codes))
        return made[-1]

    yield make
    for child in (child for kept in made for child in kept.all):
        child.kill()
        child.wait(10)
        if child.stdout:
            child.stdout.close()


def test_a_killed_process_is_started_again_at_once_and_the_others_stay(keep: Callable[..., Kept]) -> None:
    kept = keep(WAITS, WAITS)
    kept.now = STEADY_S
    first, other = kept.children
    kept.end()

    kept.keeper.look()

    assert kept.children[0] is not first and kept.children[0].poll() is None
    assert kept.children[1] is other and other.poll() is None
    assert len(kept.said) == 1 and "ended with -9" in kept.said[0]


def test_one_that_ends_again_and_again_is_given_time_and_once_steady_is_started_at_once(
    keep: Callable[..., Kept],
) -> None:
    kept = keep(WAITS)
    pauses = []
    for _ in range(7):
        kept.end()
        kept.keeper.look()
        ended_at, ended = kept.now, kept.children[0]
        while kept.children[0] is ended:
            kept.now += 0.5
            kept.keeper.look()
        pauses.append(kept.now - ended_at)

    assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    kept.now += STEADY_S
    steady = kept.children[0]
    kept.end()
    kept.keeper.look()
    assert kept.children[0] is not steady


def test_what_a_killed_process_left_behind_is_ended(keep: Callable[..., Kept]) -> None:
    kept = keep(WITH_CHILD)
    assert kept.children[0].stdout is not None
    left_behind = int(kept.children[0].stdout.readline())
    watch = os.pidfd_open(left_behind)
    kept.end()

    kept.keeper.look()

    assert select.select([watch], [], [], 10)[0], "it still runs"
    os.close(watch)
