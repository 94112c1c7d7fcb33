"""The next thing is made when the caller waits, not sooner."""

import threading
from itertools import count

import pytest

from geogrid.core.importing.ahead import Ahead


def test_everything_comes_once_and_in_order() -> None:
    numbers = iter([1, 2, 3])

    assert list(Ahead(lambda: next(numbers, None))) == [1, 2, 3]


def test_the_next_is_made_only_when_the_caller_waits_or_asks() -> None:
    made = []
    numbers = count(1)
    has_begun = threading.Event()

    def make() -> int:
        made.append(next(numbers))
        has_begun.set()
        return made[-1]

    ahead = Ahead(make)
    things = iter(ahead)
    next(things)
    assert made == [1]

    has_begun.clear()
    ahead.begin()
    ahead.begin()

    assert has_begun.wait(10)
    assert next(things) == 2
    assert made == [1, 2]


def test_an_error_reaches_who_asks() -> None:
    def make() -> int:
        raise ValueError("row 40,001")

    with pytest.raises(ValueError, match="row 40,001"):
        next(iter(Ahead(make)))
