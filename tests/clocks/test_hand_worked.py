"""Deadlines worked out by hand, each with a word why. Offices open 08-12 and 14-18, Monday to Friday.

China 2026: 1 October (Thursday) to 7 October is off, worked for on Sunday 20 September and Saturday 10
October. Mid-autumn 25 to 27 September (Friday to Sunday). Spring Festival 15 to 23 February, worked for on
Saturdays 14 and 28. Labour Day 1 to 5 May, worked for on Saturday 9. Tomb-sweeping 4 to 6 April. New Year
1 to 3 January, worked for on Sunday 4.
"""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from incidents.clocks.calendar import Calendar, Window
from incidents.clocks.clock import Clock, Light
from incidents.clocks.holiday_packages import days_of
from incidents.clocks.limits import parse
from incidents.clocks.stages import DEFAULTS, StageClock

DAYS = [one for year in (2025, 2026) for one in days_of("CN", year)]
CHINA = Calendar(
    ZoneInfo("Asia/Shanghai"),
    closed=frozenset(one.day for one in DAYS if not one.is_working),
    extra={one.day: 0 for one in DAYS if one.is_working},
    covered_years=frozenset({2025, 2026}),
)
HELSINKI = Calendar(
    ZoneInfo("Europe/Helsinki")
)  # clocks on at 03:00 on 29 March, back at 04:00 on 25 October
NEW_YORK_ALWAYS_OPEN = Calendar(  # clocks on at 02:00 on 8 March, back at 02:00 on 1 November
    ZoneInfo("America/New_York"), windows=tuple(Window(day, time(0), None) for day in range(7))
)
HELSINKI_SMALL_HOURS = Calendar(ZoneInfo("Europe/Helsinki"), windows=(Window(6, time(3, 15), time(5)),))
SYDNEY = Calendar(ZoneInfo("Australia/Sydney"))  # clocks on at 02:00 on 4 October
KATHMANDU = Calendar(ZoneInfo("Asia/Kathmandu"))


def at(clock_time: str, calendar: Calendar = CHINA) -> datetime:
    """`09-21 10:00` of 2026, or with a year, in the calendar's zone; `*` is the second of two."""
    said = clock_time.rstrip("*")
    full = said if len(said) > 11 else f"2026-{said}"
    return datetime.fromisoformat(full).replace(tzinfo=calendar.zone, fold=int(clock_time.endswith("*")))


