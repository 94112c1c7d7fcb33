"""The draw (抽签), so that anybody can repeat it: a seed, a list of numbers, SHA-256. Pure.

Each number gets the hash of "seed|number"; those with the smallest hashes are drawn, in that order.
"""

import hashlib
from collections.abc import Iterable


def list_hash(numbers: Iterable[str]) -> str:
    """SHA-256 (hex) of the numbers in ascending order, one a line, each line ended."""
    return hashlib.sha256("".join(f"{number}\n" for number in sorted(numbers)).encode()).hexdigest()


def drawn(seed: str, numbers: Iterable[str], count: int) -> list[str]:
    """The numbers that a seed draws from a list, whatever its order."""
    return sorted(set(numbers), key=lambda number: _place(seed, number))[:count]


def _place(seed: str, number: str) -> tuple[str, str]:
    return hashlib.sha256(f"{seed}|{number}".encode()).hexdigest(), number
