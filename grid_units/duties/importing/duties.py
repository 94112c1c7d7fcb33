"""The table of duties: who answers for which units, in which weekly shifts."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time

from django.utils import timezone

from geogrid.organisations.models import User
from grid_units.duties.importing.columns import ROLES_ZH
from grid_units.duties.importing.findings import Findings, Words
from grid_units.duties.importing.sheets import Row
from grid_units.duties.importing.values import choice, clock, parts, weekdays
from grid_units.duties.models import Duty, DutyArea, DutyShift, unknown_units

Shift = tuple[int, time, time]
Key = tuple[str, str, frozenset[str]]  # log-in name, role, unit codes


@dataclass(frozen=True)
class DutyRow:
    """A row that can be taken. Rows of the same person, role and units are one duty with all their shifts."""

    number: int
    key: Key
    shifts: frozenset[Shift]
    note: str


def check(rows: list[Row], findings: Findings) -> list[DutyRow]:
    """The rows that can be taken; what is wrong with the others goes to `findings`."""
    people = set(
        User.objects.filter(username__in={row["username"] for row in rows}, is_active=True).values_list(
            "username", flat=True
        )
    )
    missing = set(unknown_units(code for row in rows for code in parts(row["units"])))
    ends_of: dict[tuple[Key, int, time], time] = {}
    good = []
    for row in rows:
        before = len(findings.found)
        if row["username"] not in people:
            findings.add(
                row.number,
                "username",
                Words(
                    f"没有人员 {row['username']}。", f"There is nobody named {row['username'] or '(empty)'}."
                ),
                Words("请先导入人员表。", "Import the table of people first."),
            )
        role = choice(row["role"], ROLES_ZH) if row["role"] else "grid_worker"
        if role is None:
            findings.add(
                row.number,
                "role",
                Words(f"未知角色：{row['role']}。", f"Unknown role: {row['role']}."),
                Words("可选：" + "、".join(ROLES_ZH.values()), "Known: " + ", ".join(ROLES_ZH)),
            )
        units = parts(row["units"])
        unknown = [code for code in units if code in missing]
        if not units or unknown:
            findings.add(
                row.number,
                "units",
                Words(f"没有网格 {unknown[0]}。", f"There is no unit {unknown[0]}.")
                if unknown
                else Words("没有填写网格。", "No unit is named."),
                Words("请先导入网格，或检查编码。", "Import the grid first, or check the code."),
            )
        shifts = _shifts(row, findings)
        if len(findings.found) > before or role is None or shifts is None:
            continue
        key = (row["username"], role, frozenset(units))
        if any(ends_of.setdefault((key, day, starts), ends) != ends for day, starts, ends in shifts):
            findings.add(
                row.number,
                "ends",
                Words("同一班次有两个下班时间。", "This shift has another end in a row above."),
                Words("请保留一行。", "Keep one of the two rows."),
            )
            continue
        good.append(DutyRow(row.number, key, shifts, row["note"][:200]))
    return good


def _shifts(row: Row, findings: Findings) -> frozenset[Shift] | None:
    """The shifts of a row, none for day and night; None when they cannot be read."""
    if not row["starts"] and not row["ends"] and not row["weekdays"]:
        return frozenset()
    days = weekdays(row["weekdays"]) if row["weekdays"] else list(range(7))
    starts, ends = clock(row["starts"]), clock(row["ends"])
    for column, value in (("weekdays", days), ("starts", starts), ("ends", ends)):
        if value is None:
            findings.add(
                row.number,
                column,
                Words(f"无法读懂“{row[column]}”。", f"`{row[column]}` cannot be read."),
                Words("例：周一至周五，08:00，17:00。", "For example: Mon-Fri, 08:00, 17:00."),
            )
    if days is None or starts is None or ends is None:
        return None
    return frozenset((day, starts, ends) for day in days)


def write(rows: list[DutyRow]) -> tuple[int, int, int]:
    """(added, updated, unchanged), counting duties. Runs inside the caller's transaction.

    The table says the whole duty of each person and role that it lists: other duties in force of the same
    person in the same role end now.
    """
    now = timezone.now()
    wanted: dict[Key, tuple[set[Shift], str]] = defaultdict(lambda: (set(), ""))
    for row in rows:
        shifts, note = wanted[row.key]
        wanted[row.key] = (shifts | row.shifts, note or row.note)
    listed = {(username, role) for username, role, _ in wanted}
    there = _in_force({username for username, _ in listed}, now)
    ended = [duty.pk for key, duty in there.items() if key not in wanted and key[:2] in listed]
    Duty.objects.filter(pk__in=ended, valid_from__lt=now).update(valid_to=now)
    changed = [key for key in wanted if key in there and _shifts_of(there[key]) != wanted[key][0]]
    DutyShift.objects.filter(duty__in=[there[key] for key in changed]).delete()
    made = _make([key for key in wanted if key not in there], wanted, now)
    with_shifts = {**made, **{key: there[key] for key in changed}}
    DutyShift.objects.bulk_create(
        DutyShift(duty=duty, weekday=day, starts=starts, ends=ends)
        for key, duty in with_shifts.items()
        for day, starts, ends in sorted(wanted[key][0])
    )
    updated = len(changed) + len(ended)
    return len(made), updated, len(wanted) - len(made) - len(changed)


def _in_force(usernames: set[str], now: datetime) -> dict[Key, Duty]:
    duties = (
        Duty.objects.in_force(now)
        .filter(user__username__in=usernames)
        .select_related("user")
        .prefetch_related("areas", "shifts")
        .order_by("-id")
    )
    return {
        (duty.user.username, duty.role, frozenset(area.unit_code for area in duty.areas.all())): duty
        for duty in duties
    }


def _shifts_of(duty: Duty) -> set[Shift]:
    return {(shift.weekday, shift.starts, shift.ends) for shift in duty.shifts.all()}


def _make(keys: list[Key], wanted: dict[Key, tuple[set[Shift], str]], now: datetime) -> dict[Key, Duty]:
    users = {user.username: user for user in User.objects.filter(username__in={key[0] for key in keys})}
    duties = Duty.objects.bulk_create(
        Duty(user=users[username], role=role, valid_from=now, note=wanted[username, role, units][1])
        for username, role, units in keys
    )
    made = dict(zip(keys, duties, strict=True))
    DutyArea.objects.bulk_create(
        DutyArea(duty=duty, unit_code=code) for key, duty in made.items() for code in sorted(key[2])
    )
    return made
