"""Columns and lists of values that several layers for analysts share."""

from typing import Final

from tiles.gis.layer import Choices, GisColumn, Kind

ORGANISATIONS: Final = Choices(view="organisation", key="id", label="name")
COMMUNITIES: Final = Choices(view="community", key="id", label="name")
STREETS: Final = Choices(view="street", key="id", label="name")
DISTRICTS: Final = Choices(view="district", key="id", label="name")
CELLS: Final = Choices(view="cell", key="id", label="code")
ASSET_CLASSES: Final = Choices(view="asset_class", key="id", label="name")
EVENT_CLASSES: Final = Choices(view="event_class", key="id", label="name")

CELL_KINDS: Final = Choices((("GENERAL", "综合网格", "general"), ("EXCLUSIVE", "专属网格", "exclusive")))
ASSET_STATES: Final = Choices(
    (
        ("intact", "完好", "intact"),
        ("damaged", "破损", "damaged"),
        ("missing", "丢失", "missing"),
        ("abandoned", "废弃", "abandoned"),
        ("removed", "移除", "removed"),
    )
)
PLACEMENTS: Final = Choices(
    (
        ("", "未说明", "not said"),
        ("pavement", "人行道", "pavement"),
        ("carriageway", "车行道", "carriageway"),
        ("green", "绿地", "green"),
    )
)
STAGES: Final = Choices(
    (
        ("REPORTED", "已上报", "reported"),
        ("FILED", "已立案", "filed"),
        ("DISPATCHED", "已派遣", "dispatched"),
        ("HANDLING", "处置中", "being handled"),
        ("HANDLED", "已处置", "handled"),
        ("VERIFIED", "已核查", "verified"),
        ("CLOSED", "已结案", "closed"),
        ("EVALUATED", "已评价", "evaluated"),
        ("REJECTED", "不予立案", "rejected"),
        ("VOID", "作废", "void"),
    )
)
STATUSES: Final = Choices(
    (
        ("critical", "超时", "overdue"),
        ("serious", "即将超时", "soon overdue"),
        ("watch", "待立案", "to be filed"),
        ("notice", "处理中", "in hand"),
        ("done", "待结案", "to be closed"),
        ("idle", "挂账", "suspended"),
        ("closed", "已结束", "ended"),
    )
)
LEVELS_OF_INCIDENTS: Final = Choices(
    (
        ("COMMUNITY", "社区", "community"),
        ("STREET", "街道", "street"),
        ("DISTRICT", "区", "district"),
    )
)
WATER_LEVELS: Final = Choices(
    (
        ("", "无数据", "no value"),
        ("notice", "提示", "notice"),
        ("watch", "关注", "watch"),
        ("serious", "严重", "serious"),
        ("critical", "危急", "critical"),
    )
)
PROBLEMS: Final = Choices(
    (
        ("overlap", "重叠或重复边界", "overlap, or a border drawn twice"),
        ("hole", "空洞", "hole in the grid"),
        ("invalid", "图形无效", "invalid outline"),
        ("version", "历史版本有误", "history does not fit"),
    )
)
MEASURES: Final = Choices((("streets", "道路米数", "street metres"), ("ground", "面积", "square metres")))
GEOMETRY_KINDS: Final = Choices((("point", "点", "point"), ("line", "线", "line"), ("area", "面", "area")))

ID: Final = GisColumn("id", Kind.INTEGER, "内部编号", "Identity inside this database")
CODE: Final = GisColumn("code", Kind.TEXT, "代码", "Code")
NAME: Final = GisColumn("name", Kind.TEXT, "名称", "Name")
NAME_EN: Final = GisColumn("name_en", Kind.TEXT, "英文名称", "English name")
EDITED_NAME: Final = GisColumn("name", Kind.TEXT, "名称", "Name", editable=True)
EDITED_NAME_EN: Final = GisColumn("name_en", Kind.TEXT, "英文名称", "English name", editable=True)
UNIT_CODE: Final = GisColumn("unit_code", Kind.TEXT, "网格代码", "Code of the cell")
UPDATED_AT: Final = GisColumn("updated_at", Kind.MOMENT, "最近修改", "Last changed")


def organisation(name: str, zh: str, en: str, *, editable: bool = False) -> GisColumn:
    """A column with the id of a unit, chosen by name."""
    return GisColumn(name, Kind.INTEGER, zh, en, editable=editable, choices=ORGANISATIONS)


def cell_of(name: str = "cell_id") -> GisColumn:
    """A column with the id of the cell that holds the feature."""
    return GisColumn(name, Kind.INTEGER, "所在网格", "The cell it lies in", choices=CELLS)
