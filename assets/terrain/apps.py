import os
from importlib.util import find_spec
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class TerrainConfig(AppConfig):
    """The ground itself (地形): terrain models, where water gathers, what a level of water covers."""

    name = "assets.terrain"
    label = "terrain"

    def ready(self) -> None:
        """The fill is compiled at its first use and kept beside its package; where that may not be written to
        (a container), in the folder of this deployment."""
        package = find_spec("pyflwdir")
        if package and package.origin and not os.access(Path(package.origin).parent, os.W_OK):
            os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(settings.VAR_DIR) / "numba"))
