"""How each layer looks: rules, labels and scales, after the map page's light style (tiles/style_city.py).

The denominators follow the zooms of the map page; sizes are those of paper, so that a print looks the same.
"""

from dataclasses import dataclass

from assets.catalogue import asset_classes
from tiles.gis.layers_of_assets import MAJORS
from tiles.palette import LIGHT
from tiles.qgis.labels import Label
from tiles.qgis.renderers import FILL, LINE, MARKER, Rule, scale_of
from tiles.qgis.symbols import dot, drawing, edge_only, fill, icon_svg, line, status_mark

STATES = {
    "intact": ("完好", "Intact", LIGHT.asset),
    "damaged": ("破损", "Damaged", LIGHT.serious),
    "missing": ("丢失", "Missing", LIGHT.critical),
    "abandoned": ("废弃", "Abandoned", LIGHT.idle),
    "removed": ("移除", "Removed", LIGHT.idle),
}


@dataclass(frozen=True)
class Look:
    """rules: what is drawn. label: what is written. farthest: no further out than 1 : this (0: always)."""

    rules: tuple[Rule, ...]
    label: Label | None = None
    farthest: int = 0


def look_of(layer_id: str) -> Look:
    """The look of a layer of tiles/gis/layers.py that has a geometry."""
    if layer_id in MAJORS:
        return _assets(MAJORS[layer_id][0])
    return _LOOKS[layer_id]()


def _colour_by_state() -> str:
    cases = " ".join(
        f"WHEN \"state\" = '{state}' THEN '{colour}'"
        for state, (_, _, colour) in STATES.items()
        if state != "intact"
    )
    return f"CASE {cases} ELSE '{LIGHT.asset}' END"


def _assets(major: str) -> Look:
    by_state = {"fillColor": _colour_by_state()}
    near, middle = scale_of(16), scale_of(13)
    known = {code for code, _, _ in MAJORS.values()}
    classes = [one for one in asset_classes() if (one.code[:2] if one.code[:2] in known else "") == major]
    icons = tuple(
        Rule(
            one.name,
            one.name_en,
            MARKER,
            (drawing(icon_svg(one.icon), 4.6, LIGHT.asset, by_state),),
            f"substr(\"code\", 7, 4) = '{one.code}'",
            farthest=near,
        )
        for one in classes
    )
    plain = Rule("其他", "Others", MARKER, (dot(LIGHT.asset, 2, by_feature=by_state),), "ELSE", farthest=near)
    trouble = tuple(
        Rule(
            zh, en, MARKER, (status_mark(status, 3.2, "2.2,-2.2"),), f"\"state\" = '{state}'", farthest=middle
        )
        for state, status in (("damaged", "serious"), ("missing", "critical"))
        for zh, en, _ in (STATES[state],)
    )
    return Look(
        (
            *icons,
            plain,
            Rule("部件", "Assets", MARKER, (dot(LIGHT.asset, 1.1, by_feature=by_state),), nearest=near),
            *trouble,
        ),
        Label('"code"', '"code"', "point", 6.5, LIGHT.quiet_text, scale_of(18.5)),
        scale_of(11),
    )


def _asset_lines() -> Look:
    by_state = {"outlineColor": _colour_by_state()}
    return Look(
        (Rule("线状部件", "Assets drawn as lines", LINE, (line(LIGHT.asset, 0.5, by_feature=by_state),)),),
        farthest=scale_of(13),
    )


def _asset_areas() -> Look:
    return Look(
        (
            Rule(
                "面状部件", "Assets drawn as areas", FILL, (fill(LIGHT.asset, 0.22, LIGHT.asset_quiet, 0.2),)
            ),
        ),
        farthest=scale_of(13),
    )


def _cells() -> Look:
    kinds = (
        ("EXCLUSIVE", "专属网格", "Exclusive", LIGHT.cell_exclusive),
        ("GENERAL", "综合网格", "General", LIGHT.cell_fill),
    )
    rules = tuple(
        Rule(zh, en, FILL, (fill(colour, 0.35, LIGHT.cell_edge, 0.3),), f"\"kind\" = '{kind}'")
        for kind, zh, en, colour in kinds
    )
    # On the sheet of a cell, the cell that it is about.
    of_the_sheet = "$id = @atlas_featureid AND @layout_name IS NOT NULL"
    sheet = Rule("本网格", "This cell", FILL, (edge_only(LIGHT.critical, 0.9),), of_the_sheet)
    name = 'coalesce(nullif("name", \'\'), "code")'
    english = f"coalesce(nullif(\"name_en\", ''), {name})"
    label = Label(name, english, "area", 8, LIGHT.quiet_text, scale_of(13))
    return Look((*rules, sheet), label, scale_of(9))


