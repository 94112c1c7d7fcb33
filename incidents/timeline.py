"""What a step says to people, in both languages: moves and hand-overs with old and new."""

from collections.abc import Mapping
from typing import Any

from incidents import measured
from incidents.models import StepTaken
from incidents.workflow import Move

Names = Mapping[int, str]

HAND_OVER_REASONS: dict[str, tuple[str, str]] = {
    "shift_ended": ("值班交接", "Shift change"),
    "nobody_on_duty": ("无人值守", "Nobody on duty"),
    "by_hand": ("人工交接", "Handed over"),
    "desk_shift_ended": ("派遣员值班交接", "Shift change at the desk"),
}


def people_named(steps: list[StepTaken]) -> set[int]:
    """Ids of the people whom the details of these steps name."""
    found: set[int] = set()
    for step in steps:
        for key in ("worker", "from_worker", "to_worker", "from_holder", "to_holder"):
            person = step.details.get(key)
            if isinstance(person, dict) and isinstance(person.get("id"), int):
                found.add(person["id"])
    return found


def sentence(step: StepTaken, names: Names) -> dict[str, str] | None:
    """`{"zh", "en"}` of a step that changed place or worker, or None when its move says it all.

    A person whose name is not in `names` (the reader may not see people there) is called the worker.
    """
    if step.move == Move.REPORT:
        return _reported(step.details, names)
    if step.move == Move.HAND_OVER:
        zh, en = HAND_OVER_REASONS.get(str(step.details.get("reason")), HAND_OVER_REASONS["by_hand"])
        who = "holder" if "to_holder" in step.details else "worker"
        old, new = _worker(step.details, f"from_{who}", names), _worker(step.details, f"to_{who}", names)
        return {"zh": f"{zh}：{old[0]} → {new[0]}", "en": f"{en}: {old[1]} → {new[1]}"}
    if step.move == Move.MOVE_PLACE:
        return _moved(step.details, names)
    if step.move == Move.REGRID:
        was, now = step.details.get("from") or "—", step.details.get("to") or "—"
        return {"zh": f"网格调整：{was} → {now}", "en": f"The grid changed: {was} → {now}"}
    if step.move == Move.SENSOR:
        return measured.sentence(step.details)
    return _same_problem(step)


def _same_problem(step: StepTaken) -> dict[str, str] | None:
    """Followers, merges and splits name the other number, in both timelines."""
    details = step.details
    other = details.get("into") or details.get("duplicate") or details.get("from") or ""
    match step.move:
        case Move.FOLLOW:
            nth = details.get("follower", "")
            return {"zh": f"第 {nth} 位跟进人反映同一问题", "en": f"Follower {nth} tells of the same problem"}
        case Move.REJECT | Move.CLOSE_WITH_CODE if details.get("into"):
            return {"zh": f"重复，并入案件 {other}", "en": f"Duplicate, merged into incident {other}"}
        case Move.MERGE:
            return {"zh": f"案件 {other} 并入本案", "en": f"Incident {other} was merged into this one"}
        case Move.SPLIT | Move.SPLIT_REPORT:
            return {"zh": f"从案件 {other} 拆出，继续办理", "en": f"Split off from incident {other}, goes on"}
        case Move.SPLIT_OFF:
            return {"zh": f"案件 {other} 已拆出", "en": f"Incident {other} was split off again"}
        case Move.CLASSIFY:
            return {"zh": f"归类：{details.get('zh', '')}", "en": f"Class: {details.get('en', '')}"}
    return None


def _worker(details: dict[str, Any], key: str, names: Names) -> tuple[str, str]:
    person = details.get(key) or {}
    name = names.get(person.get("id", 0))
    if name:
        return name, name
    return ("派遣员", "a dispatcher") if key.endswith("holder") else ("网格员", "the worker")


def _reported(details: dict[str, Any], names: Names) -> dict[str, str]:
    cell = details.get("cell")
    zh, en = _worker(details, "worker", names)
    if not cell:
        return {"zh": f"位置未定，由{zh}负责", "en": f"Place not known; {en} has it"}
    return {"zh": f"单元网格 {cell['code']}，由{zh}负责", "en": f"Cell {cell['code']}; {en} has it"}


def _moved(details: dict[str, Any], names: Names) -> dict[str, str]:
    before = (details.get("from") or {}).get("cell") or ""
    after = (details.get("to") or {}).get("cell") or ""
    if before == after and details.get("from"):
        return {
            "zh": f"位置更正，仍在单元网格 {after or '外'}",
            "en": f"Place corrected within cell {after or '(none)'}",
        }
    old, new = _worker(details, "from_worker", names), _worker(details, "to_worker", names)
    cells_zh = f"{before or '未定'} → {after or '网格外'}"
    cells_en = f"{before or '(none)'} → {after or '(outside)'}"
    return {
        "zh": f"位置更正：单元网格 {cells_zh}，网格员 {old[0]} → {new[0]}",
        "en": f"Place corrected: cell {cells_en}, worker {old[1]} → {new[1]}",
    }
