"""Where the private cluster and the photos live, unless the environment says otherwise."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def var_folder() -> Path:
    """Folder of all that GeoGrid makes for itself: GEOGRID_VAR, else var of the repository."""
    return Path(os.environ.get("GEOGRID_VAR") or REPOSITORY / "var").absolute()


def cluster_root() -> Path:
    """Folder of the private cluster: GEOGRID_PG_ROOT, else pg inside var."""
    return Path(os.environ.get("GEOGRID_PG_ROOT") or var_folder() / "pg").absolute()


def media_root() -> Path:
    """Folder of the photos: GEOGRID_MEDIA, else media of the repository."""
    return Path(os.environ.get("GEOGRID_MEDIA") or REPOSITORY / "media").absolute()
