"""Texts of a file as values of the tables. What does not fit is left out, and said."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from geogrid.core.importing.batch import Fault, Findings

STATES = {
    "": "",
    "intact": "intact",
    "完好": "intact",
    "正常": "intact",
    "damaged": "damaged",
    "破损": "damaged",
    "missing": "missing",
    "丢失": "missing",
    "abandoned": "abandoned",
    "废弃": "abandoned",
    "removed": "removed",
    "移除": "removed",
}
PLACEMENTS = {
    "": "",
    "pavement": "pavement",
    "人行道": "pavement",
    "carriageway": "carriageway",
    "车行道": "carriageway",
    "green": "green",
    "绿地": "green",
}
_DATE = re.compile(r"^(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?)?(?:[T ].*)?年?$")
_NUMBER = re.compile(r"^\s*(-?\d+(?:[.,]\d+)?)\s*(?:m|米|层)?\s*$")


def known_words(
    texts: list[str], words: Mapping[str, str], what: tuple[str, str], findings: Findings
) -> list[str]:
    """Each text as one of the known words; an unknown one becomes the empty word, and is said."""
    found = {text: words.get(text.lower()) for text in set(texts)}
    if None in found.values():
        fault = Fault(
            f"The {what[0]} is not one of {', '.join(sorted(set(words.values()) - {''}))}; it was left out",
            f"{what[1]}取值未知，已忽略",
            "Write one of the known words",
            "请使用规定的取值",
        )
        for index, text in enumerate(texts):
            if found[text] is None:
                findings.repair(index, fault)
    return [found[text] or "" for text in texts]


def dates(texts: list[str], what: tuple[str, str], findings: Findings) -> list[str | None]:
    """ISO dates; a year or a month alone is its first day."""
    read = {text: _iso_date(text) for text in set(texts)}
    fault = Fault(
        f"The {what[0]} is no date; it was left out",
        f"{what[1]}不是日期，已忽略",
        "Write dates as 2024-05-31",
        "请以 2024-05-31 形式填写日期",
    )
    for index, text in enumerate(texts):
        if text and read[text] is None:
            findings.repair(index, fault)
    return [read[text] for text in texts]


def _iso_date(text: str) -> str | None:
    found = _DATE.match(text.strip())
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1)).isoformat()
    except ValueError:
        return None


def numbers(
    texts: list[str], what: tuple[str, str], findings: Findings, *, whole: bool = False, most: float = 1e9
) -> list[str | None]:
    """Numbers of at least 0 as SQL reads them, `12 m` included; nothing for an empty text."""
    read = {text: _plain_number(text, whole, most) for text in set(texts)}
    fault = Fault(
        f"The {what[0]} is no number from 0 to {most:g}; it was left out",
        f"{what[1]}不是有效数字，已忽略",
        "Write a plain number",
        "请填写数字",
    )
    for index, text in enumerate(texts):
        if text and read[text] is None:
            findings.repair(index, fault)
    return [read[text] for text in texts]


def _plain_number(text: str, whole: bool, most: float) -> str | None:
    found = _NUMBER.match(text)
    if not found:
        return None
    value = float(found[1].replace(",", "."))
    if not 0 <= value <= most:
        return None
    return str(round(value)) if whole else repr(value)


def fitting(texts: list[str], longest: int, what: tuple[str, str], findings: Findings) -> list[str]:
    """Texts no longer than their column."""
    if max(map(len, texts), default=0) <= longest:
        return texts
    fault = Fault(
        f"The {what[0]} is longer than {longest} characters and was cut",
        f"{what[1]}超过 {longest} 字，已截断",
        "Shorten it in the source",
        "请在来源数据中缩短",
    )
    for index, text in enumerate(texts):
        if len(text) > longest:
            findings.repair(index, fault)
    return [text[:longest] for text in texts]


def attribute_reader(schema: Mapping[str, Any], name: str) -> Callable[[str], Any]:
    """How a text becomes the attribute's value by the class's JSON Schema; None where it cannot be."""
    said = schema.get("properties", {}).get(name, {}).get("type", "string")
    kinds = {said} if isinstance(said, str) else set(said)
    if "string" in kinds:
        return str
    if kinds & {"integer", "number"}:
        return _whole if kinds <= {"integer", "null"} else _real
    if "boolean" in kinds:
        return lambda text: {
            "yes": True,
            "true": True,
            "是": True,
            "no": False,
            "false": False,
            "否": False,
        }.get(text.lower())
    return str


def _real(text: str) -> float | None:
    found = _NUMBER.match(text)
    value = float(found[1].replace(",", ".")) if found else math.nan
    return value if math.isfinite(value) else None


def _whole(text: str) -> int | None:
    value = _real(text)
    return int(value) if value is not None and value.is_integer() else None
