"""The table of units: checked, then written whole."""

from dataclasses import dataclass

from geogrid.organisations.models import Organisation
from grid_units.duties.importing.columns import KIND_NAMES_ZH, YES_NO_ZH
from grid_units.duties.importing.findings import Findings, Words
from grid_units.duties.importing.sheets import Row
from grid_units.duties.importing.values import choice, parts

FIELDS = ("name", "name_en", "kinds", "phone", "is_active")


@dataclass(frozen=True)
class UnitRow:
    """A row that can be taken."""

    number: int
    code: str
    parent: str
    fields: dict[str, object]


def check(rows: list[Row], findings: Findings) -> list[UnitRow]:
    """The rows that can be taken; what is wrong with the others goes to `findings`."""
    known = set(Organisation.objects.values_list("code", flat=True))
    listed = {row["code"] for row in rows}
    seen: set[str] = set()
    good = []
    for row in rows:
        before = len(findings.found)
        _check_texts(row, findings)
        if row["code"] in seen:
            findings.add(
                row.number,
                "code",
                Words(f"编码 {row['code']} 重复。", f"The code {row['code']} stands here twice."),
                Words("每个单位一行。", "One row per unit."),
            )
        if row["parent"] and row["parent"] not in known | listed:
            findings.add(
                row.number,
                "parent",
                Words(f"没有单位 {row['parent']}。", f"There is no unit {row['parent']}."),
                Words("请填写上级单位的编码。", "Give the code of the unit above."),
            )
        kinds = [choice(part, KIND_NAMES_ZH) for part in parts(row["kinds"])]
        if None in kinds:
            findings.add(
                row.number,
                "kinds",
                Words(f"未知类型：{row['kinds']}。", f"Unknown kind in: {row['kinds']}."),
                Words("可选：" + "、".join(KIND_NAMES_ZH.values()), "Known: " + ", ".join(KIND_NAMES_ZH)),
            )
        active = choice(row["active"], YES_NO_ZH) if row["active"] else "yes"
        if active is None:
            findings.add(
                row.number, "active", Words("“在用”应为 是 或 否。", "`active` is yes or no."), Words("", "")
            )
        seen.add(row["code"])
        if len(findings.found) == before:
            fields: dict[str, object] = {key: row[key] for key in ("name", "name_en", "phone")}
            fields |= {"kinds": sorted(kind for kind in kinds if kind), "is_active": active == "yes"}
            good.append(UnitRow(row.number, row["code"], row["parent"], fields))
    return good


def _check_texts(row: Row, findings: Findings) -> None:
    for key, longest in (("code", 40), ("name", 200), ("name_en", 200), ("phone", 40)):
        if key in ("code", "name") and not row[key]:
            findings.add(
                row.number, key, Words("不能为空。", "It is empty."), Words("请填写。", "Fill it in.")
            )
        if len(row[key]) > longest:
            findings.add(
                row.number,
                key,
                Words(f"超过 {longest} 个字。", f"It is longer than {longest} characters."),
                Words("请缩短。", "Shorten it."),
            )


def write(rows: list[UnitRow]) -> tuple[int, int, int]:
    """(added, updated, unchanged). Runs inside the caller's transaction."""
    codes = {row.code for row in rows} | {row.parent for row in rows}
    there = {unit.code: unit for unit in Organisation.objects.filter(code__in=codes)}
    new = [Organisation(code=row.code, **row.fields) for row in rows if row.code not in there]
    made = {unit.code: unit for unit in Organisation.objects.bulk_create(new)}
    all_units = there | made
    updated = 0
    for row in rows:
        unit = all_units[row.code]
        parent = all_units[row.parent] if row.parent else None
        wanted = {**row.fields, "parent_id": parent.pk if parent else None}
        differs = {
            name: value
            for name, value in wanted.items()
            if (sorted(unit.kinds) if name == "kinds" else getattr(unit, name)) != value
        }
        if differs:
            Organisation.objects.filter(pk=unit.pk).update(**differs)
            updated += row.code in there
    return len(made), updated, len(rows) - len(made) - updated
