"""Make the demo city: python -m geogrid.demo.extract Helsinki.osm.pbf data/shapefiles"""

import argparse
from pathlib import Path

from geogrid.demo.extract.cells import Use
from geogrid.demo.extract.city import read_counts, write_cells, write_objects


def main() -> None:
    """Read the arguments, make the files, say what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("osm_file", type=Path, help="OpenStreetMap extract (.osm.pbf or .osm)")
    parser.add_argument("folder", type=Path, help="folder of the shapefiles")
    asked = parser.parse_args()
    write_objects(asked.osm_file, asked.folder)
    cells = write_cells(asked.folder)
    for name, account in read_counts(asked.folder).items():
        carried = sum(account["carried_by"].values())
        print(
            f"{name:11} {account['found']:5} found = {account['accepted']} accepted"
            f" + {account['refused']} refused + {carried} in other files"
        )
    print(f"{'cells':11} {len(cells):5}, of which {(cells['use'] == Use.HOMES).sum()} with homes")


if __name__ == "__main__":
    main()
