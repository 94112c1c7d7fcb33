"""E3: do our calendar and limits explain what a real city promised? Boston's requests of 2015, eight kinds.

Each kind's limit and kind of limit are learnt from January to June; TARGET_DT of July to December is then
predicted by our calendar without reading it. Printed: the share within an hour, and the confusion of "closed
in time" by the prediction against the city's own OnTime_Status.

The windows are the city's office hours (08:30 to 17:00), the holidays those of Massachusetts. A target at the
moment of closing is written by the city as the next opening: whether a kind does so is learnt, too.
"""

import csv
import os
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from incidents.clocks.calendar import Calendar, Window
from incidents.clocks.holiday_packages import days_of
from incidents.clocks.limits import Limit, LimitKind

FILE = "complaints/boston_311_2015_8types.csv"
ZONE = ZoneInfo("America/New_York")
FORMAT = "%m/%d/%Y %I:%M:%S %p"
HALF_YEAR = datetime(2015, 7, 1, tzinfo=ZONE)
TARGET_SHARE = 0.9
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Request:
    """One request. `target` is read when learning, and when the prediction is judged."""

    kind: str
    opened: datetime
    target: datetime | None
    closed: datetime | None
    status: str


@dataclass(frozen=True)
class Learnt:
    """What holds for one kind of request."""

    limit: Limit
    rolls: bool  # a target at closing time is written as the next opening
    share: float  # of the first half year that it explains

    def predict(self, calendar: Calendar, opened: datetime) -> datetime:
        due = calendar.deadline(opened, self.limit)
        if not self.rolls:
            return due
        return calendar.after(due, timedelta(seconds=1), LimitKind.WORKING_HOUR) - timedelta(seconds=1)


def _moment(text: str) -> datetime | None:
    return datetime.strptime(text, FORMAT).replace(tzinfo=ZONE).astimezone(UTC) if text else None


def requests_of(path: Path) -> list[Request]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = []
        for row in csv.DictReader(file):
            opened = _moment(row["OPEN_DT"])
            assert opened is not None
            target, closed = _moment(row["TARGET_DT"]), _moment(row["CLOSED_DT"])
            found.append(Request(row["TYPE"], opened, target, closed, row["OnTime_Status"]))
        return found


def boston() -> Calendar:
    closed = {one.day for year in (2015, 2016) for one in days_of("US", year, "MA") if not one.is_working}
    windows = tuple(Window(day, time(8, 30), time(17)) for day in range(5))
    return Calendar(ZONE, windows, frozenset(closed), {}, frozenset({2015, 2016}))


def learn(calendar: Calendar, requests: list[Request]) -> Learnt | None:
    """The limit that explains most targets: of each kind of time, the span that comes most often."""
    known = [(one.opened, one.target) for one in requests if one.target is not None]
    best: Learnt | None = None
    for kind in (LimitKind.CONTINUOUS_HOUR, LimitKind.WORKING_HOUR):
        spans = Counter(_quarter_hours(calendar.elapsed(opened, target, kind)) for opened, target in known)
        for quarters, _ in spans.most_common(3):
            if quarters == 0:
                continue
            limit = Limit(Decimal(quarters) / 4, kind)
            for rolls in (False, True):
                tried = Learnt(limit, rolls, 0)
                hits = sum(abs(tried.predict(calendar, opened) - target) <= HOUR for opened, target in known)
                if best is None or hits / len(known) > best.share:
                    best = Learnt(limit, rolls, hits / len(known))
    return best


def _quarter_hours(span: timedelta) -> int:
    return round(span / timedelta(minutes=15))


def main(small: bool) -> int:
    folder = os.environ.get("GEOGRID_TEST_DATA", "")
    path = Path(folder) / FILE
    if not folder or not path.is_file():
        print("E3 short: data missing (GEOGRID_TEST_DATA)")
        return 0 if small else 1
    calendar = boston()
    by_kind: dict[str, list[Request]] = defaultdict(list)
    for one in requests_of(path)[:: 20 if small else 1]:
        by_kind[one.kind].append(one)
    right = judged = without = 0
    confusion: Counter[tuple[str, str]] = Counter()
    for kind, requests in sorted(by_kind.items()):
        learnt = learn(calendar, [one for one in requests if one.opened < HALF_YEAR])
        later = [one for one in requests if one.opened >= HALF_YEAR]
        without += sum(one.target is None for one in later)
        if learnt is None:
            print(f"{kind}: no target in the first half year, {len(later)} requests not predicted")
            continue
        hits = asked = 0
        for one in later:
            predicted = learnt.predict(calendar, one.opened)
            if one.target is not None:
                asked += 1
                hits += abs(predicted - one.target) <= HOUR
            if one.closed is not None and one.target is not None:
                said = "ONTIME" if one.closed <= predicted else "OVERDUE"
                confusion[one.status, said] += 1
        right, judged = right + hits, judged + asked
        rolls = ", to the next opening" if learnt.rolls else ""
        print(
            f"{kind}: {learnt.limit.en}{rolls}; explains {learnt.share:.1%} of the first half year, "
            f"{hits} of {asked} targets of the second within 1 h"
        )
    for (status, said), count in sorted(confusion.items()):
        print(f"city {status}, predicted {said}: {count}")
    share = right / judged if judged else 0.0
    print(f"{without} requests of the second half year have no target; first day {date(2015, 7, 1)}")
    ok = small or share >= TARGET_SHARE
    print(f"E3 {share:.1%} of {judged} within 1 h, wanted {TARGET_SHARE:.0%} {'ok' if ok else 'short'}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main(os.environ.get("SMALL") == "1"))