# start, limit, due, why
PLAIN = """
09-21 23:00 | 2小时       | 09-22 01:00      | hours run through the night
09-21 17:45 | 30分钟      | 09-21 18:15      | minutes do not stop at closing time
09-18 17:00 | 3天         | 09-21 17:00      | days run through the weekend
09-30 12:00 | 24小时      | 10-01 12:00      | hours run into National Day
09-30 20:00 | 7天         | 10-07 20:00      | days run through all of National Day
09-21 03:00 | 立即        | 09-21 04:00      | at once allows one hour, at night too
12-31 23:30 | 1小时       | 2027-01-01 00:30 | over the end of the year
2028-02-28 12:00 | 1天    | 2028-02-29 12:00 | a leap day is a day
09-21 08:00 | 4工作时     | 09-21 12:00      | the morning is four hours: due at noon, not at two
09-21 10:00 | 4工作时     | 09-21 16:00      | two before lunch, two after
09-21 12:30 | 2工作时     | 09-21 16:00      | lunch does not count
09-21 06:00 | 2工作时     | 09-21 10:00      | begins to count at eight
09-21 19:00 | 2工作时     | 09-22 10:00      | the evening does not count
09-21 17:00 | 2工作时     | 09-22 09:00      | one today, one tomorrow
09-21 18:00 | 1工作时     | 09-22 09:00      | the moment of closing is outside
09-21 12:00 | 1工作时     | 09-21 15:00      | so is the beginning of lunch
09-21 11:45 | 30工作分钟  | 09-21 14:15      | a quarter of an hour on each side of lunch
09-11 17:00 | 2工作时     | 09-14 09:00      | over a plain weekend
09-12 10:00 | 4工作时     | 09-14 12:00      | a plain Saturday does not count
09-18 17:00 | 2工作时     | 09-20 09:00      | Saturday off, but this Sunday is worked
09-21 08:00 | 1个工作日   | 09-21 18:00      | eight hours from opening are one whole day
09-21 15:00 | 1个工作日   | 09-22 15:00      | three hours today and five tomorrow
09-07 15:00 | 5个工作日   | 09-14 15:00      | a week of five days
09-14 15:00 | 5个工作日   | 09-20 15:00      | the fifth is the Sunday that is worked
09-11 10:00 | 2个工作日   | 09-15 10:00      | Friday to Tuesday
09-07 22:00 | 1个工作日   | 09-08 18:00      | from night on: the whole next day
09-13 09:00 | 1个工作日   | 09-14 18:00      | from Sunday on: the whole Monday
08-03 09:00 | 15个工作日  | 08-24 09:00      | three weeks of five
09-21 10:00 | 半个工作日  | 09-21 16:00      | half a working day is four hours
09-30 16:00 | 4工作时     | 10-08 10:00      | two before National Day, two after
09-30 10:00 | 1个工作日   | 10-08 10:00      | six hours before National Day, two after
09-29 09:00 | 5个工作日   | 10-12 09:00      | 30 Sep, 8, 9, Saturday 10, Monday 12
10-03 11:00 | 2工作时     | 10-08 10:00      | begun inside the holiday
10-09 16:00 | 4工作时     | 10-10 10:00      | Saturday 10 October is worked
10-10 16:00 | 4工作时     | 10-12 10:00      | but Sunday 11 is not
09-20 08:00 | 1个工作日   | 09-20 18:00      | the worked Sunday is a whole day
09-24 17:00 | 2工作时     | 09-28 09:00      | Mid-autumn Friday and the weekend are off
02-14 10:00 | 2个工作日   | 02-25 10:00      | worked Saturday, Spring Festival, Tuesday 24, Wednesday
02-13 09:00 | 3个工作日   | 02-25 09:00      | Friday to Saturday 14, Tuesday 24, Wednesday 25
02-27 16:00 | 4工作时     | 02-28 10:00      | Saturday 28 February is worked
2025-12-31 17:00 | 2工作时 | 01-04 09:00     | New Year off, Sunday 4 January is worked
04-30 17:00 | 2工作时     | 05-06 09:00      | Labour Day is five days off
05-08 10:00 | 2个工作日   | 05-11 10:00      | Saturday 9 May is worked
04-03 15:00 | 1个工作日   | 04-07 15:00      | Tomb-sweeping: Saturday to Monday
2027-09-30 17:00 | 2工作时 | 2027-10-01 09:00 | nobody knows the holidays of 2027 yet
"""

# calendar, start, limit, due, why
ELSEWHERE = """
HELSINKI | 03-28 20:00 | 24小时 | 03-29 21:00 | 24 hours that pass are 25 on the clock
HELSINKI | 10-24 20:00 | 24小时 | 10-25 19:00 | and 23 in autumn
HELSINKI | 10-23 10:00 | 3天 | 10-26 09:00 | three days are 72 hours that pass
HELSINKI | 03-29 02:30 | 2小时 | 03-29 05:30 | over the hour that is left out
HELSINKI | 10-25 03:30 | 1小时 | 10-25 03:30* | the hour that comes twice
HELSINKI | 03-27 17:00 | 2工作时 | 03-30 09:00 | offices keep clock time
HELSINKI | 10-23 15:00 | 1个工作日 | 10-26 15:00 | and in autumn
HELSINKI | 10-01 17:00 | 2工作时 | 10-02 09:00 | National Day is no holiday here
HELSINKI_SMALL_HOURS | 03-28 22:00 | 30工作分钟 | 03-29 04:45 | 03:15 is left out: opens at 04:15
NEW_YORK_ALWAYS_OPEN | 03-07 12:00 | 24工作时 | 03-08 13:00 | open all day, but that day has 23 hours
NEW_YORK_ALWAYS_OPEN | 10-31 12:00 | 24工作时 | 11-01 11:00 | and this one 25
NEW_YORK_ALWAYS_OPEN | 03-07 12:00 | 1个工作日 | 03-07 20:00 | 8 hours, however long offices open
SYDNEY | 10-03 12:00 | 24小时 | 10-04 13:00 | summer begins in October there
SYDNEY | 10-02 17:00 | 2工作时 | 10-05 09:00 | offices keep clock time there too
KATHMANDU | 09-21 10:00 | 4工作时 | 09-21 16:00 | a zone of five hours and three quarters
"""

