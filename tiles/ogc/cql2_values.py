"""What the literals of CQL2 text stand for."""

import math
import re
from datetime import UTC, date, datetime

from tiles.ogc.cql2_tree import NotCQL2


def unquoted(token: str) -> str:
    """The text of a token in single quotes."""
    text = token[1:-1].replace("''", "'")
    if "\x00" in text:
        raise NotCQL2("A text in a filter holds no NUL letter.")
    return text


def number(text: str) -> int | float:
    """The number that a token writes."""
    if len(text) > 40:
        raise NotCQL2("A number has at most 40 digits.")
    try:
        return int(text)
    except ValueError:
        said = float(text)
    if not math.isfinite(said):
        raise NotCQL2(f"{text} is too large a number.")
    return said


def moment(text: str) -> datetime | date:
    """A time (RFC 3339; without a zone: UTC) or a day.

    Raises:
        NotCQL2: when it is neither.
    """
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
        if not re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", text):
            raise ValueError
        said = datetime.fromisoformat(text.replace("z", "Z"))
        return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotCQL2(
            f"'{text[:40]}' is no time; one is written 2026-01-31T08:00:00Z or 2026-01-31."
        ) from None
