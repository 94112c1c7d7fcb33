"""The table of people: log-ins without a password, and a membership for each row."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from geogrid.organisations.models import Organisation, User
from geogrid.organisations.roles import OF_THEIR_UNIT, Role
from grid_units.duties.importing.columns import LANGUAGES_ZH, ROLES_ZH
from grid_units.duties.importing.findings import Findings, Words
from grid_units.duties.importing.sheets import Row
from grid_units.duties.importing.values import choice
from grid_units.duties.models import Membership, unknown_units

_FILL_IN = Words("请填写。", "Fill it in.")


@dataclass(frozen=True)
class PersonRow:
    """A row that can be taken."""

    number: int
    username: str
    fields: dict[str, str]
    organisation: str
    role: str
    area: str


def check(rows: list[Row], findings: Findings) -> list[PersonRow]:
    """The rows that can be taken; what is wrong with the others goes to `findings`."""
    units = set(Organisation.objects.values_list("code", flat=True))
    no_area = set(unknown_units(row["area"] for row in rows if row["area"]))
    names: dict[str, str] = {}
    good = []
    for row in rows:
        before = len(findings.found)
        _check_names(row, names, findings)
        role = choice(row["role"], ROLES_ZH)
        if role is None:
            findings.add(
                row.number,
                "role",
                Words(f"未知角色：{row['role']}。", f"Unknown role: {row['role'] or '(empty)'}."),
                Words("可选：" + "、".join(ROLES_ZH.values()), "Known: " + ", ".join(ROLES_ZH)),
            )
        if row["organisation"] and row["organisation"] not in units:
            findings.add(
                row.number,
                "organisation",
                Words(f"没有单位 {row['organisation']}。", f"There is no unit {row['organisation']}."),
                Words("请先导入单位表。", "Import the table of organisations first."),
            )
        if role is not None and Role(role) in OF_THEIR_UNIT and not row["organisation"]:
            findings.add(
                row.number,
                "organisation",
                Words("处置员必须有单位。", "A handler works for a unit."),
                Words("请填写单位编码。", "Give the code of the unit."),
            )
        if row["area"] in no_area:
            findings.add(
                row.number,
                "area",
                Words(f"没有区域 {row['area']}。", f"There is no unit {row['area']}."),
                Words("请先导入网格，或检查编码。", "Import the grid first, or check the code."),
            )
        language = choice(row["language"], LANGUAGES_ZH) if row["language"] else ""
        if language is None:
            findings.add(row.number, "language", Words("语言为 zh 或 en。", "It is zh or en."), _FILL_IN)
        if len(findings.found) == before and role is not None:
            fields = {"display_name": row["name"], "phone": row["phone"], "language": language or ""}
            good.append(
                PersonRow(row.number, row["username"], fields, row["organisation"], role, row["area"])
            )
    return good


def _check_names(row: Row, names: dict[str, str], findings: Findings) -> None:
    username = row["username"]
    for key, longest in (("username", 150), ("name", 100), ("phone", 40)):
        if not row[key] and key != "phone":
            findings.add(row.number, key, Words("不能为空。", "It is empty."), _FILL_IN)
        if len(row[key]) > longest:
            findings.add(
                row.number,
                key,
                Words(f"超过 {longest} 个字。", f"It is longer than {longest} characters."),
                Words("请缩短。", "Shorten it."),
            )
    try:
        if username:
            User.username_validator(username)
    except ValidationError:
        findings.add(
            row.number,
            "username",
            Words("账号含有不允许的字符。", "The log-in name has characters that it may not."),
            Words("只用字母、数字和 @.+-_", "Use letters, digits and @.+-_ only."),
        )
    if names.setdefault(username, row["name"]) != row["name"]:
        findings.add(
            row.number,
            "name",
            Words(f"账号 {username} 有两个姓名。", f"{username} has two names in this table."),
            Words("同一账号只能是一个人。", "A log-in is one person's."),
        )


def write(rows: list[PersonRow]) -> tuple[int, int, int]:
    """(added, updated, unchanged), counting rows. Runs inside the caller's transaction.

    People are made without a usable password: they set their own through a one-time link. Memberships that
    the table does not list are left as they are: taking rights away is done by hand.
    """
    units = {unit.code: unit for unit in Organisation.objects.filter(code__in={r.organisation for r in rows})}
    there = {user.username: user for user in User.objects.filter(username__in={row.username for row in rows})}
    first = {row.username: row for row in reversed(rows)}
    made = _make_users([row for name, row in first.items() if name not in there], units)
    updated = {name for name, row in first.items() if name in there and _update_user(there[name], row, units)}
    users = there | made
    held = set(
        Membership.objects.in_force()
        .filter(user__in=users.values())
        .values_list("user_id", "role", "unit_prefix", "organisation_id")
    )
    wanted = {
        (
            users[row.username].pk,
            row.role,
            row.area,
            units[row.organisation].pk if row.organisation else None,
        ): row
        for row in rows
    }
    new = {key: row for key, row in wanted.items() if key not in held}
    Membership.objects.bulk_create(
        Membership(user_id=user, role=role, unit_prefix=area, organisation_id=unit, valid_from=timezone.now())
        for user, role, area, unit in new
    )
    touched = updated | {row.username for row in new.values()}
    added = sum(row.username in made for row in rows)
    changed = sum(row.username in touched and row.username not in made for row in rows)
    return added, changed, len(rows) - added - changed


def _make_users(rows: list[PersonRow], units: dict[str, Organisation]) -> dict[str, User]:
    users = User.objects.bulk_create(
        User(
            username=row.username,
            password=make_password(None),
            organisation=units.get(row.organisation),
            **row.fields,
        )
        for row in rows
    )
    return {user.username: user for user in users}


def _update_user(user: User, row: PersonRow, units: dict[str, Organisation]) -> bool:
    unit = units.get(row.organisation)
    wanted = {**row.fields, "organisation_id": unit.pk if unit else user.organisation_id}
    differs = {name: value for name, value in wanted.items() if value != "" and getattr(user, name) != value}
    if differs:
        User.objects.filter(pk=user.pk).update(**differs)
    return bool(differs)
