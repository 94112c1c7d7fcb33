"""The one list of layers for analysts: views of schema gis, layers of the QGIS project, OGC collections."""

from typing import Final

from tiles.gis.columns import (
    ASSET_CLASSES,
    CELL_KINDS,
    CODE,
    COMMUNITIES,
    DISTRICTS,
    EDITED_NAME,
    EDITED_NAME_EN,
    EVENT_CLASSES,
    GEOMETRY_KINDS,
    ID,
    LEVELS_OF_INCIDENTS,
    MEASURES,
    NAME,
    NAME_EN,
    PROBLEMS,
    STAGES,
    STATUSES,
    STREETS,
    UNIT_CODE,
    UPDATED_AT,
    WATER_LEVELS,
    cell_of,
    organisation,
)
from tiles.gis.layer import Choices, GisColumn, GisLayer, Kind
from tiles.gis.layers_of_assets import ASSET_LAYERS
from tiles.layer import Scope

__all__ = ["GIS_LAYERS", "Choices", "GisColumn", "GisLayer", "Kind"]


def _unit(layer_id: str, zh: str, en: str, tiles: str, above: GisColumn | None) -> GisLayer:
    return GisLayer(
        layer_id,
        zh,
        en,
        "grid",
        "id",
        "geom",
        "MultiPolygon",
        (
            ID,
            CODE,
            NAME,
            NAME_EN,
            *([above] if above else []),
            organisation("organisation_id", "单位", "Unit"),
        ),
        map_layer=tiles,
        theme=frozenset({"operations", "assets", "patrol", "storm"}),
        unit="code",
    )


_CELL = GisLayer(
    "cell",
    "单元网格",
    "Cells",
    "grid",
    "id",
    "geom",
    "Polygon",
    (
        ID,
        GisColumn("code", Kind.TEXT, "单元网格代码", "Code of the cell, given by the database"),
        GisColumn("community_id", Kind.INTEGER, "社区", "Community", choices=COMMUNITIES),
        EDITED_NAME,
        EDITED_NAME_EN,
        GisColumn("kind", Kind.TEXT, "类型", "Kind", editable=True, choices=CELL_KINDS),
        GisColumn("use", Kind.TEXT, "用途", "What an exclusive grid is", editable=True),
        organisation("owner_id", "权属单位", "Owner", editable=True),
        organisation("maintainer_id", "养护单位", "Maintainer", editable=True),
        GisColumn("households", Kind.INTEGER, "户数", "Households", editable=True),
        GisColumn("area_m2", Kind.NUMBER, "面积(平方米)", "Area in square metres"),
        GisColumn("is_derived", Kind.BOOLEAN, "推算", "Computed, not surveyed"),
        UPDATED_AT,
    ),
    inserts=True,
    updates=True,
    deletes=True,
    map_layer="cells",
    theme=frozenset({"operations", "assets", "patrol", "storm"}),
    unit="code",
)

_CELL_VERSION = GisLayer(
    "cell_version",
    "网格历史版本",
    "Versions of cells",
    "grid",
    "id",
    "geom",
    "Polygon",
    (
        ID,
        GisColumn("cell_id", Kind.INTEGER, "网格内部编号", "The cell, inside this database"),
        CODE,
        NAME,
        GisColumn("kind", Kind.TEXT, "类型", "Kind", choices=CELL_KINDS),
        GisColumn("community_id", Kind.INTEGER, "社区", "Community", choices=COMMUNITIES),
        organisation("owner_id", "权属单位", "Owner"),
        GisColumn("households", Kind.INTEGER, "户数", "Households"),
        GisColumn("valid_from", Kind.MOMENT, "生效时间", "In force from"),
        GisColumn("valid_to", Kind.MOMENT, "失效时间", "In force until; empty: still"),
        GisColumn("edition_id", Kind.INTEGER, "版本", "Edition of the grid it came with"),
    ),
    unit="code",
)