def _units(zh: str, en: str, width: float, farthest: int, label: tuple[float, float], size: float) -> Look:
    name = 'coalesce(nullif("name", \'\'), "code")'
    english = f"coalesce(nullif(\"name_en\", ''), {name})"
    out, near = label
    return Look(
        (Rule(zh, en, FILL, (edge_only(LIGHT.unit_edge, width),)),),
        Label(name, english, "area", size, LIGHT.text, scale_of(out), scale_of(near), bold=True),
        farthest,
    )


def _versions() -> Look:
    return Look(
        (
            Rule("现行", "In force", FILL, (edge_only(LIGHT.cell_edge, 0.3),), '"valid_to" IS NULL'),
            Rule("历史", "Former", FILL, (edge_only(LIGHT.idle, 0.3, "2;1"),), "ELSE"),
        ),
        farthest=scale_of(11),
    )


def _buildings() -> Look:
    return Look(
        (Rule("建筑物", "Buildings", FILL, (fill(LIGHT.building, 0.95, LIGHT.building_edge, 0.15),)),),
        Label('"name"', '"name"', "area", 6.5, LIGHT.quiet_text, scale_of(16.5)),
        scale_of(13),
    )


def _roads() -> Look:
    main = "('motorway','trunk','primary','motorway_link','trunk_link','primary_link')"
    second = "('secondary','secondary_link','tertiary','tertiary_link')"
    third = "('residential','unclassified','living_street','pedestrian')"
    rails = "('rail','tram','light_rail','subway')"

    def street(zh: str, en: str, width: float, says: str, colour: str = LIGHT.road) -> Rule:
        return Rule(zh, en, LINE, (line(LIGHT.road_edge, width + 0.35), line(colour, width)), says)

    return Look(
        (
            Rule(
                "小路",
                "Paths",
                LINE,
                (line(LIGHT.road_edge, 0.25, dash="1.2;0.8"),),
                "ELSE",
                farthest=scale_of(14),
            ),
            Rule("铁路", "Rails", LINE, (line(LIGHT.quiet_text, 0.3, dash="2;1"),), f'"kind" IN {rails}'),
            street("支路", "Residential", 0.7, f'"kind" IN {third}'),
            street("次干路", "Secondary", 1.1, f'"kind" IN {second}'),
            street("主干路", "Main roads", 1.6, f'"kind" IN {main}'),
        ),
        Label(
            '"name"', 'coalesce(nullif("name_en", \'\'), "name")', "line", 7, LIGHT.quiet_text, scale_of(14.5)
        ),
        scale_of(10),
    )


_OPEN_NUMBER = 'if("status" = \'closed\', NULL, "number")'


def _incidents() -> Look:
    shown = (
        ("closed", "已结束", "Ended", (dot(LIGHT.idle, 0.9, LIGHT.halo),)),
        ("idle", "挂账", "Suspended", (status_mark("idle", 3),)),
        ("done", "待结案", "To be closed", (status_mark("done", 3.6),)),
        ("notice", "处理中", "In hand", (status_mark("notice", 3.6),)),
        ("watch", "待立案", "To be filed", (status_mark("watch", 4.2),)),
        ("serious", "即将超时", "Soon overdue", (status_mark("serious", 4.4),)),
        ("critical", "超时", "Overdue", (status_mark("critical", 4.8),)),
    )
    rules = tuple(
        Rule(
            zh,
            en,
            MARKER,
            layers,
            f"\"status\" = '{value}'",
            farthest=scale_of(16) if value == "closed" else 0,
        )
        for value, zh, en, layers in shown
    )
    return Look(rules, Label(_OPEN_NUMBER, _OPEN_NUMBER, "point", 6.5, LIGHT.text, scale_of(16)))


def _stations() -> Look:
    shown = (
        ("ELSE", "正常", "Normal", (status_mark("notice", 3.4),)),
        ('"is_silent"', "离线", "Offline", (status_mark("idle", 3.4),)),
        ("\"alarm_level\" = 'watch'", "关注", "Watch", (status_mark("watch", 4.2),)),
        ("\"alarm_level\" = 'serious'", "严重", "Serious", (status_mark("serious", 4.4),)),
        ("\"alarm_level\" = 'critical'", "危急", "Critical", (status_mark("critical", 4.8),)),
    )
    value = 'concat(round("last_value", 1), \' \', "unit_symbol")'
    return Look(
        tuple(Rule(zh, en, MARKER, layers, says) for says, zh, en, layers in shown),
        Label(value, value, "point", 7, LIGHT.text, scale_of(14.5)),
    )


