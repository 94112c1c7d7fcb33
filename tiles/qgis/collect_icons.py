"""Makes icons.json: the drawings of the catalogue's icons, for a server that has no front-end packages.

    python -m tiles.qgis.collect_icons

Run it when an icon is added to assets/catalogue/icons.toml; a test says so.
"""

import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(__file__).parent / "icons.json"
PACKAGES = {"maki": "@mapbox/maki", "temaki": "@rapideditor/temaki"}


def wanted_icons() -> set[str]:
    """All that the catalogue names, as `set:name`."""
    listed = tomllib.loads((ROOT / "assets/catalogue/icons.toml").read_text(encoding="utf-8"))
    found: set[str] = set()
    for value in listed.values():
        found |= {value} if isinstance(value, str) else set(value.values())
    return found


def path_of(svg: str) -> str:
    """The `d` of every path of a one-colour SVG, joined, as the map page does."""
    paths = re.findall(r'<path[^>]*?\sd="([^"]+)"', svg)
    return " ".join(re.sub(r"^\s*m", "M0 0m", re.sub(r"&#x[0-9a-fA-F]+;", " ", d)) for d in paths)


def main() -> None:
    drawn = {}
    for name in sorted(wanted_icons()):
        package, _, icon = name.partition(":")
        svg = ROOT / "frontend/node_modules" / PACKAGES[package] / "icons" / f"{icon}.svg"
        drawn[name] = path_of(svg.read_text(encoding="utf-8"))
    FILE.write_text(json.dumps(drawn, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
