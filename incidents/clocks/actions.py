"""Reading the city's calendar and the policy in force, and bringing holidays in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from geogrid.core.actor import Actor, System, name_actor
from geogrid.core.errors import Invalid, NotFound
from geogrid.core.models import the_city
from incidents.clocks.calendar import Calendar, Window
from incidents.clocks.holiday_packages import NotKnown, country_of, days_of, source_of, years_known
from incidents.clocks.limits import Limit
from incidents.clocks.models import CalendarDay, CalendarYear, ClockPolicy, OfficeWindow
from incidents.clocks.stages import StageClock

BY_HAND = "hand"
LOOK_AHEAD = timedelta(days=60)


@dataclass(frozen=True)
class Policy:
    """The limits of stages that hold at a moment, by the version that is stored beside every deadline."""

    version: int
    limits: dict[StageClock, Limit]
    warn_share: float


def city_calendar() -> Calendar:
    """The calendar as it stands now: four small queries, so a list asks once."""
    city = the_city()
    days = list(CalendarDay.objects.values_list("day", "is_working", "works_as"))
    return Calendar(
        zone=city.timezone if city else ZoneInfo("UTC"),
        windows=tuple(
            Window(*row)
            for row in OfficeWindow.objects.values_list(
                "weekday", "opens", "closes", "valid_from", "valid_to"
            )
        ),
        closed=frozenset(day for day, is_working, _ in days if not is_working),
        extra={day: works_as or 0 for day, is_working, works_as in days if is_working},
        covered_years=frozenset(CalendarYear.objects.values_list("year", flat=True)),
    )


def needed_years(at: datetime, zone: ZoneInfo) -> list[int]:
    """The years whose holidays limits of now will soon need: of today, and of two months ahead (ours)."""
    return sorted({moment.astimezone(zone).year for moment in (at, at + LOOK_AHEAD)})


def keep_holidays(at: datetime) -> int:
    """Bring in the holidays of this year and the next, once a package knows them; how many years came.

    A year that is known already stays as it is, whoever entered it.
    """
    city = the_city()
    if city is None:
        return 0
    year = at.astimezone(city.timezone).year
    known = set(CalendarYear.objects.filter(year__in=[year, year + 1]).values_list("year", flat=True))
    missing = [one for one in (year, year + 1) if one not in known]
    try:
        return len(load_holidays(years=missing, actor=System("clock"), at=at)) if missing else 0
    except Invalid:
        return 0  # no package knows the country


def load_first_holidays(*, actor: Actor, at: datetime) -> dict[int, int]:
    """What a new city begins with: the holidays from last year to the year after next, as far as they are
    known. A city of a country that no package knows begins without, and every answer says so."""
    try:
        return load_holidays(years=range(at.year - 1, at.year + 3), actor=actor, at=at)
    except Invalid:
        return {}


def policy_at(at: datetime) -> Policy:
    """The version of the limits of stages in force at a moment.

    Raises:
        NotFound: before the first one.
    """
    row = ClockPolicy.objects.filter(in_force_from__lte=at).order_by("-in_force_from").first()
    if row is None:
        raise NotFound("当时没有环节时限方案。No limits of stages were in force then.")
    return Policy(row.version, row.limits, float(row.warn_share))


def policy_of(version: int) -> Policy:
    """One version, as it was when it made a deadline.

    Raises:
        NotFound: when there is none of that number.
    """
    row = ClockPolicy.objects.filter(version=version).first()
    if row is None:
        raise NotFound(f"没有环节时限方案 {version}。There is no version {version} of the limits of stages.")
    return Policy(row.version, row.limits, float(row.warn_share))


@transaction.atomic
def load_holidays(
    *, years: Iterable[int], actor: Actor, at: datetime, country: str = "", subdivision: str = ""
) -> dict[int, int]:
    """Bring in the holidays of some years; how many days each year got. Days entered by hand stay.

    Without a country it is that of the city's time zone. A year that no package knows is left out, and so
    stays marked as not covered.

    Raises:
        Invalid: when no package knows the country.
    """
    city = the_city()
    country = country or country_of(city.zone if city else "")
    try:
        known = years_known(country, at.year)
        days = {year: days_of(country, year, subdivision) for year in years if year in known}
    except NotKnown as error:
        raise Invalid(str(error), {"country": [str(error)]}) from error
    source = source_of(country)
    name_actor(actor)
    for year, found in days.items():
        CalendarDay.objects.filter(day__year=year).exclude(source=BY_HAND).delete()
        CalendarDay.objects.bulk_create(
            (
                CalendarDay(
                    day=one.day,
                    is_working=one.is_working,
                    name=one.name[:200],
                    name_en=one.name_en[:200],
                    source=source,
                )
                for one in found
            ),
            ignore_conflicts=True,
        )
        CalendarYear.objects.update_or_create(year=year, defaults={"source": source})
    return {year: len(found) for year, found in days.items()}


@transaction.atomic
def keep_day(
    *, day: date, is_working: bool, works_as: int | None, name: str, name_en: str, actor: Actor
) -> CalendarDay:
    """A day that differs from the week, by hand: a holiday, or a working day with a weekday's windows.

    Deadlines that are stored stay until their clock is next stopped or extended.
    """
    name_actor(actor)
    row, _ = CalendarDay.objects.update_or_create(
        day=day,
        defaults={
            "is_working": is_working,
            "works_as": works_as if is_working else None,
            "name": name,
            "name_en": name_en,
            "source": BY_HAND,
        },
    )
    return row


@transaction.atomic
def drop_day(*, day: date, actor: Actor) -> None:
    """The day is as its weekday again.

    Raises:
        NotFound: when it does not differ.
    """
    name_actor(actor)
    if not CalendarDay.objects.filter(day=day).delete()[0]:
        raise NotFound("这一天没有特别安排。That day does not differ from the week.")


@transaction.atomic
def mark_year(*, year: int, actor: Actor) -> None:
    """Somebody has entered a year's holidays by hand: it counts as known."""
    name_actor(actor)
    CalendarYear.objects.get_or_create(year=year, defaults={"source": BY_HAND})


@transaction.atomic
def set_windows(*, from_day: date, windows: Iterable[tuple[int, time, time | None]], actor: Actor) -> None:
    """Office hours (weekday, opens, closes; None: midnight) from a day on. What held before holds until then.

    Raises:
        Invalid: when two of a weekday overlap, or none is left.
    """
    wanted = sorted(windows, key=lambda one: (one[0], one[1]))
    if not wanted:
        raise Invalid("至少要有一个办公时段。There must be at least one office window.")
    for before, after in pairwise(wanted):
        if before[0] == after[0] and (before[2] is None or before[2] > after[1]):
            raise Invalid(
                f"周{'一二三四五六日'[before[0]]}的办公时段重叠。Office windows of one weekday overlap.",
                {"windows": ["Windows of one weekday overlap."]},
            )
    name_actor(actor)
    OfficeWindow.objects.filter(valid_from__gte=from_day).delete()
    OfficeWindow.objects.filter(Q(valid_to=None) | Q(valid_to__gt=from_day)).update(valid_to=from_day)
    OfficeWindow.objects.bulk_create(
        OfficeWindow(weekday=weekday, opens=opens, closes=closes, valid_from=from_day)
        for weekday, opens, closes in wanted
    )