_BUILDING = GisLayer(
    "building",
    "建筑物",
    "Buildings",
    "assets",
    "id",
    "geom",
    "MultiPolygon",
    (
        ID,
        EDITED_NAME,
        GisColumn("address", Kind.TEXT, "地址", "Address", editable=True),
        GisColumn("kind", Kind.TEXT, "类型", "Kind as its source writes it", editable=True),
        GisColumn("levels", Kind.NUMBER, "层数", "Storeys above ground", editable=True),
        GisColumn("height_m", Kind.NUMBER, "高度(米)", "Height in metres", editable=True),
        GisColumn("dwellings", Kind.INTEGER, "住房套数", "Dwellings", editable=True),
        GisColumn("households", Kind.INTEGER, "户数", "Households", editable=True),
        GisColumn("households_derived", Kind.BOOLEAN, "户数为推算", "Households were computed"),
        GisColumn("source", Kind.TEXT, "数据来源", "Data source"),
        cell_of(),
        UPDATED_AT,
    ),
    inserts=True,
    updates=True,
    deletes=True,
    map_layer="buildings",
    theme=frozenset({"assets", "storm"}),
)

_ROAD = GisLayer(
    "road",
    "道路",
    "Roads",
    "grid",
    "id",
    "geom",
    "MultiLineString",
    (
        ID,
        NAME,
        NAME_EN,
        GisColumn("kind", Kind.TEXT, "类型", "Kind as its source writes it"),
        GisColumn("rank", Kind.INTEGER, "等级", "From 1, a main road, to 4, a path"),
    ),
    map_layer="roads",
    theme=frozenset({"operations", "assets", "patrol", "storm"}),
)

_INCIDENT = GisLayer(
    "incident",
    "案件",
    "Incidents",
    "operations",
    "id",
    "geom",
    "Point",
    (
        ID,
        GisColumn("number", Kind.TEXT, "案件编号", "Number"),
        GisColumn("stage", Kind.TEXT, "阶段", "Where it stands", choices=STAGES),
        GisColumn("status", Kind.TEXT, "状态", "How it stands with its time", choices=STATUSES),
        GisColumn(
            "asset_class_id",
            Kind.INTEGER,
            "部件类别",
            "Class of asset; with it no class of event",
            editable=True,
            choices=ASSET_CLASSES,
        ),
        GisColumn(
            "event_class_id",
            Kind.INTEGER,
            "事件类别",
            "Class of event; with it no class of asset",
            editable=True,
            choices=EVENT_CLASSES,
        ),
        GisColumn("level", Kind.TEXT, "层级", "Which level has it", choices=LEVELS_OF_INCIDENTS),
        GisColumn("channel", Kind.TEXT, "来源渠道", "How it came"),
        GisColumn("found_by_patrol", Kind.BOOLEAN, "巡查发现", "Found by a patrol"),
        UNIT_CODE,
        organisation("responsible_unit_id", "责任单位", "Responsible unit"),
        GisColumn("round", Kind.INTEGER, "轮次", "How often it was opened"),
        GisColumn("reported_at", Kind.MOMENT, "上报时间", "Reported at"),
        GisColumn("filed_at", Kind.MOMENT, "立案时间", "Filed at"),
        GisColumn("handled_at", Kind.MOMENT, "处置时间", "Handled at"),
        GisColumn("closed_at", Kind.MOMENT, "结案时间", "Closed at"),
        GisColumn("deadline_at", Kind.MOMENT, "截止时间", "To be closed by"),
        GisColumn("is_simulated", Kind.BOOLEAN, "模拟", "Made up for a demonstration"),
    ),
    updates=True,
    map_layer="incidents",
    theme=frozenset({"operations", "storm"}),
    scope=Scope.INCIDENTS,
    unit="unit_code",
)

_STATION = GisLayer(
    "station",
    "监测点",
    "Stations and their last values",
    "water",
    "id",
    "geom",
    "Geometry",
    (
        GisColumn("id", Kind.INTEGER, "内部编号", "The measured series, inside this database"),
        GisColumn("station_code", Kind.TEXT, "监测点代码", "Code of the station"),
        NAME,
        NAME_EN,
        GisColumn("phenomenon", Kind.TEXT, "监测项", "What is measured"),
        GisColumn("unit_symbol", Kind.TEXT, "单位", "Unit of measure"),
        GisColumn("last_value", Kind.NUMBER, "最新值", "Last value"),
        GisColumn("last_at", Kind.MOMENT, "最新值时间", "Time of the last value"),
        GisColumn("alarm_level", Kind.TEXT, "报警级别", "Level of its open alarm", choices=WATER_LEVELS),
        GisColumn("is_silent", Kind.BOOLEAN, "离线", "Nothing was heard for too long"),
        GisColumn("is_simulated", Kind.BOOLEAN, "模拟", "Made up for a demonstration"),
        UNIT_CODE,
    ),
    theme=frozenset({"storm"}),
    unit="unit_code",
)