def _waterlogging() -> Look:
    blues = ("#9fc5e8", "#5b9bd5", "#2e6fb0", "#173f73")
    bands = (
        ("ELSE", "无积水或无数据", "Dry, or no value", (status_mark("idle", 3.2),)),
        ('"depth_cm" >= 0.5 AND "depth_cm" < 15', "15 cm 以下", "below 15 cm", (dot(blues[0], 3.4),)),
        ('"depth_cm" >= 15 AND "depth_cm" < 27', "15–27 cm", "15 to 27 cm", (dot(blues[1], 4.4),)),
        ('"depth_cm" >= 27 AND "depth_cm" < 50', "27–50 cm", "27 to 50 cm", (dot(blues[2], 5.4),)),
        ('"depth_cm" >= 50', "50 cm 以上", "50 cm and more", (dot(blues[3], 6.4),)),
    )
    text = "concat(\"name\", if(\"depth_cm\" >= 0.5, concat('\\n', round(\"depth_cm\"), ' cm'), ''))"
    return Look(
        tuple(Rule(zh, en, MARKER, layers, says) for says, zh, en, layers in bands),
        Label(text, text, "point", 7.5, LIGHT.text, scale_of(13)),
    )


def _inundation() -> Look:
    return Look((Rule("淹没范围", "Flooded", FILL, (fill("#2e6fb0", 0.45, "#173f73", 0.3),)),))


def _tracks() -> Look:
    return Look(
        (
            Rule(
                "巡查轨迹",
                "Track",
                LINE,
                (line(LIGHT.halo, 1.1), line(LIGHT.done, 0.6)),
            ),
        ),
        farthest=scale_of(11),
    )


def _coverage() -> Look:
    bands = (
        (0.8, "80 % 以上", "80 % and more"),
        (0.6, "60–80 %", "60 to 80 %"),
        (0.4, "40–60 %", "40 to 60 %"),
        (0.2, "20–40 %", "20 to 40 %"),
        (0.0, "20 % 以下", "below 20 %"),
    )
    rules = []
    upper = 10.0
    for (low, zh, en), colour in zip(bands, LIGHT.visited, strict=False):
        rules.append(
            Rule(
                zh,
                en,
                FILL,
                (fill(colour, 0.5, LIGHT.cell_edge, 0.15),),
                f'"share" >= {low} AND "share" < {upper}',
            )
        )
        upper = low
    return Look(tuple(rules), farthest=scale_of(9))


def _problems() -> Look:
    return Look(
        (Rule("网格问题", "Problem of the grid", MARKER, (status_mark("serious", 4.6),)),),
        Label('"detail"', '"detail"', "point", 7, LIGHT.text, scale_of(14)),
    )


MONTH = "coalesce(@geogrid_month, format_date(now(), 'yyyy-MM'))"


def _months() -> Look:
    shades = ("#f1f4f8", "#d3deea", "#a9c1d9", "#7599c0", "#466f9f", "#24466f")
    edges = (0, 1, 3, 6, 12, 24)
    # No aggregate here: threads that draw cannot read a second time. A project variable chooses a month.
    newest = f"format_date(\"month\", 'yyyy-MM') = {MONTH}"
    rules = []
    for n, (low, colour) in enumerate(zip(edges, shades, strict=True)):
        high = edges[n + 1] if n + 1 < len(edges) else None
        word = (
            "0"
            if low == 0
            else (f"{low}–{high - 1}" if high and high - 1 > low else str(low))
            if high
            else f"{low}+"
        )
        until = f' AND "reported" < {high}' if high else ""
        rules.append(
            Rule(
                word,
                word,
                FILL,
                (fill(colour, 0.85, LIGHT.cell_edge, 0.15),),
                f'{newest} AND "reported" >= {low}{until}',
            )
        )
    return Look(
        tuple(rules),
        Label(
            'if("reported" > 0, "reported", \'\')',
            'if("reported" > 0, "reported", \'\')',
            "area",
            7,
            LIGHT.text,
            scale_of(13),
        ),
    )


_LOOKS = {
    "asset_line": _asset_lines,
    "asset_area": _asset_areas,
    "cell": _cells,
    "community": lambda: _units("社区", "Communities", 0.5, scale_of(10), (14.5, 12), 9),
    "street": lambda: _units("街道", "Streets (units)", 0.8, scale_of(8), (13, 10.5), 10),
    "district": lambda: _units("区县", "Districts", 1.1, 0, (11, 6), 11),
    "cell_version": _versions,
    "building": _buildings,
    "road": _roads,
    "incident": _incidents,
    "station": _stations,
    "waterlogging_point": _waterlogging,
    "inundation": _inundation,
    "track": _tracks,
    "coverage": _coverage,
    "grid_problem": _problems,
    "incidents_by_cell_month": _months,
}
