"""Fields of another system's JSON become those of a report, by a mapping that is data. Knows no database.

A mapping names for each of our fields a path (`order.no`, `items.0.text`), or several with texts joined:

    {"outside_number": "orderNo", "description": ["title", "content"], "class": "typeCode",
     "lng": "pos.x", "lat": "pos.y", "crs": "gcj02", "location_text": "address",
     "contact_name": "caller.name", "contact_phone": "caller.tel"}

`crs` is said, not looked up: coordinates are never guessed at. Without it they are WGS 84.
"""

import math
from dataclasses import dataclass
from typing import Any

PATHS = (
    "outside_number", "description", "class", "lng", "lat", "location_text", "contact_name", "contact_phone",
    "contact_email",
)  # fmt: skip
PERSONAL = ("contact_name", "contact_phone", "contact_email")
CRS = ("wgs84", "gcj02", "bd09")
LONGEST = {
    "outside_number": 60, "description": 4000, "class": 60, "location_text": 300, "contact_name": 100,
    "contact_phone": 40, "contact_email": 254,
}  # fmt: skip
HIDDEN = "…"

Mapping = dict[str, Any]


class Unmapped(Exception):
    """What is wrong with a body, by the sender's own names of the fields."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in fields.items()))
        self.fields = fields


@dataclass(frozen=True)
class Mapped:
    """What a body says. `place`: longitude and latitude in the mapping's CRS, None when it names none that
    can be.
    """

    outside_number: str
    description: str = ""
    their_class: str = ""
    place: tuple[float, float] | None = None
    location_text: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""


def faults_of(mapping: Any) -> list[str]:
    """What is wrong with a mapping itself; empty when it can be used."""
    if not isinstance(mapping, dict):
        return ["A mapping is an object: our field > path. 映射应为对象。"]
    faults = [
        f"{name}: there is no such field. 没有该字段。" for name in mapping if name not in (*PATHS, "crs")
    ]
    if "outside_number" not in mapping:
        faults.append("outside_number is needed. 缺少外部编号。")
    if "description" not in mapping and "class" not in mapping:
        faults.append("description or class is needed. 缺少描述或类别。")
    if ("lng" in mapping) != ("lat" in mapping):
        faults.append("lng and lat go together. 经纬度须成对。")
    if mapping.get("crs", "wgs84") not in CRS:
        faults.append(f"crs is one of {', '.join(CRS)}.")
    for name in PATHS:
        paths = mapping.get(name, [])
        paths = [paths] if isinstance(paths, str) else paths
        if not isinstance(paths, list) or not all(isinstance(path, str) and path for path in paths):
            faults.append(f"{name}: a path or a list of paths. 应为路径。")
    return faults


def mapped(body: Any, mapping: Mapping) -> Mapped:
    """What a body says, by a mapping without faults.

    Raises:
        Unmapped: what is needed and missing, or longer than we take it.
    """
    wrong: dict[str, str] = {}
    said: dict[str, str] = {}
    for name, most in LONGEST.items():
        text = "\n".join(filter(None, (_text(_at(body, path)) for path in _paths(mapping, name))))
        if len(text) > most:
            if name == "outside_number":
                wrong[_named(mapping, name)] = f"longer than {most} characters 超过 {most} 字"
            text = text[:most]
        said[name] = text
    if not said["outside_number"]:
        wrong[_named(mapping, "outside_number")] = "is needed: your number of the case 必填：贵方编号"
    if not said["description"] and not said["class"]:
        wrong[_named(mapping, "description")] = "is needed: what is it about? 必填：反映内容"
    if wrong:
        raise Unmapped(wrong)
    return Mapped(
        outside_number=said["outside_number"],
        description=said["description"],
        their_class=said["class"],
        place=_place(body, mapping),
        location_text=said["location_text"],
        contact_name=said["contact_name"],
        contact_phone=said["contact_phone"],
        contact_email=said["contact_email"] if "@" in said["contact_email"] else "",
    )


def without_contacts(body: Any, mapping: Mapping) -> Any:
    """The body as it may be shown: what the mapping takes for a contact is left out."""
    for name in PERSONAL:
        for path in _paths(mapping, name):
            body = _with(body, path.split("."), HIDDEN)
    return body


def _paths(mapping: Mapping, name: str) -> list[str]:
    found = mapping.get(name, [])
    return [found] if isinstance(found, str) else list(found)


def _named(mapping: Mapping, name: str) -> str:
    return (_paths(mapping, name) or [name])[0]


def _at(body: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(body, dict):
            body = body.get(part)
        elif isinstance(body, list) and part.isascii() and part.isdecimal() and int(part[:6]) < len(body):
            body = body[int(part[:6])]
        else:
            return None
    return body


def _with(body: Any, parts: list[str], value: Any) -> Any:
    if not parts:
        return value if body not in (None, "") else body
    first, rest = parts[0], parts[1:]
    if isinstance(body, dict) and first in body:
        return body | {first: _with(body[first], rest, value)}
    if isinstance(body, list) and first.isascii() and first.isdecimal() and int(first[:6]) < len(body):
        place = int(first[:6])
        return [*body[:place], _with(body[place], rest, value), *body[place + 1 :]]
    return body


def _text(value: Any) -> str:
    """Texts and numbers as they are; PostgreSQL takes no NUL, and nobody reads one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).replace("\x00", "").encode("utf-8", "ignore").decode().strip()


def _place(body: Any, mapping: Mapping) -> tuple[float, float] | None:
    numbers: list[float] = []
    for name, most in (("lng", 180.0), ("lat", 85.0)):
        paths = _paths(mapping, name)
        try:
            value = float(_text(_at(body, paths[0])) if paths else "")
        except ValueError:
            return None
        if not math.isfinite(value) or abs(value) > most:
            return None
        numbers.append(value)
    # Null island is what systems send that know no place.
    return None if numbers == [0.0, 0.0] else (numbers[0], numbers[1])
