"""What the cells of a table mean: choices, lists, weekdays, times."""

import re
from collections.abc import Mapping
from datetime import time

_DAYS = (
    ("mon", "monday", "周一", "星期一", "1"),
    ("tue", "tuesday", "周二", "星期二", "2"),
    ("wed", "wednesday", "周三", "星期三", "3"),
    ("thu", "thursday", "周四", "星期四", "4"),
    ("fri", "friday", "周五", "星期五", "5"),
    ("sat", "saturday", "周六", "星期六", "6"),
    ("sun", "sunday", "周日", "星期日", "周天", "星期天", "7"),
)
_DAY_NUMBER: Mapping[str, int] = {name: number for number, names in enumerate(_DAYS) for name in names}
_EVERY_DAY = frozenset({"daily", "every day", "每天", "每日", "*"})
_BETWEEN = re.compile(r"\s*(?:-|–|—|~|～|至|到)\s*")
_PARTS = re.compile(r"[,，、;；\s]+")
_TIME = re.compile(r"(\d{1,2})[:：](\d{2})(?:[:：]\d{2})?")


def choice(said: str, choices: Mapping[str, str]) -> str | None:
    """The value that a cell chooses: by value, by Chinese name, or by both; None for anything else."""
    words = {word.lower() for word in said.split()}
    for value, zh in choices.items():
        if words and words <= {value, zh}:
            return value
    return None


def parts(said: str) -> list[str]:
    """The entries of a list in one cell, in order, each once."""
    return list(dict.fromkeys(part for part in _PARTS.split(said) if part))


def weekdays(said: str) -> list[int] | None:
    """Days of a cell such as `Mon-Fri, Sun` or `周一至周五`: 0 is Monday; None when unreadable."""
    text = said.strip().lower()
    if text in _EVERY_DAY:
        return list(range(7))
    days: set[int] = set()
    for part in parts(_BETWEEN.sub("-", text)):
        ends = [_DAY_NUMBER.get(name) for name in part.split("-")]
        if len(ends) > 2 or any(day is None for day in ends):
            return None
        first, last = ends[0] or 0, ends[-1] or 0
        days |= {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    return sorted(days) or None


def clock(said: str) -> time | None:
    """A time of day such as `8:00`; `24:00` is midnight; None when unreadable."""
    found = _TIME.fullmatch(said.strip())
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2])
    if (hour, minute) == (24, 0):
        return time(0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
