"""Time limits (处置时限): a number and one of four kinds, read and written in Chinese and English."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, Self


class LimitKind(StrEnum):
    """What of the time counts. Continuous time runs through nights and holidays."""

    CONTINUOUS_HOUR = "continuous_hour"  # 小时
    CONTINUOUS_DAY = "continuous_day"  # 天
    WORKING_HOUR = "working_hour"  # 工作时
    WORKING_DAY = "working_day"  # 工作日

    @property
    def is_working(self) -> bool:
        """Only inside office windows on working days."""
        return self in (LimitKind.WORKING_HOUR, LimitKind.WORKING_DAY)


# A day of each kind in hours of the time that counts (docs: domain, Time limits).
HOURS: Final[dict[LimitKind, int]] = {
    LimitKind.CONTINUOUS_HOUR: 1,
    LimitKind.CONTINUOUS_DAY: 24,
    LimitKind.WORKING_HOUR: 1,
    LimitKind.WORKING_DAY: 8,
}
# What "at once" (立即) allows. Ours: no time at all could be kept by nobody. R10 is on site within the hour.
AT_ONCE: Final = timedelta(hours=1)
LONGEST: Final = timedelta(hours=5 * 366 * 24)


class LimitError(ValueError):
    """A limit that cannot be read or does not make sense. The message is in both languages."""


@dataclass(frozen=True)
class Limit:
    """So much of one kind of time. An amount of 0 continuous hours stands for "at once" (立即)."""

    amount: Decimal
    kind: LimitKind

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", Decimal(self.amount).normalize() + Decimal(0))
        if not self.amount.is_finite() or self.amount < 0 or self.span > LONGEST:
            raise LimitError(
                f"时限须在 0 到 5 年之间，而不是 {self.amount}。"
                f"A limit is between nothing and five years, not {self.amount}."
            )
        if self.amount == 0 and self.kind != LimitKind.CONTINUOUS_HOUR:
            raise LimitError('时限不能为 0；请写“立即”。A limit cannot be 0; write "at once".')

    @classmethod
    def hours(cls, amount: Decimal | int | str) -> Self:
        return cls(Decimal(amount), LimitKind.CONTINUOUS_HOUR)

    @classmethod
    def days(cls, amount: Decimal | int | str) -> Self:
        return cls(Decimal(amount), LimitKind.CONTINUOUS_DAY)

    @classmethod
    def working_hours(cls, amount: Decimal | int | str) -> Self:
        return cls(Decimal(amount), LimitKind.WORKING_HOUR)

    @classmethod
    def working_days(cls, amount: Decimal | int | str) -> Self:
        return cls(Decimal(amount), LimitKind.WORKING_DAY)

    @classmethod
    def minutes(cls, amount: Decimal | int | str) -> Self:
        return cls(_hours_of_minutes(Decimal(amount)), LimitKind.CONTINUOUS_HOUR)

    @property
    def is_at_once(self) -> bool:
        return self.amount == 0

    @property
    def span(self) -> timedelta:
        """How much of the time that counts: 1 working day is 8 hours of office time. Whole seconds."""
        if self.amount == 0:
            return AT_ONCE
        seconds = self.amount * HOURS[self.kind] * 3600
        # Beyond what timedelta holds it is no limit anyway; `__post_init__` refuses it.
        return timedelta(seconds=int(min(seconds, Decimal(10**12)).to_integral_value()))

    @property
    def zh(self) -> str:
        """In Chinese, as duty lists write it."""
        if self.is_at_once:
            return "立即"
        number, minutes = _said(self)
        if minutes:
            return f"{number}工作分钟" if self.kind.is_working else f"{number}分钟"
        return number + _ZH[self.kind]

    @property
    def en(self) -> str:
        """In English."""
        if self.is_at_once:
            return "at once"
        number, minutes = _said(self)
        word = ("working minute" if self.kind.is_working else "minute") if minutes else _EN[self.kind]
        return f"{number} {word}" + ("" if number == "1" else "s")

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


_ZH: Final = {
    LimitKind.CONTINUOUS_HOUR: "小时",
    LimitKind.CONTINUOUS_DAY: "天",
    LimitKind.WORKING_HOUR: "工作时",
    LimitKind.WORKING_DAY: "个工作日",
}
_EN: Final = {
    LimitKind.CONTINUOUS_HOUR: "hour",
    LimitKind.CONTINUOUS_DAY: "day",
    LimitKind.WORKING_HOUR: "working hour",
    LimitKind.WORKING_DAY: "working day",
}


def _said(limit: Limit) -> tuple[str, bool]:
    """The number to write, and whether it is minutes."""
    if HOURS[limit.kind] == 1 and limit.amount % 1:
        minutes = limit.span / timedelta(minutes=1)
        if minutes.is_integer():
            return str(int(minutes)), True
    number = format(limit.amount, "f")
    return (number.rstrip("0").rstrip(".") if "." in number else number), False


_AT_ONCE_WORDS: Final = {"立即", "立刻", "马上", "即时", "即刻", "immediately", "immediate", "atonce", "now"}
_NUMERALS: Final = {numeral: value for value, numeral in enumerate("零一二三四五六七八九十")} | {
    "两": 2,
    "〇": 0,
}
_UNITS: Final[tuple[tuple[str, LimitKind, Decimal], ...]] = (
    (r"工作分钟|workingminutes?", LimitKind.WORKING_HOUR, Decimal(-60)),
    (r"工作小?时|workinghours?|businesshours?|officehours?", LimitKind.WORKING_HOUR, Decimal(1)),
    (r"工作[日天]|workingdays?|businessdays?|workdays?", LimitKind.WORKING_DAY, Decimal(1)),
    (r"分钟?|minutes?|mins?", LimitKind.CONTINUOUS_HOUR, Decimal(-60)),
    (r"小?时|hours?|hrs?|h", LimitKind.CONTINUOUS_HOUR, Decimal(1)),
    (r"周|星期|weeks?", LimitKind.CONTINUOUS_DAY, Decimal(7)),
    (r"(?:自然)?[日天]|(?:calendar)?days?|d", LimitKind.CONTINUOUS_DAY, Decimal(1)),
)
_UNIT: Final = "|".join(f"(?P<u{place}>{pattern})" for place, (pattern, _, _) in enumerate(_UNITS))
_PART: Final = re.compile(
    rf"(?P<number>\d+(?:\.\d+)?|半|[零〇一二两三四五六七八九十]+)个?(?P<half>半)?(?:{_UNIT})"
)
_AROUND: Final = re.compile(r"^(?:within|in|限时?|不超过|小于)|(?:以内|之内|内|完成|处置完毕)+$")


def parse(text: str) -> Limit:
    """A limit from words: `2小时`, `4工作时`, `5个工作日`, `3天`, `30分钟`, `立即`, `2 working days`...

    Raises:
        LimitError: when it cannot be read for certain.
    """
    said = re.sub(r"[\s,，。.;；]+$", "", unicodedata.normalize("NFKC", text)).lower()
    # A dash between word and number, as in "24-hour", says nothing; one before a number would be a minus.
    said = re.sub(r"\s+|(?<=\d)-(?=[a-z])", "", said)
    said = _AROUND.sub("", _AROUND.sub("", said))
    if said in _AT_ONCE_WORDS:
        return Limit.hours(0)
    parts: list[tuple[Decimal, LimitKind]] = []
    read_to = 0
    while read_to < len(said):
        found = _PART.match(said, read_to)
        if found is None:
            raise _unreadable(text)
        parts.append(_part(found))
        read_to = found.end()
    if not parts or len({kind.is_working for _, kind in parts}) > 1:
        raise _unreadable(text)
    if all(amount == 0 for amount, _ in parts):
        raise LimitError(f'“{text}”：时限不能为 0；请写“立即”。A limit cannot be 0; write "at once".')
    if len({kind for _, kind in parts}) == 1:
        return Limit(sum((amount for amount, _ in parts), Decimal(0)), parts[0][1])
    hours = sum((amount * HOURS[kind] for amount, kind in parts), Decimal(0))
    is_working = parts[0][1].is_working
    return Limit(hours, LimitKind.WORKING_HOUR if is_working else LimitKind.CONTINUOUS_HOUR)


def _part(found: re.Match[str]) -> tuple[Decimal, LimitKind]:
    number = _number(found["number"]) + (Decimal("0.5") if found["half"] else 0)
    for place, (_, kind, factor) in enumerate(_UNITS):
        if found[f"u{place}"]:
            return (_hours_of_minutes(number) if factor < 0 else number * factor), kind
    raise AssertionError(found.group())


def _hours_of_minutes(minutes: Decimal) -> Decimal:
    """To six places, as the column keeps it: a third of an hour is 20 minutes to the second."""
    return (minutes / 60).quantize(Decimal("0.000001"))


def _number(text: str) -> Decimal:
    if text == "半":
        return Decimal("0.5")
    try:
        return Decimal(text)
    except InvalidOperation:
        pass
    tens, ten, ones = text.partition("十")
    if not ten:
        if len(text) != 1:
            raise _unreadable(text)
        return Decimal(_NUMERALS[text])
    if len(tens) > 1 or len(ones) > 1:
        raise _unreadable(text)
    return Decimal((_NUMERALS[tens] if tens else 1) * 10 + (_NUMERALS[ones] if ones else 0))


def _unreadable(text: str) -> LimitError:
    return LimitError(
        f"看不懂时限“{text}”。请写成 2小时、4工作时、5个工作日、3天、30分钟 或 立即。"
        f'The limit "{text}" cannot be read. Write 2 hours, 4 working hours, 5 working days, 3 days, '
        "30 minutes or at once."
    )
