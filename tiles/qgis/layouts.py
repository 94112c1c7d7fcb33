"""Print layouts: the sheet of a cell (A3, an atlas of all cells), the map of assets, the map of a month."""

from tiles.gis.layers import GisLayer
from tiles.palette import LIGHT
from tiles.qgis.looks import MONTH
from tiles.qgis.paper import Box, city_map, layout, legend, north, scale_bar, words
from tiles.qgis.sources import Door
from tiles.qgis.tables import table
from tiles.qgis.xml import Element

A3 = (420.0, 297.0)
Extent = tuple[float, float, float, float]
Layers = dict[str, GisLayer]
_TITLES = {
    "cell_sheet": ("单元网格图(A3)", "Cell sheet (A3)"),
    "asset_map": ("部件图", "Asset map"),
    "monthly_map": ("月度案件图", "Monthly map"),
}
_DAY = "[% format_date(now(), 'yyyy-MM-dd') %]"


def title_of_layout(name: str, language: str) -> str:
    """What a layout is called in QGIS's menu."""
    return _TITLES[name][0 if language == "zh" else 1]


def layouts(
    layers: Layers,
    extent: Extent,
    door: Door,
    language: str,
    city: str,
    source: str,
    themes: dict[str, str],
) -> list[Element]:
    """All layouts.

    extent: of the city in the project's system. source: whose data it is, for the foot. themes: names by key.
    """
    made = [
        _cell_sheet(layers, extent, door, language, city, source, themes["assets"]),
        _city_sheet(
            "asset_map", themes["assets"], _assets(layers), layers, extent, door, language, city, source
        ),
    ]
    if "incidents_by_cell_month" in layers:
        shown = [layers["incidents_by_cell_month"]]
        made.append(
            _city_sheet("monthly_map", themes["month"], shown, layers, extent, door, language, city, source)
        )
    return made


def _assets(layers: Layers) -> list[GisLayer]:
    return [layer for layer in layers.values() if layer.id.startswith("asset_") and layer.geometry]


def _foot(name: str, language: str, source: str) -> Element:
    made = f"出图日期 {_DAY}" if language == "zh" else f"Made on {_DAY}"
    return words(
        name,
        "foot",
        Box(12, 286, 396, 5),
        f"{made} · {source}" if source else made,
        7,
        colour=LIGHT.quiet_text,
    )


def _cell_sheet(
    layers: Layers, extent: Extent, door: Door, language: str, city: str, source: str, theme: str
) -> Element:
    name = title_of_layout("cell_sheet", language)
    zh = language == "zh"
    cell = layers["cell"]
    has = {column.name for column in cell.columns}
    facts = [
        (("代码", "Code"), "code"),
        (("所属社区", "Community"), "community_id"),
        (("权属单位", "Owner"), "owner_id"),
        (("类别", "Kind"), "kind"),
        (("户数", "Households"), "households"),
    ]
    lines = [
        f"{title[0] if zh else title[1]}  [% coalesce(represent_value(\"{column}\"), '—') %]"
        for title, column in facts
        if column in has
    ]
    area = "[% format_number($area, 0) %] m²"
    lines.append(f"面积  {area}" if zh else f"Area  {area}")
    items = [
        words(name, "city", Box(12, 9, 300, 6), city, 9, colour=LIGHT.quiet_text),
        words(
            name, "title", Box(12, 15, 300, 11), '[% coalesce(nullif("name", \'\'), "code") %]', 20, bold=True
        ),
        city_map(name, Box(12, 28, 282, 254), theme, extent, by_atlas=True),
        words(name, "facts", Box(302, 28, 106, 34), "\n".join(lines), 10),
        north(name, Box(277, 31, 14, 14)),
        scale_bar(name, Box(16, 268, 70, 11)),
        legend(
            name, Box(302, 66, 106, 60), "图例" if zh else "Legend", [cell, *_assets(layers)], language, 2
        ),
        _foot(name, language, source),
    ]
    manholes = layers.get("asset_public_facility")
    if manholes:
        columns = [c.name for c in manholes.columns if c.name in ("code", "asset_class_id", "state")]
        heading = "公用设施(前 30 项)" if zh else "Public utilities (the first 30)"
        items.append(words(name, "heading", Box(302, 164, 106, 6), heading, 9, bold=True))
        items += table(
            name,
            "assets",
            Box(302, 171, 106, 110),
            manholes,
            columns,
            door,
            language,
            rows=30,
            sort_by="code",
            empty="本网格没有" if zh else "None in this cell",
        )
    return layout(name, A3, items, cell, door, '"code"')


def _city_sheet(
    which: str,
    theme: str,
    shown: list[GisLayer],
    layers: Layers,
    extent: Extent,
    door: Door,
    language: str,
    city: str,
    source: str,
) -> Element:
    name = title_of_layout(which, language)
    zh = language == "zh"
    subtitle = _DAY
    if which == "monthly_map":
        subtitle = f"[% {MONTH} %]"
    items = [
        words(name, "city", Box(12, 9, 300, 6), city, 9, colour=LIGHT.quiet_text),
        words(name, "title", Box(12, 15, 300, 11), f"{name} · {subtitle}", 18, bold=True),
        city_map(name, Box(12, 28, 322, 254), theme, extent),
        north(name, Box(317, 31, 14, 14)),
        scale_bar(name, Box(16, 268, 70, 11)),
        legend(name, Box(340, 28, 70, 200), "图例" if zh else "Legend", shown, language),
        _foot(name, language, source),
    ]
    return layout(name, A3, items, None, door)
