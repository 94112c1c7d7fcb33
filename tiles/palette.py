"""Colours of the map: the ground is one quiet hue, colour means "look here", and a shape goes with it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """Colours of one theme."""

    ground: str
    water: str
    green: str
    work: str
    homes: str
    rail: str
    footprint: str
    building: str
    building_edge: str
    road_main: str
    road: str
    road_path: str
    road_edge: str
    cell_fill: str
    cell_exclusive: str
    cell_edge: str
    unit_edge: str
    text: str
    quiet_text: str
    halo: str
    asset: str
    asset_quiet: str
    count_fill: str
    count_edge: str
    count_text: str
    critical: str
    serious: str
    watch: str
    notice: str
    done: str
    idle: str
    # From bright to grey: how long ago somebody was there. One hue, told apart by lightness alone.
    visited: tuple[str, str, str, str, str, str]
    gap: str


DARK = Palette(
    ground="#0e1620",
    water="#0a0f16",
    green="#10201f",
    work="#111b27",
    homes="#101924",
    rail="#0f1822",
    footprint="#152130",
    building="#182636",
    building_edge="#26384c",
    road_main="#2a3b50",
    road="#1f2d3d",
    road_path="#1a2634",
    road_edge="#0a0f16",
    cell_fill="#12293a",
    cell_exclusive="#17485a",
    cell_edge="#37506a",
    unit_edge="#5f82a6",
    text="#eef4fb",
    quiet_text="#8ea3b8",
    halo="#0a0f16",
    asset="#b9cadb",
    asset_quiet="#76899b",
    count_fill="#1a3146",
    count_edge="#2a435a",
    count_text="#8ea3b8",
    critical="#f0403d",
    serious="#f9a14f",
    watch="#ffe938",
    notice="#65b3fe",
    done="#7ef7c8",
    idle="#76899b",
    visited=("#d9f2ff", "#9cc9e3", "#6697b5", "#456b84", "#33485a", "#262f38"),
    gap="#e78ac3",
)
LIGHT = Palette(
    ground="#f3f5f7",
    water="#d3e1ec",
    green="#e0ebdf",
    work="#ecedf2",
    homes="#f0f1f3",
    rail="#e7e9ec",
    footprint="#e3e7ec",
    building="#dfe4ea",
    building_edge="#c2cbd6",
    road_main="#ffffff",
    road="#ffffff",
    road_path="#fbfcfd",
    road_edge="#ccd4dd",
    cell_fill="#b9d3e6",
    cell_exclusive="#8fc4c9",
    cell_edge="#7f9ab5",
    unit_edge="#3f6488",
    text="#0f1a26",
    quiet_text="#4c6074",
    halo="#ffffff",
    asset="#3a4d61",
    asset_quiet="#5d7083",
    count_fill="#dfe8f0",
    count_edge="#b3c5d6",
    count_text="#4c6074",
    critical="#c81e2b",
    serious="#b85a00",
    watch="#8a6d00",
    notice="#0b5cad",
    done="#0b8058",
    idle="#5d7083",
    visited=("#ffd54a", "#efc86f", "#dbbf8f", "#c3b9a4", "#a9acb0", "#8b939c"),
    gap="#b0257a",
)
THEMES = {"light": LIGHT, "dark": DARK}

# Status of an incident as a shape (frontend/src/map/status.ts draws them as `status-<name>`).
STATUS_SHAPES = {
    "critical": "octagon",
    "serious": "diamond",
    "watch": "triangle",
    "notice": "circle",
    "done": "circle",
    "idle": "hollow",
}