_WATERLOGGING_POINT = GisLayer(
    "waterlogging_point",
    "内涝点",
    "Waterlogging points",
    "water",
    "id",
    "geom",
    "Point",
    (
        ID,
        CODE,
        EDITED_NAME,
        EDITED_NAME_EN,
        GisColumn("note", Kind.TEXT, "备注", "Note", editable=True),
        GisColumn("is_active", Kind.BOOLEAN, "启用", "Watched", editable=True),
        GisColumn("depth_cm", Kind.NUMBER, "水深(厘米)", "Deepest last value of its stations, in cm"),
        GisColumn("depth_at", Kind.MOMENT, "水深时间", "Time of that value"),
        GisColumn("level", Kind.TEXT, "级别", "Band of the depth", choices=WATER_LEVELS),
        GisColumn("is_simulated", Kind.BOOLEAN, "模拟", "Made up for a demonstration"),
    ),
    updates=True,
    theme=frozenset({"storm", "operations"}),
)

_INUNDATION = GisLayer(
    "inundation",
    "易涝洼地",
    "Depressions that flood",
    "water",
    "id",
    "geom",
    "MultiPolygon",
    (
        ID,
        GisColumn("terrain", Kind.TEXT, "地形模型", "Terrain model it was found in"),
        GisColumn("depth_m", Kind.NUMBER, "最大水深(米)", "Depth when full, in metres"),
        GisColumn("area_m2", Kind.NUMBER, "面积(平方米)", "Area when full, in square metres"),
        GisColumn("volume_m3", Kind.NUMBER, "容积(立方米)", "Volume when full, in cubic metres"),
        GisColumn("deepest_level_m", Kind.NUMBER, "最低高程(米)", "Height of the deepest place, in metres"),
        GisColumn("spill_level_m", Kind.NUMBER, "溢流高程(米)", "Height at which it runs over, in metres"),
        GisColumn("at_edge", Kind.BOOLEAN, "位于边缘", "At the edge of what is known"),
    ),
    theme=frozenset({"storm"}),
)

_TRACK = GisLayer(
    "track",
    "巡查轨迹",
    "Tracks of ended patrols",
    "patrol",
    "id",
    "geom",
    "MultiLineStringM",
    (
        GisColumn("id", Kind.INTEGER, "内部编号", "The patrol, inside this database; no name travels"),
        GisColumn("started_at", Kind.MOMENT, "开始时间", "Started at"),
        GisColumn("ended_at", Kind.MOMENT, "结束时间", "Ended at"),
        GisColumn("length_m", Kind.NUMBER, "长度(米)", "Length in metres"),
        GisColumn("driven_m", Kind.NUMBER, "车行长度(米)", "Metres of it driven"),
        UNIT_CODE,
    ),
    theme=frozenset({"patrol"}),
    scope=Scope.POSITIONS,
    unit="unit_code",
)

_COVERAGE = GisLayer(
    "coverage",
    "今日巡查覆盖",
    "Coverage of today",
    "patrol",
    "id",
    "geom",
    "Polygon",
    (
        GisColumn("id", Kind.INTEGER, "网格内部编号", "The cell, inside this database"),
        UNIT_CODE,
        GisColumn("measure", Kind.TEXT, "计量", "Measured in", choices=MEASURES),
        GisColumn("due", Kind.NUMBER, "应巡", "To be patrolled, in metres or square metres"),
        GisColumn("walked", Kind.NUMBER, "步巡", "Of it walked today"),
        GisColumn("driven", Kind.NUMBER, "车巡", "Of it only driven along today"),
        GisColumn("share", Kind.NUMBER, "覆盖率", "Walked part of what is due, 0 to 1"),
        GisColumn("last_visit_at", Kind.MOMENT, "最近到访", "Last walked at"),
    ),
    theme=frozenset({"patrol"}),
    scope=Scope.POSITIONS,
    unit="unit_code",
)

