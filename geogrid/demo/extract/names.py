"""Names of streets, communities and cells of the demo city. All are invented, in Chinese and English."""

import geopandas as gpd
import pandas as pd

DISTRICT = ("北港示范区", "Northport Demonstration District")
STREETS = (
    ("北桥街道", "North Bridge Street Office"),
    ("南港街道", "South Harbour Street Office"),
    ("钟楼街道", "Belfry Street Office"),
)
COMMUNITIES = (
    (("长桥", "Long Bridge"), ("湖湾", "Lake Bay"), ("植物园", "Botanic Garden")),
    (("松园", "Pine Park"), ("码头", "Quay"), ("灯塔", "Lighthouse")),
    (("广场", "Market Square"), ("石阶", "Stone Stairs"), ("白桦", "Birch")),
)
USES = {
    "homes": ("居住", "homes"),
    "work": ("办公商业", "offices and shops"),
    "water": ("水域", "water"),
    "park": ("公园", "park"),
    "rail": ("铁路", "railway"),
}
COLUMNS = ["code", "level", "parent", "name", "name_en", "households", "derived"]


def unit_names(code: str) -> tuple[str, str]:
    """Chinese and English name of the district, street or community with this code."""
    if len(code) == 6:
        return DISTRICT
    street = int(code[6:9]) - 1
    if len(code) == 9:
        return STREETS[street]
    zh, en = COMMUNITIES[street][int(code[9:12]) - 1]
    return f"{zh}社区", f"{en} Community"


def cell_names(code: str, use: str) -> tuple[str, str]:
    """Chinese and English name of a cell: its community, its number, and its use unless people live in it."""
    zh, en = COMMUNITIES[int(code[6:9]) - 1][int(code[9:12]) - 1]
    number = int(code[12:])
    if use == "homes":
        return f"{zh}第{number}网格", f"{en} cell {number}"
    return f"{zh}第{number}网格（{USES[use][0]}）", f"{en} cell {number} ({USES[use][1]})"


def unit_table(cells: gpd.GeoDataFrame) -> pd.DataFrame:
    """District, streets and communities above the cells, from the top down, with the households in them."""
    rows = []
    for length, level in ((6, "DISTRICT"), (9, "STREET"), (12, "COMMUNITY")):
        for code, households in cells["households"].groupby(cells["code"].str[:length]).sum().items():
            zh, en = unit_names(str(code))
            rows.append(
                (code, level, str(code)[: length - 3] if length > 6 else "", zh, en, households, "yes")
            )
    return pd.DataFrame(rows, columns=COLUMNS)