# start, limit, what happens (s: suspended from > until, r: resumed, e: extended, c: re-classified), due, why
WITH_EVENTS = """
09-21 10:00 | 2小时 | s 09-21 11:00 > 09-21 15:00 | 09-21 16:00 | one hour was spent, one is left
09-30 09:00 | 4工作时 | s 09-30 10:00 > 10-08 08:00 | 10-08 11:00 | suspended over the holiday: three left
09-30 09:00 | 4工作时 | s 09-30 10:00 > 10-03 00:00 | 10-08 11:00 | resumed inside it: the same
09-28 09:00 | 5个工作日 | s 09-29 09:00 > 10-09 09:00 | 10-14 09:00 | one spent; Saturday 10, 12, 13, 14
09-07 17:00 | 4工作时 | s 09-07 20:00 > 09-08 07:00 | 09-08 11:00 | a suspension at night costs no office time
09-07 11:00 | 4工作时 | s 09-07 11:30 > 09-07 15:00 | 09-08 08:30 | half an hour spent; half tomorrow
09-01 12:00 | 3天 | s 09-02 12:00 > 09-20 12:00, r 09-05 12:00 | 09-07 12:00 | resumed early: two days left
09-21 10:00 | 2小时 | s 09-21 13:00 > 09-30 13:00 | 09-21 12:00 | suspended after the limit: the overrun stays
09-21 10:00 | 2小时 | e 09-21 11:00 | 09-21 14:00 | the original limit once more
09-07 08:00 | 4工作时 | e 09-07 10:00, e 09-07 15:00 | 09-08 12:00 | all Monday and Tuesday morning
09-29 14:00 | 2个工作日 | e 09-30 10:00, e 10-09 10:00 | 10-13 12:00 | half, 30, 8, 9, 10, 12, half
09-01 08:00 | 1天 | e 09-01 20:00, s 09-02 08:00 > 09-10 08:00 | 09-11 08:00 | two days, one spent before
09-07 10:00 | 2小时 | c 2个工作日 | 09-09 10:00 | from missing to rattling: two working days from filing
09-07 10:00 | 5个工作日 | c 2小时 | 09-07 12:00 | from settled road to missing: two hours from filing
09-07 10:00 | 1天 | s 09-07 12:00 > 09-08 12:00, c 4工作时 | 09-08 16:00 | the stop stays; two and two
09-29 14:00 | 4工作时 | e 09-29 15:00, c 1个工作日 | 10-08 12:00 | extended too: afternoon, 30, morning
"""


