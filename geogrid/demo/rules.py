"""The demonstration city's responsibility table: invented, for communities, streets and the district."""

from datetime import datetime, time
from typing import Any, Final

from geogrid.core.actor import Actor
from geogrid.organisations.models import Organisation
from grid_units.models import GridUnit, Level
from incidents.responsibility.actions import begin_with
from incidents.responsibility.models import ResponsibilityRule

# (name, priority, columns, lead, co-handlers, asked next). Units by their code without DEMO-.
_Line = tuple[str, int, dict[str, Any], str, tuple[str, ...], tuple[str, ...]]
_EVENT, _ASSET = {"kind": "event"}, {"kind": "asset"}
LINES: Final[tuple[_Line, ...]] = (
    # The whole district, by class
    ("道路积水 Flooded street", 0, _EVENT | {"code": "0506"}, "DRAIN", ("TRAFFIC",), ("STREETWORKS",)),
    (
        "积水严重路段夜间 Flooded at night", 10,
        _EVENT | {"code": "0506", "starts": time(22), "ends": time(6)},
        "DRAIN", ("TRAFFIC", "STREETWORKS"), ("STREETWORKS",),
    ),
    ("排水管道 Sewers", 0, _EVENT | {"code": "0503"}, "DRAIN", (), ("STREETWORKS",)),
    ("路面塌陷 Sunken street", 0, _EVENT | {"code": "0505"}, "STREETWORKS", ("TRAFFIC", "DRAIN"), ("DRAIN",)),
    ("其他突发事件 Other emergencies", 0, _EVENT | {"code": "05"}, "STREETWORKS", (), ("CLEAN",)),
    ("施工管理 Construction", 0, _EVENT | {"code": "03"}, "STREETWORKS", (), ("CLEAN",)),
    ("市容环境 City environment", 0, _EVENT | {"code": "01"}, "CLEAN", (), ("STREETWORKS",)),
    ("宣传广告 Advertising", 0, _EVENT | {"code": "02"}, "CLEAN", (), ("STREETWORKS",)),
    ("街面秩序 Street order", 0, _EVENT | {"code": "04"}, "TRAFFIC", (), ("STREETWORKS",)),
    ("其他事件 Other events", 0, _EVENT | {"code": "06"}, "CLEAN", (), ("STREETWORKS",)),
    ("绿地 Green spaces", 0, _EVENT | {"code": "0117"}, "GARDENERS", (), ("CLEAN",)),
    ("病虫害 Tree pests", 0, _EVENT | {"code": "0121"}, "GARDENERS", (), ("CLEAN",)),
    ("路灯 Lamps", 0, _ASSET | {"code": "0137"}, "LIGHT", (), ("STREETWORKS",)),
    ("公用设施 Public utilities", 0, _ASSET | {"code": "01"}, "STREETWORKS", (), ("DRAIN",)),
    ("交通设施 Traffic assets", 0, _ASSET | {"code": "02"}, "TRAFFIC", (), ("STREETWORKS",)),
    ("市容设施 Sanitation assets", 0, _ASSET | {"code": "03"}, "CLEAN", (), ("STREETWORKS",)),
    ("园林设施 Green assets", 0, _ASSET | {"code": "04"}, "GARDENERS", (), ("CLEAN",)),
    ("其他部件 Other assets", 0, _ASSET | {"code": "05"}, "STREETWORKS", (), ("DRAIN",)),
    # The street's level: noise outside office hours is the traffic police's there
    (
        "夜间商业噪音（街道） Noise at night, street level", 20,
        _EVENT | {"code": "0128", "level": "STREET", "office": False}, "TRAFFIC", (), ("CLEAN",),
    ),
    # The district's level: what came so far up goes to the authority's own works, with help
    (
        "施工扰民（区） Building noise, district level", 20,
        _EVENT | {"code": "0301", "level": "DISTRICT"}, "STREETWORKS", ("CLEAN",), ("TRAFFIC",),
    ),
)  # fmt: skip
# On the community's level its own office answers for what neighbours settle among themselves.
OF_COMMUNITIES: Final = (
    ("0107", "晾挂", "Laundry"),
    ("0184", "养犬", "Dogs"),
    ("0189", "广场舞", "Square dance"),
)


def lay_rules(*, actor: Actor, at: datetime) -> bool:
    """Fill the table of the demonstration city once; False when it has one."""
    if ResponsibilityRule.objects.exists():
        return False
    units = {unit.code.removeprefix("DEMO-"): unit for unit in Organisation.objects.all()}
    lines = [
        {
            "name": name,
            "priority": priority,
            **columns,
            "lead": units[lead],
            "co_handlers": [units[code] for code in helpers],
            "next_unit_ids": [units[code].pk for code in afterwards],
        }
        for name, priority, columns, lead, helpers, afterwards in LINES
    ]
    for community in GridUnit.objects.filter(level=Level.COMMUNITY).order_by("code"):
        lines += [
            {
                "name": f"{community.name}{zh} {community.name_en}: {en}",
                "priority": 30,
                "kind": "event",
                "code": code,
                "level": "COMMUNITY",
                "place_code": community.code,
                "lead": units[community.code],
                "co_handlers": [],
                "next_unit_ids": [units["CLEAN"].pk],
            }
            for code, zh, en in OF_COMMUNITIES
        ]
    begin_with(lines=lines, actor=actor, at=at, note="示范规则 Invented rules of the demonstration")
    return True
