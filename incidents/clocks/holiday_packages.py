"""Public holidays and make-up working days from well-kept packages, as rows to be looked over by a clerk.

China's come from `chinesecalendar`, which knows the years the State Council has decided and says which;
`holidays` has the other countries. Both agree on every day of China from 2010 on (a test compares). They are
loaded when somebody asks: once a year, in a worker that runs all the time.
"""

from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from importlib.resources import files
from typing import Final

CHINA: Final = "CN"
# The other packages reckon years ahead by rule: beyond so many, laws have often changed.
YEARS_AHEAD: Final = 5


@dataclass(frozen=True)
class Day:
    """One day on which the calendar differs from the week: a holiday, or a make-up working day (调休)."""

    day: date
    is_working: bool
    name: str  # Chinese for China, else as the country says
    name_en: str


class NotKnown(ValueError):
    """No package knows the country. The message is in both languages."""


def country_of(zone: str) -> str:
    """Two-letter code of the country that a time zone belongs to, or an empty text."""
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines():
        parts = line.split("\t")
        if not line.startswith("#") and len(parts) > 2 and parts[2] == zone:
            return parts[0]
    return ""


def source_of(country: str) -> str:
    """Which package tells a country's holidays, with its version."""
    package = "chinesecalendar" if country == CHINA else "holidays"
    return f"{package} {version(package)}"


def years_known(country: str, this_year: int) -> range:
    """The years whose holidays are known.

    Raises:
        NotKnown: when the country is in no package.
    """
    if country == CHINA:
        import chinese_calendar.constants as china

        return range(min(china.holidays).year, max(china.holidays).year + 1)
    _must_know(country)
    return range(this_year - 30, this_year + YEARS_AHEAD + 1)


def days_of(country: str, year: int, subdivision: str = "") -> list[Day]:
    """The days of one year that differ from the week, in order.

    Raises:
        NotKnown: when the country or its part is in no package.
    """
    if country == CHINA:
        import chinese_calendar.constants as china

        closed = [
            Day(day, False, china.Holiday(name).chinese, name)
            for day, name in china.holidays.items()
            if day.year == year
        ]
        extra = [
            Day(day, True, f"{china.Holiday(name).chinese}调休", f"{name}, made up for")
            for day, name in china.workdays.items()
            if day.year == year
        ]
        return sorted(closed + extra, key=lambda one: one.day)
    _must_know(country)
    import holidays

    part = subdivision or None
    try:
        own = holidays.country_holidays(country, part, years=year)
        english = holidays.country_holidays(country, part, years=year, language="en_US")
    except NotImplementedError as error:
        raise NotKnown(
            f"不认识 {country} 的地区 {subdivision}。{subdivision} is not a part of {country} that is known."
        ) from error
    extra_days = {day for day in getattr(own, "weekend_workdays", set()) if day.year == year}
    found = [Day(day, False, name, english.get(day, name)) for day, name in own.items() if day.year == year]
    found += [Day(day, True, "调休", "made-up working day") for day in extra_days]
    return sorted(found, key=lambda one: one.day)


def _must_know(country: str) -> None:
    import holidays

    if country not in holidays.list_supported_countries(include_aliases=False):
        raise NotKnown(
            f"没有 {country or '该时区'} 的节假日数据，请手工录入。"
            f"No holidays of {country or 'this time zone'} are known: enter them by hand."
        )
