"""What a file would change in the duty list: new, changed, unchanged, gone. Pure: no database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from incidents.duty_list.conditions import ClassKind, ConditionText
from incidents.duty_list.sheet import Line, ListedClass, Mistake, Reading

Key = tuple[ClassKind, str]
# What an Excel file says of a condition; the rest of one that stays is kept as it is.
SAID_BY_FILES = ("closing", "limit", "handling_unit_text", "authority_text")


@dataclass(frozen=True)
class Kept:
    """A condition that stands in the list now, with the id of its row."""

    pk: int
    key: Key
    class_name: str
    condition: ConditionText


@dataclass(frozen=True)
class Changed:
    """A condition whose class and text stay and of which something else becomes different."""

    kept: Kept
    becomes: ConditionText
    columns: tuple[str, ...]
    line: Line


@dataclass
class Plan:
    """What applying a file would do. `held`: classes left alone because a row of theirs is wrong."""

    new_classes: list[ListedClass] = field(default_factory=list)
    new: list[Line] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: int = 0
    gone: list[Kept] = field(default_factory=list)
    held: list[Key] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.changed or self.gone)


def compare(reading: Reading, kept: Iterable[Kept], known: Mapping[Key, str], usual: ClassKind) -> Plan:
    """Compare a file with the list in force.

    known: names of the classes that exist in the scheme, by kind and code. usual: the kind where the sheet
    does not tell it. A class with a wrong row is held: nothing of it is changed or gone.
    """
    plan = Plan(mistakes=list(reading.mistakes))
    lines: dict[Key, list[Line]] = {}
    touched = {(kind or usual, said) for kind, said in reading.touched}
    for line in reading.lines:
        key = (line.of_class.kind or usual, line.of_class.code)
        lines.setdefault(key, []).append(line)
        named = known.get(key)
        if named is not None and named != line.of_class.name:
            touched.add(key)
            plan.mistakes.append(_other_name(line, named))
    plan.mistakes.sort()
    listed: dict[Key, dict[str, Kept]] = {}
    for one in kept:
        listed.setdefault(one.key, {})[one.condition.text] = one
    for key, rows in lines.items():
        if key in touched or (key[0], rows[0].of_class.name) in touched:
            plan.held.append(key)
            continue
        if key not in known:
            plan.new_classes.append(replace(rows[0].of_class, kind=key[0]))
        _one_class(plan, rows, listed.get(key, {}))
    for key, texts in listed.items():
        is_held = key in touched or any((key[0], one.class_name) in touched for one in texts.values())
        if is_held and key not in plan.held:
            plan.held.append(key)
        if key not in lines and not is_held and not reading.nameless:
            plan.gone.extend(texts.values())
    plan.gone.sort(key=lambda one: (one.key, one.condition.text))
    plan.held.sort()
    return plan


def _one_class(plan: Plan, rows: list[Line], listed: dict[str, Kept]) -> None:
    for line in rows:
        there = listed.get(line.condition.text)
        if there is None:
            plan.new.append(line)
            continue
        said = {name: getattr(line.condition, name) for name in SAID_BY_FILES}
        differ = tuple(name for name, value in said.items() if getattr(there.condition, name) != value)
        if not differ:
            plan.unchanged += 1
            continue
        becomes = replace(there.condition, **said, origin=line.condition.origin)
        if "closing" in differ:
            becomes = replace(becomes, closing_en="")  # it would translate what is no longer said
        plan.changed.append(Changed(there, becomes, differ, line))
    texts = {line.condition.text for line in rows}
    plan.gone.extend(one for text, one in listed.items() if text not in texts)


def _other_name(line: Line, named: str) -> Mistake:
    return Mistake(
        line.sheet,
        line.row,
        line.name_cell,
        f"{line.of_class.code} 在系统里叫“{named}”，不是“{line.of_class.name}”；换一个方案或先改名",
        f'{line.of_class.code} is called "{named}" here, not "{line.of_class.name}": '
        "import into another scheme, or rename the class first.",
    )
