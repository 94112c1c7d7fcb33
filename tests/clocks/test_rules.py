"""What must hold of every limit, calendar and clock, whatever the times; and what is refused in words."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from incidents.clocks.calendar import Calendar, CalendarError, Window
from incidents.clocks.clock import Clock, ClockError, Light, Stop
from incidents.clocks.limits import Limit, LimitError, LimitKind, parse

# A pause of the machine is no fault of the rules.
SLOW_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOW = datetime(2026, 9, 21, 2, tzinfo=UTC)
ZONES = ["Asia/Shanghai", "Europe/Helsinki", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]
NEVER = Calendar(ZoneInfo("UTC"), windows=())

moments = st.integers(0, 4 * 365 * 86_400).map(
    lambda s: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)
days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
kinds = st.sampled_from(LimitKind)
spans = st.integers(0, 300 * 3600).map(lambda seconds: timedelta(seconds=seconds))


@st.composite
def windows(draw: st.DrawFn) -> tuple[Window, ...]:
    """A week of office hours with at least one window, some at night, some to midnight."""
    found = [Window(draw(st.integers(0, 6)), time(9), time(17))]
    for weekday in draw(st.sets(st.integers(0, 6))):
        opens = draw(st.integers(0, 23))
        closes = draw(st.one_of(st.none(), st.integers(opens + 1, 24)))
        found.append(
            Window(weekday, time(opens), time(closes) if closes is not None and closes < 24 else None)
        )
    return tuple(found)


calendars = st.builds(
    Calendar,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    windows=windows(),
    closed=st.frozensets(days, max_size=30),
    extra=st.dictionaries(days, st.integers(0, 6), max_size=10),
)
limits = st.builds(Limit, st.integers(1, 60).map(Decimal), kinds)


@SLOW_MACHINE
@given(calendars, moments, spans, kinds)
def test_the_time_to_a_deadline_is_the_span_it_was_made_of(calendar, start, span, kind):
    assert calendar.elapsed(start, calendar.after(start, span, kind), kind) == span


@SLOW_MACHINE
@given(calendars, moments, moments, kinds)
def test_the_deadline_of_elapsed_time_is_never_later_and_the_same_in_office_hours(calendar, one, other, kind):
    start, end = sorted((one, other))
    assume(end - start < timedelta(days=120))

    again = calendar.after(start, calendar.elapsed(start, end, kind), kind)

    assert again <= end
    just_before = calendar.elapsed(end - timedelta(seconds=1), end, kind)
    if just_before == timedelta(seconds=1) and end - start >= timedelta(seconds=1):
        assert again == end


@SLOW_MACHINE
@given(calendars, moments, spans, spans, kinds)
def test_a_longer_span_is_never_due_earlier_and_a_later_start_neither(calendar, start, one, other, kind):
    shorter, longer = sorted((one, other))

    assert calendar.after(start, shorter, kind) <= calendar.after(start, longer, kind)
    assert calendar.after(start, longer, kind) <= calendar.after(start + one, longer, kind)


@SLOW_MACHINE
@given(calendars, moments, spans, spans, kinds)
def test_elapsed_time_adds_up_and_is_never_negative(calendar, start, one, other, kind):
    middle, end = start + one, start + one + other

    first, second = calendar.elapsed(start, middle, kind), calendar.elapsed(middle, end, kind)

    assert first >= timedelta(0) <= second
    assert first + second == calendar.elapsed(start, end, kind)
    assert calendar.elapsed(end, start, kind) == timedelta(0)


@st.composite
def clocks(draw: st.DrawFn, calendar: Calendar) -> Clock:
    """A clock to which some of the allowed things have happened."""
    clock = Clock(draw(moments), draw(limits))
    if draw(st.booleans()):
        since = clock.start + draw(spans)
        clock = clock.suspend(since, since + draw(spans) + timedelta(seconds=1))
    for _ in range(draw(st.integers(0, 2))):
        clock = clock.extend(clock.start + draw(spans) % timedelta(minutes=50), calendar)
    if draw(st.booleans()):
        clock = clock.finish(clock.start + draw(spans))
    return clock


@SLOW_MACHINE
@given(st.data(), calendars, spans, spans)
def test_a_clock_is_never_negative_never_runs_back_and_agrees_with_its_lights(data, calendar, one, other):
    clock = data.draw(clocks(calendar))
    earlier, later = clock.start + min(one, other), clock.start + max(one, other)
    due_at = clock.due_at(calendar)
    warn_at = clock.warn_at(calendar)
    assert due_at is not None and warn_at is not None

    assert timedelta(0) <= clock.spent(calendar, earlier) <= clock.spent(calendar, later)
    assert clock.spent(calendar, clock.start - one) == timedelta(0)
    assert clock.start <= warn_at <= due_at
    assert clock.share(calendar, later) >= 0
    running = replace(clock, ended_at=None)
    assert running.spent(calendar, due_at) == clock.allowed
    assert clock.left(calendar, later) + clock.spent(calendar, later) == clock.allowed + clock.overrun(
        calendar, later
    )
    if clock.light(calendar, later) == Light.GREEN:
        assert clock.share(calendar, later) <= 0.8
    if clock.light(calendar, later) == Light.RED:
        assert clock.share(calendar, later) >= 1
        assert clock.left(calendar, later) == timedelta(0)


@SLOW_MACHINE
@given(st.data(), calendars, spans)
def test_a_suspension_never_brings_the_deadline_forward_and_resuming_never_puts_it_back(
    data, calendar, after
):
    clock = Clock(data.draw(moments), data.draw(limits))
    since = clock.start + after
    stopped = clock.suspend(since, since + timedelta(days=3))
    resumed = stopped.resume(since + timedelta(days=1))

    plain, early, late = (one.due_at(calendar) for one in (clock, resumed, stopped))
    assert plain is not None and early is not None and late is not None
    assert plain <= early <= late


@SLOW_MACHINE
@given(limits)
def test_a_limit_is_read_again_from_what_is_written_in_either_language(limit):
    assert parse(limit.zh) == limit
    assert parse(limit.en) == limit


@SLOW_MACHINE
@given(st.text(max_size=30))
def test_any_text_is_a_limit_or_refused_in_words(text):
    try:
        assert parse(text).span > timedelta(0)
    except LimitError as refused:
        assert str(refused)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("2小时", Limit.hours(2)),
        ("4工作时", Limit.working_hours(4)),
        ("4个工作小时内", Limit.working_hours(4)),
        ("5个工作日", Limit.working_days(5)),
        ("十五个工作日", Limit.working_days(15)),
        ("３天", Limit.days(3)),
        ("7个自然日", Limit.days(7)),
        ("两周", Limit.days(14)),
        ("立即", Limit.hours(0)),
        ("30分钟", Limit.minutes(30)),
        ("20分钟", Limit.minutes(20)),
        ("一个半小时", Limit.hours("1.5")),
        ("1天12小时", Limit.hours(36)),
        ("within 3 days", Limit.days(3)),
        ("24-hour", Limit.hours(24)),
        ("2 business days", Limit.working_days(2)),
        ("At once", Limit.hours(0)),
    ],
)
def test_limits_as_cities_write_them(text: str, limit: Limit):
    assert parse(text) == limit


@pytest.mark.parametrize(
    "text", ["", "尽快", "0小时", "-3天", "3", "2小时3工作日", "1个月", "二三天", "9999999天", "1e9小时"]
)
def test_what_is_no_limit_is_refused_with_an_example(text: str):
    with pytest.raises(LimitError, match=r"立即|五年|5 年"):
        parse(text)


def test_twenty_minutes_are_twenty_minutes_to_the_second():
    assert Limit.minutes(20).span == timedelta(minutes=20)
    assert Limit.minutes(20).en == "20 minutes"


def test_a_city_that_never_opens_is_told_so_instead_of_being_searched_for_ever():
    with pytest.raises(CalendarError, match="no office hours"):
        NEVER.deadline(NOW, Limit.working_hours(1))


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(CalendarError, match="no time zone"):
        NEVER.deadline(NOW.replace(tzinfo=None), Limit.hours(1))


CALENDAR = Calendar(ZoneInfo("UTC"))
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (
            lambda clock: clock.suspend(NOW, NOW + HOUR).suspend(NOW + 2 * HOUR, NOW + 3 * HOUR),
            "once already",
        ),
        (lambda clock: clock.suspend(NOW, NOW), "ends later"),
        (lambda clock: clock.suspend(NOW, NOW + timedelta(days=367)), "a year at most"),
        (lambda clock: clock.suspend(NOW - HOUR, NOW), "before the clock started"),
        (lambda clock: clock.resume(NOW), "not suspended"),
        (lambda clock: clock.extend(NOW + 3 * HOUR, CALENDAR), "has passed"),
        (
            lambda clock: clock.extend(NOW, CALENDAR).extend(NOW, CALENDAR).extend(NOW, CALENDAR),
            "twice already",
        ),
        (lambda clock: clock.under(None).extend(NOW, CALENDAR), "no limit"),
        (lambda clock: clock.finish(NOW).extend(NOW, CALENDAR), "has ended"),
        (lambda clock: clock.finish(NOW).suspend(NOW, NOW + HOUR), "has ended"),
        (lambda clock: clock.exempted().exempted(), "once already"),
        (lambda clock: replace(clock, extensions=(NOW, NOW, NOW)), "twice at most"),
        (lambda clock: replace(clock, stops=(Stop(NOW, NOW + HOUR),) * 2), "once at most"),
    ],
)
def test_what_a_clock_refuses(asked, words: str):
    with pytest.raises(ClockError, match=words):
        asked(Clock(NOW, Limit.hours(2)))


def test_a_clock_without_a_limit_only_measures():
    clock = Clock(NOW, None)

    assert clock.due_at(CALENDAR) is None
    assert clock.spent(CALENDAR, NOW + HOUR) == HOUR
    assert clock.light(CALENDAR, NOW + timedelta(days=99)) == Light.GREEN
    assert clock.overrun(CALENDAR, NOW + HOUR) == timedelta(0)