_GRID_PROBLEM = GisLayer(
    "grid_problem",
    "网格问题",
    "Problems of the grid",
    "analysis",
    "id",
    "geom",
    "Point",
    (
        GisColumn("id", Kind.INTEGER, "序号", "Number in this list"),
        GisColumn("kind", Kind.TEXT, "问题", "What is wrong", choices=PROBLEMS),
        GisColumn("detail", Kind.TEXT, "说明", "In the words of the database"),
        UNIT_CODE,
    ),
    unit="unit_code",
)

_INCIDENTS_BY_CELL_MONTH = GisLayer(
    "incidents_by_cell_month",
    "网格月度案件数",
    "Incidents by cell and month",
    "analysis",
    "id",
    "geom",
    "Polygon",
    (
        GisColumn("id", Kind.INTEGER, "内部编号", "The cell and the month as one number"),
        UNIT_CODE,
        GisColumn("month", Kind.DATE, "月份", "First day of the month, in the city's time"),
        GisColumn("reported", Kind.INTEGER, "上报数", "Reported in the month"),
        GisColumn("closed", Kind.INTEGER, "结案数", "Of those, closed by now"),
        GisColumn("found_by_patrol", Kind.INTEGER, "巡查发现数", "Of those, found by a patrol"),
    ),
    scope=Scope.INCIDENTS,
    unit="unit_code",
)

_ORGANISATION = GisLayer(
    "organisation",
    "单位",
    "Units (organisations)",
    "operations",
    "id",
    None,
    "NoGeometry",
    (ID, CODE, NAME, NAME_EN, GisColumn("is_active", Kind.BOOLEAN, "启用", "In use")),
)

_CLASS_COLUMNS = (
    ID,
    GisColumn("scheme", Kind.TEXT, "标准", "Scheme"),
    GisColumn("version", Kind.TEXT, "标准版本", "Version of the scheme"),
    CODE,
    GisColumn("major_name", Kind.TEXT, "大类", "Major class"),
    GisColumn("major_name_en", Kind.TEXT, "大类英文名称", "English name of the major class"),
    NAME,
    NAME_EN,
)

_ASSET_CLASS = GisLayer(
    "asset_class",
    "部件类别",
    "Classes of assets",
    "assets",
    "id",
    None,
    "NoGeometry",
    (
        *_CLASS_COLUMNS,
        GisColumn("geometry_kind", Kind.TEXT, "图形", "Drawn as", choices=GEOMETRY_KINDS),
        GisColumn("layer", Kind.TEXT, "图层", "The layer its points are in"),
        GisColumn("icon", Kind.TEXT, "图标", "Name of the icon"),
        GisColumn("is_active", Kind.BOOLEAN, "启用", "In use"),
    ),
)

_EVENT_CLASS = GisLayer(
    "event_class",
    "事件类别",
    "Classes of events",
    "operations",
    "id",
    None,
    "NoGeometry",
    (
        *_CLASS_COLUMNS,
        GisColumn("icon", Kind.TEXT, "图标", "Name of the icon"),
        GisColumn("is_active", Kind.BOOLEAN, "启用", "In use"),
    ),
)

GIS_LAYERS: Final[dict[str, GisLayer]] = {
    layer.id: layer
    for layer in (
        _INCIDENT,
        _WATERLOGGING_POINT,
        _STATION,
        _INUNDATION,
        *ASSET_LAYERS,
        _BUILDING,
        _TRACK,
        _COVERAGE,
        _CELL,
        _unit(
            "community",
            "社区",
            "Communities",
            "communities",
            GisColumn("street_id", Kind.INTEGER, "街道", "Street", choices=STREETS),
        ),
        _unit(
            "street",
            "街道",
            "Streets (units)",
            "streets",
            GisColumn("district_id", Kind.INTEGER, "区县", "District", choices=DISTRICTS),
        ),
        _unit("district", "区县", "Districts", "districts", None),
        _CELL_VERSION,
        _ROAD,
        _GRID_PROBLEM,
        _INCIDENTS_BY_CELL_MONTH,
        _ORGANISATION,
        _ASSET_CLASS,
        _EVENT_CLASS,
    )
}