@dataclass(frozen=True)
class Case:
    """One line of a table."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return self.parts[-1]


def cases(table: str) -> list[Case]:
    return [Case(tuple(part.strip() for part in line.split("|"))) for line in table.strip().splitlines()]


@pytest.mark.parametrize("case", cases(PLAIN), ids=str)
def test_in_china(case: Case):
    start, limit, due, _ = case.parts

    assert CHINA.deadline(at(start), parse(limit)) == at(due)


@pytest.mark.parametrize("case", cases(ELSEWHERE), ids=str)
def test_elsewhere(case: Case):
    place, start, limit, due, _ = case.parts
    calendar: Calendar = globals()[place]

    # Compared as instants: two clock times of one zone are compared by what the clock shows.
    assert calendar.deadline(at(start, calendar), parse(limit)).timestamp() == at(due, calendar).timestamp()


@pytest.mark.parametrize("case", cases(WITH_EVENTS), ids=str)
def test_with_what_happens_to_the_clock(case: Case):
    start, limit, events, due, _ = case.parts
    clock = Clock(at(start), parse(limit))

    for event in events.split(", "):
        what, said = event.split(" ", 1)
        match what:
            case "s":
                since, until = said.split(" > ")
                clock = clock.suspend(at(since), at(until))
            case "r":
                clock = clock.resume(at(said))
            case "e":
                clock = clock.extend(at(said), CHINA)
            case "c":
                clock = clock.under(parse(said))

    assert clock.due_at(CHINA) == at(due)


# stage, start, due, why
STAGES = """
file | 09-21 23:59 | 09-22 00:02 | three minutes, at midnight too
dispatch | 10-01 10:00 | 10-01 10:15 | and on a holiday
accept | 09-21 23:50 | 09-22 00:20 | half an hour
arrive | 09-21 17:30 | 09-21 18:30 | an hour
verify | 09-11 17:30 | 09-14 11:30 | half an hour on Friday, three and a half on Monday
close | 09-11 16:30 | 09-14 08:30 | an hour and a half on Friday, half on Monday
community_phase | 09-30 20:00 | 10-03 20:00 | three days, whatever the calendar says
joint_phase | 10-03 20:00 | 10-07 20:00 | and four after them
joint_phase | 10-01 08:00 | 10-05 08:00 | from the whistle on when it blows earlier
"""


@pytest.mark.parametrize("case", cases(STAGES), ids=str)
def test_of_stages(case: Case):
    stage, start, due, _ = case.parts

    assert Clock(at(start), DEFAULTS[StageClock(stage)]).due_at(CHINA) == at(due)


def test_there_are_enough_of_them_and_no_reason_stands_twice():
    lines = [case for table in (PLAIN, ELSEWHERE, WITH_EVENTS, STAGES) for case in cases(table)]

    assert len(lines) >= 60
    assert len({str(case) for case in lines}) == len(lines)


# moment, light, why
LIGHTS = """
09-07 08:00 | green | just begun
09-10 17:59 | green | a minute below 80 %
09-10 18:00 | yellow | four of five days are spent
09-10 23:00 | yellow | and stay spent at night
09-11 18:00 | yellow | the limit is reached, not passed
09-11 18:01 | red | passed, though no office hour has passed since
09-14 09:00 | red | and stays so
"""


@pytest.mark.parametrize("case", cases(LIGHTS), ids=str)
def test_lights_of_five_working_days(case: Case):
    moment, light, _ = case.parts
    clock = Clock(at("09-07 08:00"), parse("5个工作日"))

    assert clock.light(CHINA, at(moment)) == Light(light)
    assert clock.is_overdue(CHINA, at(moment)) == (light == "red")


def test_passing_up_ends_the_senders_clock_and_starts_the_receivers():
    passed_at = at("09-02 09:00")
    community = Clock(at("09-01 09:00"), parse("3天")).finish(passed_at)
    street = Clock(passed_at, parse("4天"))

    month_later = at("10-02 09:00")
    assert community.spent(CHINA, month_later).days == 1
    assert community.light(CHINA, month_later) == Light.GREEN
    assert street.due_at(CHINA) == at("09-06 09:00")


def test_an_exempted_overrun_stays_a_fact_and_leaves_the_figures():
    late = Clock(at("09-07 10:00"), parse("2小时")).finish(at("09-07 15:00"))
    exempt = late.exempted()

    now = at("09-08 10:00")
    assert late.counts_as_late(CHINA, now)
    assert not exempt.counts_as_late(CHINA, now)
    assert exempt.light(CHINA, now) == Light.RED
    assert exempt.overrun(CHINA, now) == late.overrun(CHINA, now)


def test_a_deadline_in_a_year_that_nobody_knows_says_so():
    start = at("2026-12-31 17:00")

    assert CHINA.uncovered(start, CHINA.deadline(start, parse("2工作时"))) == [2027]
    assert CHINA.uncovered(start, at("2026-12-31 18:00")) == []
